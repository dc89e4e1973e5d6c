package profile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/BurntSushi/toml"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// Source is one file of profiles. File is its name as errors and plans show it.
type Source struct {
	Layer container.Layer
	File  string
	Data  []byte

	alone string // the one profile of a built-in file, which is read when it is used; "" for all other files
}

// schema is the version of the format this package reads.
const schema = 1

// definition is one [profile.NAME] table of one file. What stands below load is there
// once that was called.
type definition struct {
	name  string
	layer container.Layer
	file  string
	load  func() error

	extends string           // "" where the file does not say
	tree    *node            // without arch
	arch    map[string]*node // overlays
}

// on is the definition as it is on arch, overlay included; "" is no architecture.
func (d *definition) on(arch string) *node {
	return merge(d.tree, d.arch[arch])
}

// definitions are those of one file, sorted by name: read and checked, or, of a built-in
// file, to be read when they are used.
func definitions(src Source) ([]*definition, error) {
	if src.alone == "" {
		return decode(src)
	}
	d := &definition{name: src.alone, layer: src.Layer, file: src.File}
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

// decode reads the definitions of one file, sorted by name.
func decode(src Source) ([]*definition, error) {
	if err := printable(src.File); err != nil || src.File == "" {
		return nil, fmt.Errorf("reading profiles: the file name %s: %w", shown(src.File), err)
	}
	top, err := parse(src)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", src.File, err)
	}
	profiles, err := header(top)
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("reading %s: %w", src.File, err), hint.Of(err))
	}
	var out []*definition
	for _, name := range slices.Sorted(maps.Keys(profiles)) {
		d, err := define(src, name, profiles[name])
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

func parse(src Source) (map[string]any, error) {
	if err := bounded.TOML(src.Data); err != nil {
		return nil, err
	}
	var top map[string]any
	if _, err := toml.Decode(string(src.Data), &top); err != nil {
		return nil, errors.New(shown(err.Error()))
	}
	return top, nil
}

// header checks the top of a file and returns its profiles.
func header(top map[string]any) (map[string]any, error) {
	for _, k := range slices.Sorted(maps.Keys(top)) {
		if k != "schema" && k != "profile" {
			return nil, fmt.Errorf("%s: %w", shown(k), unknown(k, []string{"profile", "schema"}))
		}
	}
	switch version, ok := top["schema"].(int64); {
	case !ok:
		return nil, hint.Errorf("begin the file with: schema = 1", "schema: there is none")
	case version != schema:
		return nil, hint.Errorf("zlaunch version", "schema: %d is not %d, the one this zlaunch reads", version, schema)
	}
	if top["profile"] == nil {
		return nil, nil
	}
	profiles, ok := top["profile"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("profile: %w", wanted("tables, [profile.NAME]", top["profile"]))
	}
	if len(profiles) > maxKeys {
		return nil, fmt.Errorf("more than %d profiles", maxKeys)
	}
	return profiles, nil
}

func loaded() error { return nil }

func define(src Source, name string, v any) (*definition, error) {
	if !profileName.matches(name) {
		return nil, hint.Errorf("a name is lower-case letters, digits, - and _", "reading %s: %s is not a profile's name", src.File, shown(fmt.Sprintf("%q", name)))
	}
	r := reader{src.Layer, src.File, name}
	if _, ok := v.(map[string]any); !ok {
		return nil, r.fail("profile."+name, wanted("a table", v))
	}
	tree, err := r.read(profileShape, "", v)
	if err != nil {
		return nil, err
	}
	d := &definition{name: name, layer: src.Layer, file: src.File, load: loaded, tree: tree, arch: map[string]*node{}}
	if e := tree.table["extends"]; e != nil {
		if e.removed {
			return nil, r.fail("extends", errors.New("every profile extends one, in the end base"))
		}
		d.extends = e.value.(string)
	}
	if err := r.waivers("", tree); err != nil {
		return nil, err
	}
	for _, a := range tree.at("arch").keys() {
		d.arch[a] = tree.at("arch", a)
		if err := r.waivers("arch."+a, d.arch[a]); err != nil {
			return nil, err
		}
	}
	delete(tree.table, "arch")
	return d, nil
}
