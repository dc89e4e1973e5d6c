package command

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// owner is the script that defines a function: this one, or the one whose names it
// knows.
func (sc *script) owner(name string) *script {
	for ; sc != nil; sc = sc.outer {
		if len(sc.facts.funcs[name]) > 0 {
			return sc
		}
	}
	return nil
}

// invoke goes through a function for the arguments of one call.
func (sc *script) invoke(s source, at int, j job, name string) {
	sc.mentioned(s.words[:at], j, name)
	sc.fedTo(j, name, false)
	own := sc.owner(name)
	decls := own.facts.funcs[name]
	args := s.words[at+1:]
	switch taint := sc.engineIn(args, j.context); {
	case len(decls) > 1:
		if taint != "" {
			sc.hides(j.x.Pos(), clip(name)+" is a function that is set more than once, and its arguments name "+taint)
		}
	case !own.facts.wraps[decls[0]]:
	case sc.invoked >= maxInvoked || sc.work >= maxWork || own.calls >= maxDepth:
		if taint != "" || sc.about {
			sc.hides(j.x.Pos(), "functions call each other too often to be followed")
		}
	default:
		d := decls[0]
		sc.invoked++
		own.calls++
		c := context{at: own.placeOf(d), fn: d, frame: &frame{args, taint}, captured: j.context.captured, prints: j.context.prints}
		own.tour.stmts([]*syntax.Stmt{d.Body}, c)
		own.calls--
	}
}

// placeOf is where a function was met first.
func (sc *script) placeOf(d *syntax.FuncDecl) place {
	if l := sc.lists[d.Body]; l != nil {
		return l.up
	}
	return place{}
}

// alias judges a command whose name is an alias.
func (sc *script) alias(s source, c call, j job, name string) {
	values := sc.facts.aliases[name]
	value := sc.assignedValue(values[0], j.context)
	simple := len(values) == 1 && len(value.spans) == 0 && strings.Trim(value.text, namesOnly+" \t") == ""
	if !simple {
		if sc.about || sc.engineIn(s.words, j.context) != "" {
			sc.hides(j.x.Pos(), clip(name)+" is an alias here, and what it stands for is not followed")
		}
		return
	}
	s.replace(c.word, fields(value))
	j.aliased = true
	sc.judge(s, j)
}

// sink tells whether a statement behind a pipe only hands on what it reads.
func (sc *script) sink(s *syntax.Stmt) bool {
	x, is := s.Cmd.(*syntax.CallExpr)
	if !is || len(x.Args) == 0 {
		return false
	}
	w := sc.word(x.Args[0])
	name, known := w.program()
	return known && oneWordOf(sinks, name) && sc.facts != nil && len(sc.facts.funcs[name]) == 0 && sc.facts.aliases[name] == nil
}

// printed is what a command substitution comes to, where that is the path of a program
// that is looked up by its name. What other commands print may be a secret, and is in no
// message.
func (sc *script) printed(p *syntax.CmdSubst, c context) (word, bool) {
	if len(p.Stmts) != 1 || sc.facts == nil {
		return word{}, false
	}
	x, is := p.Stmts[0].Cmd.(*syntax.CallExpr)
	if !is || len(x.Args) < 2 || len(x.Assigns) > 0 || len(x.Args) > 100 {
		return word{}, false
	}
	var words []word
	for _, w := range x.Args {
		words = append(words, sc.word(w))
	}
	for _, w := range words {
		if len(w.spans) > 0 {
			return word{}, false
		}
	}
	name, last := words[0].text, words[len(words)-1].text
	if sc.owner(name) != nil || sc.facts.aliases[name] != nil {
		return word{}, false
	}
	looks := name == "which" && len(words) == 2
	if len(words) == 3 {
		looks = name == "command" && words[1].text == "-v" || name == "type" && oneWordOf("-p -P", words[1].text)
	}
	if looks {
		return word{text: last, followed: true}, !strings.HasPrefix(last, "-")
	}
	return word{}, false
}

// echoed is what echo and printf print of words that hold no escapes.
func echoed(words []word) (string, bool) {
	var args []string
	for _, w := range words[1:] {
		if strings.Contains(w.text, `\`) && !(words[0].text == "printf" && len(args) == 0) {
			return "", false
		}
		args = append(args, w.text)
	}
	switch words[0].text {
	case "echo":
		if len(args) > 0 && args[0] == "-n" {
			return strings.Join(args[1:], " "), true
		}
		return strings.Join(args, " ") + "\n", len(args) == 0 || !strings.HasPrefix(args[0], "-")
	case "printf":
		if len(args) == 0 {
			return "", false
		}
		format := strings.ReplaceAll(args[0], `\n`, "\n")
		switch {
		case strings.HasPrefix(format, "-") || strings.Contains(format, `\`):
		case format == "%s\n" || format == "%s":
			return strings.Join(args[1:], strings.TrimPrefix(format, "%s")) + strings.TrimPrefix(format, "%s"), true
		case !strings.Contains(format, "%"):
			return format, true
		}
	}
	return "", false
}
