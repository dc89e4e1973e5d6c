package travel

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/model/store"
)

// traveller has a store of its own, and a disk of a terabyte.
func traveller(t testing.TB) *Traveller {
	t.Helper()
	s := store.In(t.TempDir())
	t.Cleanup(func() { _ = os.Chmod(string(s), 0o700) })
	t.Cleanup(func() { writableAgain(string(s)) })
	return &Traveller{
		Store: s, Settings: bundle.Settings{Agent: "test"}, Tell: func(string) {}, Count: new(atomic.Int64), Whole: new(atomic.Int64),
		Now: time.Now, Free: func(string) (int64, error) { return 1 << 40, nil },
	}
}

// writableAgain lets a test's directory be removed.
func writableAgain(dir string) {
	_ = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		return nil
	})
}

// modelOf writes a model.
func modelOf(t testing.TB, files map[string]string) (dir string, print *model.Print) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		at, mode := filepath.Join(dir, name), os.FileMode(0o644)
		if strings.HasSuffix(name, ".sh") {
			mode = 0o755
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, []byte(text), mode)); err != nil {
			t.Fatal(err)
		}
	}
	print, err := model.Take(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, print
}

// some is a model of a few files, two of which are the same, and one empty.
func some(t testing.TB) (string, *model.Print) {
	return modelOf(t, map[string]string{"w.safetensors": strings.Repeat("weights", 100_000), "a/config.json": "{}", "b/config.json": "{}", "bin/x.sh": "#!", "empty": ""})
}

// serve is a registry of this process, behind something that may lie.
func serve(t testing.TB, around func(http.Handler) http.Handler) bundle.Ref {
	t.Helper()
	h := registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0)))
	if around != nil {
		h = around(h)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return refOf(t, strings.Replace(server.URL, "http://", "oci://", 1)+"/ml/m:1")
}

func refOf(t testing.TB, s string) bundle.Ref {
	t.Helper()
	r, err := bundle.ParseRef(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func push(t testing.TB, ref bundle.Ref, dir string, print *model.Print, statement []byte) Pushed {
	t.Helper()
	got, err := traveller(t).Push(t.Context(), dir, print, ref, statement)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// What is pushed comes out of the store as it was: the same digest of the tree, read-only; and
// what the store has is neither fetched again nor asked for.
func TestPushPull(t *testing.T) {
	dir, print := some(t)
	for name, ref := range map[string]bundle.Ref{"registry": serve(t, nil), "layout": refOf(t, "dir:"+t.TempDir()+"/usb:1")} {
		pushed, tr := push(t, ref, dir, print, nil), traveller(t)
		got, err := tr.Pull(t.Context(), Wish{Ref: ref})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.Manifest != pushed.Manifest || got.Ref != pushed.Ref || got.Digest != print.Digest || got.Here || got.Files != 5 || got.Bytes != 700_006 || got.Fetched != 700_004 {
			t.Errorf("%s: %+v", name, got)
		}
		if err := got.Check(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if info, err := os.Stat(got.Path + "/a"); err != nil || info.Mode().Perm() != 0o555 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		for file, mode := range map[string]os.FileMode{"a/config.json": 0o444, "bin/x.sh": 0o555} {
			if info, err := os.Stat(filepath.Join(got.Path, file)); err != nil || info.Mode() != mode {
				t.Errorf("%s: %s: %v, %v", name, file, info, err)
			}
		}
		again, err := tr.Pull(t.Context(), Wish{Ref: ref})
		if err != nil || !again.Here || again.Fetched != 0 {
			t.Errorf("%s: %+v, %v", name, again, err)
		}
		gone := refOf(t, "oci://nobody.invalid/m@"+got.Manifest)
		if m, err := tr.Pull(t.Context(), Wish{Ref: gone}); err != nil || !m.Here {
			t.Errorf("%s: by digest, of nobody: %v", name, err)
		}
		for _, find := range []string{ref.String(), got.Ref, got.Manifest} {
			if m, err := tr.Store.Find(find); err != nil || m.Path != got.Path {
				t.Errorf("%s: %s: %+v, %v", name, find, m, err)
			}
		}
	}
}

// Where only some of a model is another, only that is fetched.
func TestPullShares(t *testing.T) {
	ref, tr := serve(t, nil), traveller(t)
	for i, config := range []string{"one", "two!"} {
		dir, print := modelOf(t, map[string]string{"w": strings.Repeat("w", 5000), "c": config})
		push(t, ref, dir, print, nil)
		got, err := tr.Pull(t.Context(), Wish{Ref: ref})
		if err != nil || got.Fetched != []int64{5003, 4}[i] {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	list, err := tr.Store.List()
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	freed, err := tr.Store.Remove(t.Context(), []string{list[0].Manifest}, func(string) {}, func(store.Model) error { return nil })
	if err != nil || freed.Blobs != 1 || freed.Bytes > 4 {
		t.Errorf("%+v, %v", freed, err)
	}
	if err := list[1].Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// Pulls of the same model at once give it once.
func TestPullAtOnce(t *testing.T) {
	dir, print := some(t)
	var blobs atomic.Int64
	ref := serve(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") {
				blobs.Add(1)
			}
			h.ServeHTTP(w, r)
		})
	})
	push(t, ref, dir, print, nil)
	tr := traveller(t)
	errs := make(chan error)
	const n = 8
	for range n {
		mine := *tr
		mine.Count, mine.Whole = new(atomic.Int64), new(atomic.Int64)
		go func() {
			got, err := mine.Pull(context.Background(), Wish{Ref: ref})
			if err == nil {
				err = got.Check(context.Background())
			}
			errs <- err
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := blobs.Load(); got != 3+n { // the layers once, without the twin and the empty one; the configuration each time
		t.Errorf("%d blobs were asked for", got)
	}
}

// The disk and the wish are asked before anything is fetched.
func TestRoom(t *testing.T) {
	dir, print := some(t)
	ref := serve(t, nil)
	push(t, ref, dir, print, nil)
	tr := traveller(t)
	tr.Free = func(string) (int64, error) { return 700_000 + reserve, nil }
	if _, err := tr.Pull(t.Context(), Wish{Ref: ref}); err == nil || !strings.Contains(err.Error(), "are needed") {
		t.Errorf("%v", err)
	}
	tr.Free = func(string) (int64, error) { return 1 << 40, nil }
	var no *RefusedError
	if _, err := tr.Pull(t.Context(), Wish{Ref: ref, Most: 700_000}); !errors.As(err, &no) || !strings.Contains(err.Error(), "may have") {
		t.Errorf("%v", err)
	}
	if n, _, err := tr.Store.Waiting(); n != 0 || err != nil {
		t.Errorf("%d downloads, %v", n, err)
	}
	if _, err := tr.Pull(t.Context(), Wish{Ref: ref, Most: 700_006}); err != nil {
		t.Error(err)
	}
}
