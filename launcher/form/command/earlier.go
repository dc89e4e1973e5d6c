package command

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// earlier is something in a script that changes what its later runs mean.
type earlier struct {
	offset int
	why    string
	row    container.Row // nil: all of them
	engine string        // whose runs; "" is both, for docker may be podman
}

// told is whether a variable that is set earlier reaches the runs that follow, and
// which row of them; nil is all of them.
func told(name string) (row container.Row, reaches bool) {
	v := variableOf(podman, name)
	if v.harmless != "" || v.row == nil && v.use == "" {
		if d := variableOf(docker, name); d.harmless == "" {
			v = d
		}
	}
	switch {
	case v.harmless != "":
		return nil, false
	case v.row != nil:
		return v.row, true
	case v.use != "":
		return container.HostFiles, true
	}
	return nil, true
}

// note lists e, and keeps the first of its kind for the later runs.
func (sc *harvest) note(e earlier) {
	had := slices.IndexFunc(sc.earlier, func(o earlier) bool { return o.why == e.why })
	switch {
	case had < 0:
		sc.earlier = append(sc.earlier, e)
	case e.offset < sc.earlier[had].offset:
		sc.earlier[had] = e
	}
}

// sets notes a variable that is set, or exported, for what follows.
func (sc *script) sets(pos syntax.Pos, name string) {
	if row, ok := told(name); ok {
		if row != nil && row.Key() != container.HostFiles.Key() { // it redirects every command of the engine, read or not
			sc.hides(pos, name+" is set here, and the engine reads it")
		}
		sc.note(earlier{offset: sc.origin(int(pos.Offset())), why: name + " is set earlier in the script", row: row})
	}
}

func (sc *script) assigns(as []*syntax.Assign) {
	for _, a := range as {
		switch {
		case a.Name != nil:
			sc.sets(a.Pos(), a.Name.Value)
		case a.Value != nil: // export "NAME=value"
			w := sc.word(a.Value)
			name, _, _ := strings.Cut(w.text, "=")
			sc.sets(a.Pos(), name)
		}
	}
}

// callSets notes what a simple command does to those that follow it.
func (sc *script) callSets(x *syntax.CallExpr) {
	if len(x.Args) == 0 {
		sc.assigns(x.Assigns)
		return
	}
	args := x.Args
	for len(args) > 1 && (args[0].Lit() == "builtin" || args[0].Lit() == "command") {
		args = args[1:]
	}
	by := strings.TrimPrefix(args[0].Lit(), `\`)
	if !slices.Contains([]string{"export", "declare", "typeset", "readonly", "alias"}, by) {
		return
	}
	for _, a := range args[1:] {
		name, _, is := strings.Cut(sc.word(a).text, "=")
		switch {
		case by != "alias":
			sc.sets(a.Pos(), name)
		case is && isEngine(name):
			sc.hides(x.Pos(), name+" is an alias here, and what it stands for is not followed")
			sc.note(earlier{offset: sc.origin(int(x.Pos().Offset())), why: name + " is an alias here", engine: name})
		}
	}
}

// after adds to a reading what the script did before its command.
func (sc *harvest) after(r *form.Reading, offset int) {
	for _, e := range sc.earlier {
		if e.offset > offset || e.engine != "" && e.engine != r.Engine {
			continue
		}
		o := form.Open{Word: -1, Why: e.why}
		if e.row != nil {
			if instead(e.row) && stands(e.row, r.Spec) {
				continue // an option of the line decides
			}
			o.At = at(e.row)
		}
		r.Open = append(r.Open, o)
	}
}

// instead tells that an option of the line takes the place of what a variable says.
func instead(row container.Row) bool {
	return row.Key() == container.Remote.Key() || row.Key() == container.Userns.Key()
}

func stands(row container.Row, s *container.Spec) bool {
	said := row.Settings(s)
	return len(said) > 0 && said[0].Value != byDefault
}
