package launch

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model/store"
)

// stored puts a model into the store and gives it.
func (g *rig) stored(t *testing.T) (store.Store, store.Model) {
	t.Helper()
	s := store.In(g.Dirs.Data)
	session, err := s.Open(t.Context(), "sha256:"+strings.Repeat("a", 64), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	f, err := session.Add(t.Context(), strings.NewReader("weights"), false)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := session.Begin()
	if err != nil {
		t.Fatal(err)
	}
	f.Path = "model.bin"
	if err := tree.Put(f); err != nil {
		t.Fatal(err)
	}
	m, err := tree.Commit(store.Record{Time: time.Now()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(g.Dirs.Data, "models/trees", filepath.Base(m.Path)), 0o700) })
	return s, m
}

// A model of the store is there from the moment that a launch looks for it the last time until
// the engine has the container that mounts it; one that was removed before is refused.
func TestStoredModel(t *testing.T) {
	g := newRig(t)
	g.serve(t, 200)
	s, m := g.stored(t)
	remove := func(ctx context.Context) error {
		_, err := s.Remove(ctx, []string{m.Manifest}, func(string) {}, func(store.Model) error { return nil })
		return err
	}
	o := web()
	o.Models = m.Manifest
	p := g.plan(t, o)
	tried := 0
	g.engine.Fault = func(r *http.Request) http.HandlerFunc {
		if strings.HasSuffix(r.URL.Path, "/containers/create") {
			short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			if err := remove(short); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("removed while its container is created: %v", err)
			}
			tried++
		}
		return nil
	}
	if _, err := g.Launch(t.Context(), p); err != nil || tried != 1 {
		t.Fatalf("%v; %d tries", err, tried)
	}
	running, err := g.One(t.Context(), "web")
	if err == nil {
		err = g.Stop(t.Context(), running)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := remove(t.Context()); err != nil {
		t.Fatalf("it is kept when the container is there: %v", err)
	}
	before := g.left(t)
	_, err = g.Launch(t.Context(), p)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "was removed from the store meanwhile") || hint.Of(err) == "" {
		t.Errorf("launched without its model: %v", err)
	}
	if now := g.left(t); !slices.Equal(now, before) {
		t.Errorf("left: %q, and was %q", now, before)
	}
}
