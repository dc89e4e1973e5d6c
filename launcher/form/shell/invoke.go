package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// invoke goes through a function for the arguments of one call.
func (j job) invoke(s command.Simple, at int, name string) {
	j.mentioned(s.Words[:at], name)
	j.fedTo(name, false)
	own := j.sc.names.owner(name)
	decls := own.facts.funcs[name]
	args := s.Words[at+1:]
	switch taint := j.sc.words.engineIn(args, j.context); {
	case len(decls) > 1:
		if taint != "" {
			j.sc.hides(j.x.Pos(), command.Clip(name)+" is a function that is set more than once, and its arguments name "+taint)
		}
	case !own.facts.wraps[decls[0]] && !j.sc.flow.placed(j.context):
	case j.sc.invoked >= maxInvoked || j.sc.work >= maxWork || own.calls >= maxDepth:
		if taint != "" || j.sc.about {
			j.sc.hides(j.x.Pos(), "functions call each other too often to be followed")
		}
	default:
		d := decls[0]
		j.sc.invoked++
		own.calls++
		c := context{at: own.placeOf(d), fn: d, frame: &frame{args, taint}, captured: j.context.captured, streams: j.context.streams}
		own.tour.stmts([]*syntax.Stmt{d.Body}, c)
		own.calls--
	}
}

// alias judges a command whose name is an alias.
func (j job) alias(s command.Simple, c command.Call, name string) {
	values := j.sc.names.facts.aliases[name]
	value := j.sc.words.assignedValue(values[0], j.context)
	simple := len(values) == 1 && len(value.Spans) == 0 && strings.Trim(value.Text, namesOnly+" \t") == ""
	if !simple {
		if j.sc.about || j.sc.words.engineIn(s.Words, j.context) != "" {
			j.sc.hides(j.x.Pos(), command.Clip(name)+" is an alias here, and what it stands for is not followed")
		}
		return
	}
	s.Replace(c.Word, fields(value))
	j.aliased = true
	j.judge(s)
}

// sink tells whether a statement behind a pipe only hands on what it reads.
func (wd words) sink(s *syntax.Stmt) bool {
	x, is := s.Cmd.(*syntax.CallExpr)
	if !is || len(x.Args) == 0 {
		return false
	}
	w := wd.word(x.Args[0])
	name, known := w.Program()
	return known && oneWordOf(sinks, name) && wd.names.facts != nil && len(wd.names.facts.funcs[name]) == 0 && wd.names.facts.aliases[name] == nil
}

// printed is what a command substitution comes to, where that is the path of a program
// that is looked up by its name. What other commands print may be a secret, and is in no
// message.
func (wd words) printed(p *syntax.CmdSubst, c context) (command.Word, bool) {
	if len(p.Stmts) != 1 || wd.names.facts == nil {
		return command.Word{}, false
	}
	x, is := p.Stmts[0].Cmd.(*syntax.CallExpr)
	if !is || len(x.Args) < 2 || len(x.Assigns) > 0 || len(x.Args) > 100 {
		return command.Word{}, false
	}
	var words []command.Word
	for _, w := range x.Args {
		words = append(words, wd.word(w))
	}
	for _, w := range words {
		if len(w.Spans) > 0 {
			return command.Word{}, false
		}
	}
	name, last := words[0].Text, words[len(words)-1].Text
	if wd.names.owner(name) != nil || wd.names.facts.aliases[name] != nil {
		return command.Word{}, false
	}
	looks := name == "which" && len(words) == 2
	if len(words) == 3 {
		looks = name == "command" && words[1].Text == "-v" || name == "type" && oneWordOf("-p -P", words[1].Text)
	}
	if looks {
		return command.Word{Text: last, Followed: true}, !strings.HasPrefix(last, "-")
	}
	return command.Word{}, false
}

// echoed is what echo and printf print of words that hold no escapes.
func echoed(words []command.Word) (string, bool) {
	var args []string
	for _, w := range words[1:] {
		if strings.Contains(w.Text, `\`) && !(words[0].Text == "printf" && len(args) == 0) {
			return "", false
		}
		args = append(args, w.Text)
	}
	switch words[0].Text {
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
