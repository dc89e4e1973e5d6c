package podmanrun

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Line writes argv as one command for a POSIX shell, on one line unless an
// argument holds a newline. What is pasted gives exactly argv again. An argument
// that would act on a terminal instead of being shown (control characters other
// than newline and tab, marks that turn the direction of writing, bytes that
// are no UTF-8) is an error.
func Line(argv []string) (string, error) { return join(argv, " ") }

// Pretty is [Line] with each argument on a line of its own, joined by
// backslashes.
func Pretty(argv []string) (string, error) { return join(argv, " \\\n    ") }

const takeOut = "take the character out; --json shows it escaped"

func join(argv []string, sep string) (string, error) {
	words := make([]string, len(argv))
	for i, a := range argv {
		if err := shown(a); err != nil {
			return "", hint.Errorf(takeOut, "writing argument %d as a line: %w", i+1, err)
		}
		words[i] = quote(a)
	}
	return strings.Join(words, sep), nil
}

func shown(a string) error {
	if !utf8.ValidString(a) {
		return fmt.Errorf("%q is not UTF-8", clip(a))
	}
	for _, r := range a {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			return fmt.Errorf("it holds the control character %U", r)
		}
	}
	return nil
}

// unquoted is what no shell reads as anything but itself, wherever it stands:
// "=" only in an option, for a first word A=B would set a variable.
var unquoted = pattern(`[a-zA-Z0-9@%+:,./_-]+|-[a-zA-Z0-9@%+=:,./_-]+`)

func quote(a string) string {
	if unquoted().MatchString(a) {
		return a
	}
	return "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
}
