package podman

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/observe"
)

// task reads one thread that was not read before.
func (s *search) task(pid, tid int) error {
	proc := filepath.Join(s.proc, strconv.Itoa(pid), "task", strconv.Itoa(tid))
	before, err := startTime(proc)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%d/%d/%s", pid, tid, before)
	if s.known[name] {
		return nil
	}
	// Before the rest: once a process has become another program its old threads are gone.
	comm, _ := readFile(filepath.Join(proc, "comm"), 64) // gone: told below
	status, err := readFile(filepath.Join(proc, "status"), maxProcFile)
	if err != nil {
		return err
	}
	r := observe.Record{Status: string(status), Namespaces: namespaces(proc),
		MaskPaths: s.record.MaskPaths, CgroupFiles: s.record.CgroupFiles}
	for file, into := range map[string]*string{"attr/current": &r.AttrCurrent, "cgroup": &r.Cgroup, "limits": &r.Limits} {
		data, _ := readFile(filepath.Join(proc, file), maxProcFile) // absent: no such kernel, or not for us; told below
		*into = string(data)
	}
	if err := s.complete(&r, proc); err != nil {
		return err
	}
	if !s.waiting && (tid == pid || !sameFiles(pid, tid)) {
		r.Stray = strayHandle(proc, s.record.Mountinfo, r.Mountinfo)
		r.HostSockets = hostSockets(proc, s.sockets)
	}
	if after, err := startTime(proc); err != nil || after != before {
		return fs.ErrNotExist
	}
	s.known[name] = true
	key := fmt.Sprint(observe.WallsOf(r.Status), r.Namespaces, r.AttrCurrent, r.Cgroup, r.Limits, r.Stray, r.HostSockets > 0)
	if s.alike[key] {
		return nil
	}
	s.alike[key] = true
	if tid == pid && pid == s.first && r.Stray == "" && r.HostSockets == 0 {
		return nil
	}
	// "runc:[2:INIT]"; its program is a copy without a path. Who takes the name wins some time, no more.
	s.runtime = s.runtime || strings.Contains(string(comm), "runc") || strings.Contains(string(comm), "crun")
	other := observe.Process{PID: pid, TID: tid, Name: printable(string(comm)), Record: r}
	s.out.Others = append(s.out.Others, other)
	return nil
}

// complete reads what is alike for most: the mounts of a namespace, the limits of
// a cgroup, the maps of one who is in another user namespace.
func (s *search) complete(r *observe.Record, proc string) error {
	for _, n := range namespaceNames {
		if r.Namespaces[n] == "" && s.record.Namespaces[n] != "" {
			if _, err := os.Readlink(filepath.Join(proc, "ns", n)); err != nil {
				return err
			}
		}
	}
	if s.record.AttrCurrent != "" && r.AttrCurrent == "" {
		return errors.New("its label is not shown")
	}
	if r.Mountinfo = s.mountinfo(proc, r.Namespaces["mnt"]); r.Mountinfo == "" {
		return errors.New("its mounts are not shown")
	}
	for file, into := range map[string]*string{"uid_map": &r.UidMap, "gid_map": &r.GidMap} {
		data, err := readFile(filepath.Join(proc, file), maxProcFile)
		if err != nil {
			return err
		}
		*into = string(data)
	}
	if r.Cgroup != s.record.Cgroup {
		own, err := readFile("/proc/self/mountinfo", maxProcFile)
		if err != nil {
			return err
		}
		r.CgroupFiles = cgroupFiles(r.Cgroup, string(own))
	}
	return nil
}

// parentOf is the parent that a status names; 0 where it names none.
func parentOf(status string) int {
	for line := range strings.Lines(status) {
		if v, ok := strings.CutPrefix(line, "PPid:"); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(v)) // 0: none
			return n
		}
	}
	return 0
}
