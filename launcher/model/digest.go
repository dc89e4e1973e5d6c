package model

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/internal/parallel"
)

// Take digests the tree at path, as [Resolve] gives it, through one handle, so that all
// of it is of one tree, whatever path names meanwhile.
func Take(ctx context.Context, path string) (*Print, error) {
	return TakeCounted(ctx, path, new(atomic.Int64))
}

// TakeCounted is [Take], and adds up in read how many bytes were read so far.
func TakeCounted(ctx context.Context, path string, read *atomic.Int64) (*Print, error) {
	t, err := openTree(path)
	if err != nil {
		return nil, fmt.Errorf("digesting %q: %w", path, cause(err))
	}
	defer t.root.Close()
	leaves, err := t.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing %q: %w", path, err)
	}
	if err := t.read(ctx, leaves, read); err != nil {
		return nil, fmt.Errorf("digesting %q: %w", path, err)
	}
	return &Print{Digest: digestOf(leaves), Root: t.inode, leaves: leaves, name: filepath.Base(path)}, nil
}

// read fills in the leaves, on all processors. Of several errors it gives that of the first
// leaf.
func (t *tree) read(ctx context.Context, leaves []leaf, count *atomic.Int64) error {
	buffers := sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}
	errs := make([]error, len(leaves))
	var failed atomic.Bool
	parallel.Do(len(leaves), func(i int) {
		if failed.Load() {
			return
		}
		buf := buffers.Get().(*[]byte)
		defer buffers.Put(buf)
		d := digester{ctx: ctx, tree: t, buf: *buf, count: count}
		if errs[i] = d.leaf(&leaves[i]); errs[i] != nil {
			failed.Store(true)
		}
	})
	if !failed.Load() {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	i := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	if leaves[i].path == "." {
		return errs[i]
	}
	return fmt.Errorf("%q: %w", leaves[i].path, errs[i])
}

type digester struct {
	ctx   context.Context
	tree  *tree
	buf   []byte
	count *atomic.Int64 // of bytes read
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
	if l.stamp, err = d.content(h, name); err == nil && l.stamp.Inode != inodeOf(info) {
		err = fmt.Errorf("the file was exchanged for another while it was opened")
	}
	h.Sum(l.sum[:0])
	l.line = lineOf(l.stamp.mode&0o100 != 0, l.sum)
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
		d.count.Add(int64(n))
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
