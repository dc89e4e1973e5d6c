package report

import (
	"slices"
	"strings"
)

// gridRow is one finding, or several that say the same.
type gridRow struct {
	mark, id, control, severity, exposure string
	why                                   []string // each on lines of its own
	brief                                 bool     // one line, however much there is to say
	paint                                 paint    // of mark and severity
	head                                  paint    // of the rest
}

// grid lays findings out in columns. Mark, id, severity and exposure are never
// wrapped; the control and the reason are, where there is a terminal.
type grid struct {
	Screen
	more string
	rows []gridRow
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
		control = max(control, Columns(r.control))
	}
	const behind = len(gap) + severityWidth + len(gap) + exposureWidth
	stacked := false
	if g.Width > 0 {
		room := max(leastControl, g.Width-lead-behind)
		stacked = g.Width-lead-min(control, mostControl, room)-behind-len(gap) < leastWhy
		control = min(control, room, pick(stacked, room, mostControl))
	}
	indent := lead + control + behind + len(gap)
	header := gridRow{paint: strong, head: strong, id: "ID", control: "CONTROL", severity: "SEVERITY", exposure: "EXPOSURE", why: []string{"WHY / FIX"}}
	for _, r := range append([]gridRow{header}, g.rows...) {
		g.row(b, r, control, indent, stacked)
	}
}

func (g *grid) row(b *strings.Builder, r gridRow, control, indent int, stacked bool) {
	room := 0
	if g.Width > 0 {
		// a word that is too long for the column has more room below
		stacked = stacked || slices.ContainsFunc(r.why, func(w string) bool { return Columns(longest(w)) > g.Width-indent })
		room = g.Width - indent
		if stacked {
			room = max(g.Width-stackIndent, minLast)
		}
	}
	names, whys := Wrap(r.control, pick(g.Width > 0, control, 0)), []string(nil)
	for _, w := range r.why {
		whys = append(whys, Wrap(w, room)...)
	}
	if r.brief && g.Width > 0 {
		names, whys = g.first(names, control), g.first(whys, room)
	}
	for i := range max(len(names), pick(stacked, 1, len(whys)), 1) {
		line := strings.Repeat(" ", lead)
		if i == 0 {
			line = "  " + g.paint(r.paint, cell(r.mark, markWidth)) + " " + g.paint(r.head, cell(r.id, idWidth)) + gap
		}
		line += g.paint(r.head, cell(nth(names, i), control)) + gap
		if i == 0 {
			line += g.paint(r.paint, cell(r.severity, severityWidth)) + gap + strings.Repeat(" ", max(0, exposureWidth-len(r.exposure))) + g.paint(r.head, r.exposure) + gap
		} else {
			line += strings.Repeat(" ", severityWidth+exposureWidth+2*len(gap))
		}
		if !stacked {
			line += g.paint(r.head, nth(whys, i))
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
	return []string{Wrap(lines[0], max(1, width-Columns(g.more)))[0] + g.more}
}

// cell pads s to n columns.
func cell(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-Columns(s)))
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
