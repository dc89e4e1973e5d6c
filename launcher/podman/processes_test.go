package podman

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/observe"
)

// fakeProc is a /proc of our own making.
type fakeProc struct {
	t   *testing.T
	dir string
}

// fakeTask is one thread in it.
type fakeTask struct {
	pid, tid, parent int
	state            string // "S" where empty
	flags            int
	caps, mnt, ns    string // ns is pid and user namespace
	cgroup, comm     string
}

func (p *fakeProc) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

const fakeID = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func (p *fakeProc) add(f fakeTask) {
	p.t.Helper()
	if f.tid == 0 {
		f.tid = f.pid
	}
	dirs := []string{filepath.Join(p.dir, strconv.Itoa(f.pid), "task", strconv.Itoa(f.tid))}
	if f.tid == f.pid {
		dirs = append(dirs, filepath.Join(p.dir, strconv.Itoa(f.pid)))
	}
	state := f.state
	if state == "" {
		state = "S"
	}
	files := map[string]string{
		"stat":   fmt.Sprintf("%d (a ) b) %s %d 0 0 0 0 %d 0 0 0 0 0 0 0 0 0 0 0 0 %d 0\n", f.tid, state, f.parent, f.flags, 100+f.tid),
		"status": fmt.Sprintf("Name:\tx\nPPid:\t%d\nUid:\t1\t1\t1\t1\nCapEff:\t%s\n", f.parent, f.caps),
		"cgroup": f.cgroup, "limits": "", "comm": f.comm + "\n", "uid_map": "0 1000 1\n", "gid_map": "0 1000 1\n",
		"mountinfo": "1 1 0:1 / / rw - x x x\n",
	}
	for _, dir := range dirs {
		if err := os.MkdirAll(filepath.Join(dir, "ns"), 0o755); err != nil {
			p.t.Fatal(err)
		}
		for name, text := range files {
			p.write(filepath.Join(dir, name), text)
		}
		for name, target := range map[string]string{"ns/mnt": f.mnt, "ns/pid": f.ns, "ns/user": f.ns} {
			if err := os.Symlink(target, filepath.Join(dir, name)); target != "" && err != nil {
				p.t.Fatal(err)
			}
		}
	}
}

// search looks for the container whose first process is 10 and whose monitor is 5.
func (p *fakeProc) search() *search {
	first := observe.Record{Status: "PPid:\t5\n", Cgroup: "0::/libpod-" + fakeID + ".scope/container\n",
		Namespaces: map[string]string{"mnt": "mnt:[2]", "pid": "pid:[2]", "user": "user:[2]"}}
	s := &search{proc: p.dir, id: fakeID, first: 10, record: first, known: map[string]bool{}, alike: map[string]bool{}, mounts: map[string]string{}}
	s.out.Monitor.Namespaces = map[string]string{"mnt": "mnt:[1]", "pid": "pid:[1]", "user": "user:[1]"}
	return s
}

// Whoever descends from the first process, is in one of the container's namespaces
// or in its cgroup is found, and nobody else is: not the monitor, not a neighbour.
func TestProcessesFound(t *testing.T) {
	p := &fakeProc{t, t.TempDir()}
	p.write(filepath.Join(p.dir, "loadavg"), "0 0 0 1/2 99\n")
	own := "0::/libpod-" + fakeID + ".scope/container\n"
	for _, f := range []fakeTask{
		{pid: 5, parent: 1, caps: "5", mnt: "mnt:[1]", ns: "x:[1]", cgroup: "0::/libpod-conmon-" + fakeID + ".scope\n"},
		{pid: 10, parent: 5, caps: "10", mnt: "mnt:[2]", ns: "pid:[2]", cgroup: own},
		{pid: 11, parent: 10, caps: "11", mnt: "mnt:[3]", ns: "x:[3]"}, // a child with namespaces of its own
		{pid: 12, parent: 11, caps: "12", mnt: "mnt:[4]", ns: "x:[4]"},
		{pid: 20, parent: 1, caps: "20", mnt: "mnt:[2]", ns: "x:[1]"},                                            // nsenter -m
		{pid: 21, parent: 20, caps: "21", mnt: "mnt:[5]", ns: "x:[1]"},                                           // and its child
		{pid: 22, parent: 1, caps: "22", mnt: "mnt:[1]", ns: "pid:[2]"},                                          // nsenter -p
		{pid: 23, parent: 1, caps: "23", mnt: "mnt:[1]", ns: "user:[2]"},                                         // nsenter -U
		{pid: 24, parent: 1, caps: "24", mnt: "mnt:[6]", ns: "x:[6]", cgroup: strings.TrimSpace(own) + "/sub\n"}, // moved into it
		{pid: 30, parent: 1, caps: "30", mnt: "mnt:[9]", ns: "x:[9]", cgroup: "0::/libpod-" + strings.Repeat("f", 64) + ".scope\n"},
		{pid: 31, parent: 10, caps: "31", state: "Z", mnt: "mnt:[2]", ns: "x:[2]"},
		{pid: 32, parent: 10, caps: "32", flags: exiting, mnt: "mnt:[2]", ns: "x:[2]"},
	} {
		p.add(f)
	}
	p.add(fakeTask{pid: 10, tid: 13, parent: 5, caps: "13", mnt: "mnt:[2]", ns: "pid:[2]"})  // a thread with other rights
	p.add(fakeTask{pid: 10, tid: 14, parent: 5, caps: "13", mnt: "mnt:[2]", ns: "pid:[2]"})  // and one like it
	p.add(fakeTask{pid: 31, tid: 33, parent: 10, caps: "33", mnt: "mnt:[2]", ns: "pid:[2]"}) // lives on in a zombie
	out := p.search().run()
	var got []string
	for _, o := range out.Others {
		got = append(got, strconv.Itoa(o.TID))
	}
	slices.Sort(got)
	got = slices.DeleteFunc(got, func(tid string) bool { return tid == "14" }) // of two alike the one found first is kept
	if !slices.Contains(got, "13") {
		got = append(got, "13") // 14 stood for it
		slices.Sort(got)
	}
	if want := "11 12 13 20 21 22 23 24 33"; strings.Join(got, " ") != want {
		t.Errorf("found %q, want %s", got, want)
	}
	if len(out.Unread) > 0 || out.Seen != 10 {
		t.Errorf("saw %d, unread %q", out.Seen, out.Unread)
	}
}

