package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Limits of what is followed, so that a hostile text costs no more than its length
// allows: values double with each variable that holds another twice.
const (
	maxValue    = 64 << 10 // bytes of one value
	maxFollowed = 8 << 20  // bytes of all values of a file
	maxNested   = 100      // variables within variables
	maxInvoked  = 2000     // calls of functions that are gone through
	maxWork     = 500_000  // words that are judged in calls of functions, and in texts within texts
	maxSet      = 200      // times that one variable is set
	maxDepth    = 8        // texts within texts, functions within functions
)

// frame is the arguments of one call of a function.
type frame struct {
	args  []command.Word
	taint string // the engine that one of them names
}

// follow tells what a part comes to, where the text itself says it for sure. A list
// makes a word of each in quotes.
func (ns *names) follow(p *syntax.ParamExp, c context) (value []command.Word, list, ok bool) {
	changed := p.Excl || p.Length || p.Width || p.Slice != nil || p.Repl != nil || p.Names != 0
	if p.Param == nil || changed || p.Exp != nil && !defaults(p.Exp.Op) {
		return nil, false, false
	}
	name, index := p.Param.Value, ""
	if p.Index != nil {
		w, is := p.Index.(*syntax.Word)
		if !is {
			return nil, false, false
		}
		index = w.Lit()
	}
	value, isList, ok := ns.valueOf(name, c)
	if !ok || p.Exp != nil && empty(value) {
		return nil, false, false
	}
	switch {
	case name == "@" || name == "*" || index == "@" || index == "*":
		if name == "*" || index == "*" {
			return []command.Word{join(value, " ")}, false, true
		}
		return value, true, true
	case p.Index != nil:
		n, err := strconv.Atoi(index)
		if err != nil || n < 0 || n >= len(value) || !isList {
			return nil, false, false
		}
		value = value[n : n+1]
	case isList && len(value) > 0:
		value = value[:1]
	}
	ns.of.followed += bytesOf(value)
	return value, false, len(value) > 0 && ns.of.followed < maxFollowed && !value[0].WhollyUnknown()
}

func defaults(op syntax.ParExpOperator) bool {
	return op == syntax.DefaultUnset || op == syntax.DefaultUnsetOrNull
}

func empty(value []command.Word) bool {
	return len(value) == 0 || len(value) == 1 && value[0].Text == ""
}

// valueOf is the value of a variable at a place: it was set once, to what the text
// says, in front of it, and perhaps added to.
func (ns *names) valueOf(name string, c context) (value []command.Word, list, ok bool) {
	if positional(name) {
		return ns.argument(name, c)
	}
	bindings := ns.facts.vars[name]
	if len(bindings) == 0 && ns.outer != nil {
		return ns.outer.valueOf(name, ns.around)
	}
	if !ns.facts.sure(bindings, c) {
		return nil, false, false
	}
	for _, b := range bindings {
		more, ok := ns.valueAt(b, c)
		switch {
		case !ok:
			return nil, false, false
		case b.list:
			value, list = append(value, more...), true
		case len(value) == 0:
			value = more
		default:
			value[0] = join([]command.Word{value[0], more[0]}, "")
		}
	}
	return value, list, bytesOf(value) < maxValue
}

// valueAt is what one binding gives, as new words.
func (ns *names) valueAt(b *binding, c context) ([]command.Word, bool) {
	at := context{at: b.at, fn: b.fn}
	if b.fn == c.fn {
		at.frame = c.frame
	}
	if b.ready && b.frame == at.frame {
		return append([]command.Word(nil), b.value...), b.value != nil || b.list
	}
	if ns.nested++; ns.nested > maxNested {
		ns.nested--
		return nil, false
	}
	defer func() { ns.nested-- }()
	var out []command.Word
	for _, w := range b.words {
		if b.list {
			out = append(out, ns.words().expand(w, at)...)
		} else {
			out = append(out, ns.words().assignedValue(w, at))
		}
	}
	if !b.list && len(out) == 0 {
		out = []command.Word{{}}
	}
	if bytesOf(out) >= maxValue {
		out = nil
	}
	b.value, b.frame, b.ready = append([]command.Word(nil), out...), at.frame, true
	return out, out != nil || b.list
}

// argument is $@, $*, or $1 and so on.
func (ns *names) argument(name string, c context) (value []command.Word, list, ok bool) {
	args, known := ns.arguments(c)
	if !known {
		return nil, false, false
	}
	if name == "@" || name == "*" {
		return args, true, true
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 || n > len(args) {
		return nil, false, false
	}
	return args[n-1 : n], false, true
}

func (ns *names) arguments(c context) ([]command.Word, bool) {
	own := ns.facts.args[c.fn]
	switch {
	case len(own) > 0:
		if !ns.facts.sure(own, c) {
			return nil, false
		}
		return ns.valueAt(own[0], c)
	case c.fn != nil && c.frame != nil:
		return c.frame.args, true
	case c.fn == nil && ns.outer != nil:
		return ns.outer.arguments(ns.around)
	case c.fn == nil && ns.args != nil:
		return ns.args, true
	}
	return nil, false
}

// engineIn finds the name of an engine in words, or in what is put into them.
func (wd words) engineIn(ws []command.Word, c context) string {
	for i := range ws {
		if e := wd.engineOf(&ws[i], c); e != "" {
			return e
		}
	}
	return ""
}

func (wd words) engineOf(w *command.Word, c context) string {
	var b strings.Builder
	at := 0
	for _, s := range w.Spans {
		b.WriteString(w.Text[at:max(s.From, at)])
		at = max(at, s.To)
		switch {
		case s.Param != "":
			if e := wd.names.tainted(s.Param, c); e != "" {
				return e
			}
			b.WriteString("\x01" + w.Text[s.From:s.To] + "\x01")
		case s.Opaque:
			b.WriteByte(1)
		default:
			b.WriteString(w.Text[s.From:s.To])
		}
	}
	b.WriteString(w.Text[at:])
	text := b.String()
	if m := mentions(text); len(m) > 0 {
		return m[0].name
	}
	if len(text) > 2 && text[0] == '-' && text[1] != '-' {
		if m := mentions(text[2:]); len(m) > 0 { // -Spodman
			return m[0].name
		}
	}
	return ""
}
