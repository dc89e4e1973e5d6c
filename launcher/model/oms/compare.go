package oms

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/model"
)

// Comparison is what a tree has otherwise than a manifest says. All lists are sorted.
type Comparison struct {
	Changed []string // of another content
	First   string   // what the first of those was and is, in words
	Missing []string // in the manifest alone
	Added   []string // in the tree alone
	Links   []string // symbolic links, of which no manifest says anything

	// Uncovered are in the tree, and the signer left them out by name: any content would
	// do. At the paths that every manifest leaves out, .git and the like, too.
	Uncovered []string
}

// Against compares a tree with the manifest; mine are paths in the tree that the caller
// itself leaves out, as that of the signature. What the signer left out is left out.
func (m *Manifest) Against(p *model.Print, mine ...string) Comparison {
	var c Comparison
	want := map[string]string{}
	for _, r := range m.Resources {
		want[r.Name] = r.Digest
	}
	for _, f := range p.Files() {
		digest, named := want[f.Path]
		delete(want, f.Path)
		switch {
		case named && (f.Link || digest != hex.EncodeToString(f.SHA256[:])):
			c.change(f, digest)
		case named, ignored(f.Path, mine):
		case ignored(f.Path, m.Serialization.IgnorePaths), ignored(f.Path, defaultIgnored):
			c.Uncovered = append(c.Uncovered, f.Path)
		case f.Link:
			c.Links = append(c.Links, f.Path)
		default:
			c.Added = append(c.Added, f.Path)
		}
	}
	for _, r := range m.Resources {
		if _, left := want[r.Name]; left {
			c.Missing = append(c.Missing, r.Name)
		}
	}
	return c
}

// change takes a file that was signed with another digest.
func (c *Comparison) change(f model.File, was string) {
	if len(c.Changed) == 0 {
		is := fmt.Sprintf("sha256:%x", f.SHA256)
		if f.Link {
			is = "a symbolic link"
		}
		c.First = fmt.Sprintf("%q was sha256:%s, and is %s", f.Path, was, is)
	}
	c.Changed = append(c.Changed, f.Path)
}

// Same tells whether the tree is what was signed; what is left out by name aside.
func (c Comparison) Same() bool {
	return len(c.Changed)+len(c.Missing)+len(c.Added)+len(c.Links) == 0
}

// String says what differs, in one line; "" for nothing.
func (c Comparison) String() string {
	var parts []string
	for _, p := range []struct {
		paths []string
		is    string
	}{{c.Changed, "of another content (" + c.First + ")"}, {c.Missing, "missing"}, {c.Added, "not in the statement"}, {c.Links, "a symbolic link"}} {
		if len(p.paths) > 0 {
			parts = append(parts, few(p.paths)+" "+p.is)
		}
	}
	return strings.Join(parts, "; ")
}

// few names the first three.
func few(paths []string) string {
	var out []string
	for _, p := range paths[:min(3, len(paths))] {
		out = append(out, fmt.Sprintf("%q", p))
	}
	text := strings.Join(out, ", ")
	if more := len(paths) - len(out); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if len(paths) == 1 {
		return text + " is"
	}
	return text + " are"
}
