package podman

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/internal/trust"
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
// start it, in this pid namespace, of this user or of root. A socket forwarded by ssh
// belongs to ssh, one mounted into a container to a process that has no pid here, and
// what another user's process says of this host is no evidence.
func peerIsLocal(conn net.Conn) bool {
	pid, uid, ok := peer(conn)
	return ok && pid > 0 && believed(uid, os.Getuid()) && isEngine(filepath.Join("/proc", strconv.Itoa(pid)))
}

// believed tells whether a user's word on this host counts for the caller.
func believed(uid, caller int) bool { return uid == 0 || uid == caller }

// isEngine tells by its directory in /proc whether a process is podman or systemd. Its
// program must be root's where that may be seen; that of a systemd with a capability
// of its own may not.
func isEngine(proc string) bool {
	comm, err := readFile(filepath.Join(proc, "comm"), 64)
	if err != nil {
		return false
	}
	name := strings.TrimSpace(string(comm))
	exe, err := os.Readlink(filepath.Join(proc, "exe"))
	if err != nil {
		return name == "podman" || name == "systemd"
	}
	if name != "systemd" {
		name = filepath.Base(exe) // comm is "exe" where podman re-executed itself
	}
	return (name == "podman" || name == "systemd") && trust.RootFile(exe) == ""
}
