package profile

import "slices"

// layered are the definitions of profiles by name, the farthest first.
type layered map[string][]*definition

func (l layered) put(d *definition) { l[d.name] = append(l[d.name], d) }

// nearest is the definition of a known name that counts.
func (l layered) nearest(name string) *definition { return l[name][len(l[name])-1] }

// seen lists the definitions of name that d may extend, the farthest first.
func (l layered) seen(d *definition, name string) []*definition {
	if name == d.name {
		return l[name][:slices.Index(l[name], d)]
	}
	return l[name]
}
