package report

import (
	"io"
	"strings"
	"unicode/utf8"
)

// gap stands between two columns.
const gap = "  "

// minLast is the least width the last column is wrapped to: below it the lines
// may grow beyond the terminal rather than hold a word each.
const minLast = 24

// sideBySide is the least width of the last column at which a stacking table
// keeps it beside the others.
const sideBySide = 48

// table is rows of cells under a header, every cell escaped and on one line but
// for the last column, which is wrapped.
type table struct {
	header []string
	rows   [][]string
	most   []int // widest a column may get, 0 for no bound; a terminal elides longer cells
	stacks bool  // where it gets narrow, the last column goes below the others
}

// add appends a row; it escapes the cells.
func (t *table) add(cells ...string) {
	for i, c := range cells {
		cells[i] = Escape(c)
	}
	t.rows = append(t.rows, cells)
}

// write lays the table out for a terminal of width columns. Width 0 is no
// terminal: nothing is elided or wrapped, so that what follows can search it, and
// a cell that is too long moves what stands behind it.
func (t *table) write(w io.Writer, width int) error {
	rows := append([][]string{t.header}, t.rows...)
	if width > 0 {
		rows = t.elided(rows)
	}
	widths := t.columns(rows)
	indent := 0
	for _, n := range widths[:len(widths)-1] {
		indent += n + len(gap)
	}
	var b strings.Builder
	for _, row := range rows {
		if t.stacks && width > 0 && width-indent < sideBySide {
			writeStacked(&b, row, widths, width)
		} else {
			writeRow(&b, row, widths, lastWidth(width, indent))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeStacked puts the last cell on lines of its own below the others.
func writeStacked(b *strings.Builder, row []string, widths []int, width int) {
	last := len(row) - 1
	writeRow(b, append(append([]string(nil), row[:last]...), ""), widths, 0)
	if row[last] == "" {
		return
	}
	const indent = "    "
	for _, part := range wrap(row[last], max(width-len(indent), minLast)) {
		b.WriteString(indent + part + "\n")
	}
}

// lastWidth is what remains for the last column; 0 is no bound.
func lastWidth(width, indent int) int {
	if width == 0 {
		return 0
	}
	return max(width-indent, minLast)
}

func (t *table) elided(rows [][]string) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		out[i] = append([]string(nil), row...)
		for j, c := range row {
			if j < len(t.most) {
				out[i][j] = elide(c, t.most[j])
			}
		}
	}
	return out
}

// elide shortens s to n columns by taking away its middle: paths and image
// references differ at both ends.
func elide(s string, n int) string {
	if n == 0 || utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	head := (n - 1) / 2
	return string(r[:head]) + "…" + string(r[len(r)-(n-1-head):])
}

func (t *table) columns(rows [][]string) []int {
	widths := make([]int, len(t.header))
	for _, row := range rows {
		for i, c := range row {
			n := utf8.RuneCountInString(c)
			if i < len(t.most) && t.most[i] > 0 {
				n = min(n, t.most[i])
			}
			widths[i] = max(widths[i], n)
		}
	}
	return widths
}

func writeRow(b *strings.Builder, row []string, widths []int, last int) {
	end := len(row) - 1
	var line strings.Builder
	indent := 0
	for i, c := range row[:end] {
		line.WriteString(c)
		line.WriteString(strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(c))) + gap)
		indent += widths[i] + len(gap)
	}
	for i, part := range wrap(row[end], last) {
		if i > 0 {
			line.WriteString(strings.Repeat(" ", indent))
		}
		line.WriteString(part)
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
		line.Reset()
	}
}

// wrap breaks s at spaces into lines of at most n columns; a longer word stands
// alone. It gives at least one line.
func wrap(s string, n int) []string {
	if n == 0 || utf8.RuneCountInString(s) <= n {
		return []string{s}
	}
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(s) {
		size := utf8.RuneCountInString(word)
		if used > 0 && used+1+size > n {
			lines = append(lines, line)
			line, used = "", 0
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+size
	}
	return append(lines, line)
}
