// Package quadlet reads the units of Podman's generator, podman-systemd.unit(5),
// into the container spec, and writes them back mended.
//
// A unit is read as the generator reads it: drop-ins are merged in, linked units
// are followed, and its keys become the words of a podman-run line. Those words go
// through the reader of command lines, so that PodmanArgs= is judged by the table
// of options that judges everything else; what it says is led back to the lines of
// the unit. The tests hold it against the ExecStart= of the generator itself.
//
// Nothing is filled in: a value with a systemd specifier or variable is open.
package quadlet

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/engine"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Options is what a unit alone does not say.
type Options struct {
	// Dirs are further directories of units, the nearer first: a drop-in or a
	// linked unit may lie in any.
	Dirs []string
	// Version is that of the Podman that reads the unit, "5.4.2"; "" is the newest.
	Version string
	// Rootful tells that the units are of the system and not of a user. Where it is
	// false the directory tells, as far as it can.
	Rootful bool
}

// Read reads the .container or .pod unit at a path of fsys with its drop-ins and the units
// it links. fsys is rooted at "/", so that paths in the unit mean what they mean to
// Podman. An error means that there is no unit to read; whatever else is wrong or
// not known is listed in the reading.
func Read(fsys fs.FS, name string, o Options) (*form.Reading, error) {
	v, err := readVersion(o.Version)
	if err != nil {
		return nil, err
	}
	name = clean(name)
	if ext := path.Ext(name); ext != ".container" && ext != ".pod" {
		return nil, hint.Errorf("a unit is a file called NAME.container or NAME.pod", "reading %s: it is no unit of a container", shown("/"+name))
	}
	t := newTree(fsys, append([]string{path.Dir(name)}, o.Dirs...))
	text, err := t.open(name)
	if err != nil {
		return nil, err
	}
	return newReader(t, v, o, name).read(text)
}

// reader reads one unit.
type reader struct {
	tree   *tree
	v      version
	by     manager
	u      *unit
	out    *form.Reading
	opens  int
	near   int              // how many unknown keys were compared with the known
	linked map[string]*unit // by name; nil where it is not here
	nets   []network
	binds  map[string]volumeUnit // what the linked volumes mount, by the volume's name
}

func newReader(t *tree, v version, o Options, name string) *reader {
	return &reader{
		tree: t, v: v, by: managerOf(name, o.Rootful), linked: map[string]*unit{}, binds: map[string]volumeUnit{},
		out: &form.Reading{Subject: path.Base(name), File: "/" + name, Engine: "podman", Unit: true},
	}
}

func (r *reader) read(text string) (*form.Reading, error) {
	file := strings.TrimPrefix(r.out.File, "/")
	r.out.Lines = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	r.u = r.unit(file)
	r.add(r.u, file, text)
	r.dropins(r.u)
	if path.Ext(file) == ".pod" {
		if err := readPod(r); err != nil {
			return nil, fmt.Errorf("reading %s: %w", shown(r.out.File), err)
		}
		return r.out, nil
	}
	checkKeys(r, r.u, "Container")
	checkReload(r)
	m := newMaker(r)
	m.line()
	if err := r.through(m); err != nil {
		return nil, fmt.Errorf("reading %s: %w", shown(r.out.File), err)
	}
	if pod, _ := r.u.last("Container", "Pod"); pod.value != "" {
		joinPod(r, pod)
	}
	r.links()
	readService(r)
	readStreams(r, r.out)
	asRootless(r)
	return r.out, nil
}

func (r *reader) unit(file string) *unit {
	u := &unit{file: file, name: path.Base(file), quotes: onePair}
	switch {
	case !r.v.since(5, 0):
		u.quotes = kept
	case r.v.Before(engine.Version{Major: 5, Minor: 8, Patch: 2}): // it stopped eating quotes that belong to a shell in the value
		u.quotes = everyOne
	}
	return u
}

// maxOpen bounds what is listed of one unit.
const maxOpen = 1000

// open lists what is not known; why comes after the line's own key.
func (r *reader) open(o form.Open) {
	if r.opens++; r.opens <= maxOpen {
		r.out.Open = append(r.out.Open, o)
	}
}

// wrong lists a line that Podman would refuse or ignore.
func (r *reader) wrong(word int, format string, args ...any) {
	r.open(form.Open{Word: word, Why: fmt.Sprintf(format, args...), Unknown: true})
}

// add reads a file's lines into a unit and into the words of the reading.
func (r *reader) add(u *unit, file, text string) {
	lines, faults := parse(text, r.v)
	for i, before := 0, r.tree.within[file].before; i < max(len(lines), len(faults)) && before > 0; i++ {
		if i < len(lines) {
			lines[i].at += before
		}
		if i < len(faults) {
			faults[i].at += before
		}
	}
	name := "/" + file
	if name == r.out.File {
		name = ""
	}
	for i, l := range lines {
		lines[i].word = r.say(form.Word{Text: l.key + "=" + l.value, Line: l.at, Col: l.col, Raw: l.raw, File: name})
	}
	for _, f := range faults {
		word := r.say(form.Word{Text: strings.TrimSpace(f.raw), Line: f.at, Col: 1, Raw: f.raw, File: name})
		why := f.why
		switch {
		case !f.fatal || strings.HasSuffix(path.Dir(file), ".d"):
		case r.v.since(5, 0):
			why += "; Podman then reads no unit of this directory at all"
		default:
			why += "; Podman refuses the unit"
		}
		r.wrong(word, "%s:%d: %s", shown(path.Base(file)), f.at, why)
	}
	u.add(lines)
}

func (r *reader) say(w form.Word) int {
	r.out.Words = append(r.out.Words, w)
	return len(r.out.Words) - 1
}
