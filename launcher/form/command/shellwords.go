package command

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// source takes a simple command's assignments and words.
func (sc *script) source(c *syntax.CallExpr) source {
	n := len(c.Assigns) + len(c.Args)
	s := source{file: sc.file, env: len(c.Assigns), words: make([]word, 0, n), shown: make([]form.Word, 0, n)}
	for _, a := range c.Assigns {
		s.add(sc, sc.assigned(a), a)
	}
	for _, w := range c.Args {
		s.add(sc, sc.word(w), w)
	}
	return s
}

func (s *source) add(sc *script, w word, n syntax.Node) {
	from := int(n.Pos().Offset())
	line, col := sc.place(from)
	s.words = append(s.words, w)
	s.shown = append(s.shown, form.Word{Text: w.text, Line: line, Col: col, Raw: sc.text[from:int(n.End().Offset())]})
}

// assigned is NAME=VALUE in front of a command.
func (sc *script) assigned(a *syntax.Assign) word {
	b := builder{sc: sc}
	b.text.WriteString(a.Name.Value + "=")
	if a.Value != nil {
		b.parts(a.Value.Parts, false)
	}
	if a.Array != nil || a.Index != nil {
		b.span(a, a.Name.Value)
	}
	return word{text: b.text.String(), spans: b.spans, homes: b.homes}
}

// word unquotes a word.
func (sc *script) word(w *syntax.Word) word {
	b := builder{sc: sc}
	b.parts(w.Parts, false)
	return word{text: b.text.String(), spans: b.spans, homes: b.homes, parts: b.unquoted}
}

// builder makes a word of its parts.
type builder struct {
	sc       *script
	text     strings.Builder
	spans    []span
	homes    []int
	unquoted bool
	more     bool // parts follow the literal
}

func (b *builder) parts(parts []syntax.WordPart, quoted bool) {
	for i, p := range parts {
		switch p := p.(type) {
		case *syntax.Lit:
			b.more = i+1 < len(parts)
			b.literal(p.Value, quoted, i == 0 && b.text.Len() == 0)
		case *syntax.SglQuoted:
			b.single(p)
		case *syntax.DblQuoted:
			b.parts(p.Parts, true)
		default:
			b.unquoted = b.unquoted || !quoted
			b.span(p, "")
			if last := &b.spans[len(b.spans)-1]; !quoted && blanks(p) {
				last.many = true
			}
		}
	}
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
	b.spans = append(b.spans, span{b.text.Len(), b.text.Len() + max(len(raw), 1), name, many(n), dashed(n)})
	b.text.WriteString(raw)
}

// literal adds text. Unquoted it may hold a pattern, a user's home or braces.
func (b *builder) literal(s string, quoted, first bool) {
	from := b.text.Len()
	if !strings.ContainsAny(s, `\*?[{~`) {
		b.text.WriteString(s)
		return
	}
	switch at, n := tilde(s); {
	case !first || quoted:
	case n == 1:
		b.homes = append(b.homes, from+at)
	case n > 1:
		b.spans = append(b.spans, span{from: from + at, to: from + at + n, name: s[at : at+n]})
	}
	closing, plainTo := strings.LastIndexByte(s, ']'), 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s) && (!quoted || strings.IndexByte("$`\"\\\n", s[i+1]) >= 0):
			i++
			if s[i] != '\n' {
				b.text.WriteByte(s[i])
			}
			continue
		case quoted:
		case c == '*', c == '?', c == '[' && i < closing && !address(s[i:]):
			b.pattern(string(c))
		case c == '{' && i >= plainTo:
			n, list := braces(s[i:], b.more)
			if plainTo = i + n; list {
				b.unquoted = true
				b.spans = append(b.spans, span{from: b.text.Len(), to: b.text.Len() + n, name: braceName})
				b.text.WriteString(s[i : i+n])
				i += n - 1
				continue
			}
		}
		b.text.WriteByte(c)
	}
}

// tilde finds the home that bash puts into an unquoted word: at its beginning, up to a
// slash or a colon, and behind NAME=, which looks like an assignment: ~:/w, src=~/m, but
// not --volume=~:/w.
func tilde(s string) (at, n int) {
	if i := strings.Index(s, "=~"); i > 0 && syntax.ValidName(s[:i]) {
		at = i + 1
	}
	if at >= len(s) || s[at] != '~' {
		return 0, 0
	}
	if n = strings.IndexAny(s[at:], "/:"); n < 0 {
		n = len(s) - at
	}
	return at, n
}

// pattern marks the byte that follows.
func (b *builder) pattern(name string) {
	b.unquoted = true
	b.spans = append(b.spans, span{from: b.text.Len(), to: b.text.Len() + 1, name: name})
}

// address tells a bracketed IPv6 address, which as a pattern matches nothing but
// file names of a few odd letters, and so stays what it is.
func address(s string) bool {
	in, rest, _ := strings.Cut(s[1:min(len(s), 64)], "]")
	return strings.HasPrefix(rest, ":") && strings.Contains(in, ":") && strings.Trim(in, "0123456789abcdefABCDEF:.") == ""
}

// braces is how far the braces reach that begin s, and whether they may be a
// list, as {a,b} or {1..9}. Those that do not end in s are taken to reach as far
// as it does, and to be a list where other parts of the word follow.
func braces(s string, more bool) (n int, list bool) {
	depth := 0
	for n < len(s) {
		switch c := s[n]; {
		case c == '\\':
			n++
		case c == '{':
			depth++
		case c == '}':
			depth--
		}
		if n++; depth == 0 {
			return n, listed(s[:n])
		}
	}
	return len(s), more || listed(s)
}

func listed(s string) bool { return strings.Contains(s, ",") || strings.Contains(s, "..") }
