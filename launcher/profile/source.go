package profile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/tomllines"
)

// Source is one file of profiles. File is its name as errors and plans show it.
type Source struct {
	Layer container.Layer
	File  string
	Data  []byte
	Err   error // why it could not be read; there is no Data then

	Bundle *Bundle         // of LayerBundle: what the file came in
	Later  func() []Source // reads the files of the bundle, in place of which this stands; nil: it is a file itself

	// Brief is what a list shows of the bundle without reading it; nil, or nil of it: it reads it.
	Brief func() *Brief

	alone string // the one profile of a built-in file, which is read when it is used; "" for all other files
}

// schemaVersion is the version of the format this package reads.
const schemaVersion = 1

// definition is one [profile.NAME] table of one file. What stands below load is there
// once that was called.
type definition struct {
	name   string
	layer  container.Layer
	bundle *Bundle // nil: none
	file   string
	load   func() error
	line   func(key string) int // of a key below the profile; 0 not known

	spoilt *FileError // why it cannot be used: [definition.load] returns it

	extends string           // "" where the file does not say
	tree    *node            // without arch
	arch    map[string]*node // overlays

	outline *Outline // all that a list knows of it; nil: it was read
}

// on is the definition as it is on arch, overlay included; "" is no architecture.
func (d *definition) on(arch string) *node {
	return merge(d.tree, d.arch[arch])
}

// definitions are those of one file, sorted by name: read and checked, or, of a built-in
// file, to be read when they are used. The error is a *FileError, beside which may stand what
// could be read of the file.
func definitions(src Source) ([]*definition, error) {
	if src.Err != nil {
		return nil, unread(src, src.Err)
	}
	if src.alone == "" {
		return decode(src)
	}
	d := &definition{name: src.alone, layer: src.Layer, file: src.File, line: nowhere}
	d.load = sync.OnceValue(func() error {
		all, err := decode(src)
		if err == nil && (len(all) != 1 || all[0].name != d.name) {
			err = fmt.Errorf("reading %s: it does not define %s alone", src.File, d.name)
		}
		if err == nil {
			d.extends, d.tree, d.arch = all[0].extends, all[0].tree, all[0].arch
		}
		return err
	})
	return []*definition{d}, nil
}

func nowhere(string) int { return 0 }

// decode reads the definitions of one file, sorted by name. The error is a *FileError
// with all that is wrong with it; beside it stand the definitions as far as they could be
// read.
func decode(src Source) ([]*definition, error) {
	if err := bounded.Printable(src.File); err != nil {
		return nil, unread(src, fmt.Errorf("the file name: %w", err))
	}
	profiles, err := header(src.Data)
	if err != nil {
		return nil, unparsed(src, err)
	}
	r := newReading(src)
	names := slices.Sorted(maps.Keys(profiles))
	var out []*definition
	for _, name := range names {
		if d := r.define(name, profiles[name]); d != nil {
			out = append(out, d)
		}
	}
	if len(r.faults) > 0 {
		slices.SortStableFunc(r.faults, func(a, b *Fault) int { return a.Line - b.Line })
		return out, &FileError{File: src.File, Names: meant(names), Faults: r.faults}
	}
	return out, nil
}

// reading is one file being read; it goes on after a fault, to find them all.
type reading struct {
	src    Source
	lines  func() map[string]int // see [tomllines.Of]
	faults []*Fault
}

func newReading(src Source) *reading {
	return &reading{src: src, lines: sync.OnceValue(func() map[string]int { return tomllines.Of(src.Data, bounded.Shown) })}
}

// line is that of a key below a profile, or of the nearest table around it; "" is the
// profile itself.
func (r *reading) line(profile, key string) int {
	whole := strings.TrimSuffix("profile."+bounded.Shown(profile)+"."+key, ".")
	for {
		if n := r.lines()[whole]; n > 0 {
			return n
		}
		cut := strings.LastIndexAny(whole, ".[")
		if cut < 0 {
			return 0
		}
		whole = whole[:cut]
	}
}

func (r *reading) fault(profile, key string, err error) {
	r.faults = append(r.faults, &Fault{r.src.File, r.line(profile, key), bounded.Shown(profile), key, err})
}

// header parses a file, checks its top and returns its profiles.
func header(data []byte) (map[string]any, error) {
	if err := bounded.TOML(data); err != nil {
		return nil, err
	}
	var top map[string]any
	if _, err := toml.Decode(string(data), &top); err != nil {
		var at toml.ParseError
		text := err.Error()
		if errors.As(err, &at) && at.Message != "" {
			text = "toml: " + at.Message // the place says the line
		}
		return nil, &Fault{Line: at.Position.Line, Err: errors.New(bounded.Shown(text))}
	}
	for _, k := range slices.Sorted(maps.Keys(top)) {
		if k != "schema" && k != "profile" {
			return nil, &Fault{Line: tomllines.Of(data, bounded.Shown)[bounded.Shown(k)], Key: bounded.Shown(k), Err: unknown(k, []string{"profile", "schema"})}
		}
	}
	switch version, ok := top["schema"].(int64); {
	case !ok:
		return nil, &Fault{Line: tomllines.Of(data, bounded.Shown)["schema"], Key: "schema", Err: hint.Errorf("begin the file with: schema = 1", "there is none")}
	case version != schemaVersion:
		return nil, &Fault{Line: tomllines.Of(data, bounded.Shown)["schema"], Key: "schema", Err: hint.Errorf("zlaunch version", "%d is not %d, the one this zlaunch reads", version, schemaVersion)}
	}
	if top["profile"] == nil {
		return nil, nil
	}
	profiles, ok := top["profile"].(map[string]any)
	if !ok {
		return nil, &Fault{Line: tomllines.Of(data, bounded.Shown)["profile"], Key: "profile", Err: wanted("tables, [profile.NAME]", top["profile"])}
	}
	if len(profiles) > maxKeys {
		return nil, fmt.Errorf("more than %d profiles", maxKeys)
	}
	return profiles, nil
}

func loaded() error { return nil }

// define reads one profile, without the keys that something is wrong with; nil where that
// is its name, or what it extends.
func (r *reading) define(name string, v any) *definition {
	if !profileName.matches(name) {
		r.fault(name, "", hint.Errorf("a name is lower-case letters, digits, - and _", "%s is not a profile's name", bounded.Shown(fmt.Sprintf("%q", name))))
		return nil
	}
	p := reader{r, r.src.Layer, r.src.File, name}
	if _, ok := v.(map[string]any); !ok {
		r.fault(name, "profile."+name, wanted("a table", v))
		return nil
	}
	tree := p.read(profileShape, "", v)
	d := &definition{name: name, layer: r.src.Layer, bundle: r.src.Bundle, file: r.src.File, load: loaded, tree: tree, arch: map[string]*node{}}
	d.line = func(key string) int { return r.line(name, key) }
	if e := tree.table["extends"]; e != nil && e.removed {
		p.fail("extends", errors.New("every profile extends one, in the end base"))
	} else if e != nil {
		d.extends = e.value.(string)
	}
	p.waivers("", tree)
	p.gateway("", tree)
	for _, a := range tree.at("arch").keys() {
		d.arch[a] = tree.at("arch", a)
		p.waivers("arch."+a, d.arch[a])
		p.gateway("arch."+a, d.arch[a])
	}
	delete(tree.table, "arch")
	if slices.ContainsFunc(r.faults, func(f *Fault) bool { return f.Profile == name && f.Key == "extends" }) {
		return nil
	}
	return d
}
