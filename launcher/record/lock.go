package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Locks is the directory of the locks that keep launches of one user apart: the runtime
// directory.
type Locks string

// Lock is an advisory lock on a file of the runtime directory. The kernel gives
// it back when its owner ends, however that ends, so a lock nobody holds means
// that its owner is gone.
type Lock struct{ file *os.File }

// ErrHeld is what [Locks.Try] returns for a lock that somebody holds.
var ErrHeld = errors.New("held by another zlaunch")

// Try takes the lock called name, or returns [ErrHeld] at once.
func (l Locks) Try(name string) (*Lock, error) {
	return l.flock(name, unix.LOCK_EX|unix.LOCK_NB)
}

// Share takes the lock called name together with other sharers; it waits for one
// who holds it alone, and tells of that.
func (l Locks) Share(ctx context.Context, name string, tell func(string)) (*Lock, error) {
	return l.wait(ctx, name, unix.LOCK_SH, tell)
}

// Wait takes the lock called name, waits for who holds it, and tells of that.
func (l Locks) Wait(ctx context.Context, name string, tell func(string)) (*Lock, error) {
	return l.wait(ctx, name, unix.LOCK_EX, tell)
}

func (l Locks) flock(name string, how int) (*Lock, error) {
	if strings.ContainsAny(name, "/\x00") {
		return nil, fmt.Errorf("taking lock %q: it is no file name", name)
	}
	if err := os.MkdirAll(string(l), 0o700); err != nil {
		return nil, WritingTo(string(l), fmt.Errorf("making the lock directory: %w", err))
	}
	for {
		f, err := os.OpenFile(filepath.Join(string(l), name+".lock"), os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW, 0o600)
		if err != nil {
			return nil, WritingTo(string(l), fmt.Errorf("opening lock %s: %w", name, err))
		}
		if err := retry(func() error { return unix.Flock(int(f.Fd()), how) }); err != nil {
			f.Close()
			if errors.Is(err, unix.EWOULDBLOCK) {
				return nil, ErrHeld
			}
			return nil, fmt.Errorf("taking lock %s: %w", name, err)
		}
		if same(f) {
			return &Lock{f}, nil
		}
		f.Close() // its owner removed the file between open and flock
	}
}

// same tells whether the open lock file is still the one at its path.
func same(f *os.File) bool {
	held, err1 := f.Stat()
	there, err2 := os.Lstat(f.Name())
	return err1 == nil && err2 == nil && os.SameFile(held, there)
}

// Release gives the lock back and takes its file away.
func (k *Lock) Release() {
	if k == nil {
		return
	}
	os.Remove(k.file.Name())
	k.file.Close()
}

// Unshare gives a shared lock back; the file stays while others may share it.
func (k *Lock) Unshare() {
	if k == nil {
		return
	}
	if unix.Flock(int(k.file.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
		os.Remove(k.file.Name())
	}
	k.file.Close()
}

func retry(do func() error) error {
	for {
		if err := do(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// Reap removes the lock files nobody holds.
func (l Locks) Reap() error {
	files, err := filepath.Glob(filepath.Join(string(l), "*.lock"))
	if err != nil {
		return err
	}
	for _, f := range files {
		k, err := l.Try(strings.TrimSuffix(filepath.Base(f), ".lock"))
		if err == nil {
			k.Release()
		} else if !errors.Is(err, ErrHeld) && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
