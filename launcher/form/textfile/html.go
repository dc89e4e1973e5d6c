package textfile

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// readHTML reads what stands in <pre> and <code> as a person sees it: without the tags in
// it, and without prompts. What else names an engine is open.
func readHTML(s *sheet) error {
	if err := shell.IsText([]byte(s.text)); err != nil {
		return err
	}
	s.foreign = true
	z, at, depth := html.NewTokenizer(strings.NewReader(s.text)), 0, 0
	var c htmlCode
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		from := at
		at += len(z.Raw())
		switch kind {
		case html.TextToken:
			if depth > 0 {
				c.text(s, from, at)
			}
		case html.StartTagToken, html.EndTagToken:
			name, _ := z.TagName()
			if tag := atom.Lookup(name); tag != atom.Pre && tag != atom.Code {
				continue
			}
			if kind == html.StartTagToken {
				depth++
			} else if depth = max(0, depth-1); depth == 0 {
				c.read(s)
				c = htmlCode{}
			}
		}
	}
	inPieces(s)
	s.describes(descriptions)
	return nil
}

// htmlCode is the text of one element, line by line.
type htmlCode struct {
	lines []htmlLine
}

// htmlLine is a line as it is seen, and the parts of the file that it is made of.
type htmlLine struct {
	text  string
	parts []shell.Span
	begun []int // where in text each part begins
}

// entity is a character by its name or number.
var entity = lazyregexp.New(`&#?\w+;`)

// text adds the text between two tags.
func (c *htmlCode) text(s *sheet, from, to int) {
	for from < to {
		end := to
		if n := strings.IndexByte(s.text[from:to], '\n'); n >= 0 {
			end = from + n
		}
		c.line(s, from, end)
		if end < to {
			c.lines = append(c.lines, htmlLine{})
		}
		from = end + 1
	}
}

// line adds a part of one line.
func (c *htmlCode) line(s *sheet, from, to int) {
	if len(c.lines) == 0 {
		c.lines = append(c.lines, htmlLine{})
	}
	l := &c.lines[len(c.lines)-1]
	add := func(from, to int) {
		l.begun, l.parts = append(l.begun, len(l.text)), append(l.parts, shell.Span{From: from, To: to})
		l.text += html.UnescapeString(s.text[from:to])
	}
	for from < to {
		at := entity().FindStringIndex(s.text[from:to])
		if at == nil {
			add(from, to)
			return
		}
		if at[0] > 0 {
			add(from, from+at[0])
		}
		add(from+at[0], from+at[1])
		from += at[1]
	}
}

// read reads an element that holds more than a word, without the lines that a program
// printed.
func (c *htmlCode) read(s *sheet) {
	var show console
	words := 0
	for _, l := range c.lines {
		show.prompts = show.prompts || prompt().MatchString(l.text)
		words += len(strings.Fields(l.text))
	}
	if words < 2 {
		return
	}
	p := piece{}
	var text []string
	for _, l := range c.lines {
		code, skip := show.line(strings.TrimRight(l.text, "\r"))
		text = append(text, code)
		p.cols = append(p.cols, 0)
		n := len(p.cols) - 1
		for i, part := range l.parts {
			line, col := s.place(part.From)
			if p.line == 0 {
				p.line = line - n
			}
			if i == 0 {
				p.cols[n] = col + skip
			}
			if code == "" {
				continue
			}
			p.at = append(p.at, part)
			if at := l.begun[i] - skip - 1; at >= 0 { // from there on, it stands as much further right
				p.fills = append(p.fills, fill{line: n, from: at, to: at, shift: col - l.begun[i] - (p.cols[n] - skip)})
			}
		}
	}
	p.text = strings.Join(text, "\n")
	s.shell(p.filledByHand())
}
