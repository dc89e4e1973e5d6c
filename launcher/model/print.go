package model

import "crypto/sha256"

// Print is what one tree was when it was digested: not what a path named, which may
// name another one by now.
type Print struct {
	// Digest is "sha256:…" over the sorted list of the tree's relative paths, each with its
	// type, the owner's execute bit, and its content or link target. Owners, times and the
	// other permissions do not count: a copy has the same digest.
	Digest string
	Root   Inode
	leaves []leaf
	name   string // of the tree on this host
}

// leaf is one line of a tree's digest, and how to tell that it is still the same.
type leaf struct {
	path  string // relative, with slashes; "." of a single file, which may be called anything
	line  string // type and content: "file <sha256>", "exec <sha256>", "link <target>"
	sum   [sha256.Size]byte
	stamp stamp
}

// Files are those of the tree, sorted by path as bytes are: where it is a directory, with
// the symbolic links in it; else the one, called as it is on this host.
func (p *Print) Files() []File {
	out := make([]File, len(p.leaves))
	for i, l := range p.leaves {
		out[i] = File{Path: l.path, Size: l.stamp.size, SHA256: l.sum, Link: l.line[:4] == "link"}
		if l.path == "." {
			out[i].Path = p.name
		}
	}
	return out
}

// File is one file of a [Print].
type File struct {
	Path   string // relative, with slashes
	Size   int64
	SHA256 [sha256.Size]byte // of its content; of a link nothing
	Link   bool              // a symbolic link, whose target nobody looked at
}
