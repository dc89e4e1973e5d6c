package image

import (
	"archive/tar"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Bounds of what is done for an image: what a stranger's names and links can make of a few
// bytes is more than what they can make of a disk.
const (
	maxLinks = 40      // that one path follows, MAXSYMLINKS of Linux
	maxSteps = 1 << 26 // from a directory to a name in it; an image of 300,000 files takes some 3,000,000
	maxDepth = maxName // of directories; by a link one can be deeper than any name
	// maxHeld is how many bytes of names are held at once, and of where links lead; an image of
	// 300,000 files has some 30 MB of them.
	maxHeld = 512 << 20
	// maxPart is NAME_MAX of Linux: no file system takes a longer name.
	maxPart = 255
)

// rights are what somebody may do by a file.
type rights struct {
	mode     fs.FileMode
	uid, gid int
	capable  bool
}

// node is a file: an inode, which hard links give several names.
type node struct {
	rights
	first  *rights // before a hard link changed them; nil: none did
	kind   byte    // tar's, or removed
	named  bool    // a layer names it; of directories, others are made on the way
	lost   bool    // a hard link to what is not there
	opaque bool    // nothing of lower layers is in it
	layer  int     // that named it last
	depth  int     // of a directory, below the root
	link   string
	up     *node            // of a directory
	names  map[string]*node // in a directory
}

// removed is the kind of a name that hides that of a lower layer.
const removed = 'w'

// tree is a file system as it is made from layers.
type tree struct {
	root  *node
	count *counters
}

// counters are shared by the trees of one image.
type counters struct {
	names, steps, held int
}

func newTree(c *counters) *tree { return &tree{root: newDir(nil), count: c} }

func newDir(up *node) *node {
	n := &node{kind: tar.TypeDir, rights: rights{mode: fs.ModeDir | 0o755}, up: up}
	if up == nil {
		n.up = n
	} else {
		n.depth = up.depth + 1
	}
	return n
}

// What stops a path. The engine that comes to it takes no such layer.
var (
	errAbsent = errors.New("it is not there")
	errNoDir  = errors.New("its directory is none")
	errLoop   = errors.New("its links lead in circles")
	errDeep   = errors.New("it is too deep")
	errLong   = errors.New("a part of its name is longer than 255 bytes")
)

// isPath tells whether a path leads nowhere, other than that the image is too large.
func isPath(err error) bool {
	return errors.Is(err, errAbsent) || errors.Is(err, errNoDir) || errors.Is(err, errLoop) || errors.Is(err, errDeep) || errors.Is(err, errLong)
}

// follow is a way along links, within the image as its root.
type follow struct {
	makes   bool        // directories that are not there
	crossed func(*link) // is told of each link; may be nil
	links   int
}

// link is a symbolic link on the way.
type link struct {
	in   *node
	name string
	to   string
}

// dir finds a directory by its path.
func (t *tree) dir(name string, f *follow) (*node, error) { return t.from(t.root, name, f) }

// from finds a directory by a path from another.
func (t *tree) from(at *node, name string, f *follow) (*node, error) {
	for rest := []string{name}; len(rest) > 0; {
		last := len(rest) - 1
		part, left, more := strings.Cut(rest[last], "/")
		if rest[last] = left; !more {
			rest = rest[:last]
		}
		if err := t.step(1); err != nil {
			return nil, err
		}
		switch part {
		case "", ".":
			continue
		case "..":
			at = at.up
			continue
		}
		next, err := t.next(at, part, f)
		if err != nil {
			return nil, err
		}
		if next.kind != tar.TypeSymlink {
			at = next
			continue
		}
		if f.links++; f.links > maxLinks {
			return nil, errLoop
		}
		if f.crossed != nil {
			f.crossed(&link{at, part, next.link})
		}
		if path.IsAbs(next.link) {
			at = t.root
		}
		rest = append(rest, next.link)
	}
	return at, nil
}

// next is a name in a directory: a directory or a link.
func (t *tree) next(at *node, name string, f *follow) (*node, error) {
	n := at.names[name]
	switch {
	case n == nil && !f.makes:
		return nil, errAbsent
	case n == nil, n.kind == removed && f.makes:
		made := newDir(at)
		made.opaque = n != nil
		return made, t.put(at, name, made)
	case n.kind != tar.TypeDir && n.kind != tar.TypeSymlink:
		return nil, errNoDir
	}
	return n, nil
}

// at finds a name without following it where it is a link.
func (t *tree) at(name string, f *follow) (dir *node, base string, err error) {
	dir, err = t.dir(path.Dir(name), f)
	return dir, path.Base(name), err
}

// file finds what a path leads to, through links; nil is nothing.
func (t *tree) file(name string) *node {
	f := follow{}
	for at := t.root; f.links <= maxLinks; f.links++ {
		dir, err := t.from(at, path.Dir(name), &f)
		if err != nil {
			return nil
		}
		n := dir.names[path.Base(name)]
		if n == nil || n.kind != tar.TypeSymlink {
			return n
		}
		if at, name = dir, n.link; path.IsAbs(name) {
			at = t.root
		}
	}
	return nil
}

// put gives a node a name, in the place of none.
func (t *tree) put(dir *node, name string, n *node) error {
	switch {
	case n.depth > maxDepth:
		return errDeep
	case len(name) > maxPart:
		return errLong
	}
	if err := t.hold(name + n.link); err != nil {
		return err
	}
	if dir.names == nil {
		dir.names = map[string]*node{}
	}
	dir.names[strings.Clone(name)] = n
	if t.count.names++; t.count.names > maxFiles {
		return fmt.Errorf("it has more than %d files", maxFiles)
	}
	return nil
}

// remove takes a name away with all below it, and tells whether some of that is of a layer.
func (t *tree) remove(dir *node, name string, layer int) (own bool) {
	n := dir.names[name]
	if n == nil {
		return false
	}
	delete(dir.names, name)
	t.count.names--
	own = n.named && n.layer == layer
	for below := range n.names {
		own = t.remove(n, below, layer) || own
	}
	return own
}

// hold counts a text that is kept while layers are read.
func (t *tree) hold(text string) error {
	if t.count.held += len(text) + perName; t.count.held > maxHeld {
		return fmt.Errorf("its names and links take more than %d bytes", maxHeld)
	}
	return nil
}

// perName is what a name takes beside its bytes, in a map of Go, in bytes.
const perName = 48

func (t *tree) step(n int) error {
	if t.count.steps += n; t.count.steps > maxSteps {
		return fmt.Errorf("its names and links take more than %d steps", maxSteps)
	}
	return nil
}
