package image

import (
	"archive/tar"
	"path"
	"strings"
)

// applied is an image as an engine makes it that writes each layer onto what those below
// made (containers/storage UnpackLayer, by its drivers vfs, btrfs and zfs; containerd).
type applied struct {
	*tree
	layer    int
	unpacked map[string]bool // by this layer, each as it names it
	white    map[string]bool // removed by this layer
	plnk     map[string]*node
	crooked  bool // an engine that stacks layers may make something else of them
}

// begin begins the next layer.
func (a *applied) begin(layer int) {
	a.layer, a.unpacked, a.white, a.plnk = layer, map[string]bool{}, map[string]bool{}, map[string]*node{}
}

func (a *applied) end() {}

// dirOf finds, or makes, the directory that an entry is written into.
func (a *applied) dirOf(name string) (*node, string, error) {
	f := follow{makes: true, crossed: func(*link) { a.crooked = a.crooked || a.layer > 0 }}
	dir, base, err := a.at(name, &f)
	a.crooked = a.crooked || err != nil
	return dir, base, err
}

// take applies an entry.
func (a *applied) take(e entry) (*node, error) {
	dir, base, err := a.dirOf(e.path)
	if err != nil {
		return nil, err
	}
	name := path.Clean(e.Name)
	if strings.HasPrefix(name, aufs) && name != opaqued {
		a.crooked = true
		if strings.HasPrefix(name, aufsLink) && e.Typeflag == tar.TypeReg && len(a.plnk) < maxListed {
			a.plnk[strings.Clone(path.Base(name))] = e.node()
			return nil, a.hold(path.Base(name))
		}
		return nil, nil
	}
	if e.isOpaque() {
		return nil, a.clear(path.Dir(e.path))
	}
	if hidden, ok := e.hides(); ok {
		a.crooked = a.crooked || path.Dir(hidden) != path.Dir(e.path)
		return nil, a.hide(hidden)
	}
	a.unpacked[e.path] = true
	if err := a.hold(e.path); err != nil {
		return nil, err
	}
	if err := a.afterWhiteout(e.path); err != nil {
		return nil, err
	}
	return a.write(dir, base, e)
}

// hide removes what a whiteout names.
func (a *applied) hide(name string) error {
	dir, base, err := a.dirOf(name)
	if err != nil || name == "/" {
		a.crooked = true
		return err
	}
	a.white[name] = true
	if err := a.hold(name); err != nil {
		return err
	}
	a.crooked = a.remove(dir, base, a.layer) || a.crooked
	return nil
}

// afterWhiteout looks whether this layer removed a path before.
func (a *applied) afterWhiteout(name string) error {
	for ; len(a.white) > 0 && !a.crooked && name != "/"; name = path.Dir(name) {
		a.crooked = a.white[name]
		if err := a.step(1 + len(name)/16); err != nil {
			return err
		}
	}
	return nil
}

// clear removes all of a directory that this layer did not name. One behind a link stays.
func (a *applied) clear(name string) error {
	dir, base, err := a.dirOf(name)
	if err != nil {
		return err
	}
	n := dir
	if name != "/" {
		n = dir.names[base]
	}
	if n == nil || n.kind != tar.TypeDir {
		a.crooked = true
		return nil
	}
	return a.sweep(n, name)
}

func (a *applied) sweep(n *node, name string) error {
	for base, below := range n.names {
		at := path.Join(name, base)
		if err := a.step(1 + len(at)/16); err != nil {
			return err
		}
		if !a.unpacked[at] {
			a.crooked = a.remove(n, base, a.layer) || a.crooked
			continue
		}
		if err := a.sweep(below, at); err != nil {
			return err
		}
	}
	return nil
}

// write puts a file in its place, away with what was there.
func (a *applied) write(dir *node, base string, e entry) (*node, error) {
	if e.path == "/" {
		if e.Typeflag == tar.TypeDir {
			a.root.rights, a.root.named, a.root.layer = e.rights(), true, e.layer
		}
		return nil, nil
	}
	old := dir.names[base]
	if old != nil && old.kind == tar.TypeDir && e.Typeflag == tar.TypeDir {
		old.rights, old.named, old.layer = e.rights(), true, e.layer
		return old, nil
	}
	if old != nil {
		own := a.remove(dir, base, a.layer)
		a.crooked = a.crooked || own || e.isDevice()
	}
	switch e.Typeflag {
	case tar.TypeXGlobalHeader:
		return nil, nil
	case tar.TypeDir:
		n := newDir(dir)
		n.rights, n.named, n.layer = e.rights(), true, e.layer
		return n, a.put(dir, base, n)
	case tar.TypeLink:
		n, err := a.target(e)
		if err != nil {
			return nil, err
		}
		return n, a.put(dir, base, n)
	}
	n := e.node()
	return n, a.put(dir, base, n)
}

// target is what a hard link is one more name of.
func (a *applied) target(e entry) (*node, error) {
	if to := path.Clean(e.Linkname); strings.HasPrefix(to, aufsLink) {
		if from, ok := a.plnk[path.Base(to)]; ok {
			made := *from
			made.layer = e.layer
			return &made, nil
		}
	}
	n, err := a.named(path.Join("/", e.Linkname))
	if err != nil || n == nil {
		return e.lostLink(), err
	}
	a.crooked = a.crooked || n.layer != a.layer // one that stacks layers has two files of it
	n.linked(e)
	n.layer = e.layer
	return n, nil
}

// lostLink is a hard link to nothing: no engine takes it, and what it says counts.
func (e entry) lostLink() *node {
	n := e.node()
	n.kind, n.lost = tar.TypeReg, true
	return n
}

// named finds what a hard link can link to; nil is nothing.
func (t *tree) named(name string) (*node, error) {
	dir, base, err := t.at(name, &follow{})
	if isPath(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n := dir.names[base]
	if n != nil && (n.kind == tar.TypeDir || n.kind == removed) {
		n = nil
	}
	return n, nil
}
