package launch

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithParent ends podman start --attach with a zlaunch that is killed: the
// workload then belongs to nobody, and the next zlaunch call removes it.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
}

// terminalGroup is the process group that a terminal signals. The kernel writes 32
// bits, of which [unix.IoctlGetInt] makes another number on a big-endian machine.
func terminalGroup(tty int) (int, error) {
	group, err := unix.IoctlGetUint32(tty, unix.TIOCGPGRP)
	return int(group), err
}
