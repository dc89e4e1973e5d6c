package bundle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

func versioned(t testing.TB, v string) Artifact {
	t.Helper()
	return packed(t, map[string]string{"bundle.toml": "name = \"fraud\"\nversion = \"" + v + "\"\n", "fraud.toml": "# " + v + "\n"})
}

func storeIn(dir string) Store {
	return StoreIn(func(string) string { return dir }, "")
}

func TestStore(t *testing.T) {
	s := storeIn(t.TempDir())
	if list, err := list(s); err != nil || list != nil {
		t.Errorf("before anything was put: %v, %v", list, err)
	}
	one, two := versioned(t, "1.0.0"), versioned(t, "2.0.0")
	put(t, s, one, []byte("signed by a"), []byte("signed by b"))
	put(t, s, two)
	put(t, s, two) // again is the same
	if list, err := list(s); err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	a, signatures, err := s.Get(t.Context(), one.Digest())
	if err != nil || !bytes.Equal(a.Manifest, one.Manifest) || len(signatures) != 2 {
		t.Errorf("%v, %q", err, signatures)
	}
	put(t, s, two, []byte("signed later"))
	if _, signatures, err := s.Get(t.Context(), two.Digest()); err != nil || len(signatures) != 1 || string(signatures[0]) != "signed later" {
		t.Errorf("%v, %q", err, signatures)
	}
	if info, err := os.Stat(string(s.layout)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v: others can enter the store: %v", err, info)
	}
	blobs, root := filepath.Join(string(s.layout), "blobs/sha256"), string(s.layout)
	theirs := filepath.Join(root, "notes.txt")
	for _, name := range []string{filepath.Join(blobs, "."+one.Digest().Encoded()+"1234"), filepath.Join(root, ".index.json99"), theirs} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Remove(t.Context(), one.Digest()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Get(t.Context(), one.Digest()); !errors.Is(err, fs.ErrNotExist) || hint.Of(err) == "" {
		t.Errorf("removed: %v", err)
	}
	if files, _ := os.ReadDir(root); len(files) != 4 { // blobs, index.json, oci-layout, and what is not ours
		t.Errorf("%v is left", files)
	}
	if files, _ := os.ReadDir(blobs); len(files) != 6 { // two files, manifest, empty, signature and its manifest
		t.Errorf("%v is left", files)
	}
	if _, _, err := s.Get(t.Context(), two.Digest()); err != nil {
		t.Error(err)
	}
	if err := errors.Join(s.Remove(t.Context(), one.Digest()), s.Remove(t.Context(), two.Digest())); err != nil {
		t.Error(err)
	}
}

func list(s Store) ([]digest.Digest, error) {
	h, err := s.Look()
	return h.Digests(), err
}

func put(t testing.TB, s Store, a Artifact, signatures ...[]byte) {
	t.Helper()
	if err := s.Put(context.Background(), a, signatures...); err != nil {
		t.Fatal(err)
	}
}

// Each file of a store, changed in each way, is refused by its name or, where it is the
// index, by what it says; and the bundle can still be removed.
func TestTampered(t *testing.T) {
	a := versioned(t, "1.0.0")
	signed := []byte("signed")
	m, err := signatureOf(a.Descriptor(), signed)
	if err != nil {
		t.Fatal(err)
	}
	ways := map[string]func(string) error{
		"changed":   func(f string) error { return os.WriteFile(f, []byte("changed"), 0o600) },
		"shortened": func(f string) error { return os.Truncate(f, 1) },
		"enlarged":  func(f string) error { return os.Truncate(f, 1<<30) },
		"gone":      os.Remove,
		"a link":    func(f string) error { return errors.Join(os.Rename(f, f+"x"), os.Symlink(f+"x", f)) },
		"a pipe":    func(f string) error { return errors.Join(os.Remove(f), exec.Command("mkfifo", f).Run()) },
		"a dir":     func(f string) error { return errors.Join(os.Remove(f), os.Mkdir(f, 0o700)) },
	}
	for what, data := range map[string][]byte{
		"manifest": a.Manifest, "file": a.Bundle.Files[1].Data, "signature": signed, "its manifest": m,
	} {
		for way, change := range ways {
			t.Run(what+" "+way, func(t *testing.T) {
				s := storeIn(t.TempDir())
				put(t, s, a, signed)
				name := s.layout.blobPath(digest.FromBytes(data))
				if err := change(name); err != nil {
					t.Fatal(err)
				}
				if _, _, err := s.Get(t.Context(), a.Digest()); err == nil || !strings.Contains(err.Error(), digest.FromBytes(data).Encoded()) {
					t.Errorf("%v", err)
				}
				put(t, s, versioned(t, "2.0.0"), []byte("signed by b")) // others go on
				if err := s.Remove(t.Context(), a.Digest()); err != nil {
					t.Error(err)
				}
				if list, err := list(s); err != nil || len(list) != 1 {
					t.Errorf("%v, %v", list, err)
				}
			})
		}
	}
	for file, says := range map[string]string{ocispec.ImageIndexFile: "index.json", ocispec.ImageLayoutFile: "oci-layout"} {
		for _, way := range []string{"changed", "enlarged", "a link", "a pipe", "a dir"} {
			s := storeIn(t.TempDir())
			put(t, s, a)
			if err := ways[way](filepath.Join(string(s.layout), file)); err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.Get(t.Context(), a.Digest()); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s %s: %v", file, way, err)
			}
			if err := s.Put(t.Context(), a); err == nil {
				t.Errorf("%s %s: written over", file, way)
			}
		}
	}
}

