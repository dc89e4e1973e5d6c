package textfile

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/compose"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
)

// sheet is a file while its runs are gathered.
type sheet struct {
	source
	runs    []*form.Reading
	open    []form.Open
	read    []shell.Span // of text: what was read, or starts nothing
	work    int          // see maxWork
	foreign bool         // it may be in any language
	plain   bool         // it describes a container
	beside  compose.Beside
}

// maxWork bounds how many bytes are gone through for all the pieces of a file together:
// the variables of a Makefile are read with each line that uses one. Beyond it nothing is
// read, and what names an engine is open. A real file takes less than a hundredth.
const maxWork = 64 << 20

// piece is a part of a file that is shell.
type piece struct {
	text string
	line int          // of the file, from 1
	cols []int        // what stands before each line of text in the file, in bytes; the last holds for all that follow
	at   []shell.Span // of the file

	puts  puts   // what of it stands for something that is put in
	fills []fill // where it is not as long as the file, in order
}

// shell reads a piece as a script of its own. It tells whether it is one.
func (s *sheet) shell(p piece) bool {
	if s.work += len(p.text); s.work > maxWork || len(s.runs) >= shell.MaxRuns {
		return false
	}
	if err := shell.Takes([]byte(p.text)); err != nil {
		if len(shell.Mentions(p.text, nil)) > 0 || looksLikeRun(p.text) {
			s.note(p.line, "no shell takes what begins here, and of it only lines that begin with a run are read: %s", err)
			(&lineReader{sheet: s, of: behindPrompt}).piece(p)
		}
		return false
	}
	return s.script(p)
}

// script reads a piece that a shell takes.
func (s *sheet) script(p piece) bool {
	runs, open, err := shell.ScriptAt(s.file, []byte(p.text), p.line)
	if err != nil {
		return false
	}
	for _, r := range runs {
		for i := range r.Words {
			if w := &r.Words[i]; w.Line >= p.line {
				w.Col = p.column(w.Line-p.line, w.Col)
			}
		}
		p.puts.within(r)
		for i, o := range r.Open {
			r.Open[i].Why = p.puts.worded(o.Why)
		}
	}
	for i, o := range open {
		open[i].Why = p.puts.worded(o.Why)
	}
	s.runs, s.open, s.read = append(s.runs, runs...), append(s.open, open...), append(s.read, p.at...)
	return true
}

func (p piece) col(line int) int {
	if len(p.cols) == 0 {
		return 0
	}
	return p.cols[min(line, len(p.cols)-1)]
}

// all marks the whole file as read.
func (s *sheet) all() { s.read = append(s.read, shell.Span{From: 0, To: len(s.text)}) }

// harmless marks a part that starts nothing.
func (s *sheet) harmless(at shell.Span) { s.read = append(s.read, at) }

// note lists what is open at a line.
func (s *sheet) note(line int, format string, args ...any) {
	if len(s.open) < maxOpen {
		s.open = append(s.open, form.Open{Word: -1, Why: fmt.Sprintf("line %d: ", line) + fmt.Sprintf(format, args...)})
	}
}

// maxOpen bounds what is listed of one file.
const maxOpen = 1000

// words reads words that no engine's name begins as the line of shell that they
// make, as of ["sh", "-c", "podman run …"].
func (s *sheet) words(words []string, p piece) bool {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	p.text = strings.Join(quoted, " ")
	return s.shell(p)
}

// argv reads words that are run without a shell.
func (s *sheet) argv(words []string, p piece) bool {
	if len(s.runs) >= shell.MaxRuns {
		return false
	}
	r, err := command.Read(words)
	if err != nil {
		return s.words(words, p)
	}
	r.File = s.file
	for i := range r.Words {
		r.Words[i].Line, r.Words[i].Col = p.line, p.col(0)+1
	}
	s.runs, s.read = append(s.runs, r), append(s.read, p.at...)
	return true
}

// bounded is a word of the file for a message.
func bounded(s string) string {
	if len(s) > 40 {
		s = strings.ToValidUTF8(s[:40], "") + "…"
	}
	return strconv.QuoteToASCII(s)
}
