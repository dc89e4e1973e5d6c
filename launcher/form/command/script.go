package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Script reads every podman and docker run in a shell text, in order; other
// commands are passed over. What may hide a run and cannot be read (eval, an
// alias, $PODMAN run, xargs) is listed, with Word -1 and its line in the text.
// No variable is followed, also not one that the text itself sets.
func Script(file string, text []byte) ([]*form.Reading, []form.Open, error) {
	return ScriptAt(file, text, Span{0, len(text)})
}

// ScriptAt is [Script] of a part of a text, as of a block of shell in Markdown. Lines
// and columns are those of the whole text, and so is [form.Reading.Lines].
func ScriptAt(file string, text []byte, block Span) ([]*form.Reading, []form.Open, error) {
	whole := text
	text = text[block.From:block.To]
	if err := readable(text); err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", name(file), err)
	}
	parser := syntax.NewParser(syntax.Variant(syntax.LangBash))
	tree, err := parser.Parse(&shallow{r: bytes.NewReader(text)}, "")
	if err != nil {
		return nil, nil, hint.Wrap(fmt.Errorf("reading %s: %w", name(file), place(err)), "write it as a shell would take it; bash -n names the same place")
	}
	sc := &script{file: file, text: string(text), lines: strings.Split(string(whole), "\n"), base: block.From}
	sc.starts = starts(whole)
	sc.collect(tree)
	return sc.readings(), sc.open, nil
}

func name(file string) string {
	if file == "" {
		return "a command line"
	}
	return clip(file)
}

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

// place words a parser's error without what it quotes of the text.
func place(err error) error {
	var p syntax.ParseError
	if errors.As(err, &p) {
		return fmt.Errorf("line %d, column %d: %s", p.Pos.Line(), p.Pos.Col(), clip(p.Text))
	}
	var l syntax.LangError
	if errors.As(err, &l) {
		return fmt.Errorf("line %d, column %d: %s is not bash", l.Pos.Line(), l.Pos.Col(), clip(l.Feature))
	}
	return err
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

// script is a text while its commands are gathered.
type script struct {
	file   string
	text   string
	lines  []string
	base   int   // where the text begins in the file
	starts []int // where each line of the file begins
	calls  []*syntax.CallExpr
	open   []form.Open
	opens  []int // where each of open stands

	earlier []earlier
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

// collect finds all simple commands, also those in substitutions. A chain of
// operators leans to the left as deep as it is long, and is not descended into.
func (sc *script) collect(tree syntax.Node) {
	todo := []syntax.Node{tree}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		syntax.Walk(n, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.Stmt:
				if len(n.Redirs) > 0 {
					sc.fed(n)
				}
			case *syntax.DeclClause:
				sc.assigns(n.Args)
			case *syntax.BinaryCmd:
				sc.piped(n)
				todo = append(todo, n.X, n.Y)
				return false
			case *syntax.BinaryArithm:
				todo = append(todo, n.X, n.Y)
				return false
			case *syntax.BinaryTest:
				todo = append(todo, n.X, n.Y)
				return false
			case *syntax.CallExpr:
				sc.calls = append(sc.calls, n)
				sc.callSets(n)
			case *syntax.FuncDecl:
				if v := n.Name.Value; v == "podman" || v == "docker" {
					sc.hides(n.Pos(), v+" is a function here, and what it does is not followed")
					sc.note(earlier{offset: int(n.Pos().Offset()), why: v + " is a function here", engine: v})
				}
			}
			return true
		})
	}
	slices.SortStableFunc(sc.calls, func(a, b *syntax.CallExpr) int { return int(a.Pos().Offset()) - int(b.Pos().Offset()) })
}

// hides lists what may hide a run.
func (sc *script) hides(pos syntax.Pos, why string) {
	line, _ := sc.place(int(pos.Offset()))
	sc.open = append(sc.open, form.Open{Word: -1, Why: fmt.Sprintf("line %d: %s", line, why)})
	sc.opens = append(sc.opens, int(pos.Offset()))
}

// place returns line and column, from 1, in bytes.
func (sc *script) place(offset int) (line, col int) {
	return placeIn(sc.starts, sc.base+offset)
}

// placeIn finds a byte by where the lines begin.
func placeIn(starts []int, offset int) (line, col int) {
	i, found := slices.BinarySearch(starts, offset)
	if !found {
		i--
	}
	return i + 1, offset - starts[i] + 1
}

func (sc *script) readings() []*form.Reading {
	var out []*form.Reading
	for _, c := range sc.calls {
		if len(c.Args) == 0 {
			continue
		}
		r, why := sc.source(c).read()
		if r != nil {
			r.Lines = sc.lines
			sc.after(r, int(c.Pos().Offset()))
			out = append(out, r)
		} else if why != "" {
			sc.hides(c.Pos(), why)
		}
	}
	if len(out) > 1 {
		for i, r := range out {
			r.Subject = fmt.Sprintf("%s#%d", r.Subject, i+1)
		}
	}
	sc.order()
	return out
}

// order sorts what was listed by its place.
func (sc *script) order() {
	by := make([]int, len(sc.open))
	for i := range by {
		by[i] = i
	}
	slices.SortStableFunc(by, func(a, b int) int { return sc.opens[a] - sc.opens[b] })
	sorted := make([]form.Open, len(by))
	for i, from := range by {
		sorted[i] = sc.open[from]
	}
	if len(sorted) > 0 {
		sc.open = sorted
	}
}

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

// IsText tells why a text is none, or too large, for a script; nil where it may be one.
func IsText(text []byte) error { return readable(text) }
