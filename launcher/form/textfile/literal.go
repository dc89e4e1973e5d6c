package textfile

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// escapes are the signs that mean the same in every language, behind a backslash.
var escapes = map[byte]string{'\\': `\`, '\'': `'`, '"': `"`, '`': "`", '$': "$", '/': "/", 'n': "\n", 't': "\t", '\n': ""}

// str reads a string as a word of a shell. False is that there is none, or that what it
// says depends on the language.
func (l *listReader) str() (word string, ok bool) {
	i := l.at
	for i < len(l.text) && i < l.at+2 && strings.IndexByte("rRbBuUfF", l.text[i]) >= 0 {
		i++
	}
	prefix := strings.ToLower(l.text[l.at:i])
	if i >= len(l.text) || strings.IndexByte("'\"`", l.text[i]) < 0 {
		return "", false
	}
	mark := l.text[i : i+1]
	if strings.HasPrefix(l.text[i:], strings.Repeat(mark, 3)) {
		mark = strings.Repeat(mark, 3)
	}
	var b, plain strings.Builder
	flush := func() {
		b.WriteString(quote(plain.String()))
		plain.Reset()
	}
	for i += len(mark); i < len(l.text); {
		rest := l.text[i:]
		switch c := rest[0]; {
		case strings.HasPrefix(rest, mark):
			l.at = i + len(mark)
			if flush(); b.Len() == 0 {
				return "''", true
			}
			return b.String(), true
		case c == '\\' && !strings.Contains(prefix, "r") && len(rest) > 1:
			means, known := escapes[rest[1]]
			if !known {
				return "", false
			}
			plain.WriteString(means)
			i += 2
		case c == '\n' && mark != "`" && len(mark) == 1:
			return "", false
		case strings.Contains(prefix, "f") && (strings.HasPrefix(rest, "{{") || strings.HasPrefix(rest, "}}")):
			plain.WriteByte(rest[0])
			i += 2
		case strings.Contains(prefix, "f") && c == '{', mark[0] != '\'' && fills().MatchString(rest):
			n := 1 + len(makeName().FindString(rest[1:]))
			if at := strings.IndexByte(rest[:2], '{'); at >= 0 {
				n = min(len(rest), at+closes(l.text[i+at-1:]))
			}
			flush()
			b.WriteString(`"` + l.standIn(strings.Trim(rest[:n], "${}")) + `"`)
			i += n
		default:
			plain.WriteByte(rest[0])
			i++
		}
	}
	return "", false
}

// fills is where Groovy, JavaScript and others put a value into a string.
var fills = lazyregexp.New(`^\$(\{|[A-Za-z_])`)

// plainText is what a shell takes as it is, wherever it stands.
var plainText = lazyregexp.New(`^[\w./:=@%+,-]*$`)

// quote writes a text as a part of a shell's word.
func quote(s string) string {
	if plainText().MatchString(s) {
		return s
	}
	return "'" + strings.NewReplacer("'", `'\''`, "\n", `'$'\n''`).Replace(s) + "'"
}
