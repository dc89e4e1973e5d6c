package podman

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/zlaunch/zlaunch/launcher/observe"
)

const (
	// maxTasks bounds the threads read of one container: beyond it the rest is
	// unread. The largest servers have some 2,000.
	maxTasks = 20_000
	// maxSockets bounds the kernel's list of the host's unix sockets, some 80 bytes each.
	maxSockets = 64 << 20
	// maxPasses bounds how often /proc is read again for processes that came
	// meanwhile.
	maxPasses = 5
	// setupTime is how long the runtime may take from entering a container to
	// running a program in it: 3 ms measured, more on a busy host.
	setupTime  = 2 * time.Second
	setupPause = 5 * time.Millisecond
)

// Processes finds every process of a running container beside its first, whose
// record is first, and reads those that differ from it. They are the descendants
// of the first process, and who shares its mount, process or own user namespace or
// stands in its cgroup, with their descendants: podman exec, nsenter, an orphan. The user
// namespace of a pod is that of all its containers, and tells nothing.
// Only processes of ids that the engine's user namespace maps are looked at, for
// no other can be told apart from here.
//
// The runtime's own process counts as one of the container's once it has had time
// to become the workload's: at a start, and at podman exec, its threads have all
// rights for a moment. Before the start the first process is the runtime's, and its
// threads end with it.
func (ev *Evidence) Processes(c *Container, first observe.Record) observe.Processes {
	for until := time.Now().Add(setupTime); ; time.Sleep(setupPause) {
		s := &search{proc: "/proc", id: c.ID, first: c.State.Pid, record: first, waiting: c.State.Status == "initialized",
			lent: strings.HasPrefix(c.UsernsMode, "container:"), known: map[string]bool{}, alike: map[string]bool{}, mounts: map[string]string{first.Namespaces["mnt"]: first.Mountinfo}}
		s.begin()
		if out := s.run(); !s.runtime || time.Now().After(until) {
			return out
		}
	}
}

// search is one look for a container's processes.
type search struct {
	proc   string
	id     string // of the container
	first  int    // pid of its first process
	record observe.Record
	ids    []idRange // of whose processes are looked at; empty: all

	lent    bool // its user namespace is another container's, as that of a pod's infra container
	waiting bool // the container is set up and not started
	runtime bool // one of the processes that differ is still the runtime's

	out    observe.Processes
	known  map[string]bool   // tasks that were read, by pid, tid and start
	alike  map[string]bool   // what was read of them: of like ones one is kept
	mounts map[string]string // mountinfo by mount namespace

	sockets map[string]bool // connected unix sockets of the host, by inode; none of a container in its network
}

type idRange struct{ from, size uint64 }

// begin learns what the engine's monitor is: its namespaces are not the
// container's, and its user namespace has all ids that Podman can give out.
func (s *search) begin() {
	s.readSockets()
	monitor := parentOf(s.record.Status)
	if monitor <= 1 {
		return // orphaned: then nobody is left out by his ids
	}
	proc := filepath.Join(s.proc, strconv.Itoa(monitor))
	s.out.Monitor.Namespaces = namespaces(proc)
	outer, err := readFile(filepath.Join(proc, "uid_map"), maxProcFile)
	if err != nil {
		return
	}
	s.ids = []idRange{{uint64(os.Geteuid()), 1}}
	for line := range strings.Lines(s.record.UidMap + "\n" + string(outer)) {
		f := strings.Fields(line)
		if len(f) != 3 {
			continue
		}
		from, err1 := strconv.ParseUint(f[1], 10, 32)
		size, err2 := strconv.ParseUint(f[2], 10, 32)
		if err1 == nil && err2 == nil {
			s.ids = append(s.ids, idRange{from, size})
		}
	}
}

// readSockets learns what is connected on the host, for a container in a network of
// its own that has started.
func (s *search) readSockets() {
	own := namespaces("/proc/self")["net"]
	if s.waiting || own == "" || own == s.record.Namespaces["net"] {
		return
	}
	table, err := readFile("/proc/self/net/unix", maxSockets)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.unread("the host's sockets: " + err.Error())
	}
	s.sockets = connectedSockets(string(table))
}

func (s *search) mapped(uid uint32) bool {
	return len(s.ids) == 0 || slices.ContainsFunc(s.ids, func(r idRange) bool {
		return uint64(uid) >= r.from && uint64(uid)-r.from < r.size
	})
}

// run reads all members until a pass lost none between finding and reading it, and
// nothing was started on this host since.
func (s *search) run() observe.Processes {
	for pass := range maxPasses {
		last := lastPID(s.proc)
		members, err := s.members()
		if err != nil {
			s.unread("reading /proc: " + err.Error())
			return s.out
		}
		s.out.Seen = len(members)
		lost := false
		for _, c := range members {
			lost = s.process(c) || lost
		}
		if !lost && (pass > 0 || last != "" && last == lastPID(s.proc)) {
			return s.out
		}
	}
	s.unread("its processes come and go faster than they can be read")
	return s.out
}

func (s *search) unread(why string) {
	if !slices.Contains(s.out.Unread, why) && len(s.out.Unread) < 10 {
		s.out.Unread = append(s.out.Unread, why)
	}
}

// lastPID is the pid given out last on this host, the last word of /proc/loadavg; proc is /proc.
func lastPID(proc string) string {
	data, err := readFile(filepath.Join(proc, "loadavg"), 4<<10)
	if err != nil {
		return ""
	}
	return string(data[strings.LastIndexByte(string(data), ' ')+1:])
}

// process reads the threads of a process; lost tells that one ended before it
// could be read.
func (s *search) process(c candidate) (lost bool) {
	pid := c.pid
	proc := filepath.Join(s.proc, strconv.Itoa(pid))
	dir, err := os.Open(filepath.Join(proc, "task"))
	if err != nil {
		return gone(err) || s.failed(pid, err)
	}
	defer dir.Close()
	tids, err := dir.Readdirnames(maxTasks + 1)
	if err != nil && !gone(err) {
		s.failed(pid, err)
	}
	for _, name := range tids {
		tid, err := strconv.Atoi(name)
		if err != nil || s.waiting && pid == s.first && tid != pid {
			continue
		}
		if len(s.known) == maxTasks {
			s.unread(fmt.Sprintf("it has more than %d threads", maxTasks))
			return false
		}
		switch err := s.task(pid, tid); {
		case errors.Is(err, ErrEnded): // it holds nothing any more
			lost = lost || tid == pid && !c.ended
		case gone(err):
			lost = true
		case err != nil:
			s.failed(pid, err)
		}
	}
	return lost
}

func (s *search) failed(pid int, err error) bool {
	s.unread(fmt.Sprintf("process %d cannot be looked at: %v", pid, err))
	return false
}

// gone tells that a process ended between two looks.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) }
