package report

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// TextOptions is how a table is written.
type TextOptions struct {
	Width int       // columns of the terminal; 0 is none: nothing is wrapped
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

// table is one audit on its way to a terminal.
type auditTable struct {
	TextOptions
	marks
	b strings.Builder
}

// Text writes the audit for a person: of several subjects first a summary and
// what they have in common, then each with its failures, the gravest first, what
// a person must look at, what is open, what is waived, and its exposure.
func (a Audit) Text(w io.Writer, o TextOptions) error {
	o.Width = max(0, o.Width)
	t := &auditTable{TextOptions: o, marks: o.marks()}
	var common map[likeness]bool
	if len(a.Results) > 1 {
		t.summary(a)
		common = t.shared(a)
	}
	for i, r := range a.Results {
		if i > 0 || len(a.Results) > 1 {
			t.b.WriteString("\n")
		}
		t.result(r, common)
	}
	t.footer(a)
	_, err := io.WriteString(w, t.b.String())
	return err
}

// result writes one subject; findings in common were written already.
func (t *auditTable) result(r Result, common map[likeness]bool) {
	in := r.sorted()
	t.line("", r.head(t.dot))
	g := grid{width: t.Width, more: t.more}
	above := t.findings(&g, r, in, common)
	g.write(&t.b)
	t.command(r, in)
	c := count(in)
	if above > 0 {
		t.line("  ", plural(above, "finding")+pick(above == 1, " stands", " stand")+" above, with those of other subjects")
	}
	if !t.All && c.Pass+c.NotApplicable > 0 {
		t.line("  "+t.pass+" ", fmt.Sprintf("%d passed%s%d not applicable   (--all to list)", c.Pass, t.dot, c.NotApplicable))
	}
	t.line("  "+t.arrow+" ", r.exposure(t.dot))
	if e := rungs(r.Spec); e != "" {
		t.line("  ", "evidence: "+e)
	}
	t.baseline(r, in)
	t.drift(r)
	for _, n := range r.Notes {
		t.line("  ", "note: "+shown(n))
	}
}

// head is the first line of a subject.
func (r Result) head(dot string) string {
	parts := []string{}
	for _, p := range []string{r.Kind, r.Engine, r.Identity} {
		if p != "" {
			parts = append(parts, shown(p))
		}
	}
	if r.File != "" && r.File != r.Subject {
		parts = append(parts, shown(r.File))
	}
	return shown(r.Subject) + "   " + strings.Join(parts, dot)
}

// exposure is the score with its name, and the counts.
func (r Result) exposure(dot string) string {
	in := r.sorted()
	score, raw := audit.Score(in, false), audit.Score(in, true)
	out := "exposure " + tenths(score) + " " + r.band()
	if raw != score {
		out += " (" + tenths(raw) + " without waivers)"
	}
	c := count(in)
	return out + "   " + strings.Join([]string{
		fmt.Sprintf("%d fail", c.Fail), fmt.Sprintf("%d review", c.Review), fmt.Sprintf("%d waived", c.Waived), fmt.Sprintf("%d open", c.Open),
	}, dot)
}

// baseline writes what changed since the baseline, where one was compared.
func (t *auditTable) baseline(r Result, in []audit.Finding) {
	n := map[audit.State]int{}
	for _, f := range in {
		n[f.State]++
	}
	if n[audit.New]+n[audit.Unchanged]+len(r.Absent) == 0 {
		return
	}
	t.line("  ", fmt.Sprintf("beside the baseline: %d new%s%d unchanged%s%d absent",
		n[audit.New], t.dot, n[audit.Unchanged], t.dot, len(r.Absent)))
	for _, k := range r.Absent {
		t.line("    ", strings.TrimSpace("absent: "+shown(k.Control+" "+k.Setting)))
	}
}

// drift writes every setting that is not as planned.
func (t *auditTable) drift(r Result) {
	if len(r.Drift) == 0 {
		return
	}
	t.line("  ", "not as planned: "+plural(len(r.Drift), "setting"))
	for _, d := range r.Drift {
		t.line("    ", fmt.Sprintf("%s: planned %s, effective %s (%s)", shown(d.Path.String()),
			differing(d.Path, d.Planned), differing(d.Path, d.Got), d.Evidence))
	}
}

// differing is one side of a difference.
func differing(p container.Path, v any) string {
	if v == nil {
		return "nothing"
	}
	return shown(Value(container.Setting{Path: p, Value: v}))
}

// line writes text behind a prefix, wrapped below it.
func (t *auditTable) line(prefix, text string) {
	width := 0
	if t.Width > 0 {
		width = max(t.Width-max(2, len([]rune(prefix))), minLast)
	}
	for i, part := range fold(text, width) {
		if i == 1 {
			prefix = strings.Repeat(" ", max(2, len([]rune(prefix))))
		}
		t.b.WriteString(strings.TrimRight(prefix+part, " ") + "\n")
	}
}

// footer says by what was judged, and what stops at the threshold.
func (t *auditTable) footer(a Audit) {
	t.b.WriteString("\n")
	for _, n := range a.Notes {
		t.line("", "note: "+shown(n))
	}
	n, first := 0, ""
	for _, r := range a.Results {
		n += reaching(r.Findings, a.FailOn)
		for _, f := range r.sorted() {
			if first == "" && f.Verdict == audit.Fail {
				first = f.Control.ID
			}
		}
	}
	parts := []string{"standard " + a.Standard.Name, "catalogue " + audit.Version, fmt.Sprintf("at %s or above: %d", a.FailOn, n)}
	if first != "" {
		parts = append(parts, "details: zlaunch explain "+first)
	}
	t.line("", strings.Join(parts, t.dot))
	if left := a.unjudged(); left != "" {
		t.line("", left)
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// until says how long a waiver holds.
func (t *auditTable) until(w *audit.Waiver) string {
	if w.Expires.IsZero() {
		return ""
	}
	out := " to " + w.Expires.Format(time.DateOnly)
	if t.Now.IsZero() {
		return out
	}
	return out + " (" + plural(int(math.Ceil(w.End().Sub(t.Now).Hours()/24)), "day") + " left)"
}