// The user namespace of a pod makes the processes of its other containers nobody's but theirs.
func TestProcessesOfAPod(t *testing.T) {
	for lent, want := range map[bool]int{true: 1, false: 2} {
		p := &fakeProc{t, t.TempDir()}
		p.write(filepath.Join(p.dir, "loadavg"), "0 0 0 1/2 99\n")
		p.add(fakeTask{pid: 10, parent: 5, mnt: "mnt:[2]", ns: "pid:[2]"})
		p.add(fakeTask{pid: 23, parent: 1, caps: "23", mnt: "mnt:[7]", ns: "user:[2]"})
		s := p.search()
		s.lent = lent
		if out := s.run(); out.Seen != want {
			t.Errorf("lent %t: saw %d, want %d", lent, out.Seen, want)
		}
	}
}

// What cannot be read, and what comes and goes faster than it is read, is told.
func TestProcessesUnread(t *testing.T) {
	p := &fakeProc{t, t.TempDir()}
	p.add(fakeTask{pid: 10, parent: 5, mnt: "mnt:[2]", ns: "pid:[2]"})
	p.add(fakeTask{pid: 11, parent: 10, mnt: "mnt:[2]", ns: "pid:[2]"})
	status := filepath.Join(p.dir, "11/task/11/mountinfo")
	p.write(status, "")
	p.add(fakeTask{pid: 12, parent: 10, mnt: "mnt:[7]", ns: "pid:[2]"})
	p.write(filepath.Join(p.dir, "12/task/12/mountinfo"), "")
	if out := p.search().run(); len(out.Unread) == 0 || !strings.Contains(out.Unread[0], "mounts") {
		t.Errorf("no mounts: %q", out.Unread)
	}
	p = &fakeProc{t, t.TempDir()}
	p.add(fakeTask{pid: 10, parent: 5, mnt: "mnt:[2]", ns: "pid:[2]"})
	p.add(fakeTask{pid: 11, parent: 10, mnt: "mnt:[2]", ns: "pid:[2]"})
	if err := os.Remove(filepath.Join(p.dir, "11/task/11/stat")); err != nil { // there, and gone when it is read
		t.Fatal(err)
	}
	if out := p.search().run(); len(out.Unread) != 1 || !strings.Contains(out.Unread[0], "come and go") {
		t.Errorf("gone each time: %q", out.Unread)
	}
}

// Before the start the first process is the runtime's, whose threads end with it;
// later one that differs and is still the runtime's is given time.
func TestProcessesOfTheRuntime(t *testing.T) {
	p := &fakeProc{t, t.TempDir()}
	p.add(fakeTask{pid: 10, parent: 5, mnt: "mnt:[2]", ns: "pid:[2]", comm: "runc:[2:INIT]"})
	p.add(fakeTask{pid: 10, tid: 13, parent: 5, caps: "all", mnt: "mnt:[2]", ns: "pid:[2]", comm: "runc:[2:INIT]"})
	for waiting, want := range map[bool]int{true: 0, false: 1} {
		s := p.search()
		s.waiting = waiting
		if out := s.run(); len(out.Others) != want || s.runtime == waiting {
			t.Errorf("waiting %t: %d differ, runtime %t", waiting, len(out.Others), s.runtime)
		}
	}
}

// A process on its way out is over, not somebody else's; one whose first thread has
// ended is looked at through another.
func TestEndedProcess(t *testing.T) {
	p := &fakeProc{t, t.TempDir()}
	for pid, f := range map[int]fakeTask{1: {state: "Z"}, 2: {state: "X"}, 3: {flags: exiting}, 4: {flags: 0x400000 | exiting}} {
		f.pid = pid
		p.add(f)
		if _, _, err := liveTask(filepath.Join(p.dir, strconv.Itoa(pid))); !errors.Is(err, ErrEnded) {
			t.Errorf("%+v: %v", f, err)
		}
	}
	p.add(fakeTask{pid: 6, state: "Z"})
	p.add(fakeTask{pid: 6, tid: 7})
	dir, start, err := liveTask(filepath.Join(p.dir, "6"))
	if err != nil || filepath.Base(dir) != "7" || start != "107" {
		t.Errorf("a zombie with a live thread: %s, %s, %v", dir, start, err)
	}
}
