package command

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// binding is one place that gives a variable its value.
type binding struct {
	at     place
	fn     *syntax.FuncDecl // of "@": whose arguments
	offset int
	words  []*syntax.Word // the value, or the elements of a list; nil where it is not known
	list   bool
	more   bool // +=
	sure   bool // it is what the words say

	value []word // what the words come to, once it was asked for
	frame *frame // in which call
	ready bool
}

// facts are what a text says about its own names.
type facts struct {
	vars     map[string][]*binding
	args     map[*syntax.FuncDecl][]*binding // set, shift and getopts, by the function whose arguments they change
	funcs    map[string][]*syntax.FuncDecl
	aliases  map[string][]*syntax.Word
	called   map[string]bool // functions that are called by name
	handed   map[string]bool // words that stand as an argument somewhere, and may be a function that is handed on
	captured map[string]bool // commands whose output is caught somewhere
	made     map[string]bool // files that a command writes of which it is not read what it prints
	catches  bool            // the output of a command that is not known is caught, or all output from some place on
	splits   bool            // IFS is set: into which words a value falls apart is not known
	unsure   bool            // names may be set where nobody sees it
	exports  bool            // set -a
	exported map[string]bool
	wraps    map[*syntax.FuncDecl]bool // functions that use their arguments
}

// factsOf goes through a text once and gathers what it says about names.
func factsOf(sc *script, tree *syntax.File) *facts {
	f := &facts{vars: map[string][]*binding{}, args: map[*syntax.FuncDecl][]*binding{}, funcs: map[string][]*syntax.FuncDecl{},
		aliases: map[string][]*syntax.Word{}, called: map[string]bool{},
		handed: map[string]bool{}, captured: map[string]bool{}, exported: map[string]bool{}, made: map[string]bool{}, wraps: map[*syntax.FuncDecl]bool{}}
	t := &tour{lists: sc.lists, sinks: sc.sink}
	t.onWord = func(*syntax.Word, role, context) {}
	t.onPipe = func(_, _ *syntax.Stmt, _ context) {}
	t.onStmt = func(s *syntax.Stmt, _ context) { f.makes(sc, s) }
	t.onFunc = func(d *syntax.FuncDecl, _ context) bool {
		f.funcs[d.Name.Value] = append(f.funcs[d.Name.Value], d)
		return true
	}
	t.onLoop = func(name string, words []*syntax.Word, c context) {
		f.bind(name, &binding{at: c.at, fn: c.fn, words: words, list: true})
	}
	t.onPart = func(p *syntax.ParamExp, c context) {
		if p.Param == nil {
			return
		}
		if c.fn != nil && positional(p.Param.Value) {
			f.wraps[c.fn] = true
		}
		if p.Exp != nil && (p.Exp.Op == syntax.AssignUnset || p.Exp.Op == syntax.AssignUnsetOrNull) {
			f.bind(p.Param.Value, &binding{at: c.at, fn: c.fn, words: []*syntax.Word{p.Exp.Word}})
		}
	}
	t.onCall = func(x *syntax.CallExpr, s *syntax.Stmt, c context) {
		for _, a := range x.Assigns {
			f.assign(a, c, len(x.Args) == 0)
		}
		for _, w := range x.Args {
			t.word(w, written, c)
		}
		if len(x.Args) > 0 {
			f.call(sc, x, s, c)
		}
	}
	t.onDecl = func(d *syntax.DeclClause, _ *syntax.Stmt, c context) { f.declare(sc, d, c) }
	t.stmts(tree.Stmts, context{})
	return f
}

// makes notes the files that a statement writes, but those of which the text stands in
// the script.
func (f *facts) makes(sc *script, s *syntax.Stmt) {
	if x, is := s.Cmd.(*syntax.CallExpr); is && len(x.Args) > 0 && oneWordOf("cat tee echo printf", x.Args[0].Lit()) {
		return
	}
	for _, r := range s.Redirs {
		switch r.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrAll, syntax.AppAll, syntax.ClbOut:
			if w := sc.word(r.Word); len(w.spans) == 0 && !strings.HasPrefix(w.text, "/dev/") {
				f.made[w.text], f.made["./"+w.text] = true, true
			}
		}
	}
}

// fetches notes the file that curl or wget writes.
func (f *facts) fetches(words []word) {
	file, last := "", ""
	for i, w := range words[1:] {
		output, value, is := strings.Cut(w.text, "=")
		switch {
		case is && oneWordOf("--output --output-document", output):
			file = value
		case oneWordOf("--output --output-document", w.text), letters(w.text) && strings.ContainsAny(w.text[len(w.text)-1:], "oO") && len(w.spans) == 0:
			if i+2 < len(words) {
				file = words[i+2].text
			}
		case !strings.HasPrefix(w.text, "-"):
			last = w.text
		}
	}
	for _, name := range []string{file, lastOf(last)} { // without a name it is that of the address
		if name != "" && name != "-" {
			f.made[name], f.made["./"+name] = true, true
		}
	}
}

