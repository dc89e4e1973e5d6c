package shell

import (
	"fmt"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// oddities are the characters that editors and web pages put in the place of those
// that a shell knows.
var oddities = []struct{ chars, what string }{
	{"\u00a0\u2007\u202f\u3000", "a non-breaking space (%U), which is no blank to a shell"},
	{"\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "a typographic dash (%U), which begins no option"},
	{"\ufffd", "a byte that is no UTF-8, shown as %U"},
	{"\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", "a character that nobody sees (%U), which is a part of the word"},
	{"\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f", "a typographic quote (%U), which quotes nothing"},
}

// pastedIn names the first such character of a text; "" is none.
func pastedIn(s string) string {
	if ascii(s) {
		return ""
	}
	for _, o := range oddities {
		if i := strings.IndexAny(s, o.chars); i >= 0 {
			return fmt.Sprintf("there is "+o.what, []rune(s[i:])[0])
		}
	}
	return ""
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] > 0x7f {
			return false
		}
	}
	return true
}

// pastedInRun is that of a run, in front of the workload's own arguments.
func pastedInRun(r *form.Reading) string {
	last := len(r.Words)
	if image := r.At[command.PathOf(container.Image)]; len(image) > 0 {
		last = image[len(image)-1] + 1
	}
	for _, w := range r.Words[:last] {
		if odd := pastedIn(w.Text); odd != "" {
			return odd
		}
		switch {
		case w.Text == "^":
			return "there is a circumflex, which ends a line that goes on for cmd.exe, and is a word to a shell"
		case strings.HasPrefix(w.Text, "{{") || strings.HasPrefix(w.Text, "{%"):
			return "what a template puts in for " + command.Clip(w.Text) + " is not known"
		case w.Text != "" && strings.Trim(w.Text, " \t\r") == "" && strings.HasPrefix(w.Raw, `\`):
			return "there is a blank behind the backslash, so that the line ends there: what follows is a command of its own"
		}
	}
	return ""
}
