package shell

import (
	"slices"

	"mvdan.cc/sh/v3/syntax"
)

// list is a sequence of statements of which each runs after the one before it, or
// none of the rest does.
type list struct{ up place }

// place is where a statement stands: in which list, and as which of it.
type place struct {
	list *list
	at   int
}

// before tells whether p has run, and run last, wherever q runs: it stands in front
// of q in the list that q, or what q is a part of, belongs to.
func (p place) before(q place) bool {
	for ; q.list != nil; q = q.list.up {
		if q.list == p.list {
			return q.at > p.at
		}
	}
	return false
}

// role is what a word does where it stands.
type role uint8

const (
	written role = iota // it stands where nothing is known of its use
	matched             // a pattern, or an operand of a test: it is compared
	carried             // it becomes the value of a variable
	target              // the name of a file that is written
)

// context is what stands around a statement.
type context struct {
	at       place
	captured bool             // what it prints goes elsewhere than to a terminal
	fn       *syntax.FuncDecl // the function it is part of
	frame    *frame           // the arguments with which that function was called
	fed      bool             // it is given a text in the script
	streams  []stream         // the files that it prints to and is given to read
}

// tour goes through a tree, in order, and calls its functions. It goes through a
// chain of operators without descending, for one is as deep as it is long.
type tour struct {
	lists map[*syntax.Stmt]*list // by their first statement, so that two tours agree
	sinks func(s *syntax.Stmt) bool

	looked int // nodes that were looked at for the files that a pipe ends in

	onStmt func(s *syntax.Stmt, c context)
	onCall func(x *syntax.CallExpr, s *syntax.Stmt, c context)
	onDecl func(d *syntax.DeclClause, s *syntax.Stmt, c context)
	onFunc func(d *syntax.FuncDecl, c context) bool // whether to go through its body
	onWord func(w *syntax.Word, r role, c context)
	onLoop func(name string, words []*syntax.Word, c context)
	onPipe func(left, right *syntax.Stmt, c context)
	onPart func(p *syntax.ParamExp, c context)
}

func (t *tour) listOf(first *syntax.Stmt, up place) *list {
	if l := t.lists[first]; l != nil {
		return l
	}
	l := &list{up}
	t.lists[first] = l
	return l
}

func (t *tour) stmts(ss []*syntax.Stmt, c context) {
	if len(ss) == 0 {
		return
	}
	l := t.listOf(ss[0], c.at)
	for i, s := range ss {
		inner := c
		inner.at = place{l, i}
		t.stmt(s, inner)
	}
}

func (t *tour) stmt(s *syntax.Stmt, c context) {
	inner := c
	inner.captured = c.captured || writes(s)
	inner.streams = streams(c.streams, streamsOf(s.Redirs))
	inner.fed = slices.ContainsFunc(s.Redirs, func(r *syntax.Redirect) bool { return r.Hdoc != nil || r.Op == syntax.WordHdoc })
	t.onStmt(s, inner)
	for _, r := range s.Redirs {
		t.redirect(r, c)
	}
	if s.Cmd != nil {
		t.command(s, inner)
	}
}

// writes tells whether what a statement prints goes into a file, or to a descriptor
// of which nothing is known.
func writes(s *syntax.Stmt) bool {
	return slices.ContainsFunc(s.Redirs, func(r *syntax.Redirect) bool {
		switch r.Op {
		case syntax.RdrIn, syntax.DplIn, syntax.Hdoc, syntax.DashHdoc, syntax.WordHdoc:
			return false
		}
		to := r.Word.Lit()
		return !oneWordOf("/dev/null /dev/stderr /dev/stdout /dev/tty 1 2 -", to)
	})
}

func (t *tour) redirect(r *syntax.Redirect, c context) {
	as := target
	switch r.Op {
	case syntax.RdrIn, syntax.DplIn, syntax.Hdoc, syntax.DashHdoc, syntax.WordHdoc:
		as = matched // a text or a file that is read is judged with the command that reads it
	}
	t.word(r.Word, as, c)
	if r.Hdoc != nil {
		t.word(r.Hdoc, matched, c)
	}
}

