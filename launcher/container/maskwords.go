package container

import (
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// A shell, and systemd in a unit, take quotes out of a word before a program sees
// it: --pass"word" is --password. Such words are masked as the program gets them.

// maxQuotes bounds how many quotes in one another are looked into: a unit's, and
// those of a shell in it.
const maxQuotes = 2

// written is a word of a text: what stands there, and what a program gets.
type written struct {
	from, to int
	text     string
	open     bool // its quote does not end
}

// maskWords hides what [MaskArgs] hides of the words of a text, with their quotes
// taken away: as a shell does, and with the escapes of C, which systemd and $'…'
// have. A word that holds a secret is quoted anew; all others stay as they are, and
// so do those whose quote does not end, where closed is true: it may be an apostrophe.
func maskWords(text string, closed bool, quotes int) string {
	text = maskQuoted(text, closed, false, quotes)
	if strings.Contains(text, `\`) {
		text = maskQuoted(text, closed, true, quotes)
	}
	return text
}

// unitKey matches a key of a unit in front of its first word, which may be an option.
var unitKey = lazyregexp.New(`^[A-Z][A-Za-z]*=`)

func maskQuoted(text string, closed, escapes bool, quotes int) string {
	words := splitWords(text, escapes)
	texts, keys := make([]string, len(words)), make([]string, len(words))
	for i, w := range words {
		keys[i] = unitKey().FindString(w.text)
		texts[i] = w.text[len(keys[i]):]
		if !strings.HasPrefix(texts[i], "-") {
			keys[i], texts[i] = "", w.text
		}
	}
	masked := maskArgs(texts, func(w string) string { return maskOnce(w, quotes) })
	var b strings.Builder
	done := 0
	for i, w := range words {
		if masked[i] == texts[i] || closed && w.open || i > 0 && texts[i-1] == podmanSecret {
			continue
		}
		b.WriteString(text[done:w.from])
		b.WriteString(keys[i] + requote(text[w.from:w.to], masked[i]))
		done = w.to
	}
	b.WriteString(text[done:])
	return b.String()
}

// requote writes a word in the double quotes that stood around it, or in a shell's
// single quotes where it needs some.
func requote(was, word string) string {
	if n := len(was); word != Redacted && n > 1 && was[0] == '"' && was[n-1] == '"' && !strings.ContainsAny(word, "\"\\") {
		return `"` + word + `"`
	}
	if !strings.ContainsAny(strings.ReplaceAll(word, Redacted, ""), " \t\n\r\"'`$&|;<>()*?[]#~{}\\!") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

const blanks = " \t\r\n"

// splitWords takes a text apart at its blanks outside of quotes. A quote that is
// not closed runs to the end.
func splitWords(text string, escapes bool) []written {
	var out []written
	for i := 0; ; {
		i += len(text[i:]) - len(strings.TrimLeft(text[i:], blanks))
		if i == len(text) {
			return out
		}
		w := written{from: i}
		w.text, w.to, w.open = unquoted(text, i, escapes)
		i = w.to
		if end := w.to - 2; end > w.from && strings.IndexByte(`"'`, text[end]) >= 0 && strings.IndexByte(":;,", text[end+1]) >= 0 {
			w.text, w.to = w.text[:len(w.text)-1], w.to-1 // of the sentence that the quoted word stands in
		}
		out = append(out, w)
	}
}

// unquoted is the word that begins at a place, where it ends, and whether
// its quote does not.
func unquoted(text string, i int, escapes bool) (string, int, bool) {
	var b strings.Builder
	var in byte
	ansi := false // in $'…'
	for i < len(text) {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text) && (escapes || ansi || in == 0 || in == '"' && strings.IndexByte("$`\"\\\n", text[i+1]) >= 0):
			s, n := escaped(text[i:], escapes || ansi)
			b.WriteString(s)
			i += n
			continue
		case in == 0 && c == '$' && i+1 < len(text) && (text[i+1] == '\'' || text[i+1] == '"'):
			ansi = text[i+1] == '\''
		case in == 0 && (c == '"' || c == '\''):
			in = c
		case c == in:
			in, ansi = 0, false
		case in == 0 && strings.IndexByte(blanks, c) >= 0:
			return b.String(), i, false
		default:
			b.WriteByte(c)
		}
		i++
	}
	return b.String(), i, in != 0
}

// escaped is what a backslash and what follows it stand for, and their length.
func escaped(s string, escapes bool) (string, int) {
	if escapes {
		if s[1] == 's' { // of systemd
			return " ", 2
		}
		if r, _, rest, err := strconv.UnquoteChar(s, 0); err == nil {
			return string(r), len(s) - len(rest)
		}
		if strings.IndexByte(`"'`, s[1]) < 0 {
			return s[:1], 1
		}
	}
	if s[1] == '\n' {
		return "", 2
	}
	return s[1:2], 2
}
