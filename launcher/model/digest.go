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
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// leaf is one line of a tree's digest.
type leaf struct {
	path string // relative, with slashes
	mode fs.FileMode
	size int64
}

// Digest returns "sha256:…" over what the tree at path, as [Resolve] gives it,
// holds: the sorted list of its relative paths, each with its type, the owner's execute
// bit, and its content or link target. Owners, times and the other
// permissions do not count: a copy has the same digest. progress, if not nil, is
// told the bytes read so far.
func Digest(ctx context.Context, path string, progress func(done int64)) (string, error) {
	leaves, dir, err := list(ctx, path)
	if err != nil {
		return "", fmt.Errorf("listing %q: %w", path, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", fmt.Errorf("digesting %q: %w", path, cause(err))
	}
	defer root.Close()
	d := digester{ctx: ctx, root: root, dir: dir, progress: progress, buf: make([]byte, 1<<20)}
	sum := sha256.New()
	for _, l := range leaves {
		content, err := d.leaf(l)
		if err != nil {
			return "", fmt.Errorf("digesting %q: %w", filepath.Join(path, l.path), err)
		}
		name := l.path
		if dir != path {
			name = "." // a single file may be called anything
		}
		fmt.Fprintf(sum, "%s %q\n", content, name)
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

// list returns all but the directories of a tree, sorted by path, and the
// directory the paths are relative to. For a file that is its parent, and its
// name does not count.
func list(ctx context.Context, path string) ([]leaf, string, error) {
	var out []leaf
	dir := path
	err := filepath.WalkDir(path, func(at string, e fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || e.IsDir() {
			return err
		}
		if at == path {
			dir = filepath.Dir(path)
		}
		st, err := e.Info()
		if err != nil {
			return err
		}
		if len(out) == maxEntries {
			return fmt.Errorf("more than %d entries", maxEntries)
		}
		out = append(out, leaf{strings.TrimPrefix(at, dir+"/"), st.Mode(), st.Size()})
		return nil
	})
	slices.SortFunc(out, func(a, b leaf) int { return cmp.Compare(a.path, b.path) })
	return out, dir, err
}

type digester struct {
	ctx      context.Context
	root     *os.Root
	dir      string
	progress func(int64)
	done     int64
	buf      []byte
}

// leaf writes type and content: "file <sha256>", "exec <sha256>", "link <target>".
func (d *digester) leaf(l leaf) (string, error) {
	switch {
	case l.mode&fs.ModeSymlink != 0:
		target, err := os.Readlink(filepath.Join(d.dir, l.path))
		return fmt.Sprintf("link %q", target), err
	case !l.mode.IsRegular():
		return "", fmt.Errorf("neither a file nor a directory")
	}
	kind := "file"
	if l.mode&0o100 != 0 {
		kind = "exec"
	}
	h := sha256.New()
	if err := d.content(h, l); err != nil {
		return "", err
	}
	return kind + " " + hex.EncodeToString(h.Sum(nil)), nil
}

// content hashes one file. A size that differs from the listing means that
// somebody is changing the tree.
func (d *digester) content(h hash.Hash, l leaf) error {
	f, err := d.root.OpenFile(l.path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return cause(err)
	}
	defer f.Close()
	var size int64
	for {
		n, err := f.Read(d.buf)
		h.Write(d.buf[:n])
		size += int64(n)
		d.done += int64(n)
		if d.progress != nil && n > 0 {
			d.progress(d.done)
		}
		if err == nil {
			err = d.ctx.Err()
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return cause(err)
		}
	}
	if size != l.size {
		return fmt.Errorf("the file changes while it is read")
	}
	return nil
}
