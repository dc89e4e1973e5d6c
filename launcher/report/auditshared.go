package report

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// saying is equal for findings that are told alike, of whatever subject.
type saying struct {
	control  *audit.Control
	verdict  audit.Verdict
	severity audit.Severity
	at       container.Path
	message  string
	state    audit.State
	// Of what asks nothing of a reader, and is told of each subject.
	evidence container.Evidence
	waiver   *audit.Waiver
}

func sayingOf(f audit.Finding) saying {
	s := saying{control: f.Control, verdict: f.Verdict, severity: f.Severity, at: f.At, message: f.Message, state: f.State}
	if f.Verdict > audit.Open {
		s.evidence, s.waiver = f.Evidence, f.Waiver
	}
	return s
}

// heard are the findings of all subjects, each kept once however many have it.
type heard struct {
	at       map[saying]int // index into the two that follow
	findings []audit.Finding
	who      [][]int // the subjects that have it, as indices into names
	names    []string
	named    map[string]int
}

// of takes in the findings of a subject and tells which they are.
func (h *heard) of(subject string, in []audit.Finding) []int {
	if h.at == nil {
		h.at, h.named = map[saying]int{}, map[string]int{}
	}
	name, known := h.named[subject]
	if !known {
		name = len(h.names)
		h.names, h.named[subject] = append(h.names, subject), name
	}
	out := make([]int, len(in))
	for i, f := range in {
		key := sayingOf(f)
		at, known := h.at[key]
		if !known {
			at = len(h.findings)
			h.at[key], h.findings, h.who = at, append(h.findings, f), append(h.who, nil)
		}
		if where, has := slices.BinarySearch(h.who[at], name); !has {
			h.who[at] = slices.Insert(h.who[at], where, name)
		}
		out[i] = at
	}
	return out
}

// common tells whether several subjects have a finding that asks something of a
// reader: it is told once for all of them.
func (h *heard) common(at int) bool {
	return h.findings[at].Verdict <= audit.Open && len(h.who[at]) > 1
}

// together writes the findings in common with the subjects that share them.
func (p *textPrinter) together(to *page) {
	var in []audit.Finding
	for at, f := range p.heard.findings {
		if p.heard.common(at) && (f.Verdict == audit.Open || p.list.shows(f)) {
			in = append(in, f)
		}
	}
	audit.Sort(in)
	g := grid{Screen: p.Screen, more: p.more}
	var open []audit.Finding
	for _, f := range in {
		if f.Verdict == audit.Open {
			open = append(open, f)
			continue
		}
		who := p.whose(f)
		count := p.share(who)
		row := p.row(f, "-", true)
		row.why = append(row.why, p.names("in "+count+": ", who))
		if row.brief {
			row.why = []string{row.why[0] + " - " + row.why[1]}
		}
		g.add(row)
	}
	p.reasons(&g, open, func(in []audit.Finding) string { return " (" + p.share(p.whose(in...)) + ")" })
	if len(g.rows) > 0 {
		to.b.WriteString("\nin several subjects:\n")
		g.write(&to.b)
	}
}

// mostNames bounds the names of subjects behind a finding, in characters.
const mostNames = 160

// names lists subjects behind text, as many as there is room for.
func (p *textPrinter) names(text string, who []int) string {
	out := []byte(text)
	for i, name := range who {
		if i > 0 {
			out = append(out, ", "...)
		}
		out = append(out, p.heard.names[name]...)
		if !p.All && utf8.RuneCount(out) > mostNames {
			return string([]rune(string(out))[:mostNames]) + p.more
		}
	}
	return string(out)
}

// whose are the subjects that have any of the findings, as indices, ascending.
func (p *textPrinter) whose(in ...audit.Finding) []int {
	var out []int
	for _, f := range in {
		out = append(out, p.heard.who[p.heard.at[sayingOf(f)]]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// share says how many subjects there are among all.
func (p *textPrinter) share(who []int) string {
	return fmt.Sprintf("%d of %d", len(who), len(p.subjects))
}
