package report

import (
	"strings"
	"unicode/utf8"
)

// gridRow is one finding, or several that say the same.
type gridRow struct {
	mark, id, control, severity, exposure string
	why                                   []string // each on lines of its own
	brief                                 bool     // one line, however much there is to say
}

// grid lays findings out in columns. Mark, id, severity and exposure are never
// wrapped; the control and the reason are, where there is a terminal.
type grid struct {
	width int // of the terminal, 0 for none
	more  string
	rows  []gridRow
}

// The widths of the grid's columns.
const (
	markWidth     = 2
	idWidth       = 6  // ZL-203
	severityWidth = 8  // critical
	exposureWidth = 8  // its header
	mostControl   = 30 // beside 39 columns of reason on 100
	leastControl  = 12
	leastWhy      = 32 // below it the reason goes under the row
	stackIndent   = 4
)

// lead is what stands before the control.
const lead = 2 + markWidth + 1 + idWidth + len(gap)

func (g *grid) add(r gridRow) {
	r.control = shown(r.control)
	for i, w := range r.why {
		r.why[i] = shown(w)
	}
	g.rows = append(g.rows, r)
}

// write writes the header and every row.
func (g *grid) write(b *strings.Builder) {
	if len(g.rows) == 0 {
		return
	}
	control := len("CONTROL")
	for _, r := range g.rows {
		control = max(control, utf8.RuneCountInString(r.control))
	}
	if g.width > 0 {
		control = min(control, mostControl, max(leastControl, g.width-lead-len(gap)-severityWidth-len(gap)-exposureWidth))
	}
	indent := lead + control + len(gap) + severityWidth + len(gap) + exposureWidth + len(gap)
	stacked := g.width > 0 && g.width-indent < leastWhy
	header := gridRow{id: "ID", control: "CONTROL", severity: "SEVERITY", exposure: "EXPOSURE", why: []string{"WHY / FIX"}}
	for _, r := range append([]gridRow{header}, g.rows...) {
		g.row(b, r, control, indent, stacked)
	}
}

func (g *grid) row(b *strings.Builder, r gridRow, control, indent int, stacked bool) {
	room := 0
	if g.width > 0 {
		room = g.width - indent
		if stacked {
			room = max(g.width-stackIndent, minLast)
		}
	}
	names, whys := fold(r.control, pick(g.width > 0, control, 0)), []string(nil)
	for _, w := range r.why {
		whys = append(whys, fold(w, room)...)
	}
	if r.brief && g.width > 0 {
		names, whys = g.first(names, control), g.first(whys, room)
	}
	for i := range max(len(names), pick(stacked, 1, len(whys)), 1) {
		line := strings.Repeat(" ", lead)
		if i == 0 {
			line = "  " + cell(r.mark, markWidth) + " " + cell(r.id, idWidth) + gap
		}
		line += cell(nth(names, i), control) + gap
		if i == 0 {
			line += cell(r.severity, severityWidth) + gap + strings.Repeat(" ", max(0, exposureWidth-len(r.exposure))) + r.exposure + gap
		} else {
			line += strings.Repeat(" ", severityWidth+exposureWidth+2*len(gap))
		}
		if !stacked {
			line += nth(whys, i)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	if stacked && r.id != "ID" {
		for _, w := range whys {
			b.WriteString(strings.Repeat(" ", stackIndent) + w + "\n")
		}
	}
}

// first keeps the first of several lines, with a sign that there were more.
func (g *grid) first(lines []string, width int) []string {
	if len(lines) < 2 {
		return lines
	}
	r := []rune(lines[0])
	keep := max(0, min(len(r), width-utf8.RuneCountInString(g.more)))
	return []string{strings.TrimRight(string(r[:keep]), " ") + g.more}
}

// cell pads s to n columns.
func cell(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
}

func nth(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// fold wraps s to n columns, breaking words that are longer; 0 is no bound.
func fold(s string, n int) []string {
	if n == 0 {
		return []string{s}
	}
	var out []string
	for _, line := range wrap(s, n) {
		r := []rune(line)
		for len(r) > n {
			out, r = append(out, string(r[:n])), r[n:]
		}
		out = append(out, string(r))
	}
	return out
}
