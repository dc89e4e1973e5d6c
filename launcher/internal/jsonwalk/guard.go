package jsonwalk

import (
	"errors"
	"fmt"
	"io"
)

// guard looks at a document on its way to the parser, which holds a whole string, and
// whatever stands between two tokens, before it gives it out: what would make it hold much
// ends here.
type guard struct {
	from       io.Reader
	left, most int64 // bytes that may still come
	depth      int
	length     int // of the string, the number or the space at hand
	inside     byte
	escaped    bool
}

// The parts of a document that the parser holds as a whole.
const (
	between = 0
	text    = '"'
	word    = 'a' // a number, true, false, null
	space   = ' '
)

func (g *guard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		var one [1]byte
		if n, err := g.from.Read(one[:]); n == 0 {
			return 0, err
		}
		return 0, fmt.Errorf("more than %d bytes", g.most)
	}
	n, err := g.from.Read(p[:min(int64(len(p)), g.left)])
	g.left -= int64(n)
	for _, c := range p[:n] {
		if wrong := g.see(c); wrong != nil {
			return 0, wrong
		}
	}
	return n, err
}

// see takes in one byte.
func (g *guard) see(c byte) error {
	if g.inside == text {
		switch {
		case g.escaped:
			g.escaped = false
		case c == '\\':
			g.escaped = true
		case c == '"':
			g.inside = between
		}
		return g.longer()
	}
	kind := byte(word)
	switch c {
	case '"':
		kind = text
	case ' ', '\t', '\n', '\r':
		kind = space
	case '{', '[':
		kind = between
		if g.depth++; g.depth > MaxDepth {
			return fmt.Errorf("nested deeper than %d", MaxDepth)
		}
	case '}', ']':
		kind = between
		g.depth--
	case ',', ':':
		kind = between
	}
	if kind != g.inside || kind == text {
		g.inside, g.length = kind, 0
	}
	return g.longer()
}

func (g *guard) longer() error {
	if g.length++; g.length > MaxString {
		return errTooLong
	}
	return nil
}

var errTooLong = errors.New("a string, a number or space that is longer than 1 MiB")
