package podman

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Filled is how full a file system in memory is, in bytes.
type Filled struct{ Used, Size int64 }

// Sample is what a running container has in use at a moment.
type Sample struct {
	TCP, TCP6 string            // /proc/PID/net/tcp and tcp6 of its network namespace
	Filled    map[string]Filled // by the path of the mount
}

// Sample looks at a container that runs: what listens in its network namespace, and how
// full its file systems at mounts are. What cannot be looked at is left out; of a
// container in this host's own network nothing is said, since the sockets are the host's.
func (ev *Evidence) Sample(c *Container, mounts []string) Sample {
	out := Sample{Filled: map[string]Filled{}}
	if ev.canSee(c) != nil || c.State.Pid <= 1 {
		return out
	}
	proc := filepath.Join("/proc", strconv.Itoa(c.State.Pid))
	if net := namespaces(proc)["net"]; net != "" && net != namespaces("/proc/self")["net"] {
		tcp, _ := readFile(filepath.Join(proc, "net/tcp"), maxProcFile) // gone, or too many: nothing is said
		tcp6, _ := readFile(filepath.Join(proc, "net/tcp6"), maxProcFile)
		out.TCP, out.TCP6 = string(tcp), string(tcp6)
	}
	root, err := os.OpenRoot(filepath.Join(proc, "root")) // no link of the workload's leads out
	if err != nil {
		return out
	}
	defer root.Close()
	for _, at := range mounts[:min(len(mounts), maxTmpfs)] {
		if f, ok := filled(root, at); ok {
			out.Filled[at] = f
		}
	}
	return out
}

func filled(root *os.Root, at string) (Filled, bool) {
	dir, err := root.Open(strings.TrimPrefix(at, "/"))
	if err != nil {
		return Filled{}, false
	}
	defer dir.Close()
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(dir.Fd()), &st); err != nil {
		return Filled{}, false
	}
	block := int64(st.Bsize)
	return Filled{Used: int64(st.Blocks-st.Bfree) * block, Size: int64(st.Blocks) * block}, true
}
