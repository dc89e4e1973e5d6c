package podman

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// A directory in hand is stray where no mountinfo has the mount it is on.
func TestStrayHandle(t *testing.T) {
	own, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	if got := strayHandle("/proc/self", string(own)); got != "" {
		t.Errorf("of one's own mounts: %q", got)
	}
	proc, err := os.Open("/proc") // a mount of its own, on which neither root nor cwd is
	if err != nil {
		t.Fatal(err)
	}
	defer proc.Close()
	fd := strconv.Itoa(int(proc.Fd()))
	mount := mountOfHandle("/proc/self/fdinfo/" + fd)
	var less strings.Builder
	for line := range strings.Lines(string(own)) {
		if !strings.HasPrefix(line, mount+" ") {
			less.WriteString(line)
		}
	}
	if got, want := strayHandle("/proc/self", less.String()), "descriptor "+fd+" on /proc"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := strayHandle("/proc/self", less.String(), string(own)); got != "" {
		t.Errorf("the second mountinfo has it: %q", got)
	}
	if got := strayHandle("/proc/self", ""); !strings.HasPrefix(got, "root on /") {
		t.Errorf("without any mount: %q", got)
	}
	if got := strayHandle("/proc/absent", ""); got != "" {
		t.Errorf("of no process: %q", got)
	}
	if pid := os.Getpid(); !sameFiles(pid, pid) {
		t.Log("kcmp does not tell here")
	}
}
