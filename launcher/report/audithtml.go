package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// The bounds of a page: what is beyond is counted, and stands in the other outputs.
const (
	mostSubjects = 200 // told in full
	mostFindings = 400 // of a table
	mostText     = 600 // characters of a text from outside
	mostSaid     = 100 // lines beside the findings
)

// HTML prints the audit as one page that fetches nothing and runs nothing: the verdict
// first, then each subject with its words underlined, its findings, what is waived and
// for how long, and its exposure. now is what the days of a waiver are counted from. All
// is printed at the end.
func (a Audit) HTML(w io.Writer, now time.Time) Printer {
	return &htmlPrinter{audit: a, to: w, style: a.style(TextOptions{Now: now})}
}

type htmlPrinter struct {
	audit Audit
	to    io.Writer
	style
	tally
	rows []htmlSubject
}

// htmlPage is what the page shows; [htmlPage.write] escapes all of it.
type htmlPage struct {
	Tool, Standard, Catalogue, FailOn       string
	Of, Verdict, Sum, Unjudged, Hides, More string
	Walked                                  []string
	Rows                                    []htmlSubject // a line each
	Subjects                                []htmlSubject // those in full
}

type htmlSubject struct {
	ID                      string // of its section; "" has none
	Name, About, Verdict    string
	Score, Raw, Band, Rungs string
	Counts                  Counts
	Words                   []htmlWord
	Tables                  []htmlTable
	Said                    []string
}

// htmlWord is a word of a command and the controls it is underlined for.
type htmlWord struct{ Text, IDs string }

type htmlTable struct {
	Title, About, More string
	Findings           []htmlFinding
}

type htmlFinding struct {
	ID, Title, Severity, Exposure, Message, Fix, Evidence, Waiver string
	Lines                                                         []string // of a unit
}

// Prepare makes the section of a subject.
func (p *htmlPrinter) Prepare(r Result) func() error {
	in := r.sorted()
	m := p.audit.measure(r, in)
	s := htmlSubject{Name: clipped(r.Subject), Verdict: m.verdict(r.Unread || r.Beside), Score: tenths(m.score), Raw: tenths(m.raw), Band: m.band,
		Rungs: rungs(r.Spec), Counts: m.Counts, About: strings.TrimSpace(strings.TrimPrefix(p.subjectLine(r), shown(r.Subject)))}
	if !p.list.Summary {
		s.Words = p.htmlWords(r, in)
		s.Tables = p.htmlTables(r, in)
		s.Said = said(r)
	}
	return func() error {
		p.tally.add(r, m)
		if len(p.rows) >= mostSubjects || p.list.Summary {
			s.Words, s.Tables, s.Said = nil, nil, nil
		} else {
			s.ID = fmt.Sprintf("subject-%d", len(p.rows)+1)
		}
		p.rows = append(p.rows, s)
		return nil
	}
}

// End writes the page.
func (p *htmlPrinter) End() error {
	d := htmlPage{
		Tool: p.audit.Tool, Standard: p.audit.Standard.Name, Catalogue: audit.Version, FailOn: p.audit.FailOn.String(),
		Of: Plural(len(p.rows), "subject"), Verdict: p.verdict(), Rows: p.rows, Hides: p.list.hides(p.hidden), Unjudged: p.unjudged(p.audit.FailOnOpen),
		Sum: fmt.Sprintf("%s at %s or above in %d of %s", Plural(p.reaching, "failure"), p.audit.FailOn, p.failing, Plural(len(p.rows), "subject")),
	}
	if len(p.rows) == 1 {
		d.Of = p.rows[0].Name
	}
	for _, w := range p.audit.walks() {
		d.Walked = append(d.Walked, w.says())
	}
	for _, s := range p.rows {
		if s.ID != "" {
			d.Subjects = append(d.Subjects, s)
		}
	}
	if more := len(p.rows) - len(d.Subjects); more > 0 && !p.list.Summary {
		d.More = fmt.Sprintf("%d of them are told in this table alone.", more)
	}
	return d.write(p.to)
}

// verdict is that of all subjects.
func (t tally) verdict() string {
	switch {
	case t.failing > 0:
		return "fail"
	case t.open > 0 || t.unread > 0:
		return "open"
	}
	return "pass"
}

