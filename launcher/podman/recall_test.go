package podman

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// recalling is an engine that answers images/…/json, counts how often, and keeps
// what it said below dir.
func recalling(t *testing.T) (e *Engine, index string, asked *int) {
	t.Helper()
	asked = new(int)
	url := fakeEngine(t, libpod("5.4.2", func(w http.ResponseWriter, r *http.Request) {
		*asked++
		if strings.Contains(r.URL.Path, "absent") {
			w.WriteHeader(http.StatusNotFound)
			w.Write([]byte(`{"cause":"image not known","message":"absent: image not known","response":404}`))
			return
		}
		w.Write([]byte(`{"Id":"` + strings.Repeat("a", 64) + `","Config":{"User":"ibm-user"}}`))
	}))
	e, err := Connect(t.Context(), target(url))
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "podman"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv(ProgramVariable, filepath.Join(bin, "podman"))
	index = filepath.Join(t.TempDir(), "images.json")
	replace(t, index, "[]")
	e.recall = recall{dir: t.TempDir(), index: index, env: os.Getenv}
	return e, index, asked
}

// replace writes a file as containers/storage does: a new one under the name.
func replace(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file+".new", []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

// What was said of an image is not asked again until the images or podman change.
func TestRecall(t *testing.T) {
	e, index, asked := recalling(t)
	look := func(ref string, want int) {
		t.Helper()
		img, err := e.Image(t.Context(), ref)
		if *asked != want {
			t.Errorf("%s: asked %d times, want %d", ref, *asked, want)
		}
		if strings.Contains(ref, "absent") {
			if !errors.Is(err, ErrNoImage) || hint.Of(err) == "" {
				t.Errorf("%s: %v", ref, err)
			}
		} else if err != nil || img.User != "ibm-user" {
			t.Errorf("%s: %+v, %v", ref, img, err)
		}
	}
	look("localhost/x:1", 1)
	look("localhost/x:1", 1)
	look("localhost/absent:1", 2)
	look("localhost/absent:1", 2)
	replace(t, index, "[{}]")
	look("localhost/x:1", 3)
	look("localhost/absent:1", 4)
	replace(t, os.Getenv(ProgramVariable), "#!/bin/sh\n# another\n")
	look("localhost/x:1", 5)
	look("x:1", 6) // a short name means what registries.conf says
	look("x:1", 7)
	os.Remove(index)
	look("localhost/x:1", 8)
}

// An answer from before a change is not kept, and neither is a failure.
func TestRecallKeepsNothingDoubtful(t *testing.T) {
	e, index, _ := recalling(t)
	before := e.recall.stamp()
	replace(t, index, "[{}]")
	e.recall.keep("localhost/x:1", before, nil, nil)
	e.recall.keep("localhost/x:1", e.recall.stamp(), nil, errors.New("the engine broke"))
	if _, known := e.recall.image("localhost/x:1"); known {
		t.Error("it was kept")
	}
	for _, spoiled := range []string{"", "{", `{"stamp":"x","image":{}}`, `[]`} {
		if err := os.WriteFile(e.recall.file("localhost/x:1"), []byte(spoiled), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, known := e.recall.image("localhost/x:1"); known {
			t.Errorf("%q counts", spoiled)
		}
	}
}

// A lazy engine starts its service only for what is not known from before.
func TestLazyService(t *testing.T) {
	ctx, first := realEngine(t)
	importImage(t, first)
	index := filepath.Join(t.TempDir(), "images.json") // stands for the storage's own
	replace(t, index, "[]")
	wanted := Target{Env: os.Getenv, CacheDir: t.TempDir(), ImageIndex: index, Lazy: true}
	for i, started := range []bool{true, false} {
		e, err := openPrivate(ctx, wanted, runtimeDir(os.Getenv))
		if err != nil {
			t.Fatal(err)
		}
		img, err := e.Image(ctx, realImage)
		if err != nil || img.ID == "" || e.Version() != first.Version() {
			t.Errorf("%d: %+v, version %q, %v", i, img, e.Version(), err)
		}
		if e.service.started() != started {
			t.Errorf("%d: started %t", i, !started)
		}
		if _, err := e.Containers.Exists(ctx, "no-such-container"); err != nil || !e.service.started() {
			t.Errorf("%d: it does not start when needed: %v", i, err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}
