// Package content tells what loading a file of a model does: by what is in it, and by what a
// loader takes it for by its name. The worse of both counts. It is a list of what is known to
// be harmless: what it does not know, or does not see whole, is unknown.
package content

import (
	"fmt"
	"io"
	"path"
	"strings"
)

// Class is what loading a file does.
type Class string

// The classes, from the one that says least.
const (
	Unknown Class = "unknown" // nobody here can tell
	Data    Class = "data"    // numbers, words and settings
	Graph   Class = "graph"   // operations that the server has, and nothing else
	Code    Class = "code"    // whatever its maker wrote
)

// Kind is what a file is.
type Kind struct {
	Format string
	Class  Class
	Note   string // what else is to be said of this one; "" nothing
}

// headSize is how much of a file is looked at to tell its format.
const headSize = 4096

// Of tells what loading a file does; name is what it is called, of a path the last part. It
// reads heads, tables and settings, and never the numbers of a model.
func Of(name string, f io.ReaderAt, size int64) (Kind, error) {
	head := make([]byte, min(size, headSize))
	if n, err := f.ReadAt(head, 0); err != nil && !(err == io.EOF && n == len(head)) {
		return Kind{}, fmt.Errorf("reading %q: %w", name, err)
	}
	if size == 0 {
		return Kind{Format: "empty", Class: Data}, nil
	}
	base := strings.ToLower(path.Base(name))
	it := file{base, path.Ext(base), head, f, size}
	is := it.content()
	if is.Class == Code || is.Format == "pickle" {
		return is, nil
	}
	return readerOf(base).judge(it, is), nil
}

// file is one that is looked at.
type file struct {
	base string // in lower case
	ext  string // in lower case
	head []byte
	at   io.ReaderAt
	size int64
}

// content tells what a file is whatever it is called.
func (f file) content() Kind {
	is := Kind{Format: "unknown", Class: Unknown}
	if isText(f.head, f.size) {
		is.Format = "text"
	}
	for _, m := range magics {
		if m.is(f.head) {
			is = m.kind(f)
			break
		}
	}
	if is.Class == Code {
		return is
	}
	switch calls, over := pickled(f); {
	case calls:
		return Kind{Format: "pickle", Class: Code, Note: "it calls functions"}
	case over:
		return Kind{Format: "pickle", Class: Unknown, Note: "it reads as a pickle that is too long to be looked at whole"}
	}
	return is
}
