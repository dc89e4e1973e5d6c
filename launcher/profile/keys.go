package profile

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Key is one key of a profile, as its manual tells of it.
type Key struct {
	Name    string // below [profile.NAME]: "container.tmpfs.NAME.size", where NAME is whatever is named
	Takes   string // what may be written
	Default string // what base has, as TOML; "" nothing
	Example string // a line of TOML
	About   string // what it is for; "" where the option of podman-run of that name tells
}

// Keys lists every key that the shapes of a profile let through, what it takes as the
// shapes say it, and what the base profile has for it.
func Keys() ([]Key, error) {
	sources, _, err := Sources(Dirs{}) // the built-in ones
	if err != nil {
		return nil, err
	}
	base := map[string]any{}
	for _, s := range sources {
		if s.alone == "base" {
			if err := toml.Unmarshal(s.Data, &base); err != nil {
				return nil, fmt.Errorf("reading the base profile: %w", err)
			}
		}
	}
	profiles, _ := base["profile"].(map[string]any)
	out := append(keysOf(profileShape, ""), keysOf(&shape{fields: waiverFields}, "waiver")...)
	for i := range out {
		k := &out[i]
		if strings.HasPrefix(k.Name, "container.") { // the others are about base itself
			k.Default = written(at(profiles["base"], k.Name))
		}
		k.About = abouts[k.Name]
		k.Example = exampleOf(k)
	}
	return out, nil
}

// Says is what the key is for, what it takes, and its default.
func (k Key) Says() string {
	out := k.About
	if option, of := strings.CutPrefix(k.Name, "container."); of && out == "" {
		option, _, _ = strings.Cut(option, ".")
		out = "--" + strings.ReplaceAll(option, "_", "-") + " of podman-run(1)"
	}
	out += "; " + k.Takes
	if k.Default != "" {
		out += "; default " + k.Default
	}
	return out
}

// keysOf lists the leaves below s. A table of elements has NAME for their names.
func keysOf(s *shape, at string) []Key {
	if s == waiverShape || s == archShape { // see [waiverFields]; the same keys again
		return nil
	}
	if s.leaf != nil {
		return []Key{{Name: at, Takes: s.takes}}
	}
	if s.elem != nil {
		return keysOf(s.elem, join(at, "NAME"))
	}
	var out []Key
	for _, k := range slices.Sorted(maps.Keys(s.fields)) {
		out = append(out, keysOf(s.fields[k], join(at, k))...)
	}
	return out
}

// at is what stands at a key of decoded TOML, nil for nothing.
func at(v any, key string) any {
	for part := range strings.SplitSeq(key, ".") {
		table, _ := v.(map[string]any)
		v = table[part]
	}
	return v
}

// written is a value as TOML has it; "" is none.
func written(v any) string {
	var b bytes.Buffer
	if v == nil || toml.NewEncoder(&b).Encode(map[string]any{"x": v}) != nil {
		return ""
	}
	return strings.TrimSpace(strings.TrimPrefix(b.String(), "x = "))
}

// exampleOf is a line of TOML that sets the key.
func exampleOf(k *Key) string {
	name, value := k.Name, examples[k.Name]
	switch {
	case value == "" && k.Default != "":
		value = k.Default
	case value == "" && k.Takes == "true or false":
		value = "true"
	}
	if elem, v, named := strings.Cut(value, " = "); named {
		name, value = strings.Replace(name, "NAME", elem, 1), v
	}
	if field, waives := strings.CutPrefix(name, "waiver."); waives {
		name = field
	}
	return name + " = " + value
}
