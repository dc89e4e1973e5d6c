package launcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// lock is an advisory lock on a file of the runtime directory. The kernel gives
// it back when its owner ends, however that ends, so a lock nobody holds means
// that its owner is gone.
type lock struct{ file *os.File }

// errHeld is what tryLock returns for a lock that somebody holds.
var errHeld = errors.New("held by another zlaunch")

// tryLock takes the lock called name, or returns errHeld at once.
func (l *Launcher) tryLock(name string) (*lock, error) {
	return l.flock(name, unix.LOCK_EX|unix.LOCK_NB)
}

// shareLock takes the lock called name together with other sharers; it waits
// for one who holds it alone.
func (l *Launcher) shareLock(ctx context.Context, name string) (*lock, error) {
	return l.waitLock(ctx, name, unix.LOCK_SH)
}

func (l *Launcher) flock(name string, how int) (*lock, error) {
	if strings.ContainsAny(name, "/\x00") {
		return nil, fmt.Errorf("taking lock %q: it is no file name", name)
	}
	if err := os.MkdirAll(l.Dirs.Runtime, 0o700); err != nil {
		return nil, writingTo(l.Dirs.Runtime, fmt.Errorf("making the lock directory: %w", err))
	}
	for {
		f, err := os.OpenFile(filepath.Join(l.Dirs.Runtime, name+".lock"), os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW, 0o600)
		if err != nil {
			return nil, writingTo(l.Dirs.Runtime, fmt.Errorf("opening lock %s: %w", name, err))
		}
		if err := retry(func() error { return unix.Flock(int(f.Fd()), how) }); err != nil {
			f.Close()
			if errors.Is(err, unix.EWOULDBLOCK) {
				return nil, errHeld
			}
			return nil, fmt.Errorf("taking lock %s: %w", name, err)
		}
		if same(f) {
			return &lock{f}, nil
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

// release gives the lock back and takes its file away.
func (k *lock) release() {
	if k == nil {
		return
	}
	os.Remove(k.file.Name())
	k.file.Close()
}

// share gives a shared lock back; the file stays while others may share it.
func (k *lock) share() {
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

func portLock(port uint16) string { return "port-" + strconv.Itoa(int(port)) }
