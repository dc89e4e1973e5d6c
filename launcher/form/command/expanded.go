package command

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// mightBe lists an expansion that may be any option, so that nothing is known.
func mightBe(r *reader, i int, name string) {
	r.note(form.Open{Word: i, Why: Clip(name) + " might be any option"})
}

// spills lists a word that a shell may make into further words, which may be
// options. Braces are harmless behind "--option=", which every word then has.
func (l *line) spills(i int, inBraces bool) {
	if name := l.words[i].Many(inBraces); name != "" {
		mightBe(l.reader, i, name)
	}
}

// anyOption lists a word where an option may stand, and that a shell makes,
// unless it can be nothing but the image: it is called so, goes on as the name
// of one, or is one word and the last.
func (l *line) anyOption(i int) {
	w := &l.words[i]
	s := w.Spans[0]
	sure := strings.HasPrefix(s.Name, "~") || !w.Parts && i+1 == len(l.words) || imageName(s.Name) && s.To == len(w.Text) ||
		s.To < len(w.Text) && strings.IndexByte("/:@", w.Text[s.To]) >= 0
	if w.Many(true) != "" || s.Dash || !sure {
		mightBe(l.reader, i, s.Name)
	}
}

func imageName(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "$") && strings.Contains(name, "im") && strings.Contains(name, "g")
}

// hidesOptions tells whether word i, which a shell makes, is read as options
// rather than as the image: by its name, and by what follows.
func (l *line) hidesOptions(i int) bool {
	w := &l.words[i]
	name := strings.ToLower(w.Spans[0].Name)
	one := len(w.Spans) == 1 && w.Spans[0].To == len(w.Text)
	image := !one || imageName(name) || !w.Parts
	for _, s := range []string{"opt", "arg", "flag", "param", "mount", "vol", "port", "env", "device"} {
		if one && strings.Contains(name, s) {
			image = false
		}
	}
	if image || i+1 >= len(l.words) {
		return false
	}
	if next := &l.words[i+1]; strings.HasPrefix(next.Text, "-") && !l.known(next) {
		return false
	}
	return true
}

// known tells whether a word is an option of the table.
func (l *line) known(w *Word) bool {
	if name, ok := strings.CutPrefix(w.Text, "--"); ok {
		name, _, _ = strings.Cut(name, "=")
		return name == "" || l.table.long[name] != nil
	}
	return len(w.Text) > 1 && l.table.short[w.Text[1]&0x7f] != nil
}
