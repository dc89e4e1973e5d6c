package profile

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Summary is one line of a list of profiles.
type Summary struct {
	Name       string
	About      string
	Kind       string
	Owner      string
	Deprecated string          // what to use instead; "" it is not
	Layer      container.Layer // of the nearest definition
	File       string
	Archs      []string // with an image, sorted
	Available  bool     // has an image for the architecture asked about
	Bundle     *Bundle  // that it is of; nil: none
	Waivers    []audit.Waiver
	Err        error // why it cannot be resolved; nil
}

// All summarises every profile for arch, sorted by name, but base, which cannot
// run. A profile that cannot be resolved is listed with its error.
func (c *Catalog) All(arch string) []Summary {
	var out []Summary
	for _, name := range c.Runnable() {
		s, err := summary(c, name, arch)
		if err != nil {
			near := c.defs.nearest(name)
			s = Summary{Name: name, Layer: near.layer, File: near.file, Bundle: near.bundle, Err: err}
		}
		out = append(out, s)
	}
	return out
}

func summary(c *Catalog, name, arch string) (Summary, error) {
	if d := c.defs.nearest(name); d.outline != nil {
		if err := c.Known(name); err != nil {
			return Summary{}, err
		}
		return fromOutline(c, d, arch)
	}
	p, err := c.ResolveBare(name, arch)
	if err != nil {
		return Summary{}, err
	}
	return Summary{
		Name: name, About: p.About, Kind: p.Kind, Owner: p.Owner, Deprecated: p.Deprecated, Layer: p.Layer, File: p.File,
		Bundle: p.Bundle, Archs: p.Archs, Available: slices.Contains(p.Archs, arch), Waivers: p.Waivers,
	}, nil
}