// clipped is text from outside for a page: masked, escaped for a reader, and bounded.
// What writes the page escapes it for HTML.
func clipped(s string) string {
	if r := []rune(shown(s)); len(r) > mostText {
		return string(r[:mostText]) + "…"
	}
	return shown(s)
}

func (p *htmlPrinter) htmlWords(r Result, in []audit.Finding) []htmlWord {
	if r.Reading == nil || r.ofLines() {
		return nil
	}
	var out []htmlWord
	for _, d := range p.draw(r, p.list.listed(in), r.masked()) {
		ids := few(d.ids)
		if last := len(out) - 1; last >= 0 && ids != "" && out[last].IDs == ids { // an option and its value
			out[last].Text += " " + d.text
			continue
		}
		out = append(out, htmlWord{d.text, ids})
	}
	return out
}

// htmlTables are the findings of a subject by their verdicts; what is open by its cause.
func (p *htmlPrinter) htmlTables(r Result, in []audit.Finding) []htmlTable {
	all := []htmlTable{{Title: "Failures", About: "What has to change, the gravest first."}, {Title: "To look at", About: "No evidence tells; a person must look."},
		{Title: "Open", About: "What could not be known, by what leaves it open."}, {Title: "Waived", About: "Failures that somebody permits, for how long and why."}}
	words := r.masked()
	var open []audit.Finding
	for _, f := range weigh(in) {
		switch {
		case f.Verdict == audit.Open:
			open = append(open, f.Finding)
		case f.Verdict <= audit.Waived && p.list.shows(f.Finding):
			t := &all[f.Verdict]
			t.add(p.htmlFinding(r, f, words))
		}
	}
	for _, c := range causes(open) {
		if c.findings = p.list.listed(c.findings); len(c.findings) > 0 {
			all[audit.Open].add(openRow(c))
		}
	}
	return slices.DeleteFunc(all, func(t htmlTable) bool { return len(t.Findings) == 0 })
}

// add adds a row, up to the bound.
func (t *htmlTable) add(f htmlFinding) {
	if len(t.Findings) < mostFindings {
		t.Findings = append(t.Findings, f)
		return
	}
	t.More = fmt.Sprintf("This table ends at %d findings; zlaunch audit --json has all.", mostFindings)
}

func (p *htmlPrinter) htmlFinding(r Result, f weighed, words []string) htmlFinding {
	out := htmlFinding{ID: f.Control.ID, Title: titled(f.Control), Severity: f.Severity.String(), Exposure: f.exposure,
		Message: state(f.State) + clipped(f.Message), Evidence: f.Evidence.String()}
	if f.Verdict == audit.Waived {
		out.Waiver = clipped(p.waived(f.Finding))
	} else {
		out.Fix = cmp.Or(f.Fix, f.Control.Fix)
	}
	for _, l := range r.line(f.Finding, words) {
		out.Lines = append(out.Lines, clipped(l))
	}
	return out
}

// openRow is the row of one cause.
func openRow(c cause) htmlFinding {
	ids := alike(c.findings).ids()
	f := htmlFinding{ID: ids[0], Title: titled(c.findings[0].Control), Exposure: "-", Message: clipped(c.why), Evidence: "missing"}
	if len(ids) > 1 {
		f.Title = "and " + numbers(ids[1:], true)
	}
	worst, _ := audit.Worst(c.findings, audit.Open)
	f.Severity = worst.String()
	return f
}

// said is what stands beside the findings: drift, what a baseline misses, notes.
func said(r Result) []string {
	var out []string
	for _, d := range r.Drift {
		out = append(out, clipped(fmt.Sprintf("not as planned: %s: planned %s, effective %s (%s)", d.Path.String(), differing(d.Path, d.Planned), differing(d.Path, d.Got), d.Evidence)))
	}
	for _, k := range r.Absent {
		out = append(out, clipped(strings.TrimSpace("no longer found: "+k.Control+" "+k.Setting)))
	}
	for _, n := range r.Notes {
		out = append(out, clipped("note: "+n))
	}
	if more := len(out) - mostSaid; more > 0 {
		out = append(out[:mostSaid], fmt.Sprintf("and %d more", more))
	}
	return out
}
