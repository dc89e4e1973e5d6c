package podman

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// candidate is one process of the host.
type candidate struct {
	pid, parent int
	ended       bool // a zombie, at most some of its threads live
}

// members lists the container's processes, its first one included.
func (s *search) members() ([]candidate, error) {
	all, err := s.candidates()
	if err != nil {
		return nil, err
	}
	children := map[int][]int{}
	for _, c := range all {
		children[c.parent] = append(children[c.parent], c.pid)
	}
	in := map[int]bool{}
	var take func(pid int)
	take = func(pid int) {
		if !in[pid] {
			in[pid] = true
			for _, child := range children[pid] {
				take(child)
			}
		}
	}
	take(s.first)
	for _, c := range all {
		if !in[c.pid] && s.belongs(c.pid) {
			take(c.pid)
		}
	}
	return slices.DeleteFunc(all, func(c candidate) bool { return !in[c.pid] }), nil
}

// candidates are the processes of the mapped ids.
func (s *search) candidates() ([]candidate, error) {
	dir, err := os.Open(s.proc)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var out []candidate
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		var st syscall.Stat_t
		if syscall.Lstat(filepath.Join(s.proc, name), &st) != nil || !s.mapped(st.Uid) {
			continue
		}
		stat, err := readStat(filepath.Join(s.proc, name))
		if err == nil {
			out = append(out, candidate{pid, stat.parent, stat.ended})
		}
	}
	return out, nil
}

// belongs tells whether a process that does not descend from the container's first
// is in one of its namespaces or in its cgroup. A user namespace counts where it is
// the container's own, as by keep-id.
func (s *search) belongs(pid int) bool {
	if pid == os.Getpid() {
		return false
	}
	proc := filepath.Join(s.proc, strconv.Itoa(pid))
	for _, n := range []string{"mnt", "pid", "user"} {
		own := s.record.Namespaces[n]
		if own == "" || n == "user" && s.lent || n != "mnt" && (own == s.out.Monitor.Namespaces[n] || len(s.out.Monitor.Namespaces) == 0) {
			continue
		}
		if link, err := os.Readlink(filepath.Join(proc, "ns", n)); err == nil && link == own {
			return true
		}
	}
	return s.inCgroup(proc) || s.orphan(proc)
}

// inCgroup tells whether one of a process's cgroups is the container's or below,
// and not that of its monitor.
func (s *search) inCgroup(proc string) bool {
	if !strings.Contains(s.record.Cgroup, s.id) {
		return false
	}
	text, err := readFile(filepath.Join(proc, "cgroup"), maxProcFile)
	if err != nil {
		return false
	}
	parts := strings.FieldsFunc(string(text), func(r rune) bool { return r == '/' || r == '\n' })
	return slices.ContainsFunc(parts, func(part string) bool {
		return strings.Contains(part, s.id) && !strings.Contains(part, "conmon")
	})
}

// orphan tells whether a process without a pid namespace of its own sees a file
// that Podman made for this one container: with --pid=host a process can leave
// both the tree and the mount namespace of the first.
func (s *search) orphan(proc string) bool {
	if pid := s.record.Namespaces["pid"]; pid == "" || pid != s.out.Monitor.Namespaces["pid"] {
		return false
	}
	mnt, err := os.Readlink(filepath.Join(proc, "ns", "mnt"))
	if err != nil || mnt == s.out.Monitor.Namespaces["mnt"] {
		return false
	}
	return strings.Contains(s.mountinfo(proc, mnt), "/"+s.id+"/userdata/.containerenv /run/.containerenv ")
}

// mountinfo reads a process's mounts, once for each mount namespace.
func (s *search) mountinfo(proc, mnt string) string {
	if text, known := s.mounts[mnt]; known && mnt != "" {
		return text
	}
	data, err := readFile(filepath.Join(proc, "mountinfo"), maxProcFile)
	if err != nil {
		return ""
	}
	s.mounts[mnt] = string(data)
	return string(data)
}
