package podman

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// kcmpFiles compares the tables of open files of two tasks (linux/kcmp.h).
const kcmpFiles = 2

// strayHandle finds a directory that a task has in hand and that is on none of the
// mounts of its mountinfo: whoever is given one of the host's, as by podman exec
// --preserve-fds, goes on from there to all of the host. The word says which it is;
// "" there is none. What cannot be looked at, as of a task that has ended, is none.
func strayHandle(proc string, mountinfo ...string) string {
	ids := mountIDs(mountinfo)
	for _, name := range []string{"root", "cwd"} {
		var st unix.Statx_t
		err := unix.Statx(unix.AT_FDCWD, filepath.Join(proc, name), 0, unix.STATX_MNT_ID, &st)
		if err == nil && st.Mask&unix.STATX_MNT_ID != 0 && !ids[strconv.FormatUint(st.Mnt_id, 10)] {
			return name + handleName(proc, name)
		}
	}
	dir, err := os.Open(filepath.Join(proc, "fd"))
	if err != nil {
		return ""
	}
	defer dir.Close()
	fds, _ := dir.Readdirnames(-1) // of a task that ends, as far as it goes
	for _, fd := range fds {
		name := filepath.Join("fd", fd)
		if info, err := os.Stat(filepath.Join(proc, name)); err != nil || !info.IsDir() {
			continue
		}
		if id := mountOfHandle(filepath.Join(proc, "fdinfo", fd)); id != "" && !ids[id] {
			return "descriptor " + fd + handleName(proc, name)
		}
	}
	return ""
}

// mountIDs are the first words of the lines of mountinfo.
func mountIDs(texts []string) map[string]bool {
	ids := map[string]bool{}
	for line := range strings.Lines(strings.Join(texts, "\n")) {
		id, _, _ := strings.Cut(line, " ")
		ids[id] = true
	}
	return ids
}

// mountOfHandle is the mount that an open file is on; "" where that is not shown.
func mountOfHandle(fdinfo string) string {
	data, _ := readFile(fdinfo, 64<<10) // closed meanwhile: none
	for line := range strings.Lines(string(data)) {
		if v, ok := strings.CutPrefix(line, "mnt_id:"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// handleName is what the kernel calls a handle's directory, for a report.
func handleName(proc, name string) string {
	target, err := os.Readlink(filepath.Join(proc, name))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" on %s", printable(target))
}

// sameFiles tells whether two tasks share their open files, as the threads of a
// process do. A kernel that does not tell is taken to share none.
func sameFiles(pid, tid int) bool {
	r, _, errno := unix.Syscall6(unix.SYS_KCMP, uintptr(pid), uintptr(tid), kcmpFiles, 0, 0, 0)
	return errno == 0 && r == 0
}

// hostSockets counts the open files of a task that are connected sockets of the
// host, by inode: an engine's may be among them, and no mount shows it. What a
// container opens is of its own network. The three that the engine hands to each,
// the journal's perhaps, are left out.
func hostSockets(proc string, connected map[string]bool) (n int) {
	if len(connected) == 0 {
		return 0
	}
	dir, err := os.Open(filepath.Join(proc, "fd"))
	if err != nil {
		return 0
	}
	defer dir.Close()
	fds, _ := dir.Readdirnames(-1) // of a task that ends, as far as it goes
	for _, fd := range fds {
		target, err := os.Readlink(filepath.Join(proc, "fd", fd))
		inode, is := strings.CutPrefix(target, "socket:[")
		if err == nil && is && !slices.Contains([]string{"0", "1", "2"}, fd) && connected[strings.TrimSuffix(inode, "]")] {
			n++
		}
	}
	return n
}

// connectedSockets are the inodes of the connected unix sockets of one network
// namespace: "Num: RefCount Protocol Flags Type St Inode Path", St 03.
func connectedSockets(table string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(table) {
		if f := strings.Fields(line); len(f) > 6 && f[5] == "03" {
			out[f[6]] = true
		}
	}
	return out
}
