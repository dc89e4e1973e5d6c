package command

import (
	"encoding/csv"
	"slices"
	"sort"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// word is a word of a command as the program would get it. What a shell puts into
// it stands there as it is written and is listed in spans.
type word struct {
	text  string
	spans []span
	homes []int // where ~ stands for the caller's own home
	parts bool  // unquoted: the shell may make none, or many words of it
	// followed tells that a variable, or what a command prints, was put in.
	followed bool
	node     *syntax.Word // what it was made of
}

// span is a part of a word that only a shell knows.
type span struct {
	from, to int
	name     string // "$MODELS", "$(…)", "*": never the text inside
	many     bool   // it may be many words even in quotes
	dash     bool   // it may be an option that the text holds
	param    string // the variable it comes from
	opaque   bool   // it comes from commands, which are judged by themselves
	moved    bool   // the script may have set the variable itself
}

func (w *word) whole() value { return value{s: w.text, w: w} }

// value is a piece of a word.
type value struct {
	s  string
	at int // where it begins in the word
	w  *word
}

// open names what a shell puts into the value; "" is nothing.
func (v value) open() string {
	if len(v.w.spans) == 0 {
		return ""
	}
	if i := v.w.after(v.at); i < len(v.w.spans) && v.w.spans[i].from < v.at+len(v.s) {
		return v.w.spans[i].name
	}
	return ""
}

// home tells whether the value begins with the caller's own home.
func (v value) home() bool { return slices.Contains(v.w.homes, v.at) && strings.HasPrefix(v.s, "~") }

// moved tells whether the script may itself have set a variable in the value.
func (v value) moved() bool {
	return slices.ContainsFunc(v.w.spans, func(s span) bool { return s.moved && s.from < v.at+len(v.s) && s.to > v.at })
}

// spelledOut tells whether the value is a path of a home or a runtime directory, and
// nothing of it is left to know.
func (v value) spelledOut() bool { return !v.moved() && container.SpelledOut(v.s) }

// shown is the value for a message: what a shell puts in stands there by its name.
func (v value) shown() string {
	var b strings.Builder
	at, end := v.at, v.at+len(v.s)
	for i := v.w.after(v.at); i < len(v.w.spans) && v.w.spans[i].from < end && b.Len() < 100; i++ {
		s := v.w.spans[i]
		b.WriteString(v.s[at-v.at : max(s.from, at)-v.at])
		b.WriteString(s.name)
		at = min(s.to, end)
	}
	b.WriteString(v.s[at-v.at:])
	return clip(b.String())
}

// after is the first span that ends behind a place.
func (w *word) after(at int) int {
	return sort.Search(len(w.spans), func(i int) bool { return w.spans[i].to > at })
}

func (v value) from(i int) value { return value{v.s[i:], v.at + i, v.w} }
func (v value) to(i int) value   { return value{v.s[:i], v.at, v.w} }

// index finds sep outside of what a shell puts in; -1 is nowhere.
func (v value) index(sep byte) int {
	for i := 0; i < len(v.s); i++ {
		if v.s[i] == sep && !v.inside(v.at+i) {
			return i
		}
	}
	return -1
}

func (v value) inside(at int) bool {
	if len(v.w.spans) == 0 {
		return false
	}
	i := v.w.after(at)
	return i < len(v.w.spans) && v.w.spans[i].from <= at
}

func (v value) cut(sep byte) (before, after value, found bool) {
	i := v.index(sep)
	if i < 0 {
		return v, v.from(len(v.s)), false
	}
	return v.to(i), v.from(i + 1), true
}

func (v value) split(sep byte) []value {
	var out []value
	for {
		head, rest, found := v.cut(sep)
		out = append(out, head)
		if !found {
			return out
		}
		v = rest
	}
}

// list takes a value apart as pflag's string slices do: one record of CSV, where
// nothing at all is an empty list.
func (v value) list() ([]value, bool) {
	if v.s == "" {
		return nil, true
	}
	if !strings.ContainsAny(v.s, "\"\n\r") || len(v.w.spans) > 0 {
		return v.split(','), true
	}
	fields, err := csv.NewReader(strings.NewReader(v.s)).Read()
	if err != nil {
		return nil, false
	}
	out := make([]value, len(fields))
	for i, f := range fields {
		out[i] = value{s: f, w: &word{text: f}}
	}
	return out, true
}
