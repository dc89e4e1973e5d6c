package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// root is the profile that every other one ends in.
const root = "base"

// Catalog is all profiles that are visible here.
type Catalog struct {
	defs  map[string][]*definition // by name, the farthest first
	names []string                 // sorted
}

// Load reads files, the farthest layer first, into a catalog. It checks every
// key of every file, that names are redefined only by extending them, and that
// nothing extends in a circle. The error names the file. The built-in files, which
// the tests check, are read when they are used.
func Load(files []Source) (*Catalog, error) {
	c := &Catalog{defs: map[string][]*definition{}}
	for _, src := range files {
		defs, err := definitions(src)
		if err != nil {
			return nil, err
		}
		for _, d := range defs {
			if err := c.add(d); err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(c.names)
	for _, name := range c.names {
		for _, d := range c.defs[name] {
			if d.tree == nil { // built in and not read yet
				continue
			}
			if _, err := c.chain(d); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

func (c *Catalog) add(d *definition) error {
	far := c.defs[d.name]
	if len(far) == 0 {
		c.names = append(c.names, d.name)
	} else if d.extends != d.name {
		return hint.Errorf(fmt.Sprintf("write extends = %q to change it, or take another name", d.name),
			"reading %s: profile %s is already defined in %s, and this one does not extend it", d.file, d.name, far[len(far)-1].file)
	}
	c.defs[d.name] = append(far, d)
	return nil
}

// Known tells whether every one of names is a profile: nil, or the *UnknownError
// of the first that is not.
func (c *Catalog) Known(names ...string) error {
	for _, name := range names {
		if len(c.defs[name]) == 0 {
			return c.unknown(name)
		}
	}
	return nil
}

// Names lists the names of all profiles, sorted.
func (c *Catalog) Names() []string { return slices.Clone(c.names) }

// Runnable lists the names of all profiles but base, which only others extend. With
// layers, only of those whose nearest definition is in one of them.
func (c *Catalog) Runnable(layers ...container.Layer) []string {
	return slices.DeleteFunc(c.Names(), func(name string) bool {
		return name == root || len(layers) > 0 && !slices.Contains(layers, c.nearest(name).layer)
	})
}

// nearest is the definition of a known name that counts.
func (c *Catalog) nearest(name string) *definition { return c.defs[name][len(c.defs[name])-1] }

// chain lists d and what it extends, the nearest first, root last.
func (c *Catalog) chain(d *definition) ([]*definition, error) {
	out := []*definition{d}
	for {
		if err := d.load(); err != nil {
			return nil, err
		}
		if d.name == root && d.extends == "" {
			return out, nil
		}
		next, err := c.extended(d)
		if err != nil {
			return nil, err
		}
		if slices.Contains(out, next) || len(out) == maxChain {
			return nil, circle(append(out, next))
		}
		out = append(out, next)
		d = next
	}
}

// extended finds what d extends: under its own name the next farther definition,
// under another the nearest one. What a project defines is seen by its own
// profiles only, so that a project's base changes nobody else's hardening.
func (c *Catalog) extended(d *definition) (*definition, error) {
	name := d.extends
	if name == "" {
		name = root
	}
	for _, e := range slices.Backward(c.seen(d, name)) {
		if e.layer != container.LayerProject || d.layer == container.LayerProject {
			return e, nil
		}
	}
	if name == d.name {
		return nil, hint.Errorf("leave extends away, or extend another profile",
			"reading %s: profile %s extends itself, and no farther file defines it", d.file, d.name)
	}
	err := c.unknown(name)
	return nil, hint.Wrap(fmt.Errorf("reading %s: profile %s: extends: %w", d.file, d.name, err), hint.Of(err))
}

// seen lists the definitions of name that d may extend, the farthest first.
func (c *Catalog) seen(d *definition, name string) []*definition {
	defs := c.defs[name]
	if name == d.name {
		return defs[:slices.Index(defs, d)]
	}
	return defs
}

func circle(chain []*definition) error {
	var steps []string
	for _, d := range chain {
		steps = append(steps, d.name+" ("+d.file+")")
	}
	if last := len(chain) - 1; !slices.Contains(chain[:last], chain[last]) {
		return fmt.Errorf("reading %s: profile %s extends more than %d others", chain[0].file, chain[0].name, maxChain)
	}
	return fmt.Errorf("reading %s: profile %s extends itself in a circle: %s", chain[0].file, chain[0].name, strings.Join(steps, " -> "))
}

// UnknownError is a name that no profile has.
type UnknownError struct{ Name string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("no profile %s", shown(fmt.Sprintf("%q", e.Name)))
}

func (c *Catalog) unknown(name string) error {
	err := &UnknownError{name}
	if near := nearest(name, c.names); near != "" {
		return hint.Wrap(err, "did you mean "+near+"?")
	}
	return hint.Wrap(err, "zlaunch list")
}
