package profile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/parallel"
)

// AssembleFor is [Assemble] for somebody who uses these profiles and no others. Of the
// bundles that are read later it reads those that the profiles can come from, by what the
// locks say they have; the profiles of the others have their names, and are errors. What
// such a bundle has beside that is not seen, and is nobody's: its lock does not say so.
func AssembleFor(files []Source, names ...string) *Catalog {
	return assemble(opened(files, func(near []filed) picks { return reached(near, names) }), "")
}

// picks tells whether a bundle is read.
type picks func(Source) bool

func everything([]filed) picks { return func(Source) bool { return true } }

// filed is a file and what was read of it.
type filed struct {
	Source
	defs []*definition
	err  error // a *FileError, beside which may stand what could be read

	left bool // it is a bundle that was not read
}

func file(src Source) filed {
	defs, err := definitions(src)
	return filed{Source: src, defs: defs, err: err}
}

// opened reads files, and then those of the bundles that are wanted, for all that is known
// of the others.
func opened(files []Source, which func([]filed) picks) []filed {
	here := make([][]filed, len(files))
	var later []int
	for i, src := range files {
		if src.Later == nil {
			here[i] = []filed{file(src)}
		} else {
			later = append(later, i)
		}
	}
	want := which(slices.Concat(here...))
	parallel.Do(len(later), func(n int) {
		i := later[n]
		if !want(files[i]) {
			here[i] = []filed{{Source: files[i], left: true}}
			return
		}
		for _, src := range files[i].Later() {
			here[i] = append(here[i], file(src))
		}
	})
	return slices.Concat(here...)
}

// reached picks the bundles that profiles of these names can come from: those that have
// the names, or what nearer definitions of the names extend. A bundle itself sees no other.
func reached(near []filed, names []string) picks {
	extends := map[string][]string{}
	for _, f := range near {
		if f.Layer == container.LayerUser || f.Layer == container.LayerProject {
			for _, d := range f.defs {
				extends[d.name] = append(extends[d.name], cmp.Or(d.extends, root))
			}
		}
	}
	var out []string
	for todo := slices.Clone(names); len(todo) > 0; todo = todo[1:] {
		if !slices.Contains(out, todo[0]) {
			out = append(out, todo[0])
			todo = append(todo, extends[todo[0]]...)
		}
	}
	return func(src Source) bool {
		b := src.Bundle
		return b.Profiles == nil || slices.ContainsFunc(out, func(name string) bool {
			return strings.HasPrefix(name, b.Name+"/") || slices.Contains(b.Profiles, name)
		})
	}
}

// leave gives the profiles of a bundle that was not read their names, for nobody to use.
func (l layered) leave(src Source) {
	b := src.Bundle
	e := &FileError{File: b.String(), Names: b.Profiles, unread: true, Faults: []*Fault{{
		File: b.String(), Err: hint.Errorf("zlaunch show PROFILE", "it was not read: none of its profiles was asked for")}}}
	for _, name := range b.Profiles {
		err := e.naming(name)
		l.put(&definition{name: name, layer: src.Layer, bundle: b, file: e.File, line: nowhere, load: func() error { return err }, spoilt: e})
	}
}
