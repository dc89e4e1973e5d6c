package image

import (
	"archive/tar"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Names that stand for what an upper layer removed (image-spec layer.md), and aufs's own,
// which engines pass over at the root of a layer but for the targets of hard links.
const (
	whiteout = ".wh."
	opaqued  = ".wh..wh..opq"
	aufs     = ".wh..wh."
	aufsLink = ".wh..wh.plnk"
)

// xattr begins the PAX records of extended attributes.
const xattr = "SCHILY.xattr."

// entry is a member of a layer.
type entry struct {
	*tar.Header
	path  string // from the image's root
	layer int
}

// entryOf takes a header; outside tells why it is no name of a file in the image.
func entryOf(h *tar.Header, layer int) (e entry, odd string) {
	switch {
	case len(h.Name) > maxName, len(h.Linkname) > maxName:
		return e, "a name that no system takes"
	case strings.ContainsRune(h.Name, 0), strings.ContainsRune(h.Linkname, 0):
		return e, "its name has a zero byte"
	case slices.Contains(strings.Split(h.Name, "/"), ".."):
		odd = "its name leads out of the image"
	}
	return entry{Header: h, path: path.Join("/", path.Clean(h.Name)), layer: layer}, odd
}

// hides is the path that a whiteout removes. Of a name that is more than that, none has
// said what it means: engines join it to the directory.
func (e entry) hides() (name string, ok bool) {
	dir, base := path.Split(e.path)
	rest, ok := strings.CutPrefix(base, whiteout)
	return path.Join(dir, rest), ok
}

func (e entry) isOpaque() bool { return path.Base(e.path) == opaqued }

func (e entry) isDevice() bool { return e.Typeflag == tar.TypeChar || e.Typeflag == tar.TypeBlock }

// rights are what its header says.
func (e entry) rights() rights {
	r := rights{mode: e.FileInfo().Mode(), uid: e.Uid, gid: e.Gid}
	_, r.capable = e.PAXRecords[xattr+"security.capability"]
	return r
}

func (e entry) node() *node {
	n := &node{rights: e.rights(), kind: e.Typeflag, named: true, layer: e.layer}
	if n.kind == tar.TypeSymlink {
		n.link = strings.Clone(e.Linkname)
	}
	return n
}

// obeyed names an attribute by which a storage driver shows another file than the one that
// lies there: another mode and owner (fuse-overlayfs), another place (overlayfs).
func (e entry) obeyed() string {
	for key := range e.PAXRecords {
		name, ok := strings.CutPrefix(key, xattr)
		if ok && (strings.HasSuffix(name, ".override_stat") || strings.HasPrefix(name, "user.overlay.") || strings.HasPrefix(name, "trusted.overlay.")) {
			return name
		}
	}
	return ""
}

// linked gives a node another name as engines do: they apply the entry's mode and owner to
// what is linked, and Linux takes its capabilities where the owner changes.
func (n *node) linked(e entry) {
	if n.kind == tar.TypeSymlink {
		return
	}
	was, now := n.rights, e.rights()
	now.capable = now.capable || was.capable && was.uid == now.uid && was.gid == now.gid
	now.mode = was.mode.Type() | now.mode&^fs.ModeType
	if was != now && n.first == nil {
		n.first = &was
	}
	n.rights = now
}
