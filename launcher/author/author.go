// Package author writes profiles: [Draft] one of what an image says of itself, and
// [Propose] what a trial run showed that a profile lacks.
//
// All of it is text of somebody else's - labels, paths, log lines - and is written so
// that TOML, a terminal and a diff take it for nothing but text. Nothing here does
// input or output.
package author

import (
	"strconv"
	"strings"
	"unicode"
)

// maxText is the most runes of a foreign text that are repeated: a line or two.
const maxText = 200

// plain is a foreign text as one printable line: whatever else is in it becomes a blank.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s[:min(len(s), 16*maxText)])
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > maxText {
		return string(runes[:maxText-1]) + "…"
	}
	return string(runes)
}

// prints tells whether a text is written by [plain] as it is.
func prints(s string) bool { return plain(s) == s }

// quoted is a text as a TOML string. What [plain] leaves needs no escape but of quotes
// and backslashes, which Go and TOML write alike.
func quoted(s string) string { return strconv.Quote(plain(s)) }

// list is a TOML list of strings.
func list(texts []string) string {
	var out []string
	for _, t := range texts {
		out = append(out, quoted(t))
	}
	return "[" + strings.Join(out, ", ") + "]"
}
