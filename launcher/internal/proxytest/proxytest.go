// Package proxytest finds the HAProxys that tests run, and ports for them.
package proxytest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// Programs are the HAProxys that there are: this host's, and those that ZLAUNCH_HAPROXY names,
// parted by ':'. Who is not root has no /usr/sbin among the directories of programs.
func Programs() []string {
	var all []string
	for _, p := range append([]string{"haproxy", "/usr/sbin/haproxy"}, filepath.SplitList(os.Getenv("ZLAUNCH_HAPROXY"))...) {
		if found, err := exec.LookPath(p); err == nil && (len(all) == 0 || found != all[0]) {
			all = append(all, found)
		}
	}
	return all
}

// Port is one of 127.0.0.1 for an HAProxy, and nobody else's until the test ends. HAProxy shares
// its ports (SO_REUSEPORT): were this one merely free, two proxies of two tests could have it, and
// each would answer half of the other's clients. So a socket that shares it too stands on it, and
// does not listen.
func Port(t testing.TB) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.CloseOnExec(fd)
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	at, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return at.(*unix.SockaddrInet4).Port
}
