package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// The bounds of what is told in brief: one screen.
const (
	mostRows   = 24 // subjects
	mostCommon = 6  // of what most of them have in common
)

// overview is one line for each subject: its verdict, its exposure, what is open and
// the gravest failure. In brief it is the gravest of them, and what they have in common.
func (p *textPrinter) overview(to *page) {
	brief := p.list.Brief && !p.list.Summary && !p.All && len(p.subjects) > 1
	rows := slices.Clone(p.subjects)
	if brief {
		slices.SortStableFunc(rows, func(a, b told) int {
			return cmp.Or(cmp.Compare(b.measured.score, a.measured.score), cmp.Compare(b.measured.Open, a.measured.Open))
		})
	}
	g := table{columns: []column{{title: "SUBJECT", most: 22}, {title: "VERDICT", means: true}, {title: "EXPOSURE", means: true}, {title: "OPEN"},
		{title: "WAIVED"}, {title: "WORST"}}}
	for i, s := range rows {
		if brief && i == mostRows {
			break
		}
		m := s.measured
		g.add(shown(s.subject), m.verdict(s.unread), tenths(m.score)+" "+m.band, strconv.Itoa(m.Open), strconv.Itoa(m.Waived), m.worst())
	}
	_ = g.write(&to.b, p.Screen) // a Builder takes everything
	if !brief {
		return
	}
	if more := len(rows) - mostRows; more > 0 {
		to.line("", fmt.Sprintf("and %d more, none more exposed than these   (--summary lists all)", more))
	}
	p.common(to)
	to.line("", "each in full: "+p.naming()+", or --all")
}

// naming says how one subject alone is named, in the words of the kinds there are.
func (p *textPrinter) naming() string {
	var ways []string
	for _, s := range p.subjects {
		way := "name its file"
		switch s.kind {
		case "container":
			way = "--container NAME"
		case "plan":
			way = "name its profile"
		}
		if !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	return strings.Join(ways, ", or ")
}

// common writes what most subjects share, a line each: failures at the threshold or
// above, and why something is open.
func (p *textPrinter) common(to *page) {
	var fails []cause
	at := map[*audit.Control]int{}
	var open []audit.Finding
	for _, f := range p.heard.findings {
		switch {
		case f.Verdict == audit.Open:
			open = append(open, f)
		case f.Verdict == audit.Fail && p.list.shows(f) && f.Severity >= p.audit.FailOn:
			i, known := at[f.Control]
			if !known {
				i = len(fails)
				at[f.Control], fails = i, append(fails, cause{why: fmt.Sprintf("%s %s (%s)", f.Control.ID, titled(f.Control), f.Severity)})
			}
			fails[i].findings = append(fails[i].findings, f)
		}
	}
	lines := append(p.commonest(p.fail, fails), p.commonest(p.ask, causes(open))...)
	if len(lines) > 0 {
		to.b.WriteString("\n")
	}
	for _, l := range lines {
		to.line("  ", l)
	}
}

// commonest are lines on what most subjects have, and how many that are.
func (p *textPrinter) commonest(mark string, in []cause) []string {
	share := map[string]int{}
	in = slices.DeleteFunc(in, func(c cause) bool { return len(p.list.listed(c.findings)) == 0 })
	for _, c := range in {
		share[c.why] = len(p.whose(c.findings...))
	}
	slices.SortStableFunc(in, func(a, b cause) int { return cmp.Compare(share[b.why], share[a.why]) })
	var out []string
	for _, c := range in[:min(len(in), mostCommon)] {
		out = append(out, fmt.Sprintf("%s %d of %d: %s%s", mark, share[c.why], len(p.subjects), pick(mark == p.ask, "open: ", ""), shown(c.why)))
	}
	return out
}
