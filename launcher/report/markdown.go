package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// Markdown prints the audit as GitHub flavoured Markdown: a table for each subject
// with its failures, what a person must look at, what is open and what is waived.
func (a Audit) Markdown(w io.Writer) Printer {
	return &markdownPrinter{audit: a, to: w, style: a.style(TextOptions{})}
}

type markdownPrinter struct {
	audit Audit
	to    io.Writer
	style
	tally
	summary  strings.Builder // the rows of its table
	sections []string
}

// Prepare writes the section of a subject and its row of the summary.
func (p *markdownPrinter) Prepare(r Result) func() error {
	in := r.sorted()
	m := p.audit.measure(r, in)
	section := p.section(r, in, m)
	row := fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %d | %d | %s %s |\n", markdown(shown(r.Subject)), m.Critical, m.High, m.Medium, m.Low,
		m.Review, m.Open, m.Waived, tenths(m.score), m.band)
	return func() error {
		p.tally.add(r, m)
		p.summary.WriteString(row)
		p.sections = append(p.sections, section)
		return nil
	}
}

// End writes the whole of it.
func (p *markdownPrinter) End() error {
	head := fmt.Sprintf("# Audit\n\nStandard %s, catalogue %s, %s at %s or above in %s.\n", markdown(p.audit.Standard.Name), audit.Version,
		Plural(p.reaching, "failure"), p.audit.FailOn, Plural(p.subjects, "subject"))
	if p.subjects > 1 || p.list.Summary {
		head += "\n| Subject | Critical | High | Medium | Low | Review | Open | Waived | Exposure |\n|---|--:|--:|--:|--:|--:|--:|--:|---|\n" + p.summary.String()
	}
	last := ""
	if left := p.unjudged(p.audit.FailOnOpen); left != "" {
		last = "\n" + markdown(strings.ToUpper(left[:1])+left[1:]) + ".\n"
	}
	if hides := p.list.hides(p.hidden); hides != "" {
		last += "\n" + markdown(strings.ToUpper(hides[:1])+hides[1:]) + ".\n"
	}
	for _, w := range p.audit.walks() {
		last += "\n" + markdown(strings.ToUpper(w.says()[:1])+w.says()[1:]) + ".\n"
	}
	if p.list.Summary {
		p.sections = nil
	}
	for _, part := range append(append([]string{head}, p.sections...), last) {
		if _, err := io.WriteString(p.to, part); err != nil {
			return err
		}
	}
	return nil
}

// section is one subject.
func (s style) section(r Result, in []audit.Finding, m measured) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s\n\n%s\n", markdown(shown(r.Subject)), markdown(strings.TrimSpace(strings.TrimPrefix(s.subjectLine(r), shown(r.Subject)))))
	s.markdownTable(&b, r, in)
	fmt.Fprintf(&b, "\n%s, %d passed, %d not applicable\n", markdown(m.exposure(Screen{}, ", ")), m.Pass, m.NotApplicable)
	list := func(i int, format string, texts ...any) {
		for i, text := range texts {
			texts[i] = markdown(fmt.Sprint(text))
		}
		fmt.Fprintf(&b, pick(i == 0, "\n", "")+"- "+format+"\n", texts...)
	}
	for i, d := range r.Drift {
		list(i, "not as planned: %s: planned %s, effective %s (%s)", shown(d.Path.String()), differing(d.Path, d.Planned), differing(d.Path, d.Got), d.Evidence)
	}
	for i, k := range r.Absent {
		list(i, "no longer found: %s", shown(strings.TrimSpace(k.Control+" "+k.Setting)))
	}
	for i, n := range r.Notes {
		list(i, "%s", shown(n))
	}
	return b.String()
}

func (s style) markdownTable(b *strings.Builder, r Result, in []audit.Finding) {
	words := r.masked()
	var listed []weighed
	for _, f := range weigh(in) {
		if f.Verdict == audit.Open || f.Verdict <= audit.Waived && s.list.shows(f.Finding) {
			f.lines = r.line(f.Finding, words)
			listed = append(listed, f)
		}
	}
	g := grid{more: s.more}
	s.fill(&g, listed)
	if len(g.rows) > 0 {
		b.WriteString("\n| | Control | | Severity | Exposure | Why and fix |\n|---|---|---|---|--:|---|\n")
	}
	for _, row := range g.rows {
		why := make([]string, len(row.why))
		for i, line := range row.why {
			why[i] = markdown(line)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", row.mark, row.id, markdown(row.control), row.severity, row.exposure, strings.Join(why, "<br>"))
	}
}

// markdown escapes text so that nothing of it is markup: not Markdown's, not
// HTML's, not a table's.
func markdown(s string) string {
	var b strings.Builder
	for _, r := range Escape(s) {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]|~#!{}", r):
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
