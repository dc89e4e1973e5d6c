package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// How a lock that another zlaunch holds is waited for.
const (
	lockPoll    = 5 * time.Millisecond
	lockTell    = 2 * time.Second  // before it is said
	lockStopped = 5 * time.Second  // for one whose process is stopped, and lets nothing go
	lockLimit   = 15 * time.Minute // in all: a first use of a large image copies it under the lock
)

// wait takes the lock called name and waits for who holds it, which it says,
// until ctx ends. It gives up on an owner that is stopped.
func (l Locks) wait(ctx context.Context, name string, how int, tell func(string)) (*Lock, error) {
	told := false
	for begun := time.Now(); ; {
		k, err := l.flock(name, how|unix.LOCK_NB)
		if !errors.Is(err, ErrHeld) {
			return k, err
		}
		waited := time.Since(begun)
		if waited > lockTell && !told && tell != nil {
			told = true
			tell("waiting for " + l.owner(name).String())
		}
		if waited > lockStopped {
			if o := l.owner(name); o.stopped {
				return nil, hint.Errorf(fmt.Sprintf("kill -CONT %d, or kill -KILL %[1]d; then the same command again", o.pid), "taking lock %s: %s is stopped", name, o)
			}
		}
		if waited > lockLimit {
			return nil, hint.Errorf("fuser -v "+filepath.Join(string(l), name+".lock"), "taking lock %s: %s did not let it go in %s", name, l.owner(name), lockLimit)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("taking lock %s: %w", name, context.Cause(ctx))
		case <-time.After(min(lockPoll+waited/20, 100*time.Millisecond)):
		}
	}
}

// owner is the process that holds a lock.
type owner struct {
	pid     int // 0: not known
	stopped bool
}

func (o owner) String() string {
	if o.pid == 0 {
		return "another zlaunch"
	}
	return fmt.Sprintf("another zlaunch, process %d", o.pid)
}

// owner asks the kernel's list of locks, where a lock stands by the device and
// inode of its file: "1: FLOCK  ADVISORY  WRITE 4711 fe:00:123456 0 EOF". A file
// system that shows another device, as btrfs does, leaves the owner unknown.
func (l Locks) owner(name string) (o owner) {
	var st unix.Stat_t
	if unix.Stat(filepath.Join(string(l), name+".lock"), &st) != nil {
		return o
	}
	file := fmt.Sprintf("%02x:%02x:%d", unix.Major(uint64(st.Dev)), unix.Minor(uint64(st.Dev)), st.Ino)
	list, _ := os.ReadFile("/proc/locks") // absent: the owner is not known
	for line := range strings.Lines(string(list)) {
		f := strings.Fields(line)
		if len(f) < 6 || f[1] != "FLOCK" || f[5] != file {
			continue
		}
		if o.pid, _ = strconv.Atoi(f[4]); o.pid > 0 {
			stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", o.pid))
			_, after, _ := strings.Cut(string(stat), ") ")
			o.stopped = strings.HasPrefix(after, "T")
			return o
		}
	}
	return o
}
