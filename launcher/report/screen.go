package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Screen is what a person reads a report on. Its zero value is none: a pipe or a file,
// where nothing is wrapped, so that what follows can search it.
type Screen struct {
	Width int  // columns, 0 for no bound
	Color bool // colour is added to what the words say; the writer passes it: [EscapePainted]
}

// paint is a colour by what it means. No meaning is told by colour alone.
type paint string

// The colours, as SGR sequences (ECMA-48, 8.3.117): of the sixteen that every terminal
// has, so that its owner's own theme decides how they look.
const (
	plain  paint = ""
	strong paint = "\x1b[1m"
	dim    paint = "\x1b[2m"
	bad    paint = "\x1b[31m"
	good   paint = "\x1b[32m"
	unsure paint = "\x1b[33m"

	ending = "\x1b[0m"
)

var sequences = []string{string(strong), string(dim), string(bad), string(good), string(unsure), ending}

// meanings are the colours of words that stand for a state.
var meanings = map[string]paint{
	"fail": bad, "refused": bad, "critical": bad, "high": bad, "error": bad, "dead": bad, "unhealthy": bad,
	"warn": unsure, "open": unsure, "review": unsure, "medium": unsure, "unproved": unsure, "waived": unsure, "note": unsure,
	"created": unsure, "paused": unsure, "stopping": unsure, "UNKNOWN": unsure, "FAIR": unsure, "hint": unsure,
	"pass": good, "verified": good, "unlike": unsure, "current": good, "newer": unsure, "unknown": unsure, "delisted": bad, "proved": good, "running": good, "HARDENED": good, "GOOD": good,
	"WEAK": bad, "DANGEROUS": bad,
	"counts": good, "soon": unsure, "over": bad,
	"?": unsure, "yes!": bad, "no!": bad,
	"low": dim, "info": dim, "exited": dim, "n/a": dim,
}

// paint colours text, where there is colour.
func (s Screen) paint(p paint, text string) string {
	if !s.Color || p == plain || text == "" {
		return text
	}
	return string(p) + text + ending
}

// Mean colours a word by its meaning, where it has one and there is colour.
func (s Screen) Mean(word string) string { return s.paint(meanings[word], word) }

// EscapePainted is [EscapeLines] for reports: it lets the colours through that a
// report may have, and no other sequence.
func EscapePainted(s string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(s, '\x1b')
		if at < 0 {
			return b.String() + EscapeLines(s)
		}
		b.WriteString(EscapeLines(s[:at]))
		s = s[at:]
		n := painted(s)
		if n == 0 {
			b.WriteString(EscapeLines(s[:1]))
			n = 1
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
}

// painted is how long the colour is that s begins with, 0 for none.
func painted(s string) int {
	for _, seq := range sequences {
		if strings.HasPrefix(s, seq) {
			return len(seq)
		}
	}
	return 0
}

// Columns is how many columns of a terminal a line takes: East Asian wide characters
// two (UAX #11), combining ones none, colours none.
func Columns(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf && s[i] != ending[0] { // nearly all of nearly every line
			n, i = n+1, i+1
			continue
		}
		if size := painted(s[i:]); size > 0 {
			i += size
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		n, i = n+columnsOf(r), i+size
	}
	return n
}

func columnsOf(r rune) int {
	switch {
	case r < 0x300: // combining characters begin there
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf), 0x1160 <= r && r <= 0x11ff: // and the jamo that join a syllable before them
		return 0
	case isWide(r):
		return 2
	}
	return 1
}

func isWide(r rune) bool {
	if r < 0x1100 { // the first wide one
		return false
	}
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

// Wrap breaks s at blanks into lines of at most n columns; 0 is no bound. A longer word
// stands alone, unbroken, unless it is of a script that writes no blanks. It gives at
// least one line.
func Wrap(s string, n int) []string {
	if n <= 0 || Columns(s) <= n {
		return []string{s}
	}
	var lines []string
	line, used := "", 0
	put := func(word, blank string) {
		size := Columns(word)
		if used > 0 && used+len(blank)+size > n {
			lines, line, used = append(lines, line), "", 0
		}
		if used > 0 {
			line, used = line+blank, used+len(blank)
		}
		line, used = line+word, used+size
	}
	for _, word := range strings.Fields(s) {
		for i, piece := range apart(word, n) {
			put(piece, pick(i == 0, " ", ""))
		}
	}
	return append(lines, line)
}

// Hang writes text behind a prefix, wrapped below it.
func (s Screen) Hang(prefix, text string) string {
	return s.hang(prefix, strings.Repeat(" ", Columns(prefix)), text)
}

// hang is [Screen.Hang] with what stands before the lines after the first.
func (s Screen) hang(prefix, later, text string) string {
	room := 0
	if s.Width > 0 {
		room = max(s.Width-max(Columns(prefix), Columns(later)), minLast)
	}
	var b strings.Builder
	for i, part := range Wrap(text, room) {
		b.WriteString(strings.TrimRight(pick(i == 0, prefix, later)+part, " ") + "\n")
	}
	return b.String()
}

// apart parts a word that is wider than n behind its wide characters, where a line of
// their scripts may end.
func apart(word string, n int) []string {
	if len(word) <= n || Columns(word) <= n {
		return []string{word}
	}
	var out []string
	from := 0
	for i, r := range word {
		if end := i + len(string(r)); isWide(r) && end < len(word) {
			out, from = append(out, word[from:end]), end
		}
	}
	return append(out, word[from:])
}
