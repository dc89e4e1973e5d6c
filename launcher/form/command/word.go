package command

import (
	"encoding/csv"
	"slices"
	"sort"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Word is a word of a command as the program would get it. What a shell puts into
// it stands there as it is written and is listed in spans.
type Word struct {
	Text  string
	Spans []Expansion
	Homes []int // where ~ stands for the caller's own home
	Parts bool  // unquoted: the shell may make none, or many words of it
	// followed tells that a variable, or what a command prints, was put in.
	Followed bool
	Node     any // what a reader of shell made it of
}

// Expansion is a part of a word that only a shell knows.
type Expansion struct {
	From, To int
	Name     string // "$MODELS", "$(…)", "*": never the text inside
	Many     bool   // it may be many words even in quotes
	Dash     bool   // it may be an option that the text holds
	Param    string // the variable it comes from
	Opaque   bool   // it comes from commands, which are judged by themselves
	Moved    bool   // the script may have set the variable itself
}

func (w *Word) Whole() Value { return Value{Text: w.Text, w: w} }

// Value is a piece of a word.
type Value struct {
	Text string
	at   int // where it begins in the word
	w    *Word
}

// Open names what a shell puts into the value; "" is nothing.
func (v Value) Open() string {
	if len(v.w.Spans) == 0 {
		return ""
	}
	if i := v.w.After(v.at); i < len(v.w.Spans) && v.w.Spans[i].From < v.at+len(v.Text) {
		return v.w.Spans[i].Name
	}
	return ""
}

// home tells whether the value begins with the caller's own home.
func (v Value) home() bool { return slices.Contains(v.w.Homes, v.at) && strings.HasPrefix(v.Text, "~") }

// moved tells whether the script may itself have set a variable in the value.
func (v Value) moved() bool {
	return slices.ContainsFunc(v.w.Spans, func(s Expansion) bool { return s.Moved && s.From < v.at+len(v.Text) && s.To > v.at })
}

// spelledOut tells whether the value is a path of a home or a runtime directory, and
// nothing of it is left to know.
func (v Value) spelledOut() bool { return !v.moved() && container.SpelledOut(v.Text) }

// shown is the value for a message: what a shell puts in stands there by its name.
func (v Value) shown() string {
	var b strings.Builder
	at, end := v.at, v.at+len(v.Text)
	for i := v.w.After(v.at); i < len(v.w.Spans) && v.w.Spans[i].From < end && b.Len() < 100; i++ {
		s := v.w.Spans[i]
		b.WriteString(v.Text[at-v.at : max(s.From, at)-v.at])
		b.WriteString(s.Name)
		at = min(s.To, end)
	}
	b.WriteString(v.Text[at-v.at:])
	return Clip(b.String())
}

// After is the first span that ends behind a place.
func (w *Word) After(at int) int {
	return sort.Search(len(w.Spans), func(i int) bool { return w.Spans[i].To > at })
}

func (v Value) From(i int) Value { return Value{v.Text[i:], v.at + i, v.w} }
func (v Value) to(i int) Value   { return Value{v.Text[:i], v.at, v.w} }

// index finds sep outside of what a shell puts in; -1 is nowhere.
func (v Value) index(sep byte) int {
	for i := 0; i < len(v.Text); i++ {
		if v.Text[i] == sep && !v.Inside(v.at+i) {
			return i
		}
	}
	return -1
}

func (v Value) Inside(at int) bool {
	if len(v.w.Spans) == 0 {
		return false
	}
	i := v.w.After(at)
	return i < len(v.w.Spans) && v.w.Spans[i].From <= at
}

func (v Value) Cut(sep byte) (before, after Value, found bool) {
	i := v.index(sep)
	if i < 0 {
		return v, v.From(len(v.Text)), false
	}
	return v.to(i), v.From(i + 1), true
}

func (v Value) split(sep byte) []Value {
	var out []Value
	for {
		head, rest, found := v.Cut(sep)
		out = append(out, head)
		if !found {
			return out
		}
		v = rest
	}
}

// list takes a value apart as pflag's string slices do: one record of CSV, where
// nothing at all is an empty list.
func (v Value) list() ([]Value, bool) {
	if v.Text == "" {
		return nil, true
	}
	if !strings.ContainsAny(v.Text, "\"\n\r") || len(v.w.Spans) > 0 {
		return v.split(','), true
	}
	fields, err := csv.NewReader(strings.NewReader(v.Text)).Read()
	if err != nil {
		return nil, false
	}
	out := make([]Value, len(fields))
	for i, f := range fields {
		out[i] = Value{Text: f, w: &Word{Text: f}}
	}
	return out, true
}
