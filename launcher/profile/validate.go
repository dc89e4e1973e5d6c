package profile

import (
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Layers are those that a file can be rolled out to, the farthest first. Treat it as a
// constant.
var Layers = []container.Layer{container.LayerSystem, container.LayerUser, container.LayerProject}

// LayerOf is the layer that a file is of: the one it lies in; elsewhere a
// profiles.toml is a project's, and any other file one for the system.
func (d Dirs) LayerOf(file string) container.Layer {
	within := func(dir string) bool {
		rel, err := filepath.Rel(dir, file)
		return dir != "" && err == nil && filepath.IsLocal(rel)
	}
	switch {
	case within(d.User):
		return container.LayerUser
	case !within(d.System) && filepath.Base(file) == "profiles.toml":
		return container.LayerProject
	}
	return container.LayerSystem
}

// Rollout lists the sources of layer and of all behind it as they will be once the files
// at paths, absolute ones, are in place: one of the same name stands for the file that is
// there. Of each Source of theirs, File is the path.
func (d Dirs) Rollout(layer container.Layer, paths []string) ([]Source, error) {
	d.Project = ""
	out, _, err := Sources(d)
	out = slices.DeleteFunc(out, func(s Source) bool {
		return s.Layer != container.LayerBuiltIn && slices.Index(Layers, s.Layer) > slices.Index(Layers, layer)
	})
	for _, path := range paths {
		src := Source{Layer: layer, File: path}
		src.Data, src.Err = readRegular(path, 0)
		same := func(s Source) bool { return s.Layer == layer && filepath.Base(s.File) == filepath.Base(path) }
		if i := slices.IndexFunc(out, same); i >= 0 {
			out[i] = src
		} else {
			out = append(out, src)
		}
	}
	return out, err
}

// Validated is what is to be said of one file before it is rolled out.
type Validated struct {
	Profiles []string       // that it defines, sorted; of a file that does not parse, may define
	Faults   []*Fault       // all that is wrong with it, in the order of the file
	Waivers  []audit.Waiver // its own that hold now, one for each architecture
}

// Validate reads the file among sources, and resolves every profile of it on every
// architecture; now decides which of its waivers are over.
func Validate(sources []Source, file string, now time.Time) Validated {
	c := Assemble(sources)
	var out Validated
	for _, e := range c.faulty {
		if e.File == shown(file) {
			out = Validated{Profiles: e.Names, Faults: slices.Clone(e.Faults)}
		}
	}
	for _, name := range c.names {
		for _, d := range c.defs[name] {
			if d.file == file && d.spoilt == nil {
				out.resolve(c, d, now)
			}
		}
	}
	slices.SortStableFunc(out.Faults, func(a, b *Fault) int { return a.Line - b.Line })
	return out
}

// resolve adds what only shows once d is laid over what it extends.
func (v *Validated) resolve(c *Catalog, d *definition, now time.Time) {
	v.Profiles = meant(append(v.Profiles, d.name))
	for _, arch := range append([]string{""}, Archs...) {
		p, err := c.resolve(d, arch)
		var known *Fault
		if err != nil && !(errors.As(err, &known) && known.File == d.file) {
			v.add(d, "", err)
		}
		if err != nil {
			continue
		}
		for _, w := range p.Waivers {
			key, own := strings.CutPrefix(w.Origin.Key, d.name+".")
			if own = own || path.Base(d.file) == d.name+".toml"; own && w.Origin.File == d.file {
				err := w.Check(now)
				if v.add(d, key, err); err == nil {
					v.Waivers = append(v.Waivers, w)
				}
			}
		}
	}
}

// add notes what is wrong with a key of d; "" is all of it, and each thing is said once.
func (v *Validated) add(d *definition, key string, err error) {
	said := func(f *Fault) bool { return f.Profile == d.name && f.Err.Error() == err.Error() }
	if err != nil && !slices.ContainsFunc(v.Faults, said) {
		v.Faults = append(v.Faults, &Fault{File: d.file, Line: d.line(key), Profile: d.name, Key: key, Err: err})
	}
}
