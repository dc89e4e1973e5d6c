package record

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A lock is one owner's, ends with it, and leaves no file.
func TestLocks(t *testing.T) {
	l := dirs(t).Locks()
	k, err := l.Try("x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Try("x"); !errors.Is(err, ErrHeld) {
		t.Errorf("a second owner: %v", err)
	}
	k.Release()
	a, err := l.Share(t.Context(), "net", nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.Share(t.Context(), "net", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Try("net"); !errors.Is(err, ErrHeld) {
		t.Errorf("alone beside sharers: %v", err)
	}
	a.Unshare()
	b.Unshare()
	if left, _ := filepath.Glob(filepath.Join(string(l), "*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// Who waits for a lock gets it when its owner lets go, is told whose it is, and
// can be interrupted.
func TestWaitLock(t *testing.T) {
	l := dirs(t).Locks()
	k, err := l.Try("x")
	if err != nil {
		t.Fatal(err)
	}
	if o := l.owner("x"); o.pid != os.Getpid() || o.stopped {
		t.Errorf("the owner is %+v, not process %d", o, os.Getpid())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := l.Wait(ctx, "x", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("interrupted: %v", err)
	}
	time.AfterFunc(20*time.Millisecond, k.Release)
	k, err = l.Wait(t.Context(), "x", nil)
	if err != nil {
		t.Fatalf("after its release: %v", err)
	}
	k.Release()
	if o := l.owner("x"); o.pid != 0 {
		t.Errorf("a lock nobody holds has the owner %+v", o)
	}
}
