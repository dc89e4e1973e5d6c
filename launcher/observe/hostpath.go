package observe

import (
	"path"
	"slices"
	"strings"
)

// hostMounts are the mounts the observing process sees.
type hostMounts []entry

// paths lists the host's names of a directory of a file system, those below the
// deepest mount first. A name hidden by a later mount is left out.
func (h hostMounts) paths(dev, root string) []string {
	var found []entry
	for _, m := range h {
		if m.dev == dev && below(m.root, root) {
			found = append(found, m)
		}
	}
	slices.SortStableFunc(found, func(a, b entry) int { return len(b.root) - len(a.root) })
	var out []string
	for _, m := range found {
		p := path.Join(m.target, strings.TrimPrefix(root, strings.TrimSuffix(m.root, "/")))
		if c, ok := h.covering(p); ok && c.target == m.target && c.dev == m.dev {
			out = append(out, p)
		}
	}
	return out
}

// covering is the mount on which p lies.
func (h hostMounts) covering(p string) (entry, bool) {
	best, ok := entry{}, false
	for _, m := range h {
		if below(m.target, p) && len(m.target) >= len(best.target) {
			best, ok = m, true
		}
	}
	return best, ok
}

// known tells whether the host has the file system.
func (h hostMounts) known(dev string) bool {
	return slices.ContainsFunc(h, func(m entry) bool { return m.dev == dev })
}

// below tells whether p is dir or lies in it.
func below(dir, p string) bool {
	return dir == p || strings.HasPrefix(p, strings.TrimSuffix(dir, "/")+"/")
}
