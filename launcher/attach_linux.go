package launcher

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithParent ends podman start --attach with a zlaunch that is killed: the
// workload then belongs to nobody, and the next zlaunch call removes it.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
}
