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

// told are the variables that tell an engine what no line shows.
func told(name string) container.Row {
	switch name {
	case "CONTAINERS_CONF", "CONTAINERS_CONF_OVERRIDE":
		return container.Modules
	case "CONTAINER_HOST", "CONTAINER_CONNECTION", "DOCKER_HOST", "DOCKER_CONTEXT":
		return container.Remote
	case "PODMAN_USERNS":
		return container.Userns
	}
	return nil
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
	if row := told(name); row != nil {
		sc.hides(pos, name+" is set here, and the engine reads it")
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
			if e.row.Key() != container.Modules.Key() && stands(e.row, r.Spec) {
				continue // an option of the line decides
			}
			o.At = at(e.row)
		}
		r.Open = append(r.Open, o)
	}
}

func stands(row container.Row, s *container.Spec) bool {
	said := row.Settings(s)
	return len(said) > 0 && said[0].Value != byDefault
}
