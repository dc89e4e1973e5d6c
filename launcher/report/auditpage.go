package report

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// page is text on its way to a terminal.
type page struct {
	style
	b strings.Builder
}

// page is what write writes.
func (s style) page(write func(*page)) string {
	p := &page{style: s}
	write(p)
	return p.b.String()
}

// tail is what stands behind the findings of a subject.
func (t *page) tail(r Result, in []audit.Finding, m measured) {
	if !t.All && m.Pass+m.NotApplicable > 0 {
		t.line("  "+t.paint(good, t.pass)+" ", fmt.Sprintf("%d passed%s%d not applicable   (--all to list)", m.Pass, t.dot, m.NotApplicable))
	}
	t.line("  "+t.arrow+" ", m.exposure(t.Screen, t.dot))
	if e := rungs(r.Spec); e != "" {
		t.line("  ", "evidence: "+e)
	}
	t.baseline(r, in)
	t.drift(r)
	for _, n := range r.Notes {
		t.line("  ", "note: "+shown(n))
	}
}

// subjectLine is the first line of a subject.
func (t style) subjectLine(r Result) string {
	parts := []string{}
	for _, p := range []string{r.Kind, r.Engine, r.Identity} {
		if p != "" {
			parts = append(parts, shown(p))
		}
	}
	if r.File != "" && r.File != r.Subject {
		parts = append(parts, shown(r.File))
	}
	return t.paint(strong, shown(r.Subject)) + "   " + strings.Join(parts, t.dot)
}

// baseline writes what changed since the baseline, where one was compared.
func (t *page) baseline(r Result, in []audit.Finding) {
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
func (t *page) drift(r Result) {
	if len(r.Drift) == 0 {
		return
	}
	t.line("  ", "not as planned: "+Plural(len(r.Drift), "setting"))
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
func (t *page) line(prefix, text string) {
	t.b.WriteString(t.hang(prefix, strings.Repeat(" ", max(2, Columns(prefix))), text))
}
