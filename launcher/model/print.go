package model

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
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
		out[i] = File{Path: l.path, Size: l.stamp.size, SHA256: l.sum, Link: l.line[:4] == "link", Exec: l.line[:4] == execLine}
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
	Exec   bool              // its owner may run it
}

// The words that a line begins with, of a regular file and of one that its owner may run.
const (
	fileLine = "file"
	execLine = "exec"
)

// PrintOf is the print of a tree whose files somebody has read already, each once, in whatever
// order; there are no links in it. It holds no tree: see [Print.Holds].
func PrintOf(files []File) *Print {
	p := &Print{}
	for _, f := range files {
		l := leaf{path: f.Path, sum: f.SHA256, stamp: stamp{size: f.Size}}
		l.line = lineOf(f.Exec, f.SHA256)
		p.leaves = append(p.leaves, l)
	}
	slices.SortFunc(p.leaves, func(a, b leaf) int { return cmp.Compare(a.path, b.path) })
	p.Digest = digestOf(p.leaves)
	return p
}

// lineOf is the line of a file.
func lineOf(exec bool, sum [sha256.Size]byte) string {
	if exec {
		return execLine + " " + hex.EncodeToString(sum[:])
	}
	return fileLine + " " + hex.EncodeToString(sum[:])
}

// digestOf is the digest of a tree with these leaves, which are sorted.
func digestOf(leaves []leaf) string {
	sum := sha256.New()
	for _, l := range leaves {
		fmt.Fprintf(sum, "%s %q\n", l.line, l.path)
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}
