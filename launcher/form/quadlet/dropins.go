package quadlet

import (
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// maxDropins bounds the drop-ins of one unit.
const maxDropins = 1000

// dropins merges the drop-ins of a unit into it: by the names of the files, of
// which the most specific directory has the first say.
func (r *reader) dropins(u *unit) {
	byName := map[string]string{}
	for _, dir := range dropinDirs(r, u) {
		names, err := r.tree.names(dir, ".conf")
		if err != nil {
			r.open(form.Open{Word: -1, Why: err.Error()})
		}
		if len(names) > 0 && !r.v.since(5, 0) {
			r.wrong(-1, "Podman reads drop-ins since 5.0, %s does not count", shown(path.Base(dir)))
			continue
		}
		for _, n := range names {
			if _, masked := byName[n]; !masked {
				byName[n] = path.Join(dir, n)
			}
		}
	}
	names := make([]string, 0, len(byName))
	for n := range byName {
		names = append(names, n)
	}
	slices.Sort(names)
	if len(names) > maxDropins {
		r.wrong(-1, "%s has more than %d drop-ins, those after %s are not read", shown(u.name), maxDropins, shown(names[maxDropins-1]))
		names = names[:maxDropins]
	}
	for _, n := range names {
		readDropin(r, u, byName[n])
	}
}

func readDropin(r *reader, u *unit, file string) {
	text, err := r.tree.read(file)
	switch {
	case errors.Is(err, errMasked):
	case err != nil:
		r.open(form.Open{Word: -1, Why: "what the drop-in says is not known: " + err.Error()})
	default:
		r.add(u, file, text)
	}
}

// dropinDirs lists where drop-ins of a unit may lie, the most specific first.
// Before 5.6 all directories of the first tree came before those of the next. A unit that
// is the second of its name has those of its own directory alone.
func dropinDirs(r *reader, u *unit) []string {
	own := path.Dir(u.file)
	alike := r.tree.holding(u.name)
	second := len(alike) > 1 && alike[0] != own
	var dirs, out []string
	for _, n := range dropinNames(u, r.v.since(5, 2)) {
		for _, d := range r.tree.holding(n) {
			if !second || d == own {
				dirs = append(dirs, path.Join(d, n))
			}
		}
	}
	if !r.v.since(5, 6) {
		slices.SortStableFunc(dirs, func(a, b string) int { return r.tree.ranks[path.Dir(a)] - r.tree.ranks[path.Dir(b)] })
	}
	for _, d := range dirs {
		at, _, err := r.tree.resolve(d)
		if err != nil {
			r.open(form.Open{Word: -1, Why: "what the drop-ins in " + shown(path.Base(d)) + " say is not known: " + err.Error()})
			continue
		}
		out = append(out, at)
	}
	for _, err := range r.tree.hidden {
		r.open(form.Open{Word: -1, Why: "whether there are drop-ins for it is not known: " + err.Error()})
	}
	return out
}

// dropinNames are the directories of a unit's drop-ins, the most specific first:
// of web-1@a.container they are web-1@a.container.d, web-1@.container.d,
// web-@.container.d, web-.container.d and container.d. wide adds those that are
// shared by several units.
func dropinNames(u *unit, wide bool) []string {
	ext := path.Ext(u.name) + ".d"
	out := []string{u.name + ".d"}
	prefix, instance, template := u.template()
	if instance != "" {
		out = append(out, prefix+"@"+ext)
	}
	if !wide {
		return out
	}
	for i := strings.LastIndexByte(prefix, '-'); i >= 0; i = strings.LastIndexByte(prefix[:i], '-') {
		if template {
			out = append(out, prefix[:i+1]+"@"+ext)
		}
		out = append(out, prefix[:i+1]+ext)
	}
	return append(out, ext[1:])
}