func (t *tour) command(s *syntax.Stmt, c context) {
	switch x := s.Cmd.(type) {
	case *syntax.CallExpr:
		for _, a := range x.Assigns {
			t.assign(a, c)
		}
		t.onCall(x, s, c)
	case *syntax.DeclClause:
		for _, a := range x.Args {
			t.assign(a, c)
		}
		t.onDecl(x, s, c)
	case *syntax.BinaryCmd:
		t.chain(s, c)
	case *syntax.FuncDecl:
		inner := c
		inner.fn, inner.frame, inner.captured = x, nil, false
		if t.onFunc(x, c) {
			t.stmts([]*syntax.Stmt{x.Body}, inner)
		}
	case *syntax.Block:
		t.stmts(x.Stmts, c)
	case *syntax.Subshell:
		t.stmts(x.Stmts, c)
	case *syntax.IfClause:
		for ; x != nil; x = x.Else {
			t.stmts(x.Cond, c)
			t.stmts(x.Then, c)
		}
	case *syntax.WhileClause:
		t.stmts(x.Cond, c)
		t.stmts(x.Do, c)
	case *syntax.ForClause:
		t.loop(x, c)
	case *syntax.CaseClause:
		t.word(x.Word, matched, c)
		for _, item := range x.Items {
			for _, p := range item.Patterns {
				t.word(p, matched, c)
			}
			t.stmts(item.Stmts, c)
		}
	case *syntax.TimeClause:
		if x.Stmt != nil {
			t.stmts([]*syntax.Stmt{x.Stmt}, c)
		}
	case *syntax.CoprocClause:
		inner := c
		inner.captured = true
		t.stmts([]*syntax.Stmt{x.Stmt}, inner)
	default:
		t.expressions(x, c)
	}
}

func (t *tour) loop(x *syntax.ForClause, c context) {
	if w, is := x.Loop.(*syntax.WordIter); is {
		for _, item := range w.Items {
			t.word(item, carried, c)
		}
		t.onLoop(w.Name.Value, w.Items, c)
	} else {
		t.expressions(x.Loop, c)
	}
	t.stmts(x.Do, c)
}

// chain goes through a && b || c, or a | b.
func (t *tour) chain(s *syntax.Stmt, c context) {
	var parts []*syntax.Stmt
	var ops []syntax.BinCmdOperator // ops[i] stands in front of parts[i]
	for {
		x, is := s.Cmd.(*syntax.BinaryCmd)
		if !is || len(parts) > 0 && (len(s.Redirs) > 0 || s.Negated) {
			break
		}
		parts, ops = append(parts, x.Y), append(ops, x.Op)
		s = x.X
	}
	parts, ops = append(parts, s), append(ops, 0)
	slices.Reverse(parts)
	slices.Reverse(ops)
	pipe := func(i int) bool { return i < len(ops) && (ops[i] == syntax.Pipe || ops[i] == syntax.PipeAll) }
	l := t.listOf(parts[0], c.at)
	captured := make([]bool, len(parts))
	for i := len(parts) - 2; i >= 0; i-- {
		captured[i] = pipe(i+1) && (captured[i+1] || writes(parts[i+1]) || !t.sinks(parts[i+1]))
	}
	into := make([][]stream, len(parts))
	for i := len(parts) - 2; i >= 0; i-- {
		if pipe(i + 1) {
			into[i] = streams(t.writtenBy(parts[i+1]), into[i+1])
		}
	}
	for i, part := range parts {
		inner := c
		inner.captured = c.captured || captured[i]
		inner.streams = streams(c.streams, into[i])
		if inner.at = (place{l, i}); i > 0 && ops[i] == syntax.OrStmt || pipe(i) || pipe(i+1) {
			inner.at = place{t.listOf(part, place{l, i}), 0}
		}
		if pipe(i + 1) {
			t.onPipe(part, parts[i+1], inner)
		}
		t.stmt(part, inner)
	}
}
