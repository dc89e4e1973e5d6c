package trust

import (
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
)

// mode is a file of another mode.
type mode struct {
	fs.FileInfo
	mode fs.FileMode
}

func (m mode) Mode() fs.FileMode { return m.mode }

// What decides for everybody is root's all the way: no link, no group, no sticky
// directory, nobody else's.
func TestFixed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, root string)
		says   string // "" passes
	}{
		"as it should be":    {func(*testing.T, string) {}, ""},
		"not there":          {func(t *testing.T, root string) { must(t, os.RemoveAll(root)) }, ""},
		"a file for all":     {func(t *testing.T, root string) { must(t, os.Chmod(root+"/b/file", 0o646)) }, "anybody can write"},
		"a sticky directory": {func(t *testing.T, root string) { must(t, os.Chmod(root+"/b", os.ModeSticky|0o777)) }, "anybody can write"},
		"a directory above":  {func(t *testing.T, root string) { must(t, os.Chmod(root, 0o757)) }, "anybody can write"},
		"a link": {func(t *testing.T, root string) {
			must(t, os.Rename(root+"/b/file", root+"/b/real"))
			must(t, os.Symlink("real", root+"/b/file"))
		}, "symbolic link"},
		"a link on the way": {func(t *testing.T, root string) {
			must(t, os.Rename(root+"/b", root+"/c"))
			must(t, os.Symlink("c", root+"/b"))
		}, "symbolic link"},
	} {
		t.Run(name, func(t *testing.T) {
			root, file := tree(t)
			c.change(t, root)
			err := Within(root).Fixed(file)
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
	root, file := tree(t)
	w := Within(root)
	was := w.lstat
	w.lstat = func(p string) (fs.FileInfo, error) {
		info, err := was(p)
		if err == nil && p == file {
			return foreign{info}, nil
		}
		return info, err
	}
	if err := w.Fixed(file); err == nil || !strings.Contains(err.Error(), "uid 4711") {
		t.Errorf("another's file: %v", err)
	}
	w = Within(root)
	w.lstat = func(p string) (fs.FileInfo, error) {
		info, err := was(p)
		if err == nil && p == file {
			return foreignGroup{mode{info, 0o664}}, nil
		}
		return info, err
	}
	if err := w.Fixed(file); err == nil || !strings.Contains(err.Error(), "group 4711") {
		t.Errorf("a group's file: %v", err)
	}
	for _, path := range []string{"b/file", root + "/../a/b/file", ""} {
		if err := Within(root).Fixed(path); err == nil {
			t.Errorf("%q passes", path)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// foreignGroup is a file of the user's, and of another group.
type foreignGroup struct{ fs.FileInfo }

func (foreignGroup) Sys() any { return &syscall.Stat_t{Uid: uint32(os.Getuid()), Gid: 4711} }
