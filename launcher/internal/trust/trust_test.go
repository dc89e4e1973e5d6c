package trust

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// tree makes /a/b/file below a directory that only its owner writes to.
func tree(t *testing.T) (root, file string) {
	t.Helper()
	root = filepath.Join(t.TempDir(), "a")
	file = filepath.Join(root, "b/file")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return root, file
}

// foreign is a file of another user.
type foreign struct{ fs.FileInfo }

func (f foreign) Sys() any { return &syscall.Stat_t{Uid: 4711} }

func TestPath(t *testing.T) {
	chmod := func(name string, mode os.FileMode) func(*testing.T, string, *Who) {
		return func(t *testing.T, root string, _ *Who) {
			if err := os.Chmod(filepath.Join(root, name), mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	link := func(t *testing.T, root, name, target string) {
		if err := os.RemoveAll(filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	others := func(name string) func(*testing.T, string, *Who) {
		return func(_ *testing.T, root string, w *Who) {
			w.lstat = func(p string) (fs.FileInfo, error) {
				info, err := os.Lstat(p)
				if err == nil && p == filepath.Join(root, name) {
					return foreign{info}, nil
				}
				return info, err
			}
		}
	}
	for name, c := range map[string]struct {
		change func(t *testing.T, root string, w *Who)
		says   string // "" passes
		do     string // what to type
	}{
		"as it should be":        {func(*testing.T, string, *Who) {}, "", ""},
		"a file for all":         {chmod("b/file", 0o666), "anybody can write", "chmod o-w"},
		"a file for the group":   {chmod("b/file", 0o664), "group", "chmod g-w"},
		"a directory for all":    {chmod("b", 0o777), "anybody can write", "chmod o-w"},
		"farther up for all":     {chmod("", 0o777), "anybody can write", "chmod o-w"},
		"a directory for groups": {chmod("b", 0o775), "group", "chmod g-w"},
		"sticky":                 {chmod("b", os.ModeSticky|0o777), "", ""},
		"a sticky file":          {chmod("b/file", os.ModeSticky|0o666), "anybody can write", "chmod o-w"},
		"the user's own group": {func(t *testing.T, root string, w *Who) {
			chmod("b", 0o775)(t, root, w)
			chmod("b/file", 0o664)(t, root, w)
			w.Private = func(int) bool { return true }
		}, "", ""},
		"another's file":      {others("b/file"), "belongs to uid 4711", "ls -ld"},
		"another's directory": {others("b"), "belongs to uid 4711", "ls -ld"},
		"another's link": {func(t *testing.T, root string, w *Who) {
			link(t, root, "b/file", "/dev/null")
			others("b/file")(t, root, w)
		}, "belongs to uid 4711", "ls -ld"},
		"nothing there": {func(t *testing.T, root string, _ *Who) {
			if err := os.RemoveAll(filepath.Join(root, "b")); err != nil {
				t.Fatal(err)
			}
		}, "", ""},
		"a link into what others write": {func(t *testing.T, root string, w *Who) {
			if err := os.MkdirAll(filepath.Join(root, "open/x"), 0o755); err != nil {
				t.Fatal(err)
			}
			chmod("open", 0o777)(t, root, w)
			link(t, root, "b", "open/x")
		}, "anybody can write", "chmod o-w"},
		"a link up and down again": {func(t *testing.T, root string, _ *Who) {
			link(t, root, "b/file", "../b/../b/real")
		}, "", ""},
		"a loop": {func(t *testing.T, root string, _ *Who) { link(t, root, "b/file", "file") }, "more than 40 links", ""},
	} {
		t.Run(name, func(t *testing.T) {
			root, file := tree(t)
			w := Who{UID: os.Getuid()}
			c.change(t, root, &w)
			err := w.Path(file)
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(hint.Of(err), c.do)) {
				t.Errorf("%v (%s)", err, hint.Of(err))
			}
		})
	}
}

// A group is the user's own only where nobody else is in it.
func TestPrivateGroup(t *testing.T) {
	if privateGroup(-1) || privateGroup(4711_4711) {
		t.Error("a group that is nobody's is the user's own")
	}
}
