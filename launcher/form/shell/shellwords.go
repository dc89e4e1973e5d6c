package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// words makes words of what stands in a text.
type words struct{ names *names }

func (ns *names) words() words { return words{ns} }

// source takes a simple command's assignments and words, with what is known of
// variables put in.
func (wd words) source(x *syntax.CallExpr, c context) command.Simple {
	n := len(x.Assigns) + len(x.Args)
	s := command.Simple{File: wd.names.of.file, Env: len(x.Assigns), Words: make([]command.Word, 0, n), Shown: make([]form.Word, 0, n)}
	for _, a := range x.Assigns {
		wd.add(&s, wd.assigned(a, c), a)
	}
	for _, w := range x.Args {
		if text, plain := plainWord(w); plain {
			wd.add(&s, command.Word{Text: text, Node: w}, w)
			continue
		}
		for _, made := range wd.expand(w, c) {
			wd.add(&s, made, w)
		}
	}
	return s
}

// assigned is NAME=VALUE in front of a command.
func (wd words) assigned(a *syntax.Assign, c context) command.Word {
	b := builder{names: wd.names, context: &c, whole: true}
	b.text.WriteString(a.Name.Value + "=")
	if a.Value != nil {
		b.parts(a.Value.Parts, false)
	}
	if a.Array != nil || a.Index != nil {
		b.span(a, a.Name.Value)
	}
	return command.Word{Text: b.text.String(), Spans: b.spans, Homes: b.homes, Followed: b.followed}
}

// word unquotes a word, and puts nothing in.
func (wd words) word(w *syntax.Word) command.Word {
	b := builder{names: wd.names}
	b.parts(w.Parts, false)
	return b.word(w)
}

// assignedValue is what a variable becomes: nothing in it is split, or a pattern.
func (wd words) assignedValue(w *syntax.Word, c context) command.Word {
	b := builder{names: wd.names, context: &c, whole: true}
	b.parts(w.Parts, false)
	return b.word(w)
}

// nodeOf is what a word was made of; nil where it stands nowhere in the text.
func nodeOf(w command.Word) *syntax.Word {
	node, _ := w.Node.(*syntax.Word)
	return node
}

// plainWord is a word that is written as it is.
func plainWord(w *syntax.Word) (string, bool) {
	l, is := w.Parts[0].(*syntax.Lit)
	if !is || len(w.Parts) > 1 || strings.ContainsAny(l.Value, `\*?[{~`) {
		return "", false
	}
	return l.Value, true
}

// literalOf is the text of a word that holds nothing for a shell to fill in; "" is none.
func (wd words) literalOf(w *syntax.Word) string {
	if text, plain := plainWord(w); plain {
		return text
	}
	if u := wd.word(w); len(u.Spans) == 0 {
		return u.Text
	}
	return ""
}

// expand unquotes a word, and puts in what is known of variables, which may make
// several words of it, or none.
func (wd words) expand(w *syntax.Word, c context) []command.Word {
	b := builder{names: wd.names, context: &c}
	b.parts(w.Parts, false)
	if !b.vanished() {
		b.out = append(b.out, b.word(w))
	}
	return b.out
}

// add puts a word behind the others, with where it stands.
func (wd words) add(s *command.Simple, w command.Word, n syntax.Node) {
	from := int(n.Pos().Offset())
	line, col := wd.place(from)
	raw := wd.names.text[from:int(n.End().Offset())]
	if w.Followed {
		raw = w.Quoted()
	}
	s.Words = append(s.Words, w)
	s.Shown = append(s.Shown, form.Word{Text: w.Text, Line: line, Col: col, Raw: raw})
}
