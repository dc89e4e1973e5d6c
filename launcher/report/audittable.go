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

// Text prints the audit for a person: of several subjects first a line each and what
// they have in common, then each with its failures, the gravest first, what a person
// must look at, what is open, what is waived, and its exposure, unless less is to be
// shown. All is printed at the end, for nothing is in common before.
func (a Audit) Text(w io.Writer, o TextOptions) Printer {
	return &textPrinter{audit: a, to: w, style: a.style(o)}
}

type textPrinter struct {
	audit Audit
	to    io.Writer
	style
	tally
	subjects []told
	heard    heard
}

// told is what a table tells of a subject, its findings aside.
type told struct {
	subject, kind       string
	unread              bool
	measured            measured
	head, command, tail string
	findings            []int      // see [heard]
	lines               [][]string // of a unit: where it says each of them
}

// Prepare writes what stands around the findings.
func (p *textPrinter) Prepare(r Result) func() error {
	in := r.sorted()
	s := told{subject: r.Subject, kind: r.Kind, unread: r.Unread || r.Beside, measured: p.audit.measure(r, in)}
	words := r.masked()
	s.head = p.page(func(to *page) { to.line("", p.subjectLine(r)) })
	s.command = p.page(func(to *page) { to.command(r, p.list.listed(in), words) })
	s.tail = p.page(func(to *page) { to.tail(r, in, s.measured) })
	var asked []audit.Finding
	for _, f := range in {
		if f.Verdict > audit.Waived && !p.All {
			continue
		}
		asked = append(asked, f)
		if r.Kind == "unit" {
			s.lines = append(s.lines, r.line(f, words))
		}
	}
	return func() error {
		s.findings = p.heard.of(s.subject, asked)
		p.subjects = append(p.subjects, s)
		p.tally.add(r, s.measured)
		return nil
	}
}

// End writes the whole of it.
func (p *textPrinter) End() error {
	several := len(p.subjects) > 1
	brief := p.list.Summary || p.list.Brief && several && !p.All
	if several || brief {
		if err := p.put(func(to *page) { p.overview(to) }); err != nil {
			return err
		}
	}
	if brief {
		return p.put(p.footer)
	}
	if several {
		if err := p.put(p.together); err != nil {
			return err
		}
	}
	for i := range p.subjects {
		err := p.put(func(to *page) {
			if several {
				to.b.WriteString("\n")
			}
			p.subject(to, &p.subjects[i])
		})
		if err != nil {
			return err
		}
	}
	return p.put(p.footer)
}

func (p *textPrinter) put(write func(*page)) error {
	_, err := io.WriteString(p.to, p.page(write))
	return err
}

// subject writes one subject; findings in common were written already.
func (p *textPrinter) subject(to *page, s *told) {
	in := make([]audit.Finding, len(s.findings))
	for i, at := range s.findings {
		in[i] = p.heard.findings[at]
	}
	var own []weighed
	above := 0
	for i, f := range weigh(in) {
		if f.Verdict != audit.Open && !p.list.shows(f.Finding) {
			continue
		}
		if p.heard.common(s.findings[i]) {
			above += pick(p.list.shows(f.Finding), 1, 0)
			continue
		}
		if s.lines != nil {
			f.lines = s.lines[i]
		}
		own = append(own, f)
	}
	g := grid{Screen: p.Screen, more: p.more}
	p.fill(&g, own)
	to.b.WriteString(s.head)
	g.write(&to.b)
	to.b.WriteString(s.command)
	if above > 0 {
		to.line("  ", plural(above, "finding")+pick(above == 1, " stands", " stand")+" above, with those of other subjects")
	}
	to.b.WriteString(s.tail)
}

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
func (t *page) line(prefix, text string) {
	t.b.WriteString(t.hang(prefix, strings.Repeat(" ", max(2, Columns(prefix))), text))
}

// footer says by what was judged, and what stops at the threshold.
func (p *textPrinter) footer(to *page) {
	to.b.WriteString("\n")
	parts := []string{"standard " + p.audit.Standard.Name, "catalogue " + audit.Version, fmt.Sprintf("at %s or above: %d", p.audit.FailOn, p.reaching)}
	if len(p.subjects) > 1 {
		parts[2] += fmt.Sprintf(" in %d of %d subjects", p.failing, len(p.subjects))
	}
	if p.first != "" {
		parts = append(parts, "details: zlaunch explain "+p.first)
	}
	to.line("", strings.Join(parts, p.dot))
	if left := p.unjudged(p.audit.FailOnOpen); left != "" {
		to.line("", left)
	}
	if hides := p.list.hides(p.hidden); hides != "" {
		to.line("", hides)
	}
}

func plural(n int, noun string) string {
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
	return out + " (" + plural(int(math.Ceil(w.End().Sub(t.Now).Hours()/24)), "day") + " left)"
}
