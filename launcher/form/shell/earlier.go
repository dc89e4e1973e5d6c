package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
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

// maxEarlier is how many kinds of them are told apart: each is told with every run
// that follows.
const maxEarlier = 100

// note lists e, and keeps the first of its kind for the later runs.
func (sc *harvest) note(e earlier) {
	if len(sc.earlier) >= maxEarlier {
		e.why, e.row, e.engine = "more of what the engine obeys is set earlier in the script than is told here", nil, ""
	}
	had := slices.IndexFunc(sc.earlier, func(o earlier) bool { return o.why == e.why && keyOf(o.row) == keyOf(e.row) })
	switch {
	case had < 0:
		sc.earlier = append(sc.earlier, e)
	case e.offset < sc.earlier[had].offset:
		sc.earlier[had] = e
	}
}

func keyOf(row container.Row) string {
	if row == nil {
		return ""
	}
	return row.Key()
}

// sets notes a variable that is set, or exported, for what follows.
func (sc *script) sets(pos syntax.Pos, v command.Value, exported bool) {
	name, _, _ := v.Cut('=')
	known := command.Reach(v, exported || sc.names.facts.exports || sc.names.facts.exported[name.Text])
	if known == nil {
		return
	}
	if known.Redirects() {
		sc.hides(pos, name.Text+" is set here, and the engine reads it")
	}
	e := earlier{offset: sc.names.origin(int(pos.Offset())), why: name.Text + " is set earlier in the script"}
	rows := known.Rows()
	if rows == nil {
		sc.note(e)
	}
	for _, row := range rows {
		e.row = row
		sc.note(e)
	}
}

func (sc *script) assigns(as []*syntax.Assign, exported bool) {
	for _, a := range as {
		switch {
		case a.Name != nil:
			sc.sets(a.Pos(), sc.words.written(a), exported)
		case a.Value != nil: // export "NAME=value"
			w := sc.words.word(a.Value)
			sc.sets(a.Pos(), w.Whole(), exported)
		}
	}
}

// written is NAME=VALUE as it stands, with nothing put in.
func (wd words) written(a *syntax.Assign) command.Value {
	b := builder{names: wd.names, whole: true}
	b.text.WriteString(a.Name.Value)
	if !a.Naked {
		b.text.WriteString("=")
	}
	if a.Value != nil {
		b.parts(a.Value.Parts, false)
	}
	if a.Array != nil || a.Index != nil || a.Append {
		b.span(a, a.Name.Value)
	}
	return (&command.Word{Text: b.text.String(), Spans: b.spans}).Whole()
}

// callSets notes what a simple command does to those that follow it.
func (sc *script) callSets(x *syntax.CallExpr) {
	if len(x.Args) == 0 {
		sc.assigns(x.Assigns, false)
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
		w := sc.words.word(a)
		name, _, is := strings.Cut(w.Text, "=")
		switch {
		case by != "alias":
			sc.sets(a.Pos(), w.Whole(), true)
		case is && command.IsEngine(name):
			sc.hides(x.Pos(), name+" is an alias here, and what it stands for is not followed")
			sc.note(earlier{offset: sc.names.origin(int(x.Pos().Offset())), why: name + " is an alias here", engine: name})
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
			o.At = command.PathOf(e.row)
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
	return len(said) > 0 && said[0].Value != command.DefaultRemote
}
