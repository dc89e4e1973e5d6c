package subject

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/form/textfile"
)

// Patch returns the text of a file as it is and with the runs in it mended, which are
// all of the file, in its order. What is written is read again: a run that would not
// be what was mended, or another that would change by it, keeps its words, and ByHand
// says so. All text around the words that change stays as it is.
func (f Files) Patch(runs []*Mended) (before, after string) {
	r := runs[0].Reading
	unit := slices.IndexFunc(runs, func(m *Mended) bool { return m.Reading.Unit })
	switch {
	case quadlet.HoldsUnits(r.File):
		for _, m := range runs {
			m.ByHand = "it stands among other units in one file"
		}
		text := strings.Join(r.Lines, "\n") + "\n"
		return text, text
	case yamlOf(r) != nil:
		p := patching{runs: runs, lines: r.Lines, fix: yamlOf(r).fix}
		return strings.Join(p.lines, "\n"), p.text()
	case unit >= 0 || r.Lines == nil:
		whole := runs[max(unit, 0)]
		for _, m := range runs {
			if m != whole {
				m.ByHand = "it stands in a unit that is mended itself"
			}
		}
		return whole.Was + "\n", whole.Text + "\n"
	case quadlet.IsUnit(r.File) || filepath.Ext(r.File) == ".service":
		for _, m := range runs {
			m.ByHand = "it stands in a command line of a unit"
		}
		text := strings.Join(r.Lines, "\n") + "\n"
		return text, text
	}
	p := patching{runs: runs, lines: r.Lines, edits: map[*Mended][]edit{}}
	return strings.Join(p.lines, "\n"), p.text()
}

// patching is a file whose runs are mended where they stand.
type patching struct {
	runs  []*Mended
	lines []string
	edits map[*Mended][]edit
	fix   func(lines []string, all []form.Anew) ([]string, error) // of YAML; nil: edits
}

// edit changes one line: it takes bytes away, or puts words there.
type edit struct {
	line, from, to int // of lines, and bytes in it, from 0
	words          []string
}

// maxAlone is how many runs of a file are tried one by one where they cannot be
// changed all together.
const maxAlone = 64

// text is the text with as many runs mended as it reads back.
func (p *patching) text() string {
	var may []*Mended
	for _, m := range p.runs {
		switch {
		case m.Text == m.Was || m.ByHand != "":
			continue
		case p.fix != nil:
			may = append(may, m)
			continue
		}
		if p.edits[m], m.ByHand = editsOf(m, p.lines); m.ByHand == "" {
			may = append(may, m)
		}
	}
	text, ok := p.with(may)
	if !ok && len(may) <= maxAlone {
		may = slices.DeleteFunc(may, func(m *Mended) bool { _, alone := p.with([]*Mended{m}); return !alone })
		text, ok = p.with(may)
	}
	if !ok {
		text, may = strings.Join(p.lines, "\n"), nil
	}
	for _, m := range p.runs {
		if m.ByHand == "" && m.Text != m.Was && !slices.Contains(may, m) {
			m.ByHand = "the file would not say the same with its words changed"
		}
	}
	return text
}

// with is the text with some runs mended; ok tells that it is read as that.
func (p *patching) with(some []*Mended) (text string, ok bool) {
	text, err := p.changed(some)
	if err != nil {
		return text, false
	}
	file := p.runs[0].Reading.File
	readings, _, err := textfile.ReadBeside(besideOf(file), file, []byte(text))
	if err != nil || len(readings) != len(p.runs) {
		return text, false
	}
	for i, m := range p.runs {
		want := m.Reading.Spec
		if slices.Contains(some, m) {
			want = m.Spec
		}
		if !p.says(readings[i], want) {
			return text, false
		}
	}
	return text, true
}

