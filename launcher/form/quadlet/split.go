package quadlet

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// Values of a unit are split into words as systemd splits them, with the two
// rules that Podman's generator uses: one for what becomes arguments, one for
// lists of names. Neither knows a shell.
type rule uint8

const (
	execWords rule = iota // quotes and C escapes; an open quote runs to the end
	listWords             // quotes alone, a backslash is a letter; an open quote is an error
)

const separators = " \t\n\r"

var (
	errEscape = errors.New("a backslash stands before a letter that makes no escape")
	errQuote  = errors.New("a quote is not closed")
	errEmpty  = errors.New("an empty word ends the list for Podman, what follows is dropped")
)

// split parts a value into its words. Where an error is [errEmpty] the words
// before it count; at any other none of the line does.
func split(value string, as rule) ([]string, error) {
	var words []string
	for {
		value = strings.TrimLeft(value, separators)
		if value == "" {
			return words, nil
		}
		word, rest, err := first(value, as)
		switch {
		case err != nil:
			return nil, err
		case word == "" && strings.TrimLeft(rest, separators) != "":
			return words, errEmpty
		case word == "":
			return words, nil
		}
		words, value = append(words, word), rest
	}
}

// first reads one word; value begins with no separator.
func first(value string, as rule) (word, rest string, err error) {
	var b strings.Builder
	var quote byte
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '\\' && as == execWords:
			if i+1 == len(value) {
				return b.String(), "", nil // a last backslash is eaten up
			}
			r, n := unescape(value[i+1:])
			if n == 0 {
				return "", "", errEscape
			}
			b.WriteRune(r)
			i += n
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		case quote == 0 && strings.IndexByte(separators, c) >= 0:
			return b.String(), value[i:], nil
		default:
			b.WriteByte(c)
		}
	}
	if quote != 0 && as == listWords {
		return "", "", errQuote
	}
	return b.String(), "", nil
}

// plainEscapes are the escapes of one letter.
var plainEscapes = map[byte]rune{
	'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '\\': '\\', '"': '"', '\'': '\'', 's': ' ',
}

// unescape reads what follows a backslash and returns the letter and how many
// bytes it took; 0 where it is no escape.
func unescape(s string) (rune, int) {
	if r, ok := plainEscapes[s[0]]; ok {
		return r, 1
	}
	switch s[0] {
	case 'x':
		return number(s, 1, 2, 16)
	case 'u':
		return number(s, 1, 4, 16)
	case 'U':
		return number(s, 1, 8, 16)
	}
	return number(s, 0, 3, 8)
}

// number reads n digits from s[at:] and returns the letter of that number.
func number(s string, at, n int, base uint64) (rune, int) {
	if len(s) < at+n {
		return 0, 0
	}
	var v uint64
	for _, c := range []byte(s[at : at+n]) {
		d := digit(c)
		if d >= base {
			return 0, 0
		}
		v = v*base + d
	}
	if v == 0 || v > utf8.MaxRune || n < 4 && v > 0xff {
		return 0, 0
	}
	return rune(v), at + n
}

// digit returns the value of a digit, and 99 for what is none.
func digit(c byte) uint64 {
	switch {
	case c >= '0' && c <= '9':
		return uint64(c - '0')
	case c >= 'a' && c <= 'f':
		return uint64(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return uint64(c-'A') + 10
	}
	return 99
}
