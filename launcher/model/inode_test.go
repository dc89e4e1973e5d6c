package model_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/model"
)

// A tree that was digested is held by what it is. Whatever is done between the digest
// and the look at the mount is told where it changes what would be read, and only
// there.
func TestHolds(t *testing.T) {
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(t *testing.T, name, text string) { t.Helper(); must(t, os.WriteFile(name, []byte(text), 0o644)) }
	sumOf := func(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }
	was := func(kind, text string) string {
		return fmt.Sprintf(`"a" was %s %s when the models were digested, and is `, kind, sumOf(text))
	}
	for what, c := range map[string]struct {
		do   func(t *testing.T, tree string)
		says string // "": it holds
	}{
		"nothing":       {func(*testing.T, string) {}, ""},
		"another label": {func(t *testing.T, tree string) { must(t, os.Chmod(filepath.Join(tree, "a"), 0o640)) }, ""},
		"another date": {func(t *testing.T, tree string) {
			must(t, os.Chtimes(filepath.Join(tree, "a"), time.Now(), time.Unix(1, 0)))
		}, ""},
		"away and back": {func(t *testing.T, tree string) {
			must(t, os.Rename(tree, tree+"2"))
			must(t, os.Rename(tree+"2", tree))
		}, ""},
		"executable":       {func(t *testing.T, tree string) { must(t, os.Chmod(filepath.Join(tree, "a"), 0o755)) }, was("file", "good") + "exec " + sumOf("good")},
		"written in place": {func(t *testing.T, tree string) { write(t, filepath.Join(tree, "a"), "evil") }, was("file", "good") + "file " + sumOf("evil")},
		"written in place, its date set back": {func(t *testing.T, tree string) {
			info, err := os.Stat(filepath.Join(tree, "a"))
			must(t, err)
			write(t, filepath.Join(tree, "a"), "evil")
			must(t, os.Chtimes(filepath.Join(tree, "a"), info.ModTime(), info.ModTime()))
		}, was("file", "good") + "file " + sumOf("evil")},
		"a file exchanged inside": {func(t *testing.T, tree string) {
			write(t, tree+"-b", "evil")
			must(t, os.Rename(tree+"-b", filepath.Join(tree, "a")))
		}, was("file", "good") + "file " + sumOf("evil")},
		"a file more": {func(t *testing.T, tree string) { write(t, filepath.Join(tree, "z"), "") }, `"z" is there, and was not`},
		"a file less": {func(t *testing.T, tree string) { must(t, os.Remove(filepath.Join(tree, "a"))) }, `"a" is not there, and was when the models were digested: file ` + sumOf("good")},
		"another name": {func(t *testing.T, tree string) {
			must(t, os.Rename(filepath.Join(tree, "a"), filepath.Join(tree, "c")))
		}, `"a" is not there, and was`},
		"another link": {func(t *testing.T, tree string) {
			must(t, os.Remove(filepath.Join(tree, "sub/link")))
			must(t, os.Symlink("b", filepath.Join(tree, "sub/link")))
		}, `"sub/link" was link "../a" when the models were digested, and is link "b"`},
		"a link in its place": {func(t *testing.T, tree string) {
			must(t, os.Rename(filepath.Join(tree, "a"), tree+"-a"))
			must(t, os.Symlink("../models-a", filepath.Join(tree, "a")))
		}, was("file", "good") + `link "../models-a"`},
		"a copy in its place": {func(t *testing.T, tree string) {
			must(t, os.Rename(tree, tree+"-was"))
			must(t, os.CopyFS(tree, os.DirFS(tree+"-was")))
		}, "another tree is mounted than was digested"},
	} {
		t.Run(what, func(t *testing.T) {
			root := t.TempDir() // stands for /proc/PID/root
			tree := filepath.Join(root, "models")
			must(t, os.MkdirAll(filepath.Join(tree, "sub"), 0o755))
			write(t, filepath.Join(tree, "a"), "good")
			write(t, filepath.Join(tree, "sub/b"), "more")
			must(t, os.Symlink("../a", filepath.Join(tree, "sub/link")))
			print, err := model.Take(context.Background(), tree)
			must(t, err)
			c.do(t, tree)
			if err := print.Holds(context.Background(), root, "/models"); (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, and not %s", err, c.says)
			}
		})
	}
}

// One file of a tree, and a tree that is one file, are held alike.
func TestHoldsOneFile(t *testing.T) {
	root := t.TempDir()
	tree := filepath.Join(root, "tree")
	file := filepath.Join(tree, "m.gguf")
	if err := os.Mkdir(tree, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, of := range []string{tree, file} {
		if err := os.WriteFile(file, []byte("good"), 0o644); err != nil {
			t.Fatal(err)
		}
		print, err := model.Take(context.Background(), of)
		if err != nil {
			t.Fatal(err)
		}
		if err := print.Holds(context.Background(), root, "/tree/m.gguf"); err != nil {
			t.Errorf("of %s: %v", of, err)
		}
		if err := os.WriteFile(file, []byte("evil"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := print.Holds(context.Background(), root, "/tree/m.gguf"); err == nil {
			t.Errorf("of %s: another content holds", of)
		}
	}
}

// No link of a container leads out of it.
func TestMountedStaysInside(t *testing.T) {
	root := t.TempDir()
	if err := os.Symlink("/etc", filepath.Join(root, "models")); err != nil {
		t.Fatal(err)
	}
	if got, err := model.Mounted(root, "/models"); err == nil {
		t.Errorf("followed out of the root to %+v", got)
	}
}
