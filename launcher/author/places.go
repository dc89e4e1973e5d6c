package author

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/docker/go-units"
)

// Bounds on what of a trial is looked at and told: a hostile workload writes as much as
// it likes.
const (
	MaxChanges = 20_000 // changes of the root that are read
	maxPlaces  = 16     // directories that are told of
	maxTops    = 8      // of one directory, by name
)

// Change is a path of a container's root that differs from its image's.
type Change struct {
	Path  string
	Added bool // and not merely modified
}

// A Place is a directory of the image that a workload wrote to, outside of every mount.
type Place struct {
	Dir     string
	Tops    []string // what is new in it: the uppermost paths, at most some
	Dirs    []string // those of Tops that are directories
	Files   int      // new and modified paths in all
	Changed bool     // files of the image itself were modified

	// What only the engine knows, for the caller to fill in.
	Bytes   int64  // that the new files hold
	Content bool   // the image has files there, which a tmpfs would cover
	Owner   string // UID:GID of the user in whose home it lies; "" nobody's
}

// made are the files that the engine itself writes into every container's root.
var made = []string{"/dev", "/etc/group", "/etc/hostname", "/etc/hosts", "/etc/mtab", "/etc/passwd", "/etc/resolv.conf", "/proc", "/run/.containerenv", "/run/secrets", "/sys"}

// PlacesOf finds where a workload wrote: for each new path the nearest directory that the
// image has. What lies in a mount, or leads to one, the engine made. At most some places
// come of it, sorted; odd counts the paths that are no clean absolute ones, or do not
// print, and more the places beyond.
func PlacesOf(changes []Change, mounts []string) (places []*Place, odd, more int) {
	added := map[string]bool{}
	parents := map[string]bool{} // of something that changed
	for _, c := range changes {
		if c.Added {
			added[c.Path] = true
		}
		parents[path.Dir(c.Path)] = true
	}
	at := map[string]*Place{}
	for _, c := range changes {
		if !c.Added && parents[c.Path] || engines(c.Path, mounts) {
			continue // a directory in which something changed is told of by that
		}
		if !path.IsAbs(c.Path) || path.Clean(c.Path) != c.Path || !prints(c.Path) {
			odd++
			continue
		}
		top := c.Path
		for c.Added && added[path.Dir(top)] && path.Dir(top) != "/" { // a lying engine may say that the root is new
			top = path.Dir(top)
		}
		p := at[path.Dir(top)]
		if p == nil {
			p = &Place{Dir: path.Dir(top)}
			at[p.Dir] = p
			places = append(places, p)
		}
		p.add(top, parents[top], c)
	}
	slices.SortFunc(places, func(a, b *Place) int { return strings.Compare(a.Dir, b.Dir) })
	if more = len(places) - maxPlaces; more > 0 {
		places = places[:maxPlaces]
	}
	return places, odd, max(more, 0)
}

// New are the paths that hold all that is new here: what is new by name, or the whole
// directory where that is too much.
func (p *Place) New() []string {
	if len(p.Tops) == maxTops && p.Dir != "/" {
		return []string{p.Dir}
	}
	return p.Tops
}

// Held says how much was written there.
func (p *Place) Held() string {
	if p.Files == 1 {
		return "1 file, " + Bytes(p.Bytes)
	}
	return fmt.Sprintf("%d files, %s", p.Files, Bytes(p.Bytes))
}

// Bytes is a size for a person, exact where it is small.
func Bytes(n int64) string {
	if n < 10<<10 {
		return fmt.Sprintf("%d bytes", n)
	}
	return units.BytesSize(float64(n))
}

func (p *Place) add(top string, dir bool, c Change) {
	p.Files++
	p.Changed = p.Changed || !c.Added
	if slices.Contains(p.Tops, top) || len(p.Tops) == maxTops || !c.Added {
		return
	}
	p.Tops = append(p.Tops, top)
	slices.Sort(p.Tops)
	if dir {
		p.Dirs = append(p.Dirs, top)
		slices.Sort(p.Dirs)
	}
}

// engines tells whether a path is the engine's doing: its own files, mounts, and the
// directories that lead to them.
func engines(name string, mounts []string) bool {
	below := func(dir string) bool { return within(name, dir) }
	leads := func(dir string) bool { return within(dir, name) }
	return slices.ContainsFunc(made, below) || slices.ContainsFunc(mounts, below) || slices.ContainsFunc(append(slices.Clip(mounts), made...), leads)
}

// mount is where a tmpfs would give a workload what it wrote here: the directory itself,
// or the one new directory in it; why not tells that nothing is to be mounted.
func (p *Place) mount() (at []string, whyNot string) {
	switch {
	case p.Changed:
		return nil, "it modifies files of the image"
	case len(p.Tops) == 1 && len(p.Dirs) == 1 && mountable(p.Dirs[0]):
		return p.Dirs, ""
	case mountable(p.Dir) && !p.Content:
		return []string{p.Dir}, ""
	case len(p.Dirs) == len(p.Tops) && len(p.Tops) < maxTops && len(p.Dirs) > 0 && !slices.ContainsFunc(p.Dirs, func(d string) bool { return !mountable(d) }):
		return p.Dirs, ""
	case mountable(p.Dir):
		return nil, "a tmpfs there would cover files of the image"
	}
	return nil, "no tmpfs can be there"
}
