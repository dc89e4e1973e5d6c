package bounded

import "strings"

// MaxName bounds the name of a profile, and of a bundle, in bytes.
const MaxName = 63

// Name tells whether s can be one: lower-case letters, digits, - and _, of which the first
// is a letter or a digit. It is a loop, for a lock has hundreds of them.
func Name(s string) bool {
	return s != "" && len(s) <= MaxName && s[0] != '-' && s[0] != '_' &&
		!strings.ContainsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' })
}

// Digest tells whether s is "sha256:" and 64 hexadecimal digits in lower case, the one kind
// of digest that is used here.
func Digest(s string) bool {
	hex, ok := strings.CutPrefix(s, "sha256:")
	return ok && len(hex) == 64 && !strings.ContainsFunc(hex, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') })
}
