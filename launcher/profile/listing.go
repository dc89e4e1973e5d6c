package profile

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Brief is what a list shows of a bundle that it does not read.
type Brief struct {
	Bundle   *Bundle
	Outlines []Outline
}

// Listing is profiles to be listed. None of them can be run: what of bundles was not read
// stands in it by its outlines.
type Listing struct{ c *Catalog }

// Listed is [Assemble] for a list. It reads no bundle that has a brief, but for those that
// profiles of the user or the project extend; where that does not add up it reads all, to
// tell what is wrong as everybody else does.
func Listed(files []Source) *Listing {
	all := opened(files, func(near []filed) picks {
		extended := reached(near, nearNames(near))
		return func(src Source) bool { return src.Brief == nil || extended(src) || src.Brief() == nil }
	})
	brief := map[string]bool{}
	for i, f := range all {
		if f.left {
			all[i] = f.briefed()
			brief[all[i].defs[0].file] = true
		}
	}
	c := assemble(all, "")
	if slices.ContainsFunc(c.faulty, func(e *FileError) bool { return brief[e.File] }) {
		c = Assemble(files)
	}
	return &Listing{c}
}

// nearNames are those of the definitions that may extend a bundle's.
func nearNames(files []filed) (out []string) {
	for _, f := range files {
		for _, d := range f.defs {
			if f.Layer == container.LayerUser || f.Layer == container.LayerProject {
				out = append(out, d.name)
			}
		}
	}
	return out
}

// briefed is a bundle of which there are definitions for a list alone.
func (f filed) briefed() filed {
	b := f.Brief()
	out := filed{Source: f.Source}
	out.Bundle = b.Bundle
	for i, o := range b.Outlines {
		out.defs = append(out.defs, &definition{
			name: o.Name, layer: f.Layer, bundle: b.Bundle, file: o.File, load: loaded, line: nowhere,
			extends: o.Extends, tree: &node{}, outline: &b.Outlines[i],
		})
	}
	return out
}

// All is that of [Catalog].
func (l *Listing) All(arch string) []Summary { return l.c.All(arch) }

// Faulty is that of [Catalog].
func (l *Listing) Faulty() []*FileError { return l.c.Faulty() }

// fromOutline summarises a definition that there is an outline of, with what that extends.
func fromOutline(c *Catalog, d *definition, arch string) (Summary, error) {
	chain, err := c.chain(d)
	if err != nil {
		return Summary{}, unresolved(d.name, d, err)
	}
	own := slices.IndexFunc(chain, func(e *definition) bool { return e.outline == nil })
	if own < 0 {
		own = len(chain)
	}
	behind := c.merged.lay(chain[own:], arch).tree
	said := func(key string, of func(*Outline) string) string {
		for _, e := range chain[:own] {
			if text := of(e.outline); text != "" {
				return text
			}
		}
		return get(behind, key, "")
	}
	out := Summary{
		Name: d.name, Layer: d.layer, File: d.file, Bundle: d.bundle, Waivers: waiversOf(behind, nil),
		About: said("about", func(o *Outline) string { return o.About }), Kind: said("kind", func(o *Outline) string { return o.Kind }),
		Owner: said("owner", func(o *Outline) string { return o.Owner }), Deprecated: said("deprecated", func(o *Outline) string { return o.Deprecated }),
	}
	for _, a := range Archs {
		if slices.ContainsFunc(chain[:own], func(e *definition) bool { return slices.Contains(e.outline.Archs, a) }) || namesImage(chain[own:], a) {
			out.Archs = append(out.Archs, a)
		}
	}
	out.Available = slices.Contains(out.Archs, arch)
	return out, nil
}
