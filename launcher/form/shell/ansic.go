package shell

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// ansi are the escapes of one letter in $'…' (bash(1), QUOTING).
var ansi = map[byte]byte{'a': 7, 'b': 8, 'e': 27, 'E': 27, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11, '\\': '\\', '\'': '\'', '"': '"', '?': '?'}

// ansiQuoted is what bash makes of the text in $'…', which ends where it holds a
// NUL. It is false for what is not UTF-8, which depends on the locale.
func ansiQuoted(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			i++
			continue
		}
		text, n := ansiEscape(s[i+1:])
		if text == "\x00" {
			break
		}
		b.WriteString(text)
		i += 1 + n
	}
	return b.String(), utf8.ValidString(b.String())
}

// ansiEscape reads one escape behind its backslash, and how long it is.
func ansiEscape(s string) (string, int) {
	if c, ok := ansi[s[0]]; ok {
		return string(c), 1
	}
	switch s[0] {
	case 'x':
		if v, n := number(s[1:], 2, 16); n > 0 {
			return string([]byte{byte(v)}), 1 + n
		}
	case 'u', 'U':
		width := 4
		if s[0] == 'U' {
			width = 8
		}
		if v, n := number(s[1:], width, 16); n > 0 {
			return string(rune(v)), 1 + n
		}
	case 'c':
		if len(s) > 1 {
			return string([]byte{s[1] & 0x1f}), 2
		}
	default:
		if v, n := number(s, 3, 8); n > 0 {
			return string([]byte{byte(v)}), n
		}
	}
	return `\`, 0
}

// number reads at most width digits.
func number(s string, width, base int) (v uint64, n int) {
	for n < len(s) && n < width {
		d, err := strconv.ParseUint(s[n:n+1], base, 8)
		if err != nil {
			break
		}
		v, n = v*uint64(base)+d, n+1
	}
	return v, n
}
