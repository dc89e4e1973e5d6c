package signature

import (
	"errors"
	"strings"
)

// patterns are a pattern list of ssh_config(5): `*` stands for any number of characters, `?`
// for one; one that begins with ! and matches refuses, whatever the others say.
type patterns []string

// String gives the list as it stands in a file.
func (p patterns) String() string { return strings.Join(p, ",") }

// parsePatterns reads a list, in which nothing may be empty.
func parsePatterns(text string) (patterns, error) {
	list := strings.Split(text, ",")
	for _, p := range list {
		if strings.TrimPrefix(p, "!") == "" {
			return nil, errors.New("an empty pattern")
		}
	}
	return list, nil
}

// match tells whether a pattern matches and none that refuses does.
func (p patterns) match(s string) bool {
	found := false
	for _, one := range p {
		bare, refuses := strings.CutPrefix(one, "!")
		switch {
		case !glob(bare, s):
		case refuses:
			return false
		default:
			found = true
		}
	}
	return found
}

// glob matches in time of at most the product of both lengths: after a * only the last
// one is tried again.
func glob(pattern, s string) bool {
	p, i, star, from := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
