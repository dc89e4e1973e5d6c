package launcher

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Who waits for a lock gets it when its owner lets go, is told whose it is, and
// can be interrupted.
func TestWaitLock(t *testing.T) {
	l := planner(t)
	k, err := l.tryLock("x")
	if err != nil {
		t.Fatal(err)
	}
	if o := l.lockOwner("x"); o.pid != os.Getpid() || o.stopped {
		t.Errorf("the owner is %+v, not process %d", o, os.Getpid())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := l.waitLock(ctx, "x", unix.LOCK_EX); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("interrupted: %v", err)
	}
	time.AfterFunc(20*time.Millisecond, k.release)
	k, err = l.waitLock(t.Context(), "x", unix.LOCK_EX)
	if err != nil {
		t.Fatalf("after its release: %v", err)
	}
	k.release()
	if o := l.lockOwner("x"); o.pid != 0 {
		t.Errorf("a lock nobody holds has the owner %+v", o)
	}
}
