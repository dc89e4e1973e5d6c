package store

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"
)

// What a launch is about to mount nobody removes before there is a container, which then says
// that it mounts it; and what was removed before is told.
func TestKeep(t *testing.T) {
	s := storeOf(t)
	m := keep(t, s, manifestOf("m"), "w", "weights")
	release, err := s.Keep(t.Context(), m, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	another, err := s.Keep(t.Context(), m, func(string) {}) // launches do not wait for each other
	if err != nil {
		t.Fatal(err)
	}
	another()
	remove := func(ctx context.Context) error {
		_, err := s.Remove(ctx, []string{m.Manifest}, func(string) {}, func(Model) error { return nil })
		return err
	}
	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := remove(short); !errors.Is(err, context.DeadlineExceeded) || m.Check(t.Context()) != nil {
		t.Errorf("removed while it is kept: %v, %v", err, m.Check(t.Context()))
	}
	release()
	if err := remove(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := s.Keep(t.Context(), m, func(string) {}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "was removed from the store meanwhile") {
		t.Errorf("kept though it is gone: %v", err)
	}
	if _, err := s.RemoveDownloads(t.Context(), func(string) {}); err != nil {
		t.Errorf("the lock is still held: %v", err)
	}
}
