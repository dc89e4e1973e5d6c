package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// read goes through the text. The one rule is in judge: a command is a run, or known
// to be harmless, or opens the text where it names an engine or may be one.
func (sc *script) read() {
	sc.names.facts = &facts{}
	sc.names.facts = factsOf(sc.words, sc.tree)
	t := &tour{lists: sc.names.lists, sinks: sc.words.sink}
	sc.names.tour = t
	t.onPart = func(*syntax.ParamExp, context) {}
	t.onLoop = func(string, []*syntax.Word, context) {}
	t.onPipe = sc.flow.piped
	t.onWord = sc.named
	t.onFunc = sc.function
	t.onStmt = sc.group
	t.onDecl = func(d *syntax.DeclClause, _ *syntax.Stmt, c context) { sc.declared(d, c) }
	t.onCall = func(x *syntax.CallExpr, s *syntax.Stmt, c context) {
		sc.callSets(x)
		for _, w := range x.Args {
			t.word(w, written, c)
		}
		sc.special(x.Assigns, c, len(x.Args) > 0)
		sc.flow.redirects(x, s)
		if len(x.Args) > 0 && !sc.flow.taken[s] {
			job{sc: sc, x: x, stmt: s, context: c}.judge(sc.words.source(x, c))
		}
	}
	t.stmts(sc.tree.Stmts, context{})
}

// job is a command of a script while it is judged. Its methods say what it is; functions
// called run… judge what it starts.
type job struct {
	sc      *script
	x       *syntax.CallExpr
	stmt    *syntax.Stmt
	context context
	prefix  []string // commands that start it
	notes   []string // what is not known of it
	aliased bool
	depth   int // commands within commands
}

// named lists a word that names an engine where a file of that name is written.
func (sc *script) named(w *syntax.Word, r role, c context) {
	if r == matched {
		sc.counted(w)
	}
	if r != target {
		return
	}
	u := sc.words.word(w)
	if e := sc.words.engineOf(&u, c); e != "" {
		sc.hides(w.Pos(), "a file called "+e+" is written, or what is written goes to it")
	}
}

// counted lists a quoted word of arithmetic or of a test that holds a substitution: a
// shell runs that where the word is an index, as in let 'a[$(…)]=1'.
func (sc *script) counted(w *syntax.Word) {
	if u := sc.words.word(w); w.Pos().IsValid() && quotedIn(w) && sc.substitutes(u) {
		sc.grave = true
		sc.hides(w.Pos(), "a quoted word holds a substitution that an engine stands in, and a shell may run it")
	}
}

func quotedIn(w *syntax.Word) bool {
	return slices.ContainsFunc(w.Parts, func(p syntax.WordPart) bool {
		switch p.(type) {
		case *syntax.SglQuoted, *syntax.DblQuoted:
			return true
		}
		return false
	})
}

// function tells whether to go through the body of a function by itself. That is not
// needed where all who call it do so by its name, and say with what.
func (sc *script) function(d *syntax.FuncDecl, _ context) bool {
	v := d.Name.Value
	if command.IsEngine(v) {
		sc.hides(d.Pos(), v+" is a function here, and what it does is not followed")
		sc.note(earlier{offset: sc.names.origin(int(d.Pos().Offset())), why: v + " is a function here", engine: v})
		return true
	}
	f := sc.names.facts
	return !f.wraps[d] || !f.called[v] || f.handed[v] || len(f.funcs[v]) != 1
}

// group lists what a compound command is given to read and names an engine.
func (sc *script) group(s *syntax.Stmt, c context) {
	if _, is := s.Cmd.(*syntax.CallExpr); is {
		return
	}
	for _, t := range sc.flow.given(s, c) {
		if e := sc.words.engineOf(&t.Word, c); e != "" {
			sc.hides(s.Pos(), "the text given to a group of commands names "+e+", and what they do with it is not read")
		}
	}
}

