package policy

import (
	"errors"
	"strings"
)

// Bounds of a pattern: above any sensible name, and few enough stars to match fast.
const (
	maxPattern = 256 // bytes
	maxStars   = 4
)

// pattern is a text in which '*' stands for any run of characters.
type pattern string

func newPattern(text string) (pattern, error) {
	switch {
	case text == "":
		return "", errors.New("an empty pattern")
	case len(text) > maxPattern || strings.Count(text, "*") > maxStars:
		return "", errors.New("a pattern has at most 256 bytes and 4 stars")
	}
	return pattern(text), nil
}

// matches tells whether the whole of s is as the pattern says. No star stands for "..",
// which would lead out of what stands before it, nor for a comma, which begins another
// value.
func (p pattern) matches(s string) bool {
	parts := strings.Split(string(p), "*")
	if len(parts) == 1 {
		return s == string(p)
	}
	first, last := parts[0], parts[len(parts)-1]
	if strings.Contains(s, "..") || strings.Contains(s, ",") || len(s) < len(first)+len(last) ||
		!strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	rest := s[len(first) : len(s)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return true
}

// patterns are alternatives.
type patterns []pattern

func (in patterns) match(s string) bool {
	for _, p := range in {
		if p.matches(s) {
			return true
		}
	}
	return false
}
