package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// literal adds text. Unquoted it may hold a pattern, a user's home or braces.
func (b *builder) literal(s string, quoted, first bool) {
	from := b.text.Len()
	if !strings.ContainsAny(s, `\*?[{~`) || b.whole && !strings.ContainsAny(s, `\~`) {
		b.text.WriteString(s)
		return
	}
	switch at, n := tilde(s); {
	case !first || quoted:
	case n == 1 && b.names.facts.moves("HOME"):
		b.spans = append(b.spans, command.Expansion{From: from + at, To: from + at + n, Name: "~", Moved: true})
	case n == 1:
		b.homes = append(b.homes, from+at)
	case n > 1:
		b.spans = append(b.spans, command.Expansion{From: from + at, To: from + at + n, Name: s[at : at+n]})
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
		case quoted || b.whole:
		case c == '*', c == '?', c == '[' && i < closing && !address(s[i:]):
			b.pattern(string(c))
		case c == '{' && i >= plainTo:
			n, list := braces(s[i:], b.more)
			if plainTo = i + n; list {
				b.unquoted = true
				b.spans = append(b.spans, command.Expansion{From: b.text.Len(), To: b.text.Len() + n, Name: command.BraceList})
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
	if strings.Contains(s[at:at+n], `\`) {
		return 0, 0 // quoted, it is no user's name
	}
	return at, n
}

// pattern marks the byte that follows.
func (b *builder) pattern(name string) {
	b.unquoted = true
	b.spans = append(b.spans, command.Expansion{From: b.text.Len(), To: b.text.Len() + 1, Name: name})
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