func positional(name string) bool {
	return name == "@" || name == "*" || name != "" && strings.Trim(name, "0123456789") == "" && name != "0"
}

func (f *facts) bind(name string, b *binding) {
	if name == "@" {
		f.args[b.fn] = append(f.args[b.fn], b)
		return
	}
	if name == "IFS" {
		f.splits = true
	}
	f.vars[name] = append(f.vars[name], b)
}

func (f *facts) assign(a *syntax.Assign, c context, lasting bool) {
	if a.Name == nil || a.Naked {
		return
	}
	b := &binding{at: c.at, fn: c.fn, offset: int(a.Pos().Offset()), more: a.Append, sure: lasting && a.Index == nil}
	if a.Value != nil {
		b.words = []*syntax.Word{a.Value}
	}
	if a.Array != nil {
		b.list = true
		for _, e := range a.Array.Elems {
			b.sure = b.sure && e.Index == nil && e.Value != nil
			if e.Value != nil {
				b.words = append(b.words, e.Value)
			}
		}
	}
	f.bind(a.Name.Value, b)
}

func (f *facts) declare(sc *script, d *syntax.DeclClause, c context) {
	export := d.Variant.Value == "export"
	for _, a := range d.Args {
		if a.Name == nil {
			option := sc.word(a.Value)
			f.unsure = f.unsure || len(option.spans) > 0 || strings.HasPrefix(option.text, "-") && strings.Contains(option.text, "n")
			export = export || strings.HasPrefix(option.text, "-") && strings.Contains(option.text, "x")
			continue
		}
		f.assign(a, c, true)
		if export {
			f.exported[a.Name.Value] = true
		}
	}
}

// call gathers what a simple command does to names.
func (f *facts) call(sc *script, x *syntax.CallExpr, s *syntax.Stmt, c context) {
	for i, w := range x.Args[1:] {
		if text := sc.literalOf(w); text != "" && !isEngine(lastOf(sc.literalOf(x.Args[i]))) { // behind an engine stands its verb
			f.handed[text] = true
		}
	}
	if c.fn == nil && isEngine(sc.literalOf(x.Args[0])) {
		return
	}
	words := make([]word, len(x.Args))
	for i, w := range x.Args {
		words[i] = sc.word(w)
	}
	for len(words) > 1 && len(words[0].spans) == 0 && oneWordOf("command builtin exec", words[0].text) {
		words = words[1:]
	}
	first := words[0]
	if len(first.spans) > 0 {
		f.catches = f.catches || c.captured
		return
	}
	f.called[first.text] = true
	f.captured[first.text] = f.captured[first.text] || c.captured
	unknown := &binding{at: c.at, fn: c.fn}
	switch first.text {
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
		if len(words) > 1 && strings.HasPrefix(words[1].text, "-v") {
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
func sets(w word) bool {
	return slices.ContainsFunc(strings.Fields("= read printf mapfile set shift let getopts"), func(by string) bool { return strings.Contains(w.text, by) })
}

// operands binds the names among the arguments of a command to what nobody knows.
func (f *facts) operands(words []word, b *binding) {
	for _, w := range words[1:] {
		if len(w.spans) > 0 {
			f.unsure = true
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(w.text, "-v"), "=")
		if name, _, _ = strings.Cut(name, "["); assignment(name + "=") {
			f.bind(name, b)
		}
	}
}

// set reads set -- WORD…, which gives the text its arguments.
func (f *facts) set(x *syntax.CallExpr, words []word, c context) {
	for i, w := range words[1:] {
		switch {
		case w.text == "--" && len(w.spans) == 0:
			args := x.Args[len(x.Args)-len(words)+i+2:]
			f.bind("@", &binding{at: c.at, fn: c.fn, offset: int(x.Pos().Offset()), words: args, list: true, sure: true})
			return
		case len(w.spans) > 0 || !strings.HasPrefix(w.text, "-") && !strings.HasPrefix(w.text, "+"):
			if i == 0 || !oneWordOf("errexit pipefail nounset xtrace posix noglob noclobber verbose allexport", w.text) {
				f.bind("@", &binding{at: c.at, fn: c.fn, words: x.Args[1:], list: true})
				return
			}
			f.exports = f.exports || w.text == "allexport"
		case strings.HasPrefix(w.text, "-"):
			f.exports = f.exports || strings.Contains(w.text, "a")
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
