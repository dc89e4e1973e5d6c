package report

import (
	"io"
	"slices"
	"strings"
)

// gap stands between two columns.
const gap = "  "

// minLast is the least width that text is wrapped to.
const minLast = 24

// sideBySide is the least width at which a column stays beside the others that could
// stand below them.
const sideBySide = 40

// belowIndent is how far a line stands in that belongs to the row above it.
const belowIndent = 4

// column is one column of a table.
type column struct {
	title string
	short string // title where it gets narrow; "" is the same
	most  int    // what the others wait for; longer text moves what stands behind it on; 0 for no bound
	wraps bool   // broken at blanks, to share what width there is
	below bool   // below the others, where it gets narrow
	means bool   // coloured by what its last word means
}

// table is rows of cells under a header. On a screen no cell is cut and no word
// broken: what gets too wide is wrapped, stands below, or goes on in the next line.
type table struct {
	columns []column
	rows    [][]string
}

// add appends a row; it escapes the cells.
func (t *table) add(cells ...string) {
	for i, c := range cells {
		cells[i] = Escape(c)
	}
	t.rows = append(t.rows, cells)
}

// write lays the table out for a screen.
func (t *table) write(w io.Writer, on Screen) error {
	l := t.layout(on)
	header := make([]string, len(t.columns))
	for i, c := range t.columns {
		header[i] = Escape(pick(l.narrow && c.short != "", c.short, c.title))
	}
	if strings.Join(header, "") != "" {
		l.row(header, func(int, string) paint { return strong })
	}
	for _, row := range t.rows {
		l.row(row, func(i int, cell string) paint {
			if !t.columns[i].means {
				return plain
			}
			return meanings[cell[strings.LastIndexByte(cell, ' ')+1:]]
		})
	}
	_, err := io.WriteString(w, l.b.String())
	return err
}

// layout is a table on its way to a screen.
type layout struct {
	Screen
	b       strings.Builder
	columns []column
	widths  []int
	narrow  bool // what can stand below does
}

func (t *table) layout(on Screen) *layout {
	l := &layout{Screen: on, columns: t.columns}
	natural := t.widths(false)
	l.widths = slices.Clone(natural)
	if on.Width > 0 && total(natural) <= on.Width {
		return l
	}
	bound := func() {
		for i, c := range t.columns {
			if c.most > 0 {
				l.widths[i] = min(l.widths[i], c.most)
			}
		}
	}
	if bound(); on.Width == 0 {
		return l
	}
	l.shrink(t, l.Width/3)
	for i, c := range t.columns {
		l.narrow = l.narrow || total(l.widths) > on.Width || c.below && l.widths[i] < min(natural[i], sideBySide)
	}
	if l.narrow {
		l.widths = t.widths(true)
		bound()
		for i, c := range t.columns {
			l.widths[i] = pick(c.below, 0, l.widths[i])
		}
		l.shrink(t, l.Width/3)
		l.shrink(t, minLast) // rather than columns that are wider than the screen
	}
	return l
}

// widths are those of the widest cells.
func (t *table) widths(narrow bool) []int {
	out := make([]int, len(t.columns))
	for i, c := range t.columns {
		out[i] = Columns(Escape(pick(narrow && c.short != "", c.short, c.title)))
		for _, row := range t.rows {
			out[i] = max(out[i], Columns(row[i]))
		}
	}
	return out
}

// total is how wide columns are together; one of no width is not there.
func total(widths []int) int {
	n := -len(gap)
	for _, w := range widths {
		n += pick(w > 0, w+len(gap), 0)
	}
	return n
}

// shrink takes what is too much from the columns that wrap, the widest and of those the last
// first, and from none so much that a word of at most word columns would not fit.
func (l *layout) shrink(t *table, word int) {
	least := make([]int, len(l.widths))
	for i := range least {
		least[i] = t.longestWord(i, word)
	}
	for total(l.widths) > l.Width {
		widest := -1
		for i, c := range l.columns {
			if c.wraps && l.widths[i] > least[i] && (widest < 0 || l.widths[i] >= l.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		l.widths[widest]--
	}
}

// longestWord is the widest word of a column, at most most.
func (t *table) longestWord(i, most int) int {
	n := len(t.columns[i].title)
	for _, row := range t.rows {
		n = max(n, Columns(longest(row[i])))
	}
	return min(n, most)
}

// longest is the widest word of a text.
func longest(text string) string {
	out := ""
	for _, word := range strings.Fields(text) {
		if Columns(word) > Columns(out) {
			out = word
		}
	}
	return out
}

// row writes one row: the cells beside each other, then those that stand below.
func (l *layout) row(cells []string, color func(i int, cell string) paint) {
	parts := make([][]string, len(cells))
	height, down := 1, 0
	for i, c := range l.columns {
		if l.narrow && c.below {
			continue
		}
		parts[i] = []string{cells[i]}
		if c.wraps && l.Width > 0 {
			parts[i] = Wrap(cells[i], l.widths[i])
		}
		if down > 0 {
			parts[i] = append(make([]string, down), parts[i]...)
		}
		height = max(height, len(parts[i]))
		down = pick(l.tooWide(i, parts[i]), len(parts[i]), down)
	}
	for n := range height {
		l.line(parts, n, func(i int) paint { return color(i, cells[i]) })
	}
	for i, c := range l.columns {
		if !l.narrow || !c.below || cells[i] == "" {
			continue
		}
		for _, part := range Wrap(cells[i], pick(c.wraps, max(l.Width-belowIndent, minLast), 0)) {
			l.b.WriteString(strings.Repeat(" ", belowIndent) + l.paint(color(i, cells[i]), part) + "\n")
		}
	}
}

// tooWide tells whether a cell of several lines reaches into the next column, which then
// stands below all of it rather than between its lines.
func (l *layout) tooWide(i int, lines []string) bool {
	return l.Width > 0 && len(lines) > 1 && slices.ContainsFunc(lines, func(s string) bool { return Columns(s) > l.widths[i] })
}

// line writes the n-th line of every cell, each in its column. Where the one before it
// is too wide, it begins a new line there, or on no screen stands further to the right.
func (l *layout) line(parts [][]string, n int, color func(i int) paint) {
	used, start := 0, 0
	for i, lines := range parts {
		if text := nth(lines, n); text != "" {
			at := l.place(used, start, Columns(text))
			if at < used {
				l.b.WriteString("\n")
				used = 0
			}
			l.b.WriteString(strings.Repeat(" ", at-used) + l.paint(color(i), text))
			used = at + Columns(text)
		}
		start += pick(l.widths[i] > 0, l.widths[i]+len(gap), 0)
	}
	l.b.WriteString("\n")
}

// place is where text of n columns begins whose column begins at start; less than used,
// how far the line is written: on the next line.
func (l *layout) place(used, start, n int) int {
	next := pick(used > 0, used+len(gap), 0)
	switch {
	case l.Width == 0:
		return max(start, next)
	case start >= next && start+n <= l.Width:
		return start
	case used > 0 && next+n <= l.Width && next <= start: // the columns are wider than the screen
		return next
	}
	at := max(l.Width-n, belowIndent)
	if used > 0 {
		at = min(at, used-1)
	}
	return min(start, at)
}
