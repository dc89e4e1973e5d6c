package export

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// FromFile is a run that was read from a file, to be written in another form.
type FromFile struct {
	Reading *form.Reading
	Judged  *container.Spec // what the controls see of it
	// Beside is what stands in the file, belongs to no run, and is not read.
	Beside []form.Open
	Dir    string // absolute, of the file: relative paths lie below it
}

// Run is the source as the writers see it, for a form and a target of it. Its spec says to
// the engine of the form what the source says to its own: where the two have other defaults,
// that of the source is stated. What is not known, and what no form has, is in Lost.
func (s FromFile) Run(f Form, target string) form.Run {
	target, _ = f.target(target, s.Judged)
	r := form.Run{Name: s.name(), Judged: s.Judged, Attached: s.attached()}
	fit := &fitting{source: s, form: f, target: target, spec: container.Clone(s.Reading.Spec), run: &r}
	fit.open()
	fit.aside()
	fit.toEngine()
	fit.plain()
	fit.foreign()
	r.Spec, r.Kind = fit.spec, kindOf(fit)
	if names, _, _ := container.Network.Get(r.Spec); len(names) > 0 && slices.Contains(s.Reading.Networks, names[0]) {
		r.Networks = []form.Network{{Name: names[0]}}
	}
	return r
}

// attached tells whether whoever calls a line waits for its end.
func (s FromFile) attached() bool {
	detached, _, _ := container.Detach.Get(s.Reading.Spec)
	return s.line() && !detached
}

// line tells a podman or docker line from all else.
func (s FromFile) line() bool {
	return !s.Reading.Unit && s.Reading.Form == "" && s.Reading.Engine != effective.Kubernetes
}

// name is what the file calls the run, as a DNS label.
func (s FromFile) name() string {
	name, _, _ := container.Name.Get(s.Reading.Spec)
	switch _, number, several := strings.Cut(path.Base(s.Reading.Subject), "#"); {
	case s.Reading.Name != "":
		name = s.Reading.Name
	case name == "" || s.Reading.Unit:
		name = strings.TrimSuffix(path.Base(s.Reading.File), path.Ext(s.Reading.File))
		if several && !s.Reading.Unit {
			name += "-" + number
		}
	}
	name = strings.Trim(notLabel().ReplaceAllString(strings.ToLower(name), "-"), "-")
	if len(name) > maxLabel {
		name = strings.TrimRight(name[:maxLabel], "-")
	}
	if name == "" {
		return "run"
	}
	return name
}

// A DNS label (RFC 1123).
const maxLabel = 63

var notLabel = lazyregexp.New(`[^a-z0-9]+`)

// place is where a word of the source stands: "run.sh:3".
func (s FromFile) place(word int) string {
	file, line := s.Reading.File, 0
	if word >= 0 && word < len(s.Reading.Words) {
		w := s.Reading.Words[word]
		line = w.Line
		if w.File != "" {
			file = w.File
		}
	}
	switch {
	case file == "":
		return ""
	case line == 0:
		return called(file)
	}
	return fmt.Sprintf("%s:%d", called(file), line)
}

// called is a file in a place, as one word of --allow-loss, whose commas part it.
func called(file string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == ',' {
			return '-'
		}
		return r
	}, path.Base(file))
}

// besides is the place of what belongs to no run: its reason begins with its line.
func (s FromFile) besides(o form.Open) (place, why string) {
	if m := lineFirst().FindStringSubmatch(o.Why); m != nil {
		return called(s.Reading.File) + ":" + m[1], m[2]
	}
	return called(s.Reading.File), o.Why
}

var lineFirst = lazyregexp.New(`(?s)^line ([0-9]+): (.*)$`)

// Notes are what the file says beside the run, and no form is given.
func (s FromFile) Notes() []string {
	var out []string
	for _, o := range s.Reading.Aside {
		if o.At.Key == "" {
			out = append(out, "not written, "+s.place(o.Word)+": "+o.Why)
		}
	}
	switch {
	case s.Reading.Unit:
		out = append(out, "of [Unit], [Service] and [Install] nothing is written but the restart and the limits")
	case s.line() && s.Reading.File != "":
		out = append(out, "only the run at "+s.place(firstPlaced(s.Reading))+" is written, and nothing of what else the file does")
	}
	if left := s.left(); len(left) > 0 {
		out = append(out, "a node of the cluster decides, and the file says nothing of: "+strings.Join(left, ", "))
	}
	return out
}

func firstPlaced(r *form.Reading) int {
	return slices.IndexFunc(r.Words, func(w form.Word) bool { return w.Line > 0 })
}

// left are the settings of a manifest that its engine leaves to the node.
func (s FromFile) left() []string {
	var out []string
	if s.Reading.Engine != effective.Kubernetes {
		return nil
	}
	for _, row := range container.Rows {
		if _, known := s.Judged.Mark(row); !known && !row.Derived() && len(row.Settings(s.Judged)) == 0 && !slices.Contains(unsaid, row.Key()) {
			out = append(out, row.Key())
		}
	}
	return out
}

// unsaid are rows that stand for nothing where they are not stated.
var unsaid = []string{
	container.Image.Key(), container.Name.Key(), container.Entrypoint.Key(), container.Args.Key(), container.Workdir.Key(), container.User.Key(),
}

// FormOf is the name of the form that a run was read from.
func FormOf(r *form.Reading) string {
	switch {
	case r.Unit:
		return quadletUnit.Name
	case r.Engine == effective.Kubernetes:
		return kubernetes.Name
	case r.Form != "":
		return r.Form
	}
	return r.Engine
}
