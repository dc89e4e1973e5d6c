package command

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// BraceList stands for a list in braces.
const BraceList = "{…}"

// Many tells whether a shell may make more words of w than one, wherever it
// stands: by a list in braces, or by all of its own arguments.
func (w *Word) Many(inBraces bool) string {
	for _, s := range w.Spans {
		if s.Many || inBraces && s.Name == BraceList {
			return s.Name
		}
	}
	return ""
}

// Program is the name of the program that a word stands for, without its directory.
func (w *Word) Program() (string, bool) {
	base := strings.LastIndexByte(w.Text, '/') + 1
	if len(w.Spans) == 0 {
		return w.Text[base:], true
	}
	last := w.Spans[len(w.Spans)-1]
	if base == len(w.Text) || w.Parts && w.Many(true) != "" || last.To > base {
		return "", false
	}
	for _, s := range w.Spans {
		if s.Name == BraceList || s.Many {
			return "", false
		}
	}
	return w.Text[base:], true
}

// WhollyUnknown tells whether a word is nothing but one thing that a shell fills in.
func (w *Word) WhollyUnknown() bool {
	return len(w.Spans) == 1 && w.Spans[0].From == 0 && w.Spans[0].To == len(w.Text) && len(w.Text) > 0
}

// Quoted writes a word anew.
func (w *Word) Quoted() string {
	if out, err := podmanrun.Line([]string{w.Text}); err == nil && len(w.Spans) == 0 {
		return out
	}
	return w.Text
}

// CutPrefix takes the first of some beginnings away.
func (w Word) CutPrefix(prefixes ...string) Word {
	for _, p := range prefixes {
		if strings.HasPrefix(w.Text, p) {
			w.Text = w.Text[len(p):]
			spans := slices.Clone(w.Spans)
			for i := range spans {
				spans[i].From, spans[i].To = max(spans[i].From-len(p), 0), max(spans[i].To-len(p), 0)
			}
			w.Spans = spans
			return w
		}
	}
	return w
}

// Marked makes each mark in a word a thing that is filled in, and tells whether there
// is one.
func (w *Word) Marked(mark string, as Expansion) bool {
	if mark == "" || len(w.Spans) > 0 || !strings.Contains(w.Text, mark) {
		return false
	}
	w.Parts = w.Text == mark
	for at := 0; ; {
		i := strings.Index(w.Text[at:], mark)
		if i < 0 {
			return true
		}
		as.From, as.To, as.Many = at+i, at+i+len(mark), false
		w.Spans = append(w.Spans, as)
		at = as.To
	}
}
