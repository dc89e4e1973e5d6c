package jsonwalk

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// MaxText bounds a text that is kept, in bytes; names, versions and vectors are shorter.
const MaxText = 4096

// Text reads a string of at most [MaxText] bytes into to; null is "".
func (r *Reader) Text(to *string) error {
	t, err := r.token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case nil:
		*to = ""
	case string:
		if len(t) > MaxText {
			return r.fail(fmt.Errorf("a text of more than %d bytes", MaxText))
		}
		*to = t
	default:
		return r.fail(fmt.Errorf("a text is due: %w", ErrType))
	}
	return nil
}

// Texts reads a list of strings, at most most of them.
func (r *Reader) Texts(to *[]string, most int) error {
	return r.Array(func() error {
		var s string
		if err := r.Text(&s); err != nil {
			return err
		}
		if *to = append(*to, s); len(*to) > most {
			return fmt.Errorf("more than %d texts", most)
		}
		return nil
	})
}

// Number reads a number; null is 0. JSON has neither NaN nor infinity, and one that float64
// cannot hold is an error.
func (r *Reader) Number(to *float64) error {
	t, err := r.token()
	if err != nil {
		return err
	}
	*to = 0
	if t == nil {
		return nil
	}
	n, ok := t.(json.Number)
	if !ok {
		return r.fail(fmt.Errorf("a number is due: %w", ErrType))
	}
	if *to, err = n.Float64(); err != nil {
		return r.fail(fmt.Errorf("the number %.20s is out of range", n))
	}
	return nil
}

// Int reads a whole number; null is 0.
func (r *Reader) Int(to *int) error {
	var f float64
	if err := r.Number(&f); err != nil {
		return err
	}
	if *to = int(f); float64(*to) != f || f > 1<<53 || f < -1<<53 {
		return r.fail(fmt.Errorf("a whole number is due: %w", ErrType))
	}
	return nil
}

// Bool reads true or false; null is false.
func (r *Reader) Bool(to *bool) error {
	t, err := r.token()
	if err != nil {
		return err
	}
	var ok bool
	if *to, ok = t.(bool); !ok && t != nil {
		return r.fail(fmt.Errorf("true or false is due: %w", ErrType))
	}
	return nil
}

// Time reads a point in time: RFC 3339 as text, or seconds since 1970, which the AWS CLI
// prints by default up to its version 1. "" and null are the zero time.
func (r *Reader) Time(to *time.Time) error {
	t, err := r.token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case nil:
		*to = time.Time{}
	case string:
		if *to, err = ParseTime(t); err != nil {
			return r.fail(err)
		}
	case json.Number:
		f, err := t.Float64()
		if err != nil || f < 0 || f > maxSeconds {
			return r.fail(fmt.Errorf("%.20s is no point in time", t))
		}
		*to = time.UnixMilli(int64(f * 1000)).UTC()
	default:
		return r.fail(fmt.Errorf("a point in time is due: %w", ErrType))
	}
	return nil
}

// maxSeconds is the last second of the year 9999, the last that RFC 3339 writes.
const maxSeconds = 253402300799

// ParseTime reads RFC 3339 as scanners write it: also without a zone, which is UTC then.
// Go's zero time is written by tools that do not know one.
func ParseTime(s string) (time.Time, error) {
	if s == "" || strings.HasPrefix(s, "0001-01-01T00:00:00") {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q is no point in time as RFC 3339 writes it", s)
}

// Word reads a text, or a number as it is written: what a version is.
func (r *Reader) Word(to *string) error {
	t, err := r.token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case nil:
		*to = ""
		return nil
	case string:
		*to = t
	case json.Number:
		*to = t.String()
	default:
		return r.fail(fmt.Errorf("a text or a number is due: %w", ErrType))
	}
	if len(*to) > MaxText {
		return r.fail(fmt.Errorf("a text of more than %d bytes", MaxText))
	}
	return nil
}
