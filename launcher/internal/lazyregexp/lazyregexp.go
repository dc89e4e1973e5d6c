// Package lazyregexp compiles regular expressions when they are first used: a package
// of tables has dozens, and most commands need none.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New gives the compiled expression of a text, compiled once, by whoever asks for it
// first. One that does not compile panics then; see [regexp.MustCompile].
func New(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
