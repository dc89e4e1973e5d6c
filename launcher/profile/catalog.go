package profile

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// root is the profile that every other one ends in.
const root = "base"

// Catalog is all profiles that are visible here.
type Catalog struct {
	defs   layered
	names  []string // sorted
	faulty faultyFiles
	merged merged
}

// Load reads files, the farthest layer first, into a catalog. It checks every
// key of every file, that names are redefined only by extending them, and that
// nothing extends in a circle. The error, a *FileError, names the file. The built-in
// files, which the tests check, are read when they are used.
func Load(files []Source) (*Catalog, error) {
	c := Assemble(files)
	if len(c.faulty) > 0 {
		return nil, c.faulty[0]
	}
	return c, nil
}

// Assemble is Load for somebody who uses what is sound: a file that is not spoils its
// own profiles, of which each is an error that says why, and no other; [Catalog.Faulty]
// lists these files.
func Assemble(files []Source) *Catalog { return assemble(opened(files, everything), "") }

// assemble is Assemble, but of the file called whole what could be read is put, for
// somebody who wants to know all that is wrong with it.
func assemble(files []filed, whole string) *Catalog {
	c := &Catalog{defs: layered{}}
	for _, f := range files {
		if f.left {
			c.defs.leave(f.Source)
			continue
		}
		defs, bad := f.defs, f.Bundle.undeclared(f.defs)
		if bad != nil || errors.As(f.err, &bad) {
			if whole == "" || f.File != whole {
				defs = nil
			}
			c.spoil(f.Source, bad, defs)
		}
		for _, d := range defs {
			c.add(d)
		}
	}
	c.names = c.defs.names()
	for _, name := range slices.Sorted(maps.Keys(c.defs)) {
		for _, d := range c.defs[name] {
			var fault *Fault
			if _, err := c.chained(d); d.spoilt == nil && cmp.Or(d.exact(), d.name) == name && errors.As(err, &fault) {
				c.faulty.blame(d, fault)
			}
		}
	}
	return c
}

// chained is chain, but of a built-in file that was not read yet nothing.
func (c *Catalog) chained(d *definition) ([]*definition, error) {
	if d.tree == nil {
		return nil, nil
	}
	return c.chain(d)
}

// Faulty lists the files that cannot be used as they stand, in their order, and what of
// them that is.
func (c *Catalog) Faulty() []*FileError { return slices.Clone(c.faulty) }

// add puts a definition that was read. One of a known name that does not extend it cannot
// be used.
func (c *Catalog) add(d *definition) {
	if last := c.defs.hidden(d); last != nil && path.Base(d.extends) != d.name {
		if last.spoilt == nil || !last.spoilt.maybe {
			d.spoilt = c.faulty.blame(d, &Fault{File: d.file, Line: d.line(""), Err: hint.Errorf(
				fmt.Sprintf("write extends = %q to change it, or take another name", d.name),
				"profile %s is already defined in %s, and this one does not extend it", d.name, last.file)})
			err := d.spoilt.naming(d.name)
			d.load = func() error { return err }
		}
	}
	c.defs.put(d)
}

// Known tells whether every one of names is a profile that can be used: nil, or why the
// first is not, an *UnknownError or the file that spoils it.
func (c *Catalog) Known(names ...string) error {
	for _, name := range names {
		if len(c.defs[name]) == 0 {
			return c.unknown(name)
		}
		if err := ambiguous(name, c.defs[name]); err != nil {
			return err
		}
		if d := c.defs.nearest(name); d.spoilt != nil {
			return d.load()
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
		return name == root || len(layers) > 0 && !slices.Contains(layers, c.defs.nearest(name).layer)
	})
}

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
// under another the nearest one, of those that it sees.
func (c *Catalog) extended(d *definition) (*definition, error) {
	name := d.extends
	if name == "" {
		name = root
	}
	if defs := c.defs.seen(d, name); len(defs) > 0 {
		if err := ambiguous(name, defs); err != nil && d.bundle == nil {
			return nil, d.fault("extends", err)
		}
		return defs[len(defs)-1], nil
	}
	if name == d.name {
		return nil, d.fault("", hint.Errorf("leave extends away, or extend another profile",
			"profile %s extends itself, and no farther file defines it", d.name))
	}
	return nil, d.fault("extends", c.unknown(name))
}

// fault is what is wrong with a key of a definition, or, for "", with all of it.
func (d *definition) fault(key string, err error) *Fault {
	f := &Fault{File: d.file, Line: d.line(cmp.Or(key, "extends")), Key: key, Err: err}
	if key != "" {
		f.Profile = d.name
	}
	return f
}

func circle(chain []*definition) error {
	var steps []string
	for _, d := range chain {
		steps = append(steps, d.name+" ("+d.file+")")
	}
	d := chain[0]
	if last := len(chain) - 1; !slices.Contains(chain[:last], chain[last]) {
		return d.fault("", fmt.Errorf("profile %s extends more than %d others", d.name, maxChain))
	}
	return d.fault("", fmt.Errorf("profile %s extends itself in a circle: %s", d.name, strings.Join(steps, " -> ")))
}

// UnknownError is a name that no profile has.
type UnknownError struct{ Name string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("no profile %s", bounded.Shown(fmt.Sprintf("%q", e.Name)))
}

// unknown is the error of a name that no file defines; one that cannot be parsed may.
func (c *Catalog) unknown(name string) error {
	if err := c.faulty.naming(name); err != nil {
		return err
	}
	err := &UnknownError{name}
	if near := nearest(name, c.names); near != "" {
		return hint.Wrap(err, "did you mean "+near+"?")
	}
	return hint.Wrap(err, "zlaunch list")
}
