package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// drawn is a word of a command line on the terminal.
type drawn struct {
	text string
	ids  []string // of the findings it is underlined for
	gap  bool     // it stands for words left out
}

// The bounds of a command line on a terminal: longer ones keep what is underlined
// with a few words around it.
const (
	mostWords   = 120
	aroundWords = 4
	mostWord    = 200 // characters
)

// command writes a command line with the words underlined that its findings are
// about, and their ids below.
func (t *page) command(r Result, in []audit.Finding, texts []string) {
	if r.Reading == nil || r.ofLines() || len(r.Reading.Words) == 0 {
		return
	}
	words := t.draw(r, in, texts)
	if !slices.ContainsFunc(words, func(d drawn) bool { return len(d.ids) > 0 }) {
		return
	}
	t.b.WriteString("\n")
	if at := r.Reading.Words[0].Line; at > 0 {
		t.line("  ", fmt.Sprintf("%s:%d:", shown(r.fileOf(r.Reading.Words[0])), at))
	}
	const indent = 4
	var line []drawn
	used := 0
	for _, d := range words {
		n := Columns(d.text)
		if t.Width > 0 && used > 0 && used+1+n > t.Width-indent-2 {
			t.underlined(line, " \\")
			line, used = nil, 0
		}
		line, used = append(line, d), used+n+pick(used > 0, 1, 0)
	}
	t.underlined(line, "")
	t.b.WriteString("\n")
}

// draw lists the words to show, masked as texts.
func (t style) draw(r Result, in []audit.Finding, texts []string) []drawn {
	ids := make([][]string, len(texts))
	for _, f := range in {
		if f.Verdict > audit.Waived || f.Verdict == audit.Review {
			continue
		}
		for _, i := range r.wordsOf(f) {
			if !slices.Contains(ids[i], f.Control.ID) {
				ids[i] = append(ids[i], f.Control.ID)
			}
		}
	}
	var out []drawn
	keep := kept(ids)
	for i, text := range texts {
		switch {
		case keep[i]:
			out = append(out, drawn{text: t.word(text), ids: ids[i]})
		case len(out) == 0 || !out[len(out)-1].gap:
			out = append(out, drawn{text: t.more, gap: true})
		}
	}
	return out
}

// kept tells which words of a long line are shown.
func kept(ids [][]string) []bool {
	keep := make([]bool, len(ids))
	for i := range ids {
		keep[i] = len(ids) <= mostWords || i < aroundWords || i >= len(ids)-aroundWords
	}
	for i := range ids {
		if len(ids[i]) > 0 {
			for j := max(0, i-aroundWords); j <= min(len(ids)-1, i+aroundWords); j++ {
				keep[j] = true
			}
		}
	}
	return keep
}

// word writes one word as a shell would read it back, escaped.
func (t style) word(text string) string {
	if plain := strings.ReplaceAll(text, container.Redacted, ""); text == "" || strings.ContainsAny(plain, " \t\n\"'`$&|;<>()*?[]#~{}\\!") {
		text = "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	r := []rune(Escape(text))
	if most := pick(t.Width > 0, max(minLast, min(mostWord, t.Width-6)), mostWord); len(r) > most {
		r = append(append(r[:most/2:most/2], []rune(t.more)...), r[len(r)-most/2+len([]rune(t.more)):]...)
	}
	return string(r)
}

// underlined writes words with the marks and ids below them.
func (t *page) underlined(words []drawn, end string) {
	const margin = "    "
	var text, under strings.Builder // under is ASCII: its length is the column
	var labels []label
	for i, d := range words {
		if i > 0 {
			text.WriteString(" ")
			under.WriteString(" ")
		}
		n := Columns(d.text)
		text.WriteString(d.text)
		under.WriteString(strings.Repeat(pick(len(d.ids) > 0, "^", " "), n))
		if len(d.ids) > 0 {
			labels = append(labels, label{under.Len() - n, few(d.ids)})
		}
	}
	t.b.WriteString(margin + text.String() + end + "\n")
	if len(labels) == 0 {
		return
	}
	t.b.WriteString(strings.TrimRight(margin+under.String(), " ") + "\n")
	for _, row := range stack(labels, t.Width-len(margin)) {
		t.b.WriteString(margin + row + "\n")
	}
}

// few names controls below a word.
func few(ids []string) string {
	if len(ids) <= mostIDs {
		return strings.Join(ids, " ")
	}
	return strings.Join(ids[:mostIDs], " ") + fmt.Sprintf(" and %d more", len(ids)-mostIDs)
}

// label is the ids below a word.
type label struct {
	col  int
	text string
}

// stack puts labels on as few lines as they fit on, each at its word, or before it
// where width ends. A word with the findings of the one before it has no label.
func stack(in []label, width int) []string {
	var rows []string
	for i, l := range in {
		if i > 0 && in[i-1].text == l.text {
			continue
		}
		if width > 0 {
			l.col = max(0, min(l.col, width-len(l.text)))
		}
		at := slices.IndexFunc(rows, func(row string) bool { return len(row) < l.col })
		if at < 0 {
			rows = append(rows, "")
			at = len(rows) - 1
		}
		rows[at] += strings.Repeat(" ", l.col-len(rows[at])) + l.text
	}
	return rows
}
