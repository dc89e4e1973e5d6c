package image

import (
	"archive/tar"
	"path"
)

// stacked is an image as an engine makes it that writes each layer into a directory of its
// own and has the kernel show them as one (overlay of containers/storage and Docker). A name
// of a layer goes through that layer's own links alone.
type stacked struct {
	*tree // of the layers below
	own   *tree
	layer int
}

func (s *stacked) begin(layer int) { s.layer, s.own = layer, newTree(s.count) }

// take writes an entry into its layer.
func (s *stacked) take(e entry) (*node, error) {
	dir, base, err := s.own.at(e.path, &follow{makes: true})
	if err != nil {
		return nil, err
	}
	if e.isOpaque() {
		dir.opaque = true
		return nil, nil
	}
	if hidden, ok := e.hides(); ok {
		if path.Dir(hidden) != path.Dir(e.path) || hidden == "/" {
			return nil, nil
		}
		return nil, s.hide(dir, path.Base(hidden))
	}
	switch {
	case e.path == "/", e.Typeflag == tar.TypeXGlobalHeader:
		return nil, nil
	case e.isDevice(): // an engine without root makes none
		s.own.remove(dir, base, -1)
		return nil, nil
	}
	return s.write(dir, base, e)
}

// hide marks a name as removed from lower layers.
func (s *stacked) hide(dir *node, base string) error {
	if n := dir.names[base]; n != nil {
		n.opaque = true
		return nil
	}
	return s.own.put(dir, base, &node{kind: removed, layer: s.layer})
}

func (s *stacked) write(dir *node, base string, e entry) (*node, error) {
	old := dir.names[base]
	if old != nil && old.kind == tar.TypeDir && e.Typeflag == tar.TypeDir {
		old.rights, old.named = e.rights(), true
		return old, nil
	}
	s.own.remove(dir, base, -1)
	var n *node
	switch e.Typeflag {
	case tar.TypeDir:
		n = newDir(dir)
		n.rights, n.named = e.rights(), true
	case tar.TypeLink:
		var err error
		if n, err = s.target(e); err != nil {
			return nil, err
		}
	default:
		n = e.node()
	}
	return n, s.own.put(dir, base, n)
}

// target is what a hard link links to in its layer, or takes from a lower one.
func (s *stacked) target(e entry) (*node, error) {
	name := path.Join("/", e.Linkname)
	n, err := s.own.named(name)
	if err != nil {
		return nil, err
	}
	if n == nil {
		below, err := s.named(name)
		if err != nil || below == nil {
			return e.lostLink(), err
		}
		taken := *below
		n = &taken
	}
	n.linked(e)
	return n, nil
}

// end lays the layer over those below it.
func (s *stacked) end() {
	s.over(s.root, s.own.root)
	s.own = nil
}

// over lays a directory over another. Of its names s.count holds one each, so those
// that are replaced are given back.
func (s *stacked) over(below, above *node) {
	if above.opaque {
		for name := range below.names {
			s.remove(below, name, -1)
		}
	}
	below.rights, below.named = above.rights, below.named || above.named
	for name, n := range above.names {
		old := below.names[name]
		if old != nil && old.kind == tar.TypeDir && n.kind == tar.TypeDir {
			s.over(old, n)
			s.count.names-- // n is gone
			continue
		}
		s.remove(below, name, -1)
		if n.kind == removed {
			s.count.names--
			continue
		}
		if below.names == nil {
			below.names = map[string]*node{}
		}
		below.names[name] = n
		if n.kind == tar.TypeDir {
			n.up = below
			s.bare(n)
		}
	}
}

// bare takes the marks out of a directory that lies over nothing.
func (s *stacked) bare(dir *node) {
	for name, n := range dir.names {
		if n.kind == removed {
			s.remove(dir, name, -1)
		} else if n.kind == tar.TypeDir {
			s.bare(n)
		}
	}
}
