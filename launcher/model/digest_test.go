package model

import (
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
