package podman

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/observe"
)

const (
	// maxProcFile bounds a file of /proc; a mountinfo of 10,000 mounts is 2 MiB.
	maxProcFile = 4 << 20
	// maxCgroupDepth bounds the walk to the root of a cgroup tree.
	maxCgroupDepth = 32
	// maxTmpfs bounds how many tmpfs of one process are looked at.
	maxTmpfs = 256
)

// recordTries bounds how often a process is read anew whose thread ended while it was
// looked at: it may live on in another one.
const recordTries = 10

// KernelRecord reads what the kernel shows of a process. A text that may not be
// read stays empty; a process that is gone or on its way out, or was replaced by
// another of its pid while it was read, is an error.
func KernelRecord(pid int) (r observe.Record, err error) {
	for range recordTries {
		r, err = kernelRecord(pid)
		if !errors.Is(err, errThreadEnded) {
			break
		}
	}
	return r, err
}

// errThreadEnded: the thread that was read is over, and whether its process is, the next
// look tells.
var errThreadEnded = errors.New("the thread ended while it was read")

func kernelRecord(pid int) (observe.Record, error) {
	if pid <= 1 {
		return observe.Record{}, errors.New("no process")
	}
	proc, before, err := liveTask(filepath.Join("/proc", strconv.Itoa(pid)))
	if err != nil {
		return observe.Record{}, err
	}
	text := func(name string) string {
		data, err := readFile(filepath.Join(proc, name), maxProcFile)
		if err != nil {
			return ""
		}
		return string(data)
	}
	r := observe.Record{
		Status: text("status"), UidMap: text("uid_map"), GidMap: text("gid_map"), Mountinfo: text("mountinfo"),
		AttrCurrent: text("attr/current"), AttrExec: text("attr/exec"), Cgroup: text("cgroup"), Limits: text("limits"),
		Namespaces: namespaces(proc), MaskPaths: maskPaths(),
	}
	r.TmpfsModes = tmpfsModes(filepath.Join(proc, "root"), observe.TmpfsTargets(r.Mountinfo))
	mounts, err := readFile("/proc/self/mountinfo", maxProcFile)
	if err == nil {
		r.CgroupFiles = cgroupFiles(r.Cgroup, string(mounts))
	}
	after, err := startTime(proc)
	if errors.Is(err, ErrEnded) || gone(err) {
		return observe.Record{}, fmt.Errorf("%w: %v", errThreadEnded, err)
	}
	if err != nil {
		return observe.Record{}, err
	}
	if after != before {
		return observe.Record{}, fmt.Errorf("process %d was replaced by another", pid)
	}
	return r, nil
}

// CommandOf reads the command line and the environment that a process was started
// with, as far as it still shows them and they may be read: /proc/PID/cmdline and
// environ.
func CommandOf(pid int) (cmdline, environ string) {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	a, _ := readFile(filepath.Join(proc, "cmdline"), maxProcFile) // gone or not ours: nothing is concluded
	b, _ := readFile(filepath.Join(proc, "environ"), maxProcFile)
	return string(a), string(b)
}

// startTime names one process together with its pid. The error is [ErrEnded] for
// one that is over and still has its entry.
func startTime(proc string) (string, error) {
	st, err := readStat(proc)
	if err == nil && st.ended {
		err = ErrEnded
	}
	return st.start, err
}

// stat is what counts of /proc/PID/stat (proc(5)).
type stat struct {
	parent int
	start  string // field 22
	// ended tells that the process is dead or on its way out: its memory, mounts
	// and namespaces go before it becomes a zombie.
	ended bool
}

// exiting is PF_EXITING of the kernel's flags, field 9 (linux/sched.h).
const exiting = 0x4

// readStat reads /proc/PID/stat. The second field, the command, may hold spaces
// and parentheses.
func readStat(proc string) (stat, error) {
	data, err := readFile(filepath.Join(proc, "stat"), maxProcFile)
	if err != nil {
		return stat{}, err
	}
	end := bytes.LastIndexByte(data, ')')
	f := strings.Fields(string(data[end+1:]))
	if end < 0 || len(f) < 20 {
		return stat{}, errors.New("reading stat: too few fields")
	}
	parent, err1 := strconv.Atoi(f[1])
	flags, err2 := strconv.ParseUint(f[6], 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return stat{}, fmt.Errorf("reading stat: %w", err)
	}
	return stat{parent, f[19], strings.Contains("ZXx", f[0]) || flags&exiting != 0}, nil
}

// Ended tells whether a process is over: gone, on its way out, or a zombie that its
// parent has not looked at yet. Its entry in /proc tells nothing of what it was.
func Ended(pid int) bool {
	_, _, err := liveTask(filepath.Join("/proc", strconv.Itoa(pid)))
	return errors.Is(err, ErrEnded) || gone(err)
}

// liveTask is the directory of a process's first thread that lives. The thread a
// process began with may end before the others; its entry is then a zombie's.
func liveTask(proc string) (dir, start string, err error) {
	if start, err = startTime(proc); !errors.Is(err, ErrEnded) {
		return proc, start, err
	}
	tasks, _ := os.ReadDir(filepath.Join(proc, "task")) // gone: it has ended
	for _, t := range tasks {
		dir := filepath.Join(proc, "task", t.Name())
		if start, err := startTime(dir); err == nil {
			return dir, start, nil
		}
	}
	return "", "", ErrEnded
}

// tmpfsModes reads the permission bits of the directories at targets below root,
// which is the process's own: no link of it leads out. What may not be read is
// left out.
func tmpfsModes(root string, targets []string) map[string]uint32 {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil
	}
	defer dir.Close()
	out := map[string]uint32{}
	for _, t := range targets[:min(len(targets), maxTmpfs)] {
		info, err := dir.Lstat(strings.TrimPrefix(t, "/"))
		if err != nil || !info.IsDir() {
			continue
		}
		mode := uint32(info.Mode().Perm())
		for bit, unix := range map[os.FileMode]uint32{os.ModeSetuid: 0o4000, os.ModeSetgid: 0o2000, os.ModeSticky: 0o1000} {
			if info.Mode()&bit != 0 {
				mode |= unix
			}
		}
		out[t] = mode
	}
	return out
}

// maskPaths are the default masks that this kernel has; a container's /proc and
// /sys hold the same names.
func maskPaths() []string {
	out := []string{}
	for _, p := range observe.DefaultMasks() {
		if _, err := os.Lstat(p); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// namespaceNames are the links of /proc/PID/ns that are looked at.
var namespaceNames = []string{"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"}

// namespaces reads the links by name: the directory itself may only be listed by
// its owner, who is another uid for most containers.
func namespaces(proc string) map[string]string {
	out := map[string]string{}
	for _, name := range namespaceNames {
		if target, err := os.Readlink(filepath.Join(proc, "ns", name)); err == nil {
			out[name] = target
		}
	}
	return out
}
