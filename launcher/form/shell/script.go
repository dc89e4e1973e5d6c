// Package shell finds the commands of engines in the text of a shell: what a script
// runs, what it gives to other shells, and what hides a run. Each is words, which package
// command reads.
//
// One rule stands in judge: a command is a run, or known to be harmless, or opens the
// text where it names an engine or may be one. Nothing is run, and no file is opened.
package shell

import (
	"bytes"
	"errors"
	"fmt"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"io"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Script reads every podman and docker run in a shell text, in order, also those in
// text that the script gives to a shell, and those behind names that it sets to
// something literal. Whatever else could start a container is listed, with Word -1
// and its line in the text: every other place that names an engine, and every command
// of which nobody can know here what it is. Where a shell would refuse the text, it is
// an error if no engine is named in it, and else all of it is listed.
func Script(file string, text []byte) ([]*form.Reading, []form.Open, error) {
	return ScriptAt(file, text, 1)
}

// ScriptAt is [Script] of a text that begins at a line of the file, as a block of shell
// in Markdown does. It costs what the text does, wherever in the file that stands.
func ScriptAt(file string, text []byte, line int) ([]*form.Reading, []form.Open, error) {
	h := &harvest{file: file, seen: map[string]bool{}, lines: strings.Split(string(text), "\n"), starts: starts(text), first: line,
		about: namesEngine(text)}
	err := readable(text)
	if err == nil {
		sc := newScript(h, &names{text: string(text), origin: func(offset int) int { return offset }})
		if err = sc.parse(); err == nil {
			sc.read()
			return h.out()
		}
	}
	if len(text) <= maxText && h.about {
		h.unread(err)
		return h.out()
	}
	err = fmt.Errorf("reading %s: %w", name(file), h.worded(err))
	if isSyntax(err) {
		err = hint.Wrap(err, "write it as a shell would take it; bash -n names the same place")
	}
	return nil, nil, err
}

func name(file string) string {
	if file == "" {
		return "a command line"
	}
	return command.Clip(file)
}

// maxText bounds a script, in bytes: one is generated text at most.
const maxText = 16 << 20

func readable(text []byte) error {
	switch {
	case len(text) > maxText:
		return fmt.Errorf("%d bytes are too many", len(text))
	case bytes.IndexByte(text, 0) >= 0:
		return hint.Errorf("a shell takes no NUL; is it a text?", "it holds a NUL")
	case !utf8.Valid(text):
		return errors.New("it is not UTF-8")
	}
	return nil
}

// namesEngine tells whether a text has the name of an engine anywhere, in whatever
// case and for whatever purpose.
func namesEngine(text []byte) bool {
	lower := bytes.ToLower(text)
	return slices.ContainsFunc(engines, func(e string) bool { return bytes.Contains(lower, []byte(e)) })
}

// syntaxError is a parser's, without what it quotes of the text.
type syntaxError struct {
	offset int // in the text that was parsed; -1 is not known
	what   string
}

func (e *syntaxError) Error() string { return e.what }

func isSyntax(err error) bool {
	var s *syntaxError
	return errors.As(err, &s)
}

func syntaxErrorOf(err error) error {
	var p syntax.ParseError
	if errors.As(err, &p) {
		text := p.Text
		if quote, is := strings.CutPrefix(text, "reached EOF without closing quote "); is {
			text = "the quote " + quote + " that begins there is not closed"
		}
		return &syntaxError{int(p.Pos.Offset()), command.Clip(text)}
	}
	var l syntax.LangError
	if errors.As(err, &l) {
		return &syntaxError{int(l.Pos.Offset()), command.Clip(l.Feature) + " is not bash"}
	}
	return &syntaxError{-1, err.Error()}
}

// shallow ends a text whose nesting would make the parser, which recurses, use
// up its stack. The parser asks for text from inside the recursion, a kilobyte at
// a time, so that its own depth can be measured there.
type shallow struct{ r io.Reader }

// maxFrames is what about two thousand nested constructs take.
const maxFrames = 20_000

func (s *shallow) Read(p []byte) (int, error) {
	var pc [1]uintptr
	if runtime.Callers(maxFrames, pc[:]) > 0 {
		return 0, errors.New("it is nested too deeply")
	}
	return s.r.Read(p)
}

// newScript makes a script of the text of names.
func newScript(h *harvest, n *names) *script {
	n.of, n.lists = h, map[*syntax.Stmt]*list{}
	fl := &flow{words: words{n}, feeder: map[*syntax.Stmt]*syntax.Stmt{}, eater: map[*syntax.Stmt]*syntax.Stmt{}, taken: map[*syntax.Stmt]bool{}}
	return &script{harvest: h, names: n, words: words{n}, flow: fl}
}

// script is one text that a shell runs: a file, a part of one, or a text that a
// script gives to a shell.
type script struct {
	*harvest
	names *names
	words words
	tree  *syntax.File
	flow  *flow

	prefix []string // commands that started the shell it is given to
	strict bool     // it may be anything but a shell's text: nothing that only names an engine is passed over
	depth  int      // texts within texts
}

func (sc *script) parse() error {
	parser := syntax.NewParser(syntax.Variant(syntax.LangBash))
	tree, err := parser.Parse(&shallow{r: strings.NewReader(sc.names.text)}, "")
	if err != nil {
		return syntaxErrorOf(err)
	}
	sc.tree = tree
	return nil
}

// place returns where a byte of the text stands in the file.
func (wd words) place(offset int) (line, col int) { return wd.names.of.where(wd.names.origin(offset)) }

// oneOf wants a script to hold one run and nothing that may hide another.
func oneOf(runs []*form.Reading, open []form.Open, err error) (*form.Reading, error) {
	switch {
	case err != nil:
		return nil, err
	case len(runs) == 1:
		runs[0].Open = append(runs[0].Open, open...)
		return runs[0], nil
	case len(open) > 0:
		return nil, fmt.Errorf("reading a command line: %s", open[0].Why)
	}
	return nil, hint.Errorf("begin with podman run or docker run", "reading a command line: it holds %d runs, not one", len(runs))
}

// Takes tells why a shell would refuse a text; nil where it takes it.
func Takes(text []byte) error {
	if err := readable(text); err != nil {
		return err
	}
	return newScript(&harvest{}, &names{text: string(text)}).parse()
}

// IsText tells why a text is none, or too large, for a script; nil where it may be one.
func IsText(text []byte) error { return readable(text) }
