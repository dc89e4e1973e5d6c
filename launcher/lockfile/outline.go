package lockfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// kinds are those of profiles. Treat it as a constant.
var kinds = []string{"job", "notebook", "server", "shell"}

// base is the profile of a bundle that is nobody else's, and none of those that others see.
const base = "base"

// maxFile bounds the name of a file in bytes, as file systems do.
const maxFile = 255

// Outlined tells whether the lock has an outline of each profile of the bundle, and of no
// others but its base.
func (b *Bundle) Outlined() bool {
	more := 0
	for _, o := range b.Outlines {
		if !slices.Contains(b.Profiles, o.Name) {
			more++
			if o.Name != base {
				return false
			}
		}
	}
	return len(b.Outlines) > 0 && len(b.Outlines)-more == len(b.Profiles)
}

// checkOutlines judges what may be shown. Whether it is what the bundle says, the bundle tells.
func (b *Bundle) checkOutlines(add faulty) {
	if len(b.Outlines) > maxProfiles+1 {
		add("outline", fmt.Errorf("more than %d outlines", maxProfiles+1)) // one of the bundle's base
		return
	}
	seen := map[string]bool{}
	for i, o := range b.Outlines {
		at := fmt.Sprintf("outline[%d].", i)
		if seen[o.Name] || !bounded.Name(o.Name) {
			add(at+"name", wrong("outline.name", o.Name, "a name of a profile, once"))
		}
		seen[o.Name] = true
		o.check(func(key string, err error) { add(at+key, err) })
	}
}

func (o *Outline) check(add faulty) {
	if !strings.HasSuffix(o.File, ".toml") || strings.Contains(o.File, "/") || len(o.File) > maxFile || !plain(o.File) {
		add("file", wrong("outline.file", o.File, "the name of a file of profiles"))
	}
	if bundle, name, exact := strings.Cut(o.Extends, "/"); o.Extends != "" && (!bounded.Name(bundle) || exact && !bounded.Name(name)) {
		add("extends", wrong("outline.extends", o.Extends, "the name of a profile"))
	}
	if o.Kind != "" && !slices.Contains(kinds, o.Kind) {
		add("kind", wrong("outline.kind", o.Kind, "one of "+strings.Join(kinds, ", ")))
	}
	for _, said := range [][2]string{{"about", o.About}, {"owner", o.Owner}, {"deprecated", o.Deprecated}} {
		if err := bounded.Printable(said[1]); err != nil {
			add(said[0], fmt.Errorf("outline.%s: the text %w", said[0], err))
		}
	}
	for i, arch := range o.Archs {
		if !slices.Contains(archs, arch) || slices.Contains(o.Archs[:i], arch) {
			add("archs", wrong("outline.archs", arch, "one of "+strings.Join(archs, ", ")+", once"))
		}
	}
}
