package shell

import "mvdan.cc/sh/v3/syntax"

func (t *tour) assign(a *syntax.Assign, c context) {
	if a.Index != nil {
		t.expressions(a.Index, c)
	}
	if a.Value != nil {
		t.word(a.Value, carried, c)
	}
	if a.Array != nil {
		for _, e := range a.Array.Elems {
			if e.Index != nil {
				t.expressions(e.Index, c)
			}
			if e.Value != nil {
				t.word(e.Value, carried, c)
			}
		}
	}
}

// expressions goes through the words of arithmetic and of tests.
func (t *tour) expressions(n syntax.Node, c context) {
	todo := []syntax.Node{n}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		syntax.Walk(n, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.BinaryArithm:
				todo = append(todo, n.Y, n.X)
				return false
			case *syntax.BinaryTest:
				todo = append(todo, n.Y, n.X)
				return false
			case *syntax.Word:
				t.word(n, matched, c)
				return false
			case *syntax.Stmt:
				t.stmts([]*syntax.Stmt{n}, c)
				return false
			}
			return true
		})
	}
}

func (t *tour) word(w *syntax.Word, r role, c context) {
	t.onWord(w, r, c)
	t.parts(w.Parts, r, c)
}

// parts goes through what a shell fills in.
func (t *tour) parts(parts []syntax.WordPart, r role, c context) {
	inner := c
	inner.captured = true
	for _, p := range parts {
		switch p := p.(type) {
		case *syntax.DblQuoted:
			t.parts(p.Parts, r, c)
		case *syntax.CmdSubst:
			t.stmts(p.Stmts, inner)
		case *syntax.ProcSubst:
			t.stmts(p.Stmts, inner)
		case *syntax.ArithmExp:
			t.expressions(p.X, c)
		case *syntax.ParamExp:
			t.param(p, r, c)
		}
	}
}

func (t *tour) param(p *syntax.ParamExp, r role, c context) {
	t.onPart(p, c)
	if p.Exp != nil && p.Exp.Word != nil {
		t.word(p.Exp.Word, r, c)
	}
	if p.Repl != nil && p.Repl.Orig != nil {
		t.word(p.Repl.Orig, matched, c)
	}
	if p.Repl != nil && p.Repl.With != nil {
		t.word(p.Repl.With, r, c)
	}
	if p.Index != nil {
		t.expressions(p.Index, c)
	}
	if p.Slice != nil {
		for _, e := range []syntax.ArithmExpr{p.Slice.Offset, p.Slice.Length} {
			if e != nil {
				t.expressions(e, c)
			}
		}
	}
}
