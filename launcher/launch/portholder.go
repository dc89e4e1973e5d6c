package launch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/podman"
)

// portHolder says who listens on a TCP port of an address of this host, as " by container web" or
// " by process 4711 (nginx)"; "" is not known, as for another user's process.
func portHolder(ctx context.Context, engine *podman.Engine, address string, port uint16) string {
	if engine != nil {
		list, _ := engine.Containers.List(ctx, nil) // a list that fails names nobody
		for _, c := range list {
			if c.State == "running" && slices.ContainsFunc(c.Ports, func(p podman.ListedPort) bool {
				everywhere := p.HostIP == "" || p.HostIP == "0.0.0.0" || address == "0.0.0.0"
				return p.Protocol == "tcp" && (everywhere || p.HostIP == address) &&
					port >= p.HostPort && int(port) < int(p.HostPort)+max(1, int(p.Range))
			}) {
				return " by container " + c.Name()
			}
		}
	}
	if pid, name := listener(port); pid != 0 {
		return fmt.Sprintf(" by process %d (%s)", pid, name)
	}
	return ""
}

// listener finds the caller's process that listens on a TCP port: the kernel's
// table has the socket's inode, and /proc shows who has it open.
func listener(port uint16) (pid int, name string) {
	var sockets []string
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		data, _ := os.ReadFile(table)
		for line := range strings.Lines(string(data)) {
			f := strings.Fields(line) // sl local remote st queues tr tm retrnsmt uid timeout inode
			if len(f) > 9 && f[3] == "0A" && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
				sockets = append(sockets, "socket:["+f[9]+"]")
			}
		}
	}
	if len(sockets) == 0 {
		return 0, ""
	}
	open, _ := filepath.Glob("/proc/[0-9]*/fd/*") // of the caller's processes only: others' cannot be listed
	for _, fd := range open {
		if target, err := os.Readlink(fd); err == nil && slices.Contains(sockets, target) {
			own := strings.Split(fd, "/")[2]
			comm, _ := os.ReadFile("/proc/" + own + "/comm")
			pid, _ = strconv.Atoi(own)
			return pid, strings.TrimSpace(string(comm))
		}
	}
	return 0, ""
}
