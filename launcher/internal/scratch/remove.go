package scratch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// remove removes a directory of the caller's that has an inode; by its name alone, with 0, only
// an empty one. One that has the name now and is another stays, as does one below which
// something is mounted: that is not ours to empty.
func remove(dir string, inode uint64) error {
	err := empty(dir, inode)
	if err == nil {
		err = unix.Rmdir(dir)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("removing a temporary directory: %s: %w", dir, err)
}

// empty removes what is in a directory, whatever becomes of its name meanwhile.
func empty(dir string, inode uint64) error {
	if inode == 0 {
		return nil
	}
	f, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Ino != inode || int(st.Uid) != os.Getuid() {
		return errors.New("it is another than was made")
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil && !errors.Is(err, fs.ErrNotExist) || strings.Contains(string(mounts), filepath.Base(dir)) {
		return errors.Join(errors.New("something may be mounted below it"), err)
	}
	for range 20 { // who wrote to it may be ending still
		if err = removeAll(f); !errors.Is(err, syscall.ENOTEMPTY) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}

// removeAll removes what is in a directory now, below its handle where the system has names
// for that (proc_pid_fd(5)).
func removeAll(dir *os.File) error {
	at := fmt.Sprintf("/proc/self/fd/%d", dir.Fd())
	if _, err := os.Stat(at); err != nil {
		at = dir.Name()
	}
	entries, err := os.ReadDir(at)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(at, e.Name())))
	}
	return err
}

// inodeOf is the number of a file by its name, which may be a link; 0 there is none.
func inodeOf(name string) uint64 {
	info, err := os.Lstat(name)
	if err != nil {
		return 0
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return st.Ino
}
