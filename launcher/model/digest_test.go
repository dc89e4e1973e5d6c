package model

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A digest is of what is in the tree and nothing else: names, contents, the right to
// run, and where links lead; not times, not the directory's own name.
func TestDigestOf(t *testing.T) {
	digest := func(make func(dir string)) string {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "m")
		if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "a"), []byte("weights"), 0o644); err != nil {
			t.Fatal(err)
		}
		make(dir)
		p, err := Take(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		return p.Digest
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	plain := digest(func(string) {})
	if again := digest(func(dir string) { must(os.Chtimes(filepath.Join(dir, "a"), time.Unix(1, 0), time.Unix(1, 0))) }); again != plain {
		t.Errorf("the same tree gives %s and %s", plain, again)
	}
	seen := map[string]string{plain: "the tree itself"}
	for what, change := range map[string]func(dir string){
		"another content":  func(dir string) { must(os.WriteFile(filepath.Join(dir, "a"), []byte("weightS"), 0o644)) },
		"another file":     func(dir string) { must(os.WriteFile(filepath.Join(dir, "b"), []byte("weights"), 0o644)) },
		"a link to a file": func(dir string) { must(os.Symlink("a", filepath.Join(dir, "b"))) },
		"a link elsewhere": func(dir string) { must(os.Symlink("sub", filepath.Join(dir, "b"))) },
		"a program":        func(dir string) { must(os.Chmod(filepath.Join(dir, "a"), 0o755)) },
		"another name":     func(dir string) { must(os.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "sub", "a"))) },
	} {
		got := digest(change)
		if other, same := seen[got]; same {
			t.Errorf("%s has the digest of %s", what, other)
		}
		seen[got] = what
	}
}

// The digest of a tree is for ever, on every machine: this one is of the lines below, written by
// printf and digested by sha256sum, each … a SHA-256.
//
//	file … "a"
//	exec … "run.sh"
//	link "../a" "sub/link"
//	file … "sub/模型.gguf"
func TestGolden(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a": "weights", "run.sh": "#!", "sub/模型.gguf": "GGUF"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Chmod(filepath.Join(dir, "run.sh"), 0o755), os.Symlink("../a", filepath.Join(dir, "sub/link"))); err != nil {
		t.Fatal(err)
	}
	p, err := Take(t.Context(), dir)
	if want := "sha256:cbbe4a53693871a008d1bd9cc1922d709390721fdbacf9b3780808c89a6257a1"; err != nil || p.Digest != want {
		t.Errorf("%v, %v, and not %s", err, p, want)
	}
}
