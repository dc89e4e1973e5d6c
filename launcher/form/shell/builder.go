package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// builder makes words of the parts of one.
type builder struct {
	names    *names
	context  *context       // nil: nothing is put in
	whole    bool           // the value of a variable: one word, and no patterns
	out      []command.Word // words that are complete
	text     strings.Builder
	spans    []command.Expansion
	homes    []int
	unquoted bool
	more     bool // parts follow the literal
	followed bool
	stands   bool // there is a word, though it may be empty
}

// vanished tells whether nothing is left of an unquoted word.
func (b *builder) vanished() bool { return b.followed && !b.stands && b.text.Len() == 0 }

func (b *builder) word(w *syntax.Word) command.Word {
	return command.Word{Text: b.text.String(), Spans: b.spans, Homes: b.homes, Parts: b.unquoted, Followed: b.followed, Node: w}
}

// put puts in a value.
func (b *builder) put(value []command.Word, quoted bool) {
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
		if len(pieces) == 0 || len(v.Text) > 0 && blank(v.Text[0]) && b.text.Len() > 0 {
			b.next()
		}
		for k, f := range pieces {
			if k > 0 {
				b.next()
			}
			b.splice(f)
		}
		if len(v.Text) > 0 && blank(v.Text[len(v.Text)-1]) {
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

func (b *builder) splice(v command.Word) {
	for _, s := range v.Spans {
		s.From, s.To = s.From+b.text.Len(), s.To+b.text.Len()
		b.spans = append(b.spans, s)
	}
	for _, at := range v.Homes {
		b.homes = append(b.homes, at+b.text.Len())
	}
	b.unquoted = b.unquoted || v.Parts
	b.text.WriteString(v.Text)
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
				last.Many = true
			}
		}
	}
}

// known is what a part comes to.
func (b *builder) known(p syntax.WordPart) (value []command.Word, ok bool) {
	if b.context == nil {
		return nil, false
	}
	switch p := p.(type) {
	case *syntax.ParamExp:
		value, _, ok = b.names.follow(p, *b.context)
		return value, ok && !(b.names.facts.splits && slices.ContainsFunc(value, func(w command.Word) bool { return strings.ContainsAny(w.Text, " \t\n") }))
	case *syntax.CmdSubst:
		w, ok := b.names.words().printed(p, *b.context)
		return []command.Word{w}, ok
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
	raw := b.names.text[n.Pos().Offset():n.End().Offset()]
	if name == "" {
		name = expansion(n, raw)
	}
	made := command.Expansion{From: b.text.Len(), To: b.text.Len() + max(len(raw), 1), Name: name, Many: many(n), Dash: dashed(n)}
	switch n := n.(type) {
	case *syntax.ParamExp:
		if n.Param != nil {
			made.Param, made.Moved = n.Param.Value, b.names.facts.moves(n.Param.Value)
		}
	case *syntax.CmdSubst:
		made.Opaque, made.Moved = true, b.names.facts.replaces(raw)
	case *syntax.ProcSubst, *syntax.ArithmExp:
		made.Opaque = true
	}
	b.spans = append(b.spans, made)
	b.text.WriteString(raw)
}
