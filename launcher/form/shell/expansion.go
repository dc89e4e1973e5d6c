package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// expansion names a part that a shell fills in, without the text it may put
// there: a default is often a password.
func expansion(n syntax.Node, raw string) string {
	switch n := n.(type) {
	case *syntax.ParamExp:
		if n.Param == nil {
			return "${…}"
		}
		name := n.Param.Value
		if raw == "$"+name || raw == "${"+name+"}" {
			return raw
		}
		return "${" + name + "…}"
	case *syntax.CmdSubst:
		return "$(…)"
	case *syntax.ArithmExp:
		return "$((…))"
	case *syntax.ProcSubst:
		return n.Op.String() + "…)"
	case *syntax.ExtGlob:
		return n.Op.String() + "…)"
	}
	return "an expansion"
}

// many tells whether a part may make several words even in quotes.
func many(n syntax.Node) bool {
	p, ok := n.(*syntax.ParamExp)
	if !ok || p.Param == nil {
		return false
	}
	w, _ := p.Index.(*syntax.Word)
	return p.Excl || p.Param.Value == "@" || p.Param.Value == "*" || w != nil && (w.Lit() == "@" || w.Lit() == "*")
}

// dashed tells whether the text itself holds what a part may put in, and that may
// be an option: ${X:+--privileged}.
func dashed(n syntax.Node) bool {
	p, ok := n.(*syntax.ParamExp)
	if !ok || p.Exp == nil {
		return false
	}
	if p.Exp.Op == syntax.AlternateUnset || p.Exp.Op == syntax.AlternateUnsetOrNull {
		return true
	}
	if p.Exp.Word == nil || len(p.Exp.Word.Parts) == 0 {
		return false
	}
	switch first := p.Exp.Word.Parts[0].(type) {
	case *syntax.Lit:
		return strings.HasPrefix(first.Value, "-") || strings.HasPrefix(first.Value, `\`)
	case *syntax.SglQuoted:
		return strings.HasPrefix(first.Value, "-") || first.Dollar
	case *syntax.DblQuoted:
		l, ok := (&syntax.Word{Parts: first.Parts}).Lit(), len(first.Parts) > 0
		return ok && strings.HasPrefix(l, "-")
	}
	return false
}

// blanks tells whether what a part may put in holds blanks, which make words of
// it outside of quotes.
func blanks(n syntax.Node) bool {
	p, ok := n.(*syntax.ParamExp)
	if !ok || p.Exp == nil || p.Exp.Word == nil {
		return false
	}
	return slices.ContainsFunc(p.Exp.Word.Parts, func(p syntax.WordPart) bool {
		l, ok := p.(*syntax.Lit)
		return ok && strings.ContainsAny(l.Value, " \t\n")
	})
}
