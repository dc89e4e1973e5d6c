package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

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
	s.tail = p.page(func(to *page) { to.tail(r, in, s.measured) })
	asked := in
	if n := slices.IndexFunc(in, func(f audit.Finding) bool { return f.Verdict > audit.Waived }); n >= 0 && !p.All {
		asked = in[:n]
	}
	s.command = p.page(func(to *page) { to.command(r, p.list.listed(asked), words) })
	if r.ofLines() {
		for _, f := range asked {
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
		to.line("  ", Plural(above, "finding")+pick(above == 1, " stands", " stand")+" above, with those of other subjects")
	}
	to.b.WriteString(s.tail)
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
	p.walked(to)
}
