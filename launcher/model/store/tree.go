package store

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/internal/wholefile"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// Tree is a model that is put together. It is no model of the store before [Tree.Commit].
type Tree struct {
	session *Session
	dir     string
	root    *os.Root
	dirs    map[string]bool
	files   []model.File
}

// Dir makes a directory, and those above it. The path was judged.
func (t *Tree) Dir(name string) error {
	if t.dirs[name] {
		return nil
	}
	if err := t.Dir(path.Dir(name)); err != nil {
		return err
	}
	if err := t.root.Mkdir(name, 0o700); err != nil {
		return fmt.Errorf("making the model's tree: %w", err)
	}
	t.dirs[name] = true
	return nil
}

// Put puts a file at its path, which was judged, whose blob the store has.
func (t *Tree) Put(f model.File) error {
	if err := t.Dir(path.Dir(f.Path)); err != nil {
		return err
	}
	if err := t.link(f); err != nil {
		return fmt.Errorf("making the model's tree: %w", err)
	}
	t.files = append(t.files, f)
	return nil
}

// link gives a blob one more name. A file system has a bound on those, some 65,000: beyond it
// is a copy.
func (t *Tree) link(f model.File) error {
	blob := place(t.session.Store).blob(f)
	to := filepath.Join(t.dir, filepath.FromSlash(f.Path))
	err := os.Link(blob, to)
	if !errors.Is(err, unix.EMLINK) {
		return err
	}
	return copyFile(blob, to, modeOf(f))
}

// Print is what the tree is.
func (t *Tree) Print() *model.Print { return model.PrintOf(t.files) }

// Commit makes the tree a model of the store: read-only, under its name, with its record. The
// record's manifest, digest, files and bytes are filled in.
func (t *Tree) Commit(r Record, statement []byte) (Model, error) {
	defer t.root.Close()
	s := t.session
	r.Digest, r.Files, r.Bytes = t.Print().Digest, len(t.files), 0
	for _, f := range t.files {
		r.Bytes += f.Size
	}
	err := t.seal()
	if err == nil {
		err = removeTree(place(s.Store).tree(s.manifest)) // without a record: of somebody who was killed
	}
	if err == nil {
		err = moveTree(t.dir, place(s.Store).tree(s.manifest))
	}
	if err == nil {
		err = s.Sign(statement)
	}
	if err == nil {
		err = syncDirs(place(s.Store).at(treesDir), place(s.Store).at(plainDir), place(s.Store).at(execDir))
	}
	if err == nil {
		err = s.Update(r)
	}
	if err != nil {
		return Model{}, fmt.Errorf("keeping the model: %w", err)
	}
	return s.Find(s.manifest)
}

// seal takes the right to write from all directories, the deepest first, and has them on the disk.
func (t *Tree) seal() error {
	names := make([]string, 0, len(t.dirs))
	for d := range t.dirs {
		names = append(names, d)
	}
	slices.Sort(names)
	for _, d := range slices.Backward(names) {
		at := filepath.Join(t.dir, filepath.FromSlash(d))
		if err := errors.Join(syncDirs(at), os.Chmod(at, 0o555)); err != nil {
			return err
		}
	}
	return nil
}

// Abandon removes a tree that is not to be.
func (t *Tree) Abandon() error {
	t.root.Close()
	return removeTree(t.dir)
}

// moveTree gives a directory another name. To do that to a directory, one must be able to write
// to it: its ".." changes.
func moveTree(from, to string) error {
	err := os.Chmod(from, 0o755)
	if err == nil {
		err = os.Rename(from, to)
	}
	if err == nil {
		err = os.Chmod(to, 0o555)
	}
	return err
}

// removeTree removes a tree of read-only directories; that there is none is no error.
func removeTree(dir string) error {
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return absentIsFine(os.Remove(dir))
	}
	err := writable(dir)
	if err == nil {
		err = os.RemoveAll(dir)
	}
	return err
}

// writable gives the right to write back to all directories of a tree.
func writable(dir string) error {
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if err == nil && e.IsDir() {
			err = writable(filepath.Join(dir, e.Name()))
		}
	}
	return err
}

func syncDirs(names ...string) error {
	for _, name := range names {
		d, err := os.Open(name)
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
	}
	return nil
}

func writeWhole(path string, data []byte) error { return wholefile.Write(path, data) }
