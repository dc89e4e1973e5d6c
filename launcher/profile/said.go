package profile

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Said is one of zlaunch's own words in a profile, and who decided it.
type Said struct {
	Key     string // "kind", "ports.http"; of a waiver "waiver.ZL-503 tmpfs /tmp"
	Value   any    // a bool, an int64, a string or a []string; of a waiver its reason
	Origins []container.Origin
}

// Said lists all that the profile says outside of its container tables, sorted by key.
// Reasons stand with what they are given for.
func (p *Profile) Said() []Said {
	var out []Said
	for _, k := range slices.Sorted(maps.Keys(p.tree.table)) {
		if k != "container" && k != "why" && k != "extends" {
			out = append(out, said(p.tree.at(k), k)...)
		}
	}
	return out
}

// said lists the leaves of n. What was removed is not said.
func said(n *node, key string) (out []Said) {
	if n == nil {
		return nil
	}
	for _, k := range n.keys() {
		out = append(out, said(n.at(k), key+"."+k)...)
	}
	value := n.value
	switch v := n.value.(type) {
	case time.Duration:
		value = v.String()
	case audit.Waiver:
		value = v.Reason
	}
	if value != nil {
		out = append(out, Said{key, value, n.origins})
	}
	return out
}

// BundleOf is the bundle that decided a value, of those that the profile comes from; nil:
// none did.
func (p *Profile) BundleOf(by container.Origin) *Bundle {
	for _, b := range p.Bundles {
		if by.Layer == container.LayerBundle && (strings.HasPrefix(by.File, b.Name+"/") || by.File == lockFile && by.Key == b.Name+".image") {
			return b
		}
	}
	return nil
}
