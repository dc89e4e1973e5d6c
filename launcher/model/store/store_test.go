package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/model"
)

func storeOf(t *testing.T) Store {
	t.Helper()
	s := In(t.TempDir())
	t.Cleanup(func() { _ = writable(string(s)) })
	return s
}

// manifestOf is the digest of some manifest.
func manifestOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// keep puts a model of these files into the store: name, content, name, content.
func keep(t *testing.T, s Store, manifest string, files ...string) Model {
	t.Helper()
	session, err := s.Open(t.Context(), manifest, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	tree, err := session.Begin()
	for i := 0; i < len(files) && err == nil; i += 2 {
		var f model.File
		if f, err = session.Add(t.Context(), strings.NewReader(files[i+1]), strings.HasSuffix(files[i], ".sh")); err == nil {
			f.Path = files[i]
			err = tree.Put(f)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	m, err := tree.Commit(Record{Time: time.Now()}, []byte("statement"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Each content is on the disk once, and what a removed model alone had is gone with it.
func TestOnce(t *testing.T) {
	s := storeOf(t)
	one := keep(t, s, manifestOf("one"), "a/w", "weights", "b/w", "weights", "x.sh", "weights", "own", "one")
	two := keep(t, s, manifestOf("two"), "w", "weights")
	blobs, err := filepath.Glob(string(s) + "/blobs/*/*")
	if err != nil || len(blobs) != 3 { // the weights, the same to be run, and own
		t.Errorf("%v, %v", blobs, err)
	}
	freed, err := s.Remove(t.Context(), []string{one.Manifest}, func(string) {}, func(Model) error { return nil })
	if err != nil || freed.Blobs != 2 {
		t.Errorf("%+v, %v", freed, err)
	}
	if err := two.Check(t.Context()); err != nil {
		t.Error(err)
	}
	for _, gone := range []string{one.Path, one.Statement()} {
		if _, err := os.Lstat(gone); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", gone, err)
		}
	}
	if _, err := s.Find(one.Manifest); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	stays := errors.New("somebody has it")
	if _, err := s.Remove(t.Context(), []string{two.Manifest}, func(string) {}, func(Model) error { return stays }); !errors.Is(err, stays) || two.Check(t.Context()) != nil {
		t.Errorf("%v", err)
	}
}

// What somebody left who was killed at some step is no model, and is in nobody's way.
func TestLeft(t *testing.T) {
	m := manifestOf("m")
	for name, spoil := range map[string]func(s Store, got Model) error{
		"before the record": func(s Store, _ Model) error { return os.Remove(place(s).at(modelsDir, hexOf(m)+".json")) },
		"before the statement": func(s Store, got Model) error {
			return errors.Join(os.Remove(got.Statement()), os.Remove(place(s).at(modelsDir, hexOf(m)+".json")))
		},
		"while it was made": func(s Store, got Model) error {
			return errors.Join(os.Remove(place(s).at(modelsDir, hexOf(m)+".json")), moveTree(got.Path, place(s).at(makingDir, hexOf(m))))
		},
		"while a file was": func(s Store, got Model) error {
			return errors.Join(os.Remove(place(s).at(modelsDir, hexOf(m)+".json")), removeTree(got.Path), os.WriteFile(place(s).at(makingDir, ".file-"+hexOf(m)), []byte("half"), 0o400))
		},
		"while the record was": func(s Store, _ Model) error {
			at := place(s).at(modelsDir, hexOf(m)+".json")
			return os.Rename(at, place(s).at(modelsDir, "."+hexOf(m)+".json.1.part"))
		},
	} {
		s := storeOf(t)
		if err := spoil(s, keep(t, s, m, "w", "weights", "d/x", "x")); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if list, err := s.List(); len(list) > 0 || err != nil {
			t.Errorf("%s: %v, %v", name, list, err)
		}
		if got := keep(t, s, m, "w", "weights", "d/x", "x"); got.Check(t.Context()) != nil || got.Files != 2 {
			t.Errorf("%s: %+v", name, got)
		}
		if err := spoil(s, Model{Path: place(s).tree(m)}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := s.Remove(t.Context(), nil, func(string) {}, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, dir := range []string{plainDir, treesDir, makingDir} {
			if left, _ := os.ReadDir(place(s).at(dir)); len(left) > 0 {
				t.Errorf("%s: %s has %v", name, dir, left)
			}
		}
	}
}

// A download goes on where it stopped, also one that was about to become a blob.
func TestDownload(t *testing.T) {
	s, text := storeOf(t), "0123456789"
	sum := sha256.Sum256([]byte(text))
	session, err := s.Open(t.Context(), manifestOf("m"), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	write := func(part string, mode fs.FileMode) *Download {
		t.Helper()
		d, err := session.Download(t.Context(), sum, int64(len(text)))
		if err == nil {
			_, err = d.Write([]byte(part))
		}
		if err == nil {
			err = d.file.Chmod(mode)
		}
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	write("0123", 0o600).Close()
	d := write("", 0o444)
	if d.Have() != 4 || d.Verify() == nil {
		t.Errorf("%d bytes", d.Have())
	}
	d.Close()
	d = write("456789", 0o600)
	if _, err := d.Write([]byte("more")); !errors.Is(err, ErrMore) {
		t.Errorf("%v", err)
	}
	if err := errors.Join(d.Verify(), d.Keep(false)); err != nil {
		t.Error(err)
	}
	d.Close()
	if n, _, err := s.Waiting(); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	f := model.File{SHA256: sum, Size: 10}
	if there, err := session.Has(t.Context(), f); !there || err != nil || !s.Keeps(f) {
		t.Errorf("%v, %v", there, err)
	}
	d = write("0123456780", 0o600)
	if err := d.Verify(); err == nil || d.Have() != 0 {
		t.Errorf("another content: %v, %d bytes stay", err, d.Have())
	}
	d.Close()
}

// A record that is somebody else's, a link or of another model is none.
func TestRecords(t *testing.T) {
	s := storeOf(t)
	m := keep(t, s, manifestOf("m"), "w", "weights")
	at := place(s).at(modelsDir, hexOf(m.Manifest)+".json")
	good, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func() error{
		"another schema": func() error { return os.WriteFile(at, []byte(strings.Replace(string(good), "/v1", "/v2", 1)), 0o600) },
		"another model": func() error {
			return os.WriteFile(at, []byte(strings.ReplaceAll(string(good), hexOf(m.Manifest), hexOf(manifestOf("n")))), 0o600)
		},
		"no JSON":   func() error { return os.WriteFile(at, []byte("{"), 0o600) },
		"too large": func() error { return os.WriteFile(at, append([]byte(strings.Repeat(" ", maxFile)), good...), 0o600) },
		"a link": func() error {
			return errors.Join(os.WriteFile(at+".x", good, 0o600), os.Remove(at), os.Symlink(at+".x", at))
		},
		"others write": func() error { return os.Chmod(string(s), 0o777) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Find(m.Manifest); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
		if err := errors.Join(os.Chmod(string(s), 0o700), os.RemoveAll(at), os.WriteFile(at, good, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Find(m.Manifest); err != nil || got.Digest != m.Digest {
		t.Errorf("%+v, %v", got, err)
	}
}

// A reference means what it meant when it was pulled last.
func TestRefs(t *testing.T) {
	s := storeOf(t)
	if _, err := s.Find("oci://h/r"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "not pulled yet") {
		t.Errorf("%v", err)
	}
	one, two := keep(t, s, manifestOf("1"), "w", "1"), keep(t, s, manifestOf("2"), "w", "2")
	for _, m := range []Model{one, two} {
		if err := s.Note("oci://h:5000/r", m.Manifest, time.Now()); err != nil {
			t.Fatal(err)
		}
		for _, ref := range []string{"oci://h:5000/r", "oci://h:5000/r:latest", m.Manifest, "oci://other/x@" + m.Manifest} {
			if got, err := s.Find(ref); err != nil || got.Manifest != m.Manifest {
				t.Errorf("%s: %+v, %v", ref, got, err)
			}
		}
	}
	if refs, err := s.Refs(); err != nil || len(refs) != 1 || refs[0].Ref != "oci://h:5000/r:latest" {
		t.Errorf("%+v, %v", refs, err)
	}
	for ref, is := range map[string]bool{"oci://h/r": true, one.Manifest: true, "./m": false, "sha256:x": false, "": false} {
		if IsRef(ref) != is {
			t.Errorf("%q: %v", ref, !is)
		}
	}
}
