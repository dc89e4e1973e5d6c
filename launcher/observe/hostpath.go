package observe

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/mountinfo"
)

// hostMounts are the mounts the observing process sees.
type hostMounts []mountinfo.Mount

// paths lists the host's names of a directory of a file system, those below the
// deepest mount first. A name hidden by a later mount is left out.
func (h hostMounts) paths(dev, root string) []string {
	var found []mountinfo.Mount
	for _, m := range h {
		if m.Dev == dev && below(m.Root, root) {
			found = append(found, m)
		}
	}
	slices.SortStableFunc(found, func(a, b mountinfo.Mount) int { return len(b.Root) - len(a.Root) })
	var out []string
	for _, m := range found {
		p := path.Join(m.Target, strings.TrimPrefix(root, strings.TrimSuffix(m.Root, "/")))
		if c, ok := h.covering(p); ok && c.Target == m.Target && c.Dev == m.Dev {
			out = append(out, p)
		}
	}
	return out
}

// covering is the mount on which p lies.
func (h hostMounts) covering(p string) (mountinfo.Mount, bool) {
	best, ok := mountinfo.Mount{}, false
	for _, m := range h {
		if below(m.Target, p) && len(m.Target) >= len(best.Target) {
			best, ok = m, true
		}
	}
	return best, ok
}

// known tells whether the host has the file system.
func (h hostMounts) known(dev string) bool {
	return slices.ContainsFunc(h, func(m mountinfo.Mount) bool { return m.Dev == dev })
}

// below tells whether p is dir or lies in it.
func below(dir, p string) bool {
	return dir == p || strings.HasPrefix(p, strings.TrimSuffix(dir, "/")+"/")
}
