package textfile

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form/shell"
)

// source is the text of a file, and where its lines are.
type source struct {
	file  string
	text  string
	lines []string
	begun []int // see [source.starts]
}

func sourceOf(file, text string) source {
	return source{file: file, text: text, lines: strings.Split(text, "\n")}
}

// starts are where the lines begin.
func (s *source) starts() []int {
	if s.begun == nil {
		at := 0
		for _, l := range s.lines {
			s.begun = append(s.begun, at)
			at += len(l) + 1
		}
	}
	return s.begun
}

// place is the line of a byte, from 1, and how many stand before it in that.
func (s *source) place(at int) (line, col int) {
	i, found := slices.BinarySearch(s.starts(), at)
	if !found {
		i--
	}
	return i + 1, at - s.starts()[i]
}

// between is the span from one line to before another, both from 0: the last ends before
// its line break. Of lines that the file does not have it is empty.
func (s *source) between(from, to int) shell.Span {
	if from < 0 || to > len(s.lines) || from >= to {
		return shell.Span{}
	}
	return shell.Span{From: s.starts()[from], To: s.starts()[to-1] + len(s.lines[to-1])}
}

// holdsAny tells whether a text holds one of some words: a search for those takes a tenth of
// what an expression does.
func holdsAny(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}
