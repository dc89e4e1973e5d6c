package podman

import (
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Deaf tells that a signal never reaches a container's first process: it is the init of
// its pid namespace, and for such a one the kernel drops each signal that has its
// default action there (pid_namespaces(7)). One that is ignored on purpose is not meant.
// What cannot be looked at is not deaf.
func Deaf(pid int, sig unix.Signal) bool {
	if pid <= 1 {
		return false
	}
	status, err := readFile(filepath.Join("/proc", strconv.Itoa(pid), "status"), maxProcFile)
	return err == nil && deaf(string(status), sig)
}

// deaf reads /proc/PID/status: the pid in its own namespace stands last, and the
// sets of signals are hexadecimal, signal 1 the lowest bit (proc_pid_status(5)).
func deaf(status string, sig unix.Signal) bool {
	sets, init := 0, false
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "NSpid":
			pids := strings.Fields(value)
			init = len(pids) > 1 && pids[len(pids)-1] == "1"
		case "SigBlk", "SigIgn", "SigCgt": // a blocked one is kept for who waits for it, as catatonit does
			set, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
			if err != nil || set>>(sig-1)&1 != 0 {
				return false
			}
			sets++
		}
	}
	return init && sets == 3
}
