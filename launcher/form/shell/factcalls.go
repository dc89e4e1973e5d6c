package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// call gathers what a simple command does to names.
func (f *facts) call(wd words, x *syntax.CallExpr, s *syntax.Stmt, c context) {
	for i, w := range x.Args[1:] {
		if text := wd.literalOf(w); text != "" && !command.IsEngine(command.LastOf(wd.literalOf(x.Args[i]))) { // behind an engine stands its verb
			f.handed[text] = true
		}
	}
	if c.fn == nil && command.IsEngine(wd.literalOf(x.Args[0])) {
		return
	}
	words := make([]command.Word, len(x.Args))
	for i, w := range x.Args {
		words[i] = wd.word(w)
	}
	for len(words) > 1 && len(words[0].Spans) == 0 && oneWordOf("command builtin exec", words[0].Text) {
		words = words[1:]
	}
	first := words[0]
	if len(first.Spans) > 0 {
		f.catches = f.catches || c.captured
		return
	}
	f.called[first.Text] = true
	f.captured[first.Text] = f.captured[first.Text] || c.captured
	unknown := &binding{at: c.at, fn: c.fn}
	switch first.Text {
	case "exec":
		f.catches = f.catches || writes(s)
	case "set":
		f.set(x, words, c)
	case "shift", "getopts":
		f.bind("@", unknown)
		f.operands(words, unknown)
	case "read", "mapfile", "readarray", "let", "unset", "wait":
		f.operands(words, unknown)
		f.bind("REPLY", unknown)
		f.bind("MAPFILE", unknown)
	case "printf":
		if len(words) > 1 && strings.HasPrefix(words[1].Text, "-v") {
			f.operands(words, unknown)
		}
	case "export", "declare", "typeset", "readonly", "local": // behind builtin, command or a backslash
		f.operands(words, unknown)
	case "curl", "wget":
		f.fetches(words)
	case "alias":
		f.alias(x)
	case "eval", "trap":
		f.unsure = f.unsure || slices.ContainsFunc(words[1:], sets)
	}
}

// sets tells whether a text that is run here may set a variable.
func sets(w command.Word) bool {
	return slices.ContainsFunc(strings.Fields("= read printf mapfile set shift let getopts"), func(by string) bool { return strings.Contains(w.Text, by) })
}

// operands binds the names among the arguments of a command to what nobody knows.
func (f *facts) operands(words []command.Word, b *binding) {
	for _, w := range words[1:] {
		if len(w.Spans) > 0 {
			f.unsure = true
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(w.Text, "-v"), "=")
		if name, _, _ = strings.Cut(name, "["); command.Assignment(name + "=") {
			f.bind(name, b)
		}
	}
}

// set reads set -- WORD…, which gives the text its arguments.
func (f *facts) set(x *syntax.CallExpr, words []command.Word, c context) {
	for i, w := range words[1:] {
		switch {
		case w.Text == "--" && len(w.Spans) == 0:
			args := x.Args[len(x.Args)-len(words)+i+2:]
			f.bind("@", &binding{at: c.at, fn: c.fn, offset: int(x.Pos().Offset()), words: args, list: true, sure: true})
			return
		case len(w.Spans) > 0 || !strings.HasPrefix(w.Text, "-") && !strings.HasPrefix(w.Text, "+"):
			if i == 0 || !oneWordOf("errexit pipefail nounset xtrace posix noglob noclobber verbose allexport", w.Text) {
				f.bind("@", &binding{at: c.at, fn: c.fn, words: x.Args[1:], list: true})
				return
			}
			f.exports = f.exports || w.Text == "allexport"
		case strings.HasPrefix(w.Text, "-"):
			f.exports = f.exports || strings.Contains(w.Text, "a")
		}
	}
}

func (f *facts) alias(x *syntax.CallExpr) {
	for _, a := range x.Args[1:] {
		if name, value, ok := splitAlias(a); ok {
			f.aliases[name] = append(f.aliases[name], value)
		}
	}
}

// splitAlias takes NAME=VALUE apart.
func splitAlias(w *syntax.Word) (name string, value *syntax.Word, ok bool) {
	lit, is := w.Parts[0].(*syntax.Lit)
	if !is {
		return "", nil, false
	}
	name, rest, found := strings.Cut(lit.Value, "=")
	if !found || name == "" {
		return "", nil, false
	}
	out := &syntax.Word{}
	if rest != "" {
		from := lit.ValueEnd
		if n := len(lit.Value) - len(rest); int(lit.ValueEnd.Offset()-lit.ValuePos.Offset()) == len(lit.Value) {
			from = syntax.NewPos(lit.ValuePos.Offset()+uint(n), lit.ValuePos.Line(), lit.ValuePos.Col()+uint(n))
		}
		out.Parts = append(out.Parts, &syntax.Lit{ValuePos: from, ValueEnd: lit.ValueEnd, Value: rest})
	}
	out.Parts = append(out.Parts, w.Parts[1:]...)
	return name, out, len(out.Parts) > 0
}

// fetches notes the file that curl or wget writes.
func (f *facts) fetches(words []command.Word) {
	file, last := "", ""
	for i, w := range words[1:] {
		output, value, is := strings.Cut(w.Text, "=")
		switch {
		case is && oneWordOf("--output --output-document", output):
			file = value
		case oneWordOf("--output --output-document", w.Text), letters(w.Text) && strings.ContainsAny(w.Text[len(w.Text)-1:], "oO") && len(w.Spans) == 0:
			if i+2 < len(words) {
				file = words[i+2].Text
			}
		case !strings.HasPrefix(w.Text, "-"):
			last = w.Text
		}
	}
	for _, name := range []string{file, command.LastOf(last)} { // without a name it is that of the address
		if name != "" && name != "-" {
			f.made[name], f.made["./"+name] = true, true
		}
	}
}
