package podman

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// EndOrphans ends the monitor of a container that Podman no longer knows, and the
// runtime's waiting process below it. A service that is killed in the middle of
// an init leaves both: its database says that the container was never set up, and
// removing it then ends nothing. Only processes of this user on this host count.
func (ev *Evidence) EndOrphans(id string) {
	if !ev.local || !isID(id) {
		return
	}
	procs, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is a constant
	for _, file := range procs {
		if !monitors(file, id) {
			continue
		}
		pid := filepath.Base(filepath.Dir(file))
		children, _ := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
		for _, child := range append(strings.Fields(string(children)), pid) {
			if n, err := strconv.Atoi(child); err == nil && n > 1 {
				_ = syscall.Kill(n, syscall.SIGKILL) // gone already, or not ours: nothing to end
			}
		}
	}
}

// monitors tells whether a command line is conmon's for the container: conmon
// gets the id as the value of -c.
func monitors(cmdline, id string) bool {
	data, err := os.ReadFile(cmdline)
	if err != nil || !bytes.Contains(data, []byte(id)) {
		return false
	}
	args := strings.Split(string(data), "\x00")
	if filepath.Base(args[0]) != "conmon" {
		return false
	}
	for i := 1; i < len(args); i++ {
		if args[i-1] == "-c" && args[i] == id {
			return true
		}
	}
	return false
}
