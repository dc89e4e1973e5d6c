package quadlet

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// Set are directories of units that belong together, as one that Podman searches and those
// below it: what a unit links, and its drop-ins, may lie in any of them. Several goroutines
// may ask it.
type Set struct {
	mu   sync.Mutex
	tree *tree
	v    version
	o    Options

	extended map[string]bool // names of the directories of drop-ins; nil: not known yet
}

// NewSet takes the directories of a set in the order in which Podman searches them. fsys is
// rooted at "/", as that of [Read].
func NewSet(fsys fs.FS, dirs []string, o Options) (*Set, error) {
	v, err := readVersion(o.Version)
	if err != nil {
		return nil, err
	}
	return &Set{tree: newTree(fsys, append(slices.Clip(dirs), o.Dirs...)), v: v, o: o}, nil
}

// Unit reads a unit of the set: the container or pod that it describes, the runs of its own
// command lines, and each unit of a file of several. The second result is of no run. An
// error means that there is no unit to read; of one that is masked there is nothing.
func (s *Set) Unit(file string) ([]*form.Reading, []form.Open, error) {
	return s.unit(file, s.tree.read)
}

// Named is [Set.Unit] of a file that somebody named: it may be a link to wherever.
func (s *Set) Named(file string) ([]*form.Reading, []form.Open, error) {
	return s.unit(file, s.tree.open)
}

func (s *Set) unit(file string, by func(string) (string, error)) ([]*form.Reading, []form.Open, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	file, s.tree.bytes = clean(file), 0
	text, err := by(file)
	switch {
	case errors.Is(err, errMasked):
		return nil, nil, nil
	case err != nil:
		return nil, nil, err
	case HoldsUnits(file):
		return s.several(file, text)
	}
	return s.read(s.tree, file, text)
}

// read reads the text of one unit among those of a tree.
func (s *Set) read(t *tree, file, text string) (out []*form.Reading, open []form.Open, err error) {
	ext := path.Ext(file)
	if ext == ".container" || ext == ".pod" {
		r, err := newReader(t, s.v, s.o, file).read(text)
		if err != nil {
			return nil, nil, err
		}
		if same := t.holding(path.Base(file)); len(same) > 1 && same[0] != path.Dir(file) {
			r.Notes = append(r.Notes, fmt.Sprintf("of units of one name Podman takes the first below a directory that it searches: there it would be %s", shown("/"+path.Join(same[0], path.Base(file)))))
		}
		out = append(out, r)
	}
	if why := Unread(file); why != "" {
		open = append(open, form.Open{Word: -1, Why: why})
	}
	runs, more := readCommands(newReader(t, s.v, s.o, file), text)
	return append(out, runs...), append(open, more...), nil
}

// IsDropin tells a drop-in of a unit of the set, which is read with that.
func (s *Set) IsDropin(file string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	file = clean(file)
	if s.extended == nil {
		s.tree.holding("")
		s.extended = map[string]bool{}
		for name := range s.tree.index {
			if isUnit := unitKinds[path.Ext(name)] != "" || slices.Contains(others, path.Ext(name)); isUnit {
				for _, dir := range dropinNames(&unit{name: name}, true) {
					s.extended[dir] = true
				}
			}
		}
	}
	dir := path.Dir(file)
	return path.Ext(file) == ".conf" && s.extended[path.Base(dir)] && s.tree.has(path.Dir(dir))
}

// unread are the kinds of unit that start containers by a form that is not read.
var unread = map[string]string{".build": "what a build runs is not read"}

// IsUnit tells a unit of Podman's generator, or a service, by its name.
func IsUnit(name string) bool { return IsGenerated(name) || path.Ext(name) == ".service" }

// IsGenerated tells a unit of Podman's generator, or a file of several, by its name.
func IsGenerated(name string) bool { return unitKinds[path.Ext(name)] != "" || HoldsUnits(name) }

// HoldsUnits tells a file of several units by its name.
func HoldsUnits(name string) bool { return path.Ext(name) == quadlets }

// others are the kinds of unit of systemd that have command lines, or none.
var others = strings.Fields(".service .socket .timer .mount .automount .swap .path .target .slice")

// RunsCommands tells a file whose command lines [Commands] reads, by its name: a unit of
// whatever kind, or a drop-in of one.
func RunsCommands(name string) bool {
	unit := unitOf(name)
	return unitKinds[path.Ext(unit)] != "" || slices.Contains(others, path.Ext(unit)) || HoldsUnits(name)
}

// unitOf is the name of the unit that a file is, or is a drop-in of.
func unitOf(name string) string {
	if dir := path.Base(path.Dir(name)); path.Ext(name) == ".conf" && path.Ext(dir) == ".d" {
		return strings.TrimSuffix(dir, ".d")
	}
	return name
}

// Beside is the path of the Quadlet unit that a file is a drop-in of, where the two lie as
// in a directory of units; "" where it is none.
func Beside(name string) string {
	unit := unitOf(name)
	if unit == name || unitKinds[path.Ext(unit)] == "" {
		return ""
	}
	return path.Join(path.Dir(path.Dir(name)), unit)
}

// Unread tells why a unit of that name, which starts containers, is not read; "" is
// that it may be, or starts none.
func Unread(name string) string {
	if unit := unitOf(name); unit != name && unitKinds[path.Ext(unit)] != "" {
		return "it is a drop-in, and judged with its unit, " + shown(unit)
	}
	return unread[path.Ext(name)]
}
