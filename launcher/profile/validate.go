package profile

import (
	"cmp"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
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
	Notes    []*Fault       // what has no effect, or will have none, and is not wrong
	Waivers  []audit.Waiver // its own that hold now, one for each architecture
}

// Against lists what stands against every run of a profile of c on an architecture.
type Against func(c *Catalog, name, arch string) ([]audit.Problem, error)

// Validate reads the file among sources, and resolves every profile of it on every
// architecture, to find what stands against it there; a nil Against finds nothing. now
// decides which of its waivers are over.
func Validate(sources []Source, file string, now time.Time, against Against) Validated {
	c := assemble(opened(sources, everything), file)
	v := validation{c, now, against, Validated{}}
	for _, e := range c.faulty {
		if e.File == bounded.Shown(file) {
			v.Validated = Validated{Profiles: e.Names, Faults: slices.Clone(e.Faults)}
		}
	}
	for _, name := range c.names {
		for _, d := range c.defs[name] {
			if d.file == file && d.spoilt == nil {
				v.resolve(d)
			}
		}
	}
	slices.SortStableFunc(v.Faults, func(a, b *Fault) int { return a.Line - b.Line })
	return v.Validated
}

// validation is one file being looked at.
type validation struct {
	c       *Catalog
	now     time.Time
	against Against
	Validated
}

// resolve adds what only shows once d is laid over what it extends.
func (v *validation) resolve(d *definition) {
	v.Profiles = meant(append(v.Profiles, d.name))
	v.idle(d)
	for _, arch := range append([]string{""}, Archs...) {
		p, err := v.c.resolve(d, arch)
		var known *Fault
		if several := lacks(nil); errors.As(err, &several) {
			for _, lack := range several {
				v.lack(d, lack)
			}
		} else if err != nil && !(errors.As(err, &known) && known.File == d.file) {
			v.add(d, "", err)
		}
		if err != nil {
			continue
		}
		v.waivers(d, p)
		if here := arch; slices.Contains(p.Archs, here) || here == "" && len(p.Archs) == 0 {
			v.stands(d, cmp.Or(here, Archs[0]))
		}
	}
}

// lack adds what d lacks, unless a value of that key could not be read.
func (v *validation) lack(d *definition, err error) {
	key, _, _ := strings.Cut(err.Error(), ":")
	if !slices.ContainsFunc(v.Faults, func(f *Fault) bool { return f.Profile == d.name && f.Key != "" && strings.HasPrefix(key, f.Key) }) {
		v.add(d, "", err)
	}
}

// waivers are those of d that hold; what is wrong with others is added.
func (v *validation) waivers(d *definition, p *Profile) {
	for _, w := range p.Waivers {
		key, own := strings.CutPrefix(w.Origin.Key, d.name+".")
		if own = own || path.Base(d.file) == d.name+".toml"; own && w.Origin.File == d.file {
			err := w.Check(v.now)
			if v.add(d, key, err); err == nil {
				v.Waivers = append(v.Waivers, w)
			}
		}
	}
}

// stands adds what stands against every run of d. One behind a nearer definition of its
// name, or in a catalog with nothing to judge by, is not run.
func (v *validation) stands(d *definition, arch string) {
	if v.against == nil || v.c.defs.nearest(d.name) != d || d.name == root {
		return
	}
	problems, err := v.against(v.c, d.name, arch)
	v.add(d, "", err)
	for _, p := range problems {
		key := ""
		if slices.ContainsFunc(rows, func(r row) bool { return r.key == p.Setting.Key }) {
			key = strings.TrimSuffix("container."+p.Setting.Key+"."+p.Setting.Elem, ".")
		}
		v.add(d, key, hint.Errorf(p.Hint, "%s", strings.TrimSpace(p.Control+" "+p.Message)))
	}
}

// add notes what is wrong with a key of d; "" is all of it, and each thing is said once.
func (v *Validated) add(d *definition, key string, err error) {
	said := func(f *Fault) bool { return f.Profile == d.name && f.Err.Error() == err.Error() }
	if err != nil && !slices.ContainsFunc(v.Faults, said) {
		v.Faults = append(v.Faults, &Fault{File: d.file, Line: d.line(key), Profile: d.name, Key: key, Err: err})
	}
}
