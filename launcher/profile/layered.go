package profile

import (
	"maps"
	"slices"
	"strings"
)

// layered are the definitions of profiles by name, the farthest first; those of a bundle
// have their exact names as well.
type layered map[string][]*definition

// put adds d as the nearest of its name. A bundle's base is that bundle's own.
func (l layered) put(d *definition) {
	exact := d.exact()
	if exact != "" {
		l[exact] = append(l[exact], d)
	}
	if exact == "" || d.name != root {
		l[d.name] = append(l[d.name], d)
	}
}

// names are the short ones, sorted.
func (l layered) names() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(l)), func(name string) bool { return strings.Contains(name, "/") })
}

// nearest is the definition of a known name that counts.
func (l layered) nearest(name string) *definition { return l[name][len(l[name])-1] }

// seen lists the definitions of name that d may extend, the farthest first.
func (l layered) seen(d *definition, name string) []*definition {
	var out []*definition
	for _, e := range l[name] {
		if d.sees(e) && (d.bundle == nil || e.bundle == nil) {
			out = append(out, e)
		}
	}
	if d.bundle != nil {
		out = append(out, l[d.bundle.Name+"/"+name]...)
	}
	if i := slices.Index(out, d); i >= 0 {
		return out[:i]
	}
	return out
}

// hidden is the definition of d's name that d stands before; nil: there is none.
func (l layered) hidden(d *definition) *definition {
	if far := l.seen(d, d.name); len(far) > 0 {
		return far[len(far)-1]
	}
	return nil
}
