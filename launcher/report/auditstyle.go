package report

import (
	"fmt"
	"math"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// TextOptions is how a table is written.
type TextOptions struct {
	Screen
	All   bool      // also what passed and what does not apply
	ASCII bool      // marks without other characters
	Now   time.Time // for the days a waiver has left; zero leaves them out
}

// marks are the signs before a finding. Each stands beside a word that says the
// same.
type marks struct{ fail, ask, waived, na, pass, arrow, dot, more string }

func (o TextOptions) marks() marks {
	if o.ASCII {
		return marks{"x", "?", "~", ".", "ok", "->", ", ", "..."}
	}
	return marks{"✗", "?", "~", "·", "✓", "→", " · ", "…"}
}

func (m marks) of(v audit.Verdict) string {
	return [...]string{m.fail, m.ask, m.ask, m.waived, m.na, m.pass}[v]
}

// style is how everything of a table looks.
type style struct {
	TextOptions
	marks
	list Listing
}

func (a Audit) style(o TextOptions) style {
	o.Width = max(0, o.Width)
	return style{o, o.marks(), a.List}
}

// Plural counts things whose noun takes an s.
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// until says how long a waiver holds.
func (t style) until(w *audit.Waiver) string {
	if w.Expires.IsZero() {
		return ""
	}
	out := " to " + w.Expires.Format(time.DateOnly)
	if t.Now.IsZero() {
		return out
	}
	return out + " (" + Plural(int(math.Ceil(w.End().Sub(t.Now).Hours()/24)), "day") + " left)"
}
