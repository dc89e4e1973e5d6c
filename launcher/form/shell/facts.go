package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
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

	value []command.Word // what the words come to, once it was asked for
	frame *frame         // in which call
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
func factsOf(wd words, tree *syntax.File) *facts {
	f := &facts{vars: map[string][]*binding{}, args: map[*syntax.FuncDecl][]*binding{}, funcs: map[string][]*syntax.FuncDecl{},
		aliases: map[string][]*syntax.Word{}, called: map[string]bool{},
		handed: map[string]bool{}, captured: map[string]bool{}, exported: map[string]bool{}, made: map[string]bool{}, wraps: map[*syntax.FuncDecl]bool{}}
	t := &tour{lists: wd.names.lists, sinks: wd.sink}
	t.onWord = func(*syntax.Word, role, context) {}
	t.onPipe = func(_, _ *syntax.Stmt, _ context) {}
	t.onStmt = func(s *syntax.Stmt, _ context) { f.makes(wd, s) }
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
			f.call(wd, x, s, c)
		}
	}
	t.onDecl = func(d *syntax.DeclClause, _ *syntax.Stmt, c context) { f.declare(wd, d, c) }
	t.stmts(tree.Stmts, context{})
	return f
}

// makes notes the files that a statement writes, but those of which the text stands in
// the script.
func (f *facts) makes(wd words, s *syntax.Stmt) {
	if x, is := s.Cmd.(*syntax.CallExpr); is && len(x.Args) > 0 && oneWordOf("cat tee echo printf", x.Args[0].Lit()) {
		return
	}
	for _, r := range s.Redirs {
		switch r.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrAll, syntax.AppAll, syntax.ClbOut:
			if w := wd.word(r.Word); len(w.Spans) == 0 && !strings.HasPrefix(w.Text, "/dev/") {
				f.made[w.Text], f.made["./"+w.Text] = true, true
			}
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

func (f *facts) declare(wd words, d *syntax.DeclClause, c context) {
	export := d.Variant.Value == "export"
	for _, a := range d.Args {
		if a.Name == nil {
			option := wd.word(a.Value)
			f.unsure = f.unsure || len(option.Spans) > 0 || strings.HasPrefix(option.Text, "-") && strings.Contains(option.Text, "n")
			export = export || strings.HasPrefix(option.Text, "-") && strings.Contains(option.Text, "x")
			continue
		}
		f.assign(a, c, true)
		if export {
			f.exported[a.Name.Value] = true
		}
	}
}

// moves tells whether the script itself sets a variable, or may, so that it need not be
// what its name says.
func (f *facts) moves(name string) bool { return f != nil && (f.unsure || len(f.vars[name]) > 0) }

// replaces tells whether the script gives a home or a command of a substitution, as it is
// written, another meaning: $(cd ~ && pwd).
func (f *facts) replaces(substitution string) bool {
	if f == nil || f.moves("HOME") {
		return f != nil
	}
	for name := range f.funcs {
		if strings.Contains(substitution, name) {
			return true
		}
	}
	return len(f.aliases) > 0
}

// sure tells whether bindings of one name give the value that it has at a place.
func (f *facts) sure(bindings []*binding, c context) bool {
	if len(bindings) == 0 || len(bindings) > maxSet || f.unsure {
		return false
	}
	for i, b := range bindings {
		if !b.sure || b.more != (i > 0) || b.list != bindings[0].list || b.at.list != bindings[0].at.list || !b.at.before(c.at) {
			return false
		}
	}
	return true
}
