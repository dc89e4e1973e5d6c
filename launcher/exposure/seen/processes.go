package seen

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/exposure"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

const (
	// maxHeld bounds how many processes are asked for their sockets.
	maxHeld = 20_000
	// holdTime is how long that may take in Podman's own namespaces; 40 ms measured.
	holdTime = 30 * time.Second
	// maxWords bounds a command line of the engine's programs.
	maxWords = 256 << 10
)

// carriers are the programs that carry packets between this host and a container.
var carriers = []string{"rootlessport", "rootlessport-ch", "conmon", "slirp4netns", "pasta", "pasta.avx2", "passt", "exe"}

// hold finds the processes in the networks of containers, and those that carry packets
// into them, and whose the sockets are.
func (r *reader) hold(ctx context.Context) {
	all := r.look()
	r.children(all)
	r.forwarders(all)
	var asked []exposure.Process
	for _, p := range all {
		_, inside := r.facts.Spaces[p.Space]
		ours := p.Space == r.own && (slices.Contains(carriers, p.Name) || slices.ContainsFunc(r.facts.Members, func(m exposure.Member) bool { return m.OnHost && m.Mounts == p.Mounts && m.Mounts != "" }))
		if (inside || ours) && len(asked) < maxHeld {
			asked = append(asked, p)
		}
	}
	held, blind := sockets(ctx, r.engine.Evidence, asked)
	spaces := r.facts.Spaces
	for name, s := range spaces {
		s.Holders = map[uint64][]exposure.Process{}
		s.Blind = slices.ContainsFunc(asked, func(p exposure.Process) bool { return p.Space == name && slices.Contains(blind, p.PID) })
		spaces[name] = s
	}
	r.facts.Host.Holders = map[uint64][]exposure.Process{}
	for _, p := range asked {
		for _, inode := range held[p.PID] {
			if s, ok := spaces[p.Space]; ok {
				s.Holders[inode] = append(s.Holders[inode], p)
			}
			r.facts.Host.Holders[inode] = append(r.facts.Host.Holders[inode], p)
		}
	}
	r.unseen(asked, blind)
}

// unseen says of which container of this host's network the sockets could not be read.
func (r *reader) unseen(asked []exposure.Process, blind []int) {
	for i := range r.facts.Members {
		m := &r.facts.Members[i]
		if m.OnHost && slices.ContainsFunc(asked, func(p exposure.Process) bool { return p.Mounts == m.Mounts && slices.Contains(blind, p.PID) }) {
			m.Unread = append(m.Unread, "the sockets of its processes could not be read")
		}
	}
}

// look reads every process of this host that may be looked at.
func (r *reader) look() (out []exposure.Process) {
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil
	}
	for _, proc := range dirs {
		pid, err := strconv.Atoi(filepath.Base(proc))
		space, lerr := os.Readlink(proc + "/ns/net")
		if err != nil || lerr != nil {
			continue // somebody else's, or gone
		}
		p := exposure.Process{PID: pid, Space: space}
		name, _ := bounded(proc+"/comm", 64)        // gone: it is not asked for anything
		p.Mounts, _ = os.Readlink(proc + "/ns/mnt") // as above
		p.Name = strings.TrimSuffix(name, "\n")     //
		if slices.Contains(carriers, p.Name) {      // their words say whose they are
			text, _ := bounded(proc+"/cmdline", maxWords)
			p.Words = strings.Split(strings.TrimSuffix(text, "\x00"), "\x00")
		}
		out = append(out, p)
	}
	return out
}

// children notes of each program that carries packets where its children are.
func (r *reader) children(all []exposure.Process) {
	at := map[int]int{}
	for i, p := range all {
		if slices.Contains(carriers, p.Name) {
			at[p.PID] = i
		}
	}
	for _, p := range all {
		if _, inside := r.facts.Spaces[p.Space]; !inside {
			continue
		}
		if i, ok := at[parent(p.PID)]; ok {
			all[i].Children = append(all[i].Children, p.Space)
		}
	}
}

// parent is the second field behind the command in /proc/PID/stat, which may hold blanks
// and parentheses; 0 where the process is gone.
func parent(pid int) int {
	text, _ := bounded(filepath.Join("/proc", strconv.Itoa(pid), "stat"), 4<<10)
	f := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(f) < 2 {
		return 0
	}
	n, _ := strconv.Atoi(f[1]) // none is nobody's
	return n
}

// forwarders finds the program that carries the packets of each member: the one that its
// own network is named to, or that of the network in which a rootless engine keeps its bridges.
func (r *reader) forwarders(all []exposure.Process) {
	for i := range r.facts.Members {
		m := &r.facts.Members[i]
		for _, p := range all {
			program, _, _ := strings.Cut(p.Name, ".")
			if program != "slirp4netns" && program != "pasta" && program != "passt" {
				continue
			}
			shared := slices.ContainsFunc(p.Words, func(w string) bool { return strings.Contains(w, "rootless-netns") })
			switch {
			case m.OnHost || m.Space == "":
			case m.Sandbox != "" && slices.Contains(p.Words, m.Sandbox), len(m.Joined) > 0 && shared && m.Way.PID == 0:
				m.Way = exposure.Forwarder{PID: p.PID, Program: program, Shared: shared, Words: p.Words}
			}
		}
	}
}

// sockets reads which sockets processes hold. Those that another id of the engine's range
// runs as may only be looked at in its namespaces.
func sockets(ctx context.Context, in *podman.Evidence, of []exposure.Process) (held map[int][]uint64, blind []int) {
	held = map[int][]uint64{}
	var closed []string
	for _, p := range of {
		dir := filepath.Join("/proc", strconv.Itoa(p.PID), "fd")
		entries, err := os.ReadDir(dir)
		switch {
		case errors.Is(err, fs.ErrPermission):
			closed, blind = append(closed, dir), append(blind, p.PID)
			continue
		case err != nil:
			continue // gone
		}
		for _, e := range entries {
			if target, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil {
				put(held, p.PID, target)
			}
		}
	}
	if len(closed) == 0 {
		return held, nil
	}
	ctx, cancel := context.WithTimeout(ctx, holdTime)
	defer cancel()
	words := append(append([]string{"find"}, closed...), "-maxdepth", "1", "-lname", "socket:*", "-printf", `%h %l\n`)
	var out []byte
	cmd, err := in.Enter(ctx, words...)
	if err == nil {
		out, err = podman.Output(cmd)
	}
	seen := parse(held, out)
	if err == nil {
		return held, nil
	}
	return held, slices.DeleteFunc(blind, func(pid int) bool { return seen[pid] || gone(pid) }) // find fails where one ended
}

func gone(pid int) bool {
	_, err := os.Stat(filepath.Join("/proc", strconv.Itoa(pid)))
	return errors.Is(err, fs.ErrNotExist)
}

// parse reads lines of "/proc/PID/fd socket:[INODE]".
func parse(held map[int][]uint64, out []byte) map[int]bool {
	seen := map[int]bool{}
	for line := range bytes.Lines(out) {
		dir, target, found := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		pid, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(dir, "/proc/"), "/fd"))
		if found && err == nil {
			seen[pid] = true
			put(held, pid, target)
		}
	}
	return seen
}

func put(held map[int][]uint64, pid int, target string) {
	text, ok := strings.CutPrefix(target, "socket:[")
	if n, err := strconv.ParseUint(strings.TrimSuffix(text, "]"), 10, 64); ok && err == nil {
		held[pid] = append(held[pid], n)
	}
}
