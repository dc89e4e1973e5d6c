package model

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync/atomic"
	"syscall"
)

// Inode names one file or directory of this host, whatever it is called.
type Inode struct{ Dev, Ino uint64 }

// InodeOf is what path names now, at the end of all links.
func InodeOf(path string) (Inode, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Inode{}, err
	}
	return inodeOf(info), nil
}

func inodeOf(info fs.FileInfo) Inode {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return Inode{}
	}
	return Inode{uint64(st.Dev), st.Ino}
}

// stamp tells whether a file is still the same: its inode, and what no write,
// rename or link leaves as it was. The time of change is the kernel's own, and no
// program sets it.
type stamp struct {
	Inode
	mode     fs.FileMode
	size     int64
	modified int64 // nanoseconds
	changed  int64
}

func stampOf(info fs.FileInfo) stamp {
	s := stamp{Inode: inodeOf(info), mode: info.Mode(), size: info.Size(), modified: info.ModTime().UnixNano()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		s.changed = changed(st)
	}
	return s
}

// Inode is the one of name in the tree that was checked, or of the tree itself for
// ""; an error where its path names another one by now.
func (r *Result) Inode(name string) (Inode, error) {
	own := Inode{r.Dev, r.Ino}
	if name == "" {
		return own, nil
	}
	root, err := os.OpenRoot(r.Path)
	if err != nil {
		return Inode{}, err
	}
	defer root.Close()
	info, err := root.Stat(".")
	if err == nil && inodeOf(info) != own {
		err = fmt.Errorf("%q was exchanged for another while it was checked", r.Path)
	}
	if err == nil {
		info, err = root.Stat(name)
	}
	if err != nil {
		return Inode{}, err
	}
	return inodeOf(info), nil
}

// Mounted is what is mounted at target, as the process whose root directory is at
// root sees it: /proc/PID/root. No link of the container leads out of it.
func Mounted(root, target string) (Inode, error) {
	top, err := os.OpenRoot(root)
	if err != nil {
		return Inode{}, err
	}
	defer top.Close()
	info, err := top.Stat(below(target))
	if err != nil {
		return Inode{}, err
	}
	return inodeOf(info), nil
}

func below(target string) string {
	if p := strings.TrimPrefix(path.Clean("/"+target), "/"); p != "" {
		return p
	}
	return "."
}

// Holds tells whether what is mounted at target is the tree of the print, or one
// file of it, and has not changed since: see [Mounted]. What bears another stamp is
// read again, so that a new label or owner alone is no difference.
func (p *Print) Holds(ctx context.Context, root, target string) error {
	at, err := Mounted(root, target)
	if err != nil {
		return cause(err)
	}
	top, err := os.OpenRoot(root)
	if err != nil {
		return cause(err)
	}
	defer top.Close()
	if at == p.Root {
		return p.whole(ctx, top, below(target))
	}
	for _, l := range p.leaves {
		if l.stamp.Inode == at {
			dir, file := path.Split(below(target))
			return p.file(ctx, top, path.Clean(dir), file, l)
		}
	}
	return fmt.Errorf("another tree is mounted than was digested: inode %d, not %d", at.Ino, p.Root.Ino)
}

func (p *Print) file(ctx context.Context, top *os.Root, dir, file string, l leaf) error {
	root, err := top.OpenRoot(dir)
	if err != nil {
		return cause(err)
	}
	defer root.Close()
	return same(ctx, &tree{root: root, file: file}, l)
}

func (p *Print) whole(ctx context.Context, top *os.Root, at string) error {
	if len(p.leaves) == 1 && p.leaves[0].path == "." {
		dir, file := path.Split(at)
		return p.file(ctx, top, path.Clean(dir), file, p.leaves[0])
	}
	root, err := top.OpenRoot(at)
	if err != nil {
		return cause(err)
	}
	defer root.Close()
	t := &tree{root: root}
	now, err := t.list(ctx)
	if err != nil {
		return err
	}
	for i, l := range p.leaves {
		if i == len(now) || now[i].path > l.path {
			return fmt.Errorf("%q is not there, and was when the models were digested: %s", l.path, l.line)
		}
		if now[i].path < l.path {
			return fmt.Errorf("%q is there, and was not when the models were digested", now[i].path)
		}
		if err := same(ctx, t, l); err != nil {
			return err
		}
	}
	if len(now) > len(p.leaves) {
		return fmt.Errorf("%q is there, and was not when the models were digested", now[len(p.leaves)].path)
	}
	return nil
}

// same holds one leaf against what was digested of it.
func same(ctx context.Context, t *tree, l leaf) error {
	info, err := t.root.Lstat(t.name(l.path))
	if err != nil {
		return cause(err)
	}
	if stampOf(info) == l.stamp {
		return nil
	}
	now := leaf{path: l.path}
	d := digester{ctx: ctx, tree: t, buf: make([]byte, 256<<10), count: new(atomic.Int64)}
	if err := d.leaf(&now); err != nil {
		return fmt.Errorf("%q: %w", l.path, err)
	}
	if now.line != l.line {
		return fmt.Errorf("%q was %s when the models were digested, and is %s", l.path, l.line, now.line)
	}
	return nil
}
