package command

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// source takes a simple command's assignments and words, with what is known of
// variables put in.
func (sc *script) source(x *syntax.CallExpr, c context) source {
	n := len(x.Assigns) + len(x.Args)
	s := source{file: sc.file, env: len(x.Assigns), words: make([]word, 0, n), shown: make([]form.Word, 0, n)}
	for _, a := range x.Assigns {
		s.add(sc, sc.assigned(a, c), a)
	}
	for _, w := range x.Args {
		if text, plain := plainWord(w); plain {
			s.add(sc, word{text: text, node: w}, w)
			continue
		}
		for _, made := range sc.expand(w, c) {
			s.add(sc, made, w)
		}
	}
	return s
}

func (s *source) add(sc *script, w word, n syntax.Node) {
	from := int(n.Pos().Offset())
	line, col := sc.place(from)
	raw := sc.text[from:int(n.End().Offset())]
	if w.followed {
		raw = w.quoted()
	}
	s.words = append(s.words, w)
	s.shown = append(s.shown, form.Word{Text: w.text, Line: line, Col: col, Raw: raw})
}

// quoted writes a word anew.
func (w *word) quoted() string {
	if out, err := podmanrun.Line([]string{w.text}); err == nil && len(w.spans) == 0 {
		return out
	}
	return w.text
}

// assigned is NAME=VALUE in front of a command.
func (sc *script) assigned(a *syntax.Assign, c context) word {
	b := builder{sc: sc, context: &c, whole: true}
	b.text.WriteString(a.Name.Value + "=")
	if a.Value != nil {
		b.parts(a.Value.Parts, false)
	}
	if a.Array != nil || a.Index != nil {
		b.span(a, a.Name.Value)
	}
	return word{text: b.text.String(), spans: b.spans, homes: b.homes, followed: b.followed}
}

// word unquotes a word, and puts nothing in.
func (sc *script) word(w *syntax.Word) word {
	b := builder{sc: sc}
	b.parts(w.Parts, false)
	return b.word(w)
}

// assignedValue is what a variable becomes: nothing in it is split, or a pattern.
func (sc *script) assignedValue(w *syntax.Word, c context) word {
	b := builder{sc: sc, context: &c, whole: true}
	b.parts(w.Parts, false)
	return b.word(w)
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
func (sc *script) literalOf(w *syntax.Word) string {
	if text, plain := plainWord(w); plain {
		return text
	}
	if u := sc.word(w); len(u.spans) == 0 {
		return u.text
	}
	return ""
}

// expand unquotes a word, and puts in what is known of variables, which may make
// several words of it, or none.
func (sc *script) expand(w *syntax.Word, c context) []word {
	b := builder{sc: sc, context: &c}
	b.parts(w.Parts, false)
	if !b.vanished() {
		b.out = append(b.out, b.word(w))
	}
	return b.out
}

// builder makes words of the parts of one.
type builder struct {
	sc       *script
	context  *context // nil: nothing is put in
	whole    bool     // the value of a variable: one word, and no patterns
	out      []word   // words that are complete
	text     strings.Builder
	spans    []span
	homes    []int
	unquoted bool
	more     bool // parts follow the literal
	followed bool
	stands   bool // there is a word, though it may be empty
}

// vanished tells whether nothing is left of an unquoted word.
func (b *builder) vanished() bool { return b.followed && !b.stands && b.text.Len() == 0 }

func (b *builder) word(w *syntax.Word) word {
	return word{text: b.text.String(), spans: b.spans, homes: b.homes, parts: b.unquoted, followed: b.followed, node: w}
}

// put puts in a value.
func (b *builder) put(value []word, quoted bool) {
	b.followed = true
	for i, v := range value {
		if i > 0 {
			b.next()
		}
		if quoted || b.whole {
			b.stands = b.stands || quoted
			b.splice(v)
			continue
		}
		pieces := fields(v)
		if len(pieces) == 0 || len(v.text) > 0 && blank(v.text[0]) && b.text.Len() > 0 {
			b.next()
		}
		for k, f := range pieces {
			if k > 0 {
				b.next()
			}
			b.splice(f)
		}
		if len(v.text) > 0 && blank(v.text[len(v.text)-1]) {
			b.next()
		}
	}
}

// next ends a word and begins another.
func (b *builder) next() {
	if b.text.Len() > 0 || b.stands {
		b.out = append(b.out, b.word(nil))
	}
	b.text.Reset()
	b.spans, b.homes, b.unquoted, b.stands = nil, nil, false, false
}

func (b *builder) splice(v word) {
	for _, s := range v.spans {
		s.from, s.to = s.from+b.text.Len(), s.to+b.text.Len()
		b.spans = append(b.spans, s)
	}
	for _, at := range v.homes {
		b.homes = append(b.homes, at+b.text.Len())
	}
	b.unquoted = b.unquoted || v.parts
	b.text.WriteString(v.text)
}

func (b *builder) parts(parts []syntax.WordPart, quoted bool) {
	for i, p := range parts {
		switch p := p.(type) {
		case *syntax.Lit:
			b.more = i+1 < len(parts)
			b.literal(p.Value, quoted, i == 0 && b.text.Len() == 0)
		case *syntax.SglQuoted:
			b.stands = true
			b.single(p)
		case *syntax.DblQuoted:
			b.stands = b.stands || len(p.Parts) == 0
			b.parts(p.Parts, true)
		default:
			if value, known := b.known(p); known {
				b.put(value, quoted)
				continue
			}
			b.unquoted = b.unquoted || !quoted
			b.span(p, "")
			if last := &b.spans[len(b.spans)-1]; !quoted && blanks(p) {
				last.many = true
			}
		}
	}
}

// known is what a part comes to.
func (b *builder) known(p syntax.WordPart) (value []word, ok bool) {
	if b.context == nil {
		return nil, false
	}
	switch p := p.(type) {
	case *syntax.ParamExp:
		value, _, ok = b.sc.follow(p, *b.context)
		return value, ok && !(b.sc.facts.splits && slices.ContainsFunc(value, func(w word) bool { return strings.ContainsAny(w.text, " \t\n") }))
	case *syntax.CmdSubst:
		w, ok := b.sc.printed(p, *b.context)
		return []word{w}, ok
	}
	return nil, false
}

// single adds '…', or $'…' decoded.
func (b *builder) single(p *syntax.SglQuoted) {
	text, ok := p.Value, true
	if p.Dollar {
		text, ok = ansiQuoted(p.Value)
	}
	if !ok {
		b.span(p, "$'…'")
		return
	}
	b.text.WriteString(text)
}

// span adds a part that only a shell knows, as it is written.
func (b *builder) span(n syntax.Node, name string) {
	raw := b.sc.text[n.Pos().Offset():n.End().Offset()]
	if name == "" {
		name = expansion(n, raw)
	}
	made := span{from: b.text.Len(), to: b.text.Len() + max(len(raw), 1), name: name, many: many(n), dash: dashed(n)}
	switch n := n.(type) {
	case *syntax.ParamExp:
		if n.Param != nil {
			made.param, made.moved = n.Param.Value, b.sc.moves(n.Param.Value)
		}
	case *syntax.CmdSubst, *syntax.ProcSubst, *syntax.ArithmExp:
		made.opaque = true
	}
	b.spans = append(b.spans, made)
	b.text.WriteString(raw)
}