// judge is the one rule: what a command is, is read, is known to be harmless, or is
// listed.
func (j job) judge(s command.Simple) {
	if j.sc.depth > 0 || j.context.frame != nil {
		j.sc.work += len(s.Words)
	}
	if j.depth++; j.depth > maxDepth {
		j.sc.grave = true
		j.sc.hides(j.x.Pos(), "commands within commands go too deep to be read")
		return
	}
	c := &command.Call{Word: s.Env, First: s.Env, Prefix: slices.Clone(j.sc.prefix)}
	for i := range s.Env {
		c.Assigned = append(c.Assigned, i)
	}
	c.Prefix = append(c.Prefix, j.prefix...)
	for c.Word < len(s.Words) {
		name, known := s.Words[c.Word].Program()
		if !known {
			if j.unknown(&s, c) {
				return
			}
			continue
		}
		if next, done := j.step(s, c, name); done {
			return
		} else if next {
			continue
		}
		if !passes(j.sc, name, s.Words[c.Word:], j.context) {
			j.mayHide(s, c.Word, name)
			return
		}
		j.fedTo(name, true)
		j.mentioned(s.Words[:c.Word], name)
		return
	}
	j.mentioned(s.Words, "a command")
	if len(s.Words) > 0 && c.Word > s.Env { // a starter without a command: env, exec
		j.fedTo(s.Words[s.Env].Text, false)
	}
}

// listAliases lists what an alias command does beside giving names to commands, which are
// judged where they are used.
func listAliases(j *job) {
	for _, a := range j.x.Args[1:] {
		w := j.sc.words.word(a)
		if j.sc.about && (w.Text == "-g" || w.Text == "-s") { // of zsh: any word, any file
			j.sc.hides(a.Pos(), "an alias stands for any word here, and is not followed")
		}
		if name, value, is := splitAlias(a); is && !j.sc.names.facts.called[name] {
			keepAlias(*j, value)
		}
		if _, _, plain := splitAlias(a); !plain && (j.sc.words.engineOf(&w, j.context) != "" || j.sc.about && len(w.Spans) > 0) {
			j.sc.hides(a.Pos(), "an alias is made of what is not read")
		}
	}
}

// keepAlias judges the value of an alias that the text itself never uses: whoever reads the
// file first, as a shell does at its start, has it.
func keepAlias(j job, value *syntax.Word) {
	w := j.sc.words.assignedValue(value, j.context)
	if strings.ContainsAny(w.Text, " \t\n") && j.sc.suspect(textAt{Word: w}) {
		j.embed(textAt{w, int(value.Pos().Offset())}, embedding{by: "alias", names: true})
	}
}

// step judges a command that is known by name: whether it was a mere starter, and
// whether nothing is left to judge.
func (j *job) step(s command.Simple, c *command.Call, name string) (next, done bool) {
	e, remote, is := command.EngineOf(name)
	switch {
	case is: // also where a function or an alias is called so, which was listed
		c.Engine, c.Remote = e, remote
		return j.engineCommand(s, c)
	case j.sc.names.facts.aliases[name] != nil && !j.aliased && name == s.Words[c.Word].Text:
		j.alias(s, *c, name)
		return false, true
	case j.sc.names.owner(name) != nil:
		j.invoke(s, c.Word, name)
		return false, true
	case name == "alias":
		listAliases(j)
		return false, true
	}
	if runsOther(*j, s, c, name) {
		return false, true
	}
	if name == "set" && j.sc.about && slices.ContainsFunc(s.Words[c.Word+1:], keywords) {
		j.sc.hides(j.x.Pos(), "set -k makes variables of the words behind a command, and which is not followed")
	}
	if name == "command" && passes(j.sc, name, s.Words[c.Word:], j.context) {
		return false, true
	}
	st := command.StarterOf(name)
	if st == nil {
		return false, false
	}
	from := c.Word
	c.Skip(st, s.Words)
	if e := j.sc.words.engineIn(s.Words[min(from+1, len(s.Words)):min(c.Word, len(s.Words))], j.context); e != "" {
		j.sc.hides(j.x.Pos(), e+" is named in front of a command, among the options of "+command.Clip(name))
	}
	return true, false
}

// keywords tells whether an option of set makes variables of all words NAME=VALUE.
func keywords(w command.Word) bool {
	return w.Text == "keyword" || letters(w.Text) && strings.Contains(w.Text, "k")
}

// mentioned lists words that name an engine, of which nothing is known.
func (j job) mentioned(words []command.Word, by string) {
	if e := j.sc.words.engineIn(words, j.context); e != "" {
		j.sc.hides(j.x.Pos(), e+" is named in the words of "+command.Clip(by)+", and what is done with it is not read")
	}
}
