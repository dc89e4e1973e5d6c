package shell

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
	"mvdan.cc/sh/v3/syntax"
)

// harvest is what comes of a file.
type harvest struct {
	file   string
	lines  []string
	starts []int // where each line of the text begins
	first  int   // the line of the file at which the text begins, from 1
	about  bool  // the file names an engine
	runs   []found
	beyond []int // the lines of the runs that are not judged; see MaxRuns
	opens  []foundOpen
	spans  []Span // of what was read as a run
	grave  bool   // an engine was called, or something that nobody can read was run
	seen   map[string]bool

	earlier  []earlier
	followed int // bytes of values that were put in
	work     int // words that were judged in texts and functions within
	invoked  int // functions that were gone through for their arguments
}

type found struct {
	*form.Reading
	offset int
}

type foundOpen struct {
	form.Open
	offset int
}

func starts(text []byte) []int {
	out := []int{0}
	for i, c := range text {
		if c == '\n' {
			out = append(out, i+1)
		}
	}
	return out
}

// placeIn finds a byte by where the lines begin; line and column are from 1, in bytes.
func placeIn(starts []int, offset int) (line, col int) {
	i, found := slices.BinarySearch(starts, offset)
	if !found {
		i--
	}
	return i + 1, offset - starts[i] + 1
}

// where finds a byte of the text in the file.
func (h *harvest) where(offset int) (line, col int) {
	line, col = placeIn(h.starts, offset)
	return h.first - 1 + line, col
}

// hides lists what may start a container and is not read.
func (sc *script) hides(pos syntax.Pos, why string) { sc.list(sc.names.origin(int(pos.Offset())), why) }

// MaxRuns is how many runs of one file are judged; the others are open. A reading takes
// three to ten kilobytes, all of them less than half a gigabyte, and what an audit makes
// of each is several times that: it is memory that bounds them, for time grows with the
// lines alone.
const MaxRuns = 50_000

func (h *harvest) keep(r found) {
	if len(h.runs) < MaxRuns {
		h.runs = append(h.runs, r)
		return
	}
	line, _ := h.where(r.offset)
	h.beyond = append(h.beyond, line)
}

// list lists the byte of the file with a reason, once.
func (h *harvest) list(offset int, why string) {
	line, _ := h.where(offset)
	if strings.Contains(why, `\u`) { // it shows a word that is not ASCII
		if odd := pastedIn(h.lines[line-h.first]); odd != "" {
			why += "; " + odd
		}
	}
	why = fmt.Sprintf("line %d: %s", line, why)
	if h.seen[why] {
		return
	}
	h.seen[why] = true
	h.opens = append(h.opens, foundOpen{form.Open{Word: -1, Why: why}, offset})
}

// unread lists all of a text that a shell would refuse.
func (h *harvest) unread(err error) {
	at := 0
	var s *syntaxError
	if errors.As(err, &s) && s.offset >= 0 {
		at = min(s.offset, h.end())
	}
	line, col := placeIn(h.starts, at)
	why := fmt.Sprintf("the text names an engine, and none of it is read: column %d: %s", col, err)
	if odd := pastedIn(h.lines[line-1]); odd != "" {
		why += "; " + odd
	}
	h.list(at, why)
}

// end is how long the text is, in bytes.
func (h *harvest) end() int { return h.starts[len(h.starts)-1] + len(h.lines[len(h.lines)-1]) }

// worded adds the place to a parser's error.
func (h *harvest) worded(err error) error {
	var s *syntaxError
	if !errors.As(err, &s) || s.offset < 0 {
		return err
	}
	line, col := h.where(min(s.offset, h.end()))
	return fmt.Errorf("line %d, column %d: %w", line, col, err)
}

// Beyond tells of the runs from a line on that are more than [MaxRuns].
func Beyond(line, n int) form.Open {
	return form.Open{Word: -1, Why: fmt.Sprintf("line %d: more than %d runs stand in one file, and %d are not judged", line, MaxRuns, n)}
}

// out sorts what was found by its place.
func (h *harvest) out() ([]*form.Reading, []form.Open, error) {
	slices.SortStableFunc(h.runs, func(a, b found) int { return cmp.Compare(a.offset, b.offset) })
	slices.SortStableFunc(h.opens, func(a, b foundOpen) int { return cmp.Compare(a.offset, b.offset) })
	var runs []*form.Reading
	for i, r := range h.runs {
		r.Lines = h.lines
		h.after(r.Reading, r.offset)
		if len(h.runs) > 1 {
			r.Subject = fmt.Sprintf("%s#%d", r.Subject, i+1)
		}
		runs = append(runs, r.Reading)
	}
	var open []form.Open
	if n := len(h.beyond); n > 0 {
		open = append(open, Beyond(slices.Min(h.beyond), n))
	}
	for i, o := range h.opens {
		if i == maxListed {
			open = append(open, form.Open{Word: -1, Why: fmt.Sprintf("%d more places are not read", len(h.opens)-i)})
			break
		}
		open = append(open, o.Open)
	}
	return runs, open, nil
}
