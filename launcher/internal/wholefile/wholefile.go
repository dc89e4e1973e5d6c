// Package wholefile writes files whole or not at all, and takes away what killed writers left.
//
// What is not yet whole is a file beside the one that it is to become, which its writer
// holds a lock on: the kernel gives that back however the writer ends.
package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// part is how the name of a file ends that is not yet whole; it begins with a dot.
const part = ".part"

// Write writes a file of the caller's alone, in a directory that is there.
func Write(path string, data []byte) error {
	f, err := begun(path)
	if err != nil {
		return err
	}
	defer f.Close() // and its lock, once it has its name
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// begun is the part of a file, locked. One that was taken away in between is made anew.
func begun(path string) (*os.File, error) {
	for {
		f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*"+part) // 0600
		if err != nil {
			return nil, err
		}
		err = lock(f)
		if err == nil && there(f) {
			return f, nil
		}
		f.Close()
		if err != nil && !errors.Is(err, unix.EWOULDBLOCK) {
			_ = os.Remove(f.Name())
			return nil, err
		}
	}
}

// Reap takes the parts in a directory away that nobody writes.
func Reap(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, ".*"+part))
	errs := []error{err}
	for _, name := range files {
		f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
		if err == nil && lock(f) == nil {
			err = os.Remove(name)
		}
		f.Close() // nil is fine
		if !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// lock takes the lock on an open file, or says at once that somebody has it.
func lock(f *os.File) error {
	for {
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// there tells whether an open file still has its name.
func there(f *os.File) bool {
	held, err1 := f.Stat()
	now, err2 := os.Lstat(f.Name())
	return err1 == nil && err2 == nil && os.SameFile(held, now)
}
