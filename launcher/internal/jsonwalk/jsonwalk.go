// Package jsonwalk reads JSON that others wrote and that is too large to be held: key by key
// and element by element, as the caller asks for them.
//
// Nothing is kept but what the caller keeps. A text, the depth, the keys of one object and
// the whole are bounded before the parser sees them; a key that comes twice, and anything
// behind the document, is an error. Keys are compared as they are written: "ID" is not "id".
package jsonwalk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	// MaxString bounds one string in bytes, as it is written. The longest that a scanner is
	// known to print is the description of an advisory, some 64 KiB.
	MaxString = 1 << 20
	// MaxDepth is how many objects and lists stand inside each other; reports have some 12.
	MaxDepth = 64
	// MaxKeys is how many keys one object has that the caller looks at.
	MaxKeys = 4096
)

// ErrType is a value of another type than is due.
var ErrType = errors.New("another type of value is due")

// Error is what is wrong with a document, and where.
type Error struct {
	At   string // "Results[3].Vulnerabilities[0].Severity"; "" the document
	Byte int64  // how far the parser has read
	Err  error
}

func (e *Error) Error() string {
	where := e.At
	if where == "" {
		where = "the document"
	}
	return fmt.Sprintf("%s, at byte %d: %v", where, e.Byte, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Reader reads one document.
type Reader struct {
	dec  *json.Decoder
	path []string
	err  error // the first; a reader that failed reads no further
}

// New is a reader of one document of at most most bytes.
func New(r io.Reader, most int64) *Reader {
	d := &Reader{dec: json.NewDecoder(&guard{from: r, left: most, most: most})}
	d.dec.UseNumber()
	return d
}

// fail notes an error with its place.
func (r *Reader) fail(err error) error {
	var known *Error
	switch {
	case r.err != nil:
		return r.err
	case errors.As(err, &known):
		r.err = err
	default:
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("it ends in the middle")
		}
		r.err = &Error{At: strings.TrimPrefix(strings.Join(r.path, ""), "."), Byte: r.dec.InputOffset(), Err: err}
	}
	return r.err
}

// token is the next part of the document.
func (r *Reader) token() (json.Token, error) {
	if r.err != nil {
		return nil, r.err
	}
	t, err := r.dec.Token()
	if err != nil {
		return nil, r.fail(err)
	}
	return t, nil
}

// Object reads an object: each is called for every key, and must read its value. null is
// an object without keys.
func (r *Reader) Object(each func(key string) error) error {
	if open, err := r.open('{', "an object"); !open || err != nil {
		return err
	}
	seen := map[string]struct{}{}
	depth := len(r.path)
	for r.dec.More() {
		t, err := r.token()
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return r.fail(ErrType)
		}
		r.path = append(r.path[:depth], "."+shown(key))
		if _, twice := seen[key]; twice {
			return r.fail(errors.New("the key comes twice"))
		}
		if seen[key] = struct{}{}; len(seen) > MaxKeys {
			return r.fail(fmt.Errorf("more than %d keys", MaxKeys))
		}
		if err := each(key); err != nil {
			return r.fail(err)
		}
	}
	r.path = r.path[:depth]
	_, err := r.token() // the end
	return err
}

// Array reads a list: each is called for every element, and must read it. null is a list
// without elements.
func (r *Reader) Array(each func() error) error {
	if open, err := r.open('[', "a list"); !open || err != nil {
		return err
	}
	depth := len(r.path)
	for i := 0; r.dec.More(); i++ {
		r.path = append(r.path[:depth], "["+strconv.Itoa(i)+"]")
		if err := each(); err != nil {
			return r.fail(err)
		}
	}
	r.path = r.path[:depth]
	_, err := r.token() // the end
	return err
}

// open reads the beginning of an object or a list, and tells whether there is one: null
// has none.
func (r *Reader) open(delim json.Delim, what string) (bool, error) {
	t, err := r.token()
	switch {
	case err != nil || t == nil:
		return false, err
	case t != delim:
		return false, r.fail(fmt.Errorf("%s is due: %w", what, ErrType))
	}
	return true, nil
}

// Skip reads a value of any kind and keeps nothing.
func (r *Reader) Skip() error {
	for depth := 0; ; {
		t, err := r.token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// Document reads the one object that a document is, to its end, and has it checked then.
func (r *Reader) Document(field func(key string) error, check func() error) error {
	err := r.Object(field)
	if err == nil {
		err = r.End()
	}
	if err == nil {
		err = check()
	}
	return err
}

// End wants the document to be over, and nothing behind it.
func (r *Reader) End() error {
	if r.err != nil {
		return r.err
	}
	if t, err := r.dec.Token(); err == nil {
		return r.fail(fmt.Errorf("%.20q stands behind the end", fmt.Sprint(t)))
	} else if !errors.Is(err, io.EOF) {
		return r.fail(err)
	}
	return nil
}

// shown is a key for an error: hostile text, and short.
func shown(key string) string {
	const most = 60
	if len(key) > most {
		key = strings.ToValidUTF8(key[:most], "") + "…"
	}
	if q := strconv.Quote(key); q != `"`+key+`"` {
		return q
	}
	return key
}
