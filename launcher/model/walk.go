package model

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// Bounds of a walk. The largest model trees have some 100,000 files; the depth
// also bounds the descriptors held open.
const (
	maxEntries = 5_000_000
	maxDepth   = 64
	chunk      = 1024 // names read at a time
)

// walk is one pass over a tree. Each directory is counted into a tally of its
// own, which is then added to the whole.
type walk struct {
	ctx    context.Context
	tree   Tree
	reader Identity
	slots  chan struct{} // one for each directory walked beside the first
	wait   sync.WaitGroup

	mu    sync.Mutex
	whole tally
}

// dir is an open directory of the tree; path is relative to its root.
type dir struct {
	file  *os.File
	path  string
	depth int
}

func newWalk(ctx context.Context, t Tree) *walk {
	return &walk{ctx: ctx, tree: t, reader: t.reader(), slots: make(chan struct{}, min(3, runtime.GOMAXPROCS(0)-1))}
}

// run walks the tree at real, a path without symbolic links.
func (w *walk) run(real string) (*Result, error) {
	fd, err := unix.Open(real, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	root := os.NewFile(uintptr(fd), real)
	defer root.Close()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, err
	}
	res := &Result{Path: real, Dev: uint64(st.Dev), Ino: uint64(st.Ino), Layout: w.tree.Layout}
	switch uint32(st.Mode) & unix.S_IFMT {
	case unix.S_IFDIR:
		res.Dir = true
		w.whole.entry(w, ".", real, &st)
		w.directory(dir{root, "", 0})
		w.wait.Wait()
	case unix.S_IFREG:
		w.whole.entry(w, filepath.Base(real), real, &st)
		if k, secret := secretName(filepath.Base(real)); secret {
			w.whole.find(k, filepath.Base(real))
		}
	default:
		return nil, fmt.Errorf("neither a file nor a directory")
	}
	if err := w.ctx.Err(); err != nil {
		return nil, err
	}
	res.Files, res.Dirs, res.Links, res.Bytes = w.whole.files, w.whole.dirs, w.whole.links, w.whole.bytes
	res.Foreign, res.Unlabelled = w.whole.found[foreign].count, w.whole.unlabelled
	return res, nil
}

// directory counts the entries of d, then walks its directories, on another
// goroutine where one is free. It closes nothing: d belongs to the caller.
func (w *walk) directory(d dir) {
	var t tally
	var below []string
	for {
		names, err := d.file.Readdirnames(chunk)
		for _, name := range names {
			if t.child(w, d, name) {
				below = append(below, name)
			}
		}
		if err != nil {
			if err != io.EOF {
				t.find(unlisted, d.path)
			}
			break
		}
		if w.ctx.Err() != nil || w.full(&t) {
			t.find(tooMany, d.path)
			below = nil
			break
		}
	}
	w.add(&t)
	for _, name := range below {
		w.below(d, name)
	}
}

func (w *walk) below(d dir, name string) {
	path := join(d.path, name)
	if d.depth == maxDepth {
		w.find(tooMany, path)
		return
	}
	fd, err := unix.Openat(int(d.file.Fd()), name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		w.find(unlisted, path)
		return
	}
	child := dir{os.NewFile(uintptr(fd), path), path, d.depth + 1}
	select {
	case w.slots <- struct{}{}:
		w.wait.Add(1)
		go func() {
			defer func() { child.file.Close(); <-w.slots; w.wait.Done() }()
			w.directory(child)
		}()
	default:
		w.directory(child)
		child.file.Close()
	}
}

func (w *walk) full(t *tally) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.whole.entries()+t.entries() > maxEntries
}

func (w *walk) add(t *tally) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.whole.add(t)
}

func (w *walk) find(k kind, path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.whole.find(k, path)
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}
