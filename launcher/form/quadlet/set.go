package quadlet

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// Limits of one directory of units, with those below it.
const (
	maxUnits = 2000
	maxDepth = 16
	maxDirs  = 1000
)

// Dir reads every .container and .pod unit of a directory and of those below it, as
// Podman does, and every .service that runs a container, in the order of their paths; drop-ins and linked units may lie in any of
// them. What cannot be read is listed with its place: the second result is of the
// directory, and what one reading holds is of its unit. An error means that the
// directory itself cannot be read.
func Dir(fsys fs.FS, dir string, o Options) ([]*form.Reading, []form.Open, error) {
	v, err := readVersion(o.Version)
	if err != nil {
		return nil, nil, err
	}
	w := &walk{tree: newTree(fsys, nil), v: v, o: o, taken: map[string]string{}}
	dir = clean(dir)
	if info, err := fs.Stat(fsys, dir); err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", shown("/"+dir), cause(err))
	} else if !info.IsDir() {
		return nil, nil, fmt.Errorf("reading %s: it is no directory", shown("/"+dir))
	}
	w.dirs(dir, 0)
	w.tree.dirs = append(w.tree.dirs, newTree(fsys, o.Dirs).dirs...)
	if _, err := w.tree.list(dir); err != nil {
		return nil, nil, err
	}
	for _, d := range slices.Clone(w.below) {
		w.units(d)
	}
	return w.out, w.open, nil
}

// walk reads a directory and those below it.
type walk struct {
	tree  *tree
	v     version
	o     Options
	below []string          // the directory and those below it
	taken map[string]string // units by name: a second of a name does not count
	out   []*form.Reading
	open  []form.Open
}

func (w *walk) note(format string, args ...any) {
	if len(w.open) < maxOpen {
		w.open = append(w.open, form.Open{Word: -1, Why: fmt.Sprintf(format, args...)})
	}
}

// dirs lists the directories below one, each before those in it. A symlink to a
// directory is not followed, though Podman does.
func (w *walk) dirs(dir string, depth int) {
	if len(w.below) == maxDirs || depth > maxDepth {
		w.note("%s is not read: there are too many directories, or too deep", shown("/"+dir))
		return
	}
	w.below = append(w.below, dir)
	w.tree.dirs = append(w.tree.dirs, dir)
	entries, err := w.tree.list(dir)
	if err != nil {
		w.note("%s", err)
		return
	}
	for _, n := range sortedNames(entries) {
		file := path.Join(dir, n)
		switch mode := entries[n]; {
		case mode.IsDir() && !strings.HasSuffix(n, ".d"):
			w.dirs(file, depth+1)
		case mode&fs.ModeSymlink != 0 && path.Ext(n) == "":
			if info, err := fs.Stat(w.tree.fsys, file); err != nil || info.IsDir() {
				w.note("%s is a symlink, and units below it are not read", shown("/"+file))
			}
		}
	}
}

func sortedNames(entries map[string]fs.FileMode) []string {
	out := make([]string, 0, len(entries))
	for n := range entries {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// units reads the units of one directory.
func (w *walk) units(dir string) {
	entries, err := w.tree.list(dir)
	if err != nil {
		return // it is noted already
	}
	for _, n := range sortedNames(entries) {
		file := path.Join(dir, n)
		switch ext := path.Ext(n); {
		case entries[n].IsDir():
		case n == ext:
		case ext != ".container" && ext != ".pod":
			if unread[ext] != "" {
				w.note("%s: %s", shown("/"+file), unread[ext])
			}
			if RunsCommands(file) {
				w.service(file)
			}
		case w.taken[n] != "":
			w.note("%s does not count: %s has its name and comes first", shown("/"+file), shown("/"+w.taken[n]))
		case len(w.out) == maxUnits:
			w.note("%s is not read: there are more than %d units", shown("/"+file), maxUnits)
			return
		default:
			w.taken[n] = file
			w.unit(file)
		}
	}
}

func (w *walk) unit(file string) {
	text, err := w.tree.read(file)
	if err != nil {
		w.note("%s", err)
		return
	}
	r, err := newReader(w.tree, w.v, w.o, file).read(text)
	if err != nil {
		w.note("%s", err)
		return
	}
	w.out = append(w.out, r)
	w.commands(file, text)
}

func (w *walk) service(file string) {
	text, err := w.tree.read(file)
	switch {
	case errors.Is(err, errMasked):
	case err != nil:
		w.note("%s", err)
	default:
		w.commands(file, text)
	}
}

// commands reads what a unit starts by its own command lines.
func (w *walk) commands(file, text string) {
	runs, open := readCommands(newReader(w.tree, w.v, w.o, file), text)
	w.out = append(w.out, runs...)
	for _, o := range open {
		w.note("%s: %s", shown("/"+file), o.Why)
	}
}

// unread are the kinds of unit that start containers by a form that is not read.
var unread = map[string]string{
	".kube": "it plays the Kubernetes YAML that Yaml= names, which is not read yet", ".build": "what a build runs is not read",
}

// IsUnit tells a unit of Podman's generator, or a service, by its name.
func IsUnit(name string) bool { return unitKinds[path.Ext(name)] != "" || path.Ext(name) == ".service" }

// others are the kinds of unit of systemd that have command lines, or none.
var others = strings.Fields(".service .socket .timer .mount .automount .swap .path .target .slice")

// RunsCommands tells a file whose command lines [Commands] reads, by its name: a unit of
// whatever kind, or a drop-in of one.
func RunsCommands(name string) bool {
	unit := unitOf(name)
	return unitKinds[path.Ext(unit)] != "" || slices.Contains(others, path.Ext(unit))
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