// Many put and remove at once, and each finds its own whole.
func TestStoreAtOnce(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 8 {
		a := versioned(t, fmt.Sprintf("1.0.%d", i))
		all.Add(1)
		go func() {
			defer all.Done()
			s := storeIn(dir)
			for range 5 {
				if err := s.Put(context.Background(), a, []byte("signed")); err != nil {
					t.Error(err)
				}
				if _, signatures, err := s.Get(context.Background(), a.Digest()); err != nil || len(signatures) != 1 {
					t.Errorf("%v, %q", err, signatures)
				}
				if i%2 == 0 {
					if err := s.Remove(context.Background(), a.Digest()); err != nil {
						t.Error(err)
					}
				}
			}
		}()
	}
	all.Wait()
	if list, err := list(storeIn(dir)); err != nil || len(list) != 4 {
		t.Errorf("%v, %v", list, err)
	}
}

const killed = "ZLAUNCH_TEST_PUTS_IN"

// TestPutUntilKilled is the process that TestKilled kills.
func TestPutUntilKilled(t *testing.T) {
	dir := os.Getenv(killed)
	if dir == "" {
		t.Skip("it is the process that TestKilled starts and kills, and no case of its own")
	}
	old, next := versioned(t, "1.0.0"), versioned(t, "2.0.0")
	s := storeIn(dir)
	for {
		put(t, s, next, []byte("signed by b"))
		if err := s.Remove(t.Context(), next.Digest()); err != nil {
			t.Fatal(err)
		}
		put(t, s, old, []byte("signed by a"))
	}
}

// Whoever is killed, at any point, leaves a store in which each bundle is there whole,
// with its signature, or not at all.
func TestKilled(t *testing.T) {
	old, next := versioned(t, "1.0.0"), versioned(t, "2.0.0")
	dir := t.TempDir()
	s := storeIn(dir)
	put(t, s, old, []byte("signed by a"))
	with := 0
	for i := range 50 {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestPutUntilKilled$")
		cmd.Env = append(os.Environ(), killed+"="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(5+rand.IntN(40)) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		list, err := list(s)
		if err != nil {
			t.Fatalf("after %d: %v", i, err)
		}
		for _, d := range list {
			if _, signatures, err := s.Get(t.Context(), d); err != nil || len(signatures) != 1 {
				t.Fatalf("after %d: %v, %q", i, err, signatures)
			}
		}
		if _, _, err := s.Get(t.Context(), old.Digest()); err != nil {
			t.Fatalf("after %d the old one is gone: %v", i, err)
		}
		with += len(list) - 1
	}
	t.Logf("%d of 50 were killed with the new one in", with)
	put(t, s, next)
	if err := s.Remove(t.Context(), next.Digest()); err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(filepath.Join(string(s.layout), "blobs/sha256")); len(files) != 6 {
		t.Errorf("%v is left", files)
	}
}

// Whatever an index of a layout is, who looks into it is told or finds nothing; what is
// found is a bundle by its digest.
func FuzzLayout(f *testing.F) {
	a := versioned(f, "1.0.0")
	sound := func(t testing.TB) Layout {
		l := Layout(t.TempDir())
		if err := l.Put(context.Background(), a, "latest", []byte("signed")); err != nil {
			t.Fatal(err)
		}
		return l
	}
	index, err := os.ReadFile(filepath.Join(string(sound(f)), ocispec.ImageIndexFile))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(index)
	for _, d := range []string{"", "sha256", "sha256:../../x", "sha256:" + strings.Repeat("a", 64)} {
		f.Add([]byte(fmt.Sprintf(`{"manifests":[{"mediaType":%q,"digest":%q,"size":-1,"annotations":{"org.opencontainers.image.ref.name":"latest"}}]}`, ocispec.MediaTypeImageManifest, d)))
		f.Add([]byte(fmt.Sprintf(`{"manifests":[{"mediaType":%q,"digest":%q,"size":9,"annotations":{"org.opencontainers.image.ref.name":%q}}]}`, ocispec.MediaTypeImageIndex, d, referrersTag(a.Digest()))))
	}
	l := sound(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(filepath.Join(string(l), ocispec.ImageIndexFile), data, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, reference := range []string{"latest", a.Digest().String()} {
			if got, err := Read(t.Context(), l, reference); err == nil && got.Digest() != a.Digest() {
				t.Errorf("%s is read as %s", reference, got.Digest())
			}
		}
		if got, _ := Signatures(t.Context(), l, a.Descriptor()); len(got) > 1 || len(got) == 1 && string(got[0]) != "signed" {
			t.Errorf("%q", got)
		}
		if _, _, err := (Store{l}).Get(t.Context(), a.Digest()); err != nil && !strings.Contains(err.Error(), "reading") && !strings.Contains(err.Error(), "listing") {
			t.Error(err)
		}
	})
}
