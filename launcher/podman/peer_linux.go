package podman

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// peer asks the kernel who listens on the other end of a unix socket. A process
// this pid namespace does not show has pid 0.
func peer(conn net.Conn) (pid, uid int, ok bool) {
	uc, isUnix := conn.(*net.UnixConn)
	if !isUnix {
		return 0, 0, false
	}
	raw, err := uc.SyscallConn()
	if err != nil {
		return 0, 0, false
	}
	var cred *unix.Ucred
	cerr := raw.Control(func(fd uintptr) {
		cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if cerr != nil || err != nil {
		return 0, 0, false
	}
	return int(cred.Pid), int(cred.Uid), true
}

// peerIsLocal tells whether the listener is podman itself, or systemd waiting to
// start it, in this pid namespace. A socket forwarded by ssh belongs to ssh, and
// one mounted into a container to a process that has no pid here.
func peerIsLocal(conn net.Conn) bool {
	pid, _, ok := peer(conn)
	if !ok || pid <= 0 {
		return false
	}
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	comm, err := readFile(filepath.Join(proc, "comm"), 64)
	if err != nil {
		return false
	}
	name := strings.TrimSpace(string(comm))
	if exe, err := os.Readlink(filepath.Join(proc, "exe")); err == nil && name != "systemd" {
		name = filepath.Base(exe) // comm is "exe" where podman re-executed itself
	}
	return name == "podman" || name == "systemd"
}
