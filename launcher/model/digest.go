package model

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Print is what one tree was when it was digested: not what a path named, which may
// name another one by now.
type Print struct {
	// Digest is "sha256:…" over the sorted list of the tree's relative paths, each with its
	// type, the owner's execute bit, and its content or link target. Owners, times and the
	// other permissions do not count: a copy has the same digest.
	Digest string
	Root   Inode
	leaves []leaf
}

// leaf is one line of a tree's digest, and how to tell that it is still the same.
type leaf struct {
	path  string // relative, with slashes; "." of a single file, which may be called anything
	line  string // type and content: "file <sha256>", "exec <sha256>", "link <target>"
	stamp stamp
}

// Take digests the tree at path, as [Resolve] gives it, through one handle, so that all
// of it is of one tree, whatever path names meanwhile.
func Take(ctx context.Context, path string) (*Print, error) {
	t, err := openTree(path)
	if err != nil {
		return nil, fmt.Errorf("digesting %q: %w", path, cause(err))
	}
	defer t.root.Close()
	leaves, err := t.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing %q: %w", path, err)
	}
	d := digester{ctx: ctx, tree: t, buf: make([]byte, 1<<20)}
	sum := sha256.New()
	for i := range leaves {
		if err := d.leaf(&leaves[i]); err != nil {
			return nil, fmt.Errorf("digesting %q: %w", leafPath(path, leaves[i].path), err)
		}
		fmt.Fprintf(sum, "%s %q\n", leaves[i].line, leaves[i].path)
	}
	return &Print{Digest: "sha256:" + hex.EncodeToString(sum.Sum(nil)), Root: t.inode, leaves: leaves}, nil
}

// tree is an open tree: a directory, or a single file in one.
type tree struct {
	root  *os.Root
	file  string // in root; "" the whole of it
	inode Inode
}

func openTree(at string) (*tree, error) {
	info, err := os.Stat(at)
	if err != nil {
		return nil, err
	}
	t, dir := &tree{}, at
	if !info.IsDir() {
		dir, t.file = path.Split(at)
	}
	if t.root, err = os.OpenRoot(dir); err != nil {
		return nil, err
	}
	if info, err = t.root.Lstat(t.name(".")); err != nil {
		t.root.Close()
		return nil, err
	}
	t.inode = inodeOf(info)
	return t, nil
}

// name is where a leaf lies below root.
func (t *tree) name(leaf string) string {
	if t.file != "" {
		return t.file
	}
	return leaf
}

// list returns all but the directories of a tree, sorted by path.
func (t *tree) list(ctx context.Context) ([]leaf, error) {
	if t.file != "" {
		return []leaf{{path: "."}}, nil
	}
	var out []leaf
	err := fs.WalkDir(t.root.FS(), ".", func(at string, e fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || e.IsDir() {
			return err
		}
		if len(out) == maxEntries {
			return fmt.Errorf("more than %d entries", maxEntries)
		}
		out = append(out, leaf{path: at})
		return nil
	})
	slices.SortFunc(out, func(a, b leaf) int { return cmp.Compare(a.path, b.path) })
	return out, err
}

type digester struct {
	ctx  context.Context
	tree *tree
	buf  []byte
}

// leaf fills in the line and the stamp.
func (d *digester) leaf(l *leaf) error {
	name := d.tree.name(l.path)
	info, err := d.tree.root.Lstat(name)
	if err != nil {
		return cause(err)
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := d.link(name)
		l.line, l.stamp = fmt.Sprintf("link %q", target), stampOf(info)
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("neither a file nor a directory")
	}
	h := sha256.New()
	l.stamp, err = d.content(h, name)
	kind := "file"
	if l.stamp.mode&0o100 != 0 {
		kind = "exec"
	}
	l.line = kind + " " + hex.EncodeToString(h.Sum(nil))
	return err
}

// link reads a symbolic link through the tree's own handle.
func (d *digester) link(name string) (string, error) {
	dir, err := d.tree.root.Open(path.Dir(name))
	if err != nil {
		return "", cause(err)
	}
	defer dir.Close()
	n, err := unix.Readlinkat(int(dir.Fd()), path.Base(name), d.buf[:unix.PathMax])
	if err != nil {
		return "", err
	}
	return string(d.buf[:n]), nil
}

// content hashes one file and stamps it. A stamp that differs afterwards means that
// somebody is changing the tree.
func (d *digester) content(h hash.Hash, name string) (stamp, error) {
	f, err := d.tree.root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return stamp{}, cause(err)
	}
	defer f.Close()
	before, err := settled(f)
	if err != nil {
		return stamp{}, err
	}
	for {
		n, err := f.Read(d.buf)
		h.Write(d.buf[:n])
		if err == nil {
			err = d.ctx.Err()
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return stamp{}, cause(err)
		}
	}
	info, err := f.Stat()
	if err == nil && stampOf(info) != before {
		err = fmt.Errorf("the file changes while it is read")
	}
	return before, err
}

// tick is more than the coarsest clock that stamps files, 10 ms at 100 Hz.
const tick = 20 * time.Millisecond

// settled stamps a file. One that was changed within this tick of the clock could be
// changed again without another stamp: that tick is let pass.
func settled(f *os.File) (stamp, error) {
	info, err := f.Stat()
	if err != nil {
		return stamp{}, err
	}
	s := stampOf(info)
	if age := time.Since(time.Unix(0, s.changed)); age >= 0 && age < tick {
		time.Sleep(tick)
		if info, err = f.Stat(); err != nil {
			return stamp{}, err
		}
		s = stampOf(info)
	}
	return s, nil
}

// leafPath names a leaf in an error.
func leafPath(tree, leaf string) string {
	if leaf == "." {
		return tree
	}
	return tree + "/" + leaf
}
