package command

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// mightBe lists an expansion that may be any option, so that nothing is known.
func (r *reader) mightBe(i int, name string) {
	r.note(form.Open{Word: i, Why: clip(name) + " might be any option"})
}

// spills lists a word that a shell may make into further words, which may be
// options. Braces are harmless behind "--option=", which every word then has.
func (r *reader) spills(i int, inBraces bool) {
	if name := r.words[i].many(inBraces); name != "" {
		r.mightBe(i, name)
	}
}

// anyOption lists a word where an option may stand, and that a shell makes,
// unless it can be nothing but the image: it is called so, goes on as the name
// of one, or is one word and the last.
func (r *reader) anyOption(i int) {
	w := &r.words[i]
	s := w.spans[0]
	sure := strings.HasPrefix(s.name, "~") || !w.parts && i+1 == len(r.words) || imageName(s.name) && s.to == len(w.text) ||
		s.to < len(w.text) && strings.IndexByte("/:@", w.text[s.to]) >= 0
	if w.many(true) != "" || s.dash || !sure {
		r.mightBe(i, s.name)
	}
}

func imageName(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "$") && strings.Contains(name, "im") && strings.Contains(name, "g")
}

// hidesOptions tells whether word i, which a shell makes, is read as options
// rather than as the image: by its name, and by what follows.
func (r *reader) hidesOptions(i int) bool {
	w := &r.words[i]
	name := strings.ToLower(w.spans[0].name)
	one := len(w.spans) == 1 && w.spans[0].to == len(w.text)
	image := !one || imageName(name) || !w.parts
	for _, s := range []string{"opt", "arg", "flag", "param", "mount", "vol", "port", "env", "device"} {
		if one && strings.Contains(name, s) {
			image = false
		}
	}
	if image || i+1 >= len(r.words) {
		return false
	}
	if next := &r.words[i+1]; strings.HasPrefix(next.text, "-") && !r.known(next) {
		return false
	}
	return true
}

// known tells whether a word is an option of the table.
func (r *reader) known(w *word) bool {
	if name, ok := strings.CutPrefix(w.text, "--"); ok {
		name, _, _ = strings.Cut(name, "=")
		return name == "" || r.table.long[name] != nil
	}
	return len(w.text) > 1 && r.table.short[w.text[1]&0x7f] != nil
}