// says tells whether a reading says what a spec does. Of YAML it need only mean it: what is
// taken away may leave a default.
func (p *patching) says(r *form.Reading, want *container.Spec) bool {
	got := r.Spec
	if p.fix != nil {
		got = container.Clone(got)
		for _, row := range command.Rows() {
			m, _ := got.Mark(row)
			if _, stated := want.Mark(row); !stated && len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerEngine {
				row.Clear(got) // the form's own, as the network of a project
			}
		}
		by := effective.Engine{Kind: r.Engine}
		got, want = effective.Complete(got, by), effective.Complete(want, by)
	}
	return !slices.ContainsFunc(command.Rows(), func(row container.Row) bool { return !command.Holds(row, got, want, r.Engine) })
}

// changed is the text with some runs mended, as far as it can be written.
func (p *patching) changed(some []*Mended) (string, error) {
	if p.fix == nil {
		var edits []edit
		for _, m := range some {
			edits = append(edits, p.edits[m]...)
		}
		return strings.Join(edited(p.lines, edits), "\n"), nil
	}
	var all []form.Anew
	for _, m := range some {
		all = append(all, form.Anew{Reading: m.Reading, Want: m.Spec})
	}
	lines, err := p.fix(p.lines, all)
	return strings.Join(lines, "\n"), err
}

// editsOf are the edits that mend a run; why tells that its words cannot be found.
func editsOf(m *Mended, lines []string) (out []edit, why string) {
	c, err := shell.Changed(m.Reading, m.Spec)
	if err != nil {
		return nil, whyNot(err)
	}
	for _, i := range c.Gone {
		w := m.Reading.Words[i]
		n := length(m.Reading.Words, i, lines)
		if n <= 0 {
			return nil, "a word that has to go is put together elsewhere"
		}
		out = append(out, edit{line: w.Line - 1, from: w.Col - 1, to: w.Col - 1 + n})
	}
	w := m.Reading.Words[c.Before]
	if length(m.Reading.Words, c.Before, lines) <= 0 {
		return nil, "its image is put together elsewhere"
	}
	return append(out, edit{w.Line - 1, w.Col - 1, w.Col - 1, c.Options}), ""
}

// length is how many bytes of its line a word takes as it was written: a variable in it
// may have been followed. It ends where the next begins; 0 is not known.
func length(words []form.Word, i int, lines []string) int {
	w := words[i]
	if w.Raw == "" || w.Line < 1 || w.Line > len(lines) || w.Col < 1 || w.Col > len(lines[w.Line-1]) {
		return 0
	}
	line := lines[w.Line-1][w.Col-1:]
	if strings.HasPrefix(line, w.Raw) {
		return len(w.Raw)
	}
	if i+1 < len(words) && words[i+1].Line == w.Line {
		line = line[:max(0, min(len(line), words[i+1].Col-w.Col))]
	}
	return len(strings.TrimRight(strings.TrimSuffix(strings.TrimRight(line, " \t"), `\`), " \t"))
}

// edited are lines with edits made. A line that has no word left goes.
func edited(lines []string, edits []edit) []string {
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(b.from, a.from)) })
	var out []string
	for i, line := range lines {
		touched := false
		for ; len(edits) > 0 && edits[0].line == i; edits = edits[1:] {
			e := edits[0]
			head, tail := line[:e.from], line[e.to:]
			alone := strings.TrimLeft(head, " \t") == ""
			switch {
			case len(e.words) > 0 && alone && i > 0 && strings.HasSuffix(lines[i-1], `\`): // as its neighbours, one to a line
				for _, w := range e.words {
					out = append(out, head+w+` \`)
				}
			case len(e.words) > 0:
				line = head + strings.Join(e.words, " ") + " " + tail
			case e.from == e.to:
			case alone:
				line, touched = head+strings.TrimLeft(tail, " \t"), true
			default:
				line, touched = strings.TrimRight(head, " \t")+tail, true
			}
		}
		if rest := strings.TrimSpace(line); !touched || rest != "" && rest != `\` {
			out = append(out, line)
		}
	}
	return out
}
