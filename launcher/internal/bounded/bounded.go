// Package bounded looks at text from outside before a parser gets it that is not made
// for hostile text, and ends reads with a context.
package bounded

import (
	"bytes"
	"fmt"
)

const (
	// MaxTOML bounds a file in bytes; the largest built-in profile has some 4 KiB.
	MaxTOML = 1 << 20
	// MaxNest is how many brackets stand inside brackets, and dots in one key.
	MaxNest = 16
)

// TOML refuses TOML that is too big or nested too deep to be handed to the
// parser: a key of 20,000 dots makes it allocate gigabytes, and brackets are
// parsed by recursion. It reads strings and comments as TOML does and judges
// nothing else; what is not TOML at all is left to the parser. Every reader of
// TOML that comes from outside must ask it first.
func TOML(data []byte) error {
	if len(data) > MaxTOML {
		return fmt.Errorf("larger than %d bytes", MaxTOML)
	}
	depth, dots := 0, 0
	for i := 0; i < len(data); i++ {
		switch c := data[i]; c {
		case '"', '\'':
			i = StringEnd(data, i)
		case '#':
			if n := bytes.IndexByte(data[i:], '\n'); n >= 0 {
				i += n
			} else {
				i = len(data)
			}
			dots = 0
		case '.':
			dots++
		case '[', '{':
			depth++
			dots = 0
		case ']', '}':
			depth--
			dots = 0
		case '=', ',', '\n':
			dots = 0
		}
		if depth > MaxNest || dots > MaxNest {
			return fmt.Errorf("nested deeper than %d at byte %d", MaxNest, i)
		}
	}
	return nil
}

// StringEnd returns the index of the last byte of the string that begins at i.
// An unterminated one-line string ends with its line, any other with the data.
func StringEnd(data []byte, i int) int {
	quote := data[i]
	if i+2 < len(data) && data[i+1] == quote && data[i+2] == quote {
		for j := i + 3; j < len(data); j++ {
			if data[j] == '\\' && quote == '"' {
				j++
			} else if bytes.HasPrefix(data[j:], []byte{quote, quote, quote}) {
				for j+3 < len(data) && data[j+3] == quote {
					j++ // up to two quotes may stand before the closing ones
				}
				return j + 2
			}
		}
		return len(data)
	}
	for j := i + 1; j < len(data); j++ {
		switch data[j] {
		case '\\':
			if quote == '"' {
				j++
			}
		case quote, '\n':
			return j
		}
	}
	return len(data)
}
