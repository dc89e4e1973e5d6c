package profile

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Outline is what a list shows of one profile of a bundle, as the bundle says it: the rest
// comes from what it extends. No run is made of it.
type Outline struct {
	Name    string
	File    string // that it stands in, as of [Source]
	Extends string // "" base

	About, Kind, Owner, Deprecated string // "" it does not say

	Archs []string // that it names an image for, sorted
}

// Outlines are those of the files of a bundle, by name. They are nil where a list shows what
// no outline says: a profile that has waivers, whose end is told, that takes away what it
// extends has, that says one thing on one architecture and another elsewhere, or that
// stands in two files; and where a file cannot be used.
func Outlines(files []Source) []Outline {
	var out []Outline
	for _, f := range files {
		defs, err := definitions(f)
		if err != nil {
			return nil
		}
		for _, d := range defs {
			o, whole := d.outlined()
			if !whole {
				return nil
			}
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b Outline) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(out); i++ {
		if out[i].Name == out[i-1].Name {
			return nil
		}
	}
	return out
}

// outlined is the outline of a definition, and whether that is all a list shows of it.
func (d *definition) outlined() (Outline, bool) {
	o := Outline{Name: d.name, File: d.file, Extends: d.extends}
	o.About, o.Kind = get(d.tree, "about", ""), get(d.tree, "kind", "")
	o.Owner, o.Deprecated = get(d.tree, "owner", ""), get(d.tree, "deprecated", "")
	o.Archs = archsOf([]*definition{d})
	for _, key := range []string{"about", "kind", "owner", "deprecated", "waiver"} {
		if n := d.tree.table[key]; n != nil && (n.removed || n.table != nil || n.value == "") {
			return o, false
		}
		for _, on := range d.arch {
			if on.table[key] != nil {
				return o, false
			}
		}
	}
	if takesImage(d.tree) {
		return o, false
	}
	for _, on := range d.arch {
		if takesImage(on) {
			return o, false
		}
	}
	return o, true
}

// takesImage tells whether a tree takes away the image that a farther one names.
func takesImage(n *node) bool {
	c := n.table["container"]
	return c != nil && (c.removed || c.table["image"] != nil && c.table["image"].removed)
}

// Complete tells whether each profile of a bundle can be used, on every architecture, with
// no others behind it than the built-in ones.
func Complete(files []Source) bool {
	builtIn, _, err := Sources(Dirs{})
	c := Assemble(append(builtIn, files...))
	if err != nil || len(c.faulty) > 0 {
		return false
	}
	for _, name := range c.Runnable(container.LayerBundle) {
		for _, arch := range Archs {
			if _, err := c.ResolveBare(name, arch); err != nil {
				return false
			}
		}
	}
	return true
}
