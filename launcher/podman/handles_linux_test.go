package podman

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
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

// A connected socket counts where it is in the host's table, and not as one of the
// three that the engine hands on.
func TestHostSockets(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	target, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(pair[0]))
	if err != nil {
		t.Fatal(err)
	}
	inode := strings.Trim(target, "socket:[]")
	table := "Num       RefCount Protocol Flags    Type St Inode Path\n" +
		"0000000000000000: 00000003 00000000 00000000 0001 03 " + inode + "\n" +
		"0000000000000000: 00000002 00000000 00010000 0001 01 77 /run/x.sock\n"
	found := connectedSockets(table)
	if !found[inode] || found["77"] || len(found) != 1 {
		t.Errorf("connected are %v", found)
	}
	if n := hostSockets("/proc/self", found); n != 1 {
		t.Errorf("%d sockets, want 1", n)
	}
	if n := hostSockets("/proc/self", connectedSockets("")); n != 0 {
		t.Errorf("%d sockets of an empty table", n)
	}
	proc := t.TempDir()
	if err := os.Mkdir(proc+"/fd", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, fd := range []string{"0", "1", "2"} {
		if err := os.Symlink("socket:["+inode+"]", proc+"/fd/"+fd); err != nil {
			t.Fatal(err)
		}
	}
	if n := hostSockets(proc, found); n != 0 {
		t.Errorf("%d of the first three descriptors", n)
	}
}
