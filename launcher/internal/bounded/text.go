package bounded

import (
	"fmt"
	"unicode"
)

// MaxText bounds one text in bytes, a string of a profile or of a policy.
const MaxText = 4096

// Printable refuses what could change how a terminal, a unit file or a report
// shows a string: control and format characters (newlines, ANSI, bidirectional
// overrides) and strings beyond any use.
func Printable(s string) error {
	if len(s) > MaxText {
		return fmt.Errorf("longer than %d bytes", MaxText)
	}
	for _, r := range s {
		if r == unicode.ReplacementChar || r != ' ' && !unicode.IsPrint(r) {
			return fmt.Errorf("holds the character %U, which does not print", r)
		}
	}
	return nil
}

// Shown writes a hostile string for an error: as it is where it prints.
func Shown(s string) string {
	if Printable(s) == nil {
		return s
	}
	q := fmt.Sprintf("%+q", s)
	if len(q) > 200 {
		q = q[:200] + "…"
	}
	return q
}
