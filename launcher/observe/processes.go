package observe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Process is one task of a container beside its first process: a process, or a
// thread that differs from it.
type Process struct {
	PID, TID int    // as the observer numbers them; TID is PID for the first thread
	Name     string // /proc/PID/comm, which the process chose
	Record   Record
}

// String names the process for a report: "process 4711 (sh)".
func (p Process) String() string {
	name := fmt.Sprintf("process %d (%s)", p.PID, p.Name)
	if p.TID != p.PID {
		name = fmt.Sprintf("thread %d of %s", p.TID, name)
	}
	return name
}

// Processes are all of a container's processes but the first, as they were found
// at one time.
type Processes struct {
	// Others are those that differ from the first process, and from each other, in
	// what counts for a wall.
	Others []Process
	// Seen is how many processes there were, the first one included; 0 nobody looked.
	Seen int
	// Unread says why something could not be seen, sentence by sentence. No wall is
	// then known to hold.
	Unread []string
	// Monitor is the engine's own process that watches the container; of its record
	// only the namespaces are there. Who shares them is not inside the container.
	Monitor Record
}

// Container reads the kernel's record of all of a container's processes at
// [container.Kernel]: that of its first process, made worse by whatever another
// one lacks; a process never betters it. The mark of a setting names the process
// that decided it.
//
// For a proof a process in a user namespace of its own below the container's is
// left out: a workload may make one where the plan's filter lets it, and what it
// holds there is nothing that anybody granted.
func Container(first Record, all Processes, in Context) (*container.Spec, error) {
	s, err := Kernel(first, in)
	if err != nil {
		return nil, err
	}
	other := in
	if in.Planned != nil { // the others are where their own user is
		other.Planned = container.Clone(in.Planned)
		container.User.Clear(other.Planned)
	}
	for _, p := range all.Others {
		where := place(p.Record, first, all.Monitor, in.Self)
		if where == nested && !in.Audit {
			continue
		}
		spec, err := beside(p.Record, first, where, other, all.Monitor)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", p, err)
		}
		blame(spec, p.String())
		worsen(s, spec, false)
	}
	return s, nil
}

// blame says in the mark of everything that s knows who showed it.
func blame(s *container.Spec, who string) {
	for _, set := range container.Settings(s) {
		set.Mark.By = strings.TrimSuffix(who+", "+set.Mark.By, ", ")
		s.Remark(set.Path, set.Mark)
	}
}

// Where a process stands: in the container's user namespace, below, outside.
const (
	inside = iota
	nested
	outside
)

func place(rec, first, monitor, self Record) int {
	user := rec.Namespaces["user"]
	switch user {
	case "", first.Namespaces["user"]:
		return inside
	case monitor.Namespaces["user"], self.Namespaces["user"]:
		return outside
	}
	return nested
}

// beside reads the record of another process than the first. Ids are the
// container's, but for one that stands outside: root there is more than root here.
// One that is in the engine's or the host's mount namespace sees all of the host.
func beside(rec, first Record, where int, in Context, monitor Record) (*container.Spec, error) {
	if where != outside {
		rec.UidMap, rec.GidMap = first.UidMap, first.GidMap
	}
	mnt := rec.Namespaces["mnt"]
	outer := mnt == monitor.Namespaces["mnt"] || mnt == in.Self.Namespaces["mnt"]
	bare := mnt != "" && mnt != first.Namespaces["mnt"] && outer
	if bare || rec.Mountinfo == "" {
		rec.Mountinfo = first.Mountinfo
	}
	s, err := Kernel(rec, in)
	if err == nil && bare {
		container.ReadOnly.Set(s, false, seen(container.Kernel))
		seesHost(s, seen(container.Kernel))
	}
	return s, err
}

// wallLines are the lines of /proc/PID/status that decide a wall.
var wallLines = []string{
	"Uid:", "Gid:", "Groups:", "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:",
}

// WallsOf is the part of a process's status that decides walls: two processes with
// the same one are alike.
func WallsOf(status string) string {
	var b strings.Builder
	for line := range strings.Lines(status) {
		if slices.ContainsFunc(wallLines, func(w string) bool { return strings.HasPrefix(line, w) }) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// WallKeys are the keys of the rows of which the worst process decides.
func WallKeys() []string {
	var out []string
	for _, r := range container.All() {
		if Walls[r.Key()].Worst != nil {
			out = append(out, r.Key())
		}
	}
	return out
}
