package policy

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// A table is how a check is asked: the table of the file in which its key stands.
type table string

// The tables whose keys are settings.
const (
	require table = "require"  // it has this value
	atMost  table = "at_most"  // a bound; no limit at all is above every bound
	atLeast table = "at_least" // a bound
	only    table = "only"     // nothing but these, by patterns; an empty list permits none
	include table = "include"  // these are among it
)

// tables are they in reading order.
var tables = []table{require, atMost, atLeast, only, include}

// must writes the obligation of a check.
var must = map[table]string{
	require: "%s must be %s", atMost: "%s must be at most %s", atLeast: "%s must be at least %s",
	only: "%s must be nothing but %s", include: "%s must hold %s",
}

// answer says which checks may be asked of a row, or of what is worked out of rows.
type answer struct {
	key  string
	asks map[table]ask
	none string // why none may be asked; "" some may
}

// ask makes the judge of what a file wants.
type ask func(want any) (judge, error)

// at is the path of a row or of an element of it.
func at(key, elem string) container.Path { return container.Path{Key: key, Elem: elem} }

const notKnown = "it is not known"

// none is the answer of a row of which no check may be asked.
func none(row container.Row, why string) answer { return answer{key: row.Key(), none: why} }

// flag is the answer of a switch.
func flag(f container.Field[bool]) answer {
	return answer{key: f.Key(), asks: map[table]ask{require: func(want any) (judge, error) {
		v, ok := want.(bool)
		if !ok {
			return nil, wanted("true or false", want)
		}
		return value(f, func(got bool) bool { return got == v }), nil
	}}}
}

// value is the judge of one value.
func value[T any](f container.Field[T], met func(T) bool) judge {
	return func(s *Subject) []violation {
		got, _, known := f.Get(s.Spec)
		switch {
		case !known:
			return []violation{unknown(at(f.Key(), ""), notKnown)}
		case !met(got):
			return []violation{broken(at(f.Key(), ""), "it is "+shownValue(f.Key(), got))}
		}
		return nil
	}
}

// word is the answer of a text.
func word(f container.Field[string]) answer {
	return answer{key: f.Key(), asks: words(func(s *Subject) ([]string, bool) {
		got, _, known := f.Get(s.Spec)
		return single(got, known)
	}, f.Key())}
}

// words are the checks of something that is one text, or of which every text counts.
func words(of func(*Subject) (values []string, known bool), key string) map[table]ask {
	among := func(p patterns) judge {
		return func(s *Subject) (out []violation) {
			values, known := of(s)
			for _, v := range values {
				if !p.match(v) {
					out = append(out, broken(at(key, ""), "it is "+quoted(v)))
				}
			}
			if !known {
				out = append(out, unknown(at(key, ""), notKnown))
			}
			return out
		}
	}
	return map[table]ask{
		require: func(want any) (judge, error) {
			v, ok := want.(string)
			if !ok || strings.Contains(v, "*") || bounded.Printable(v) != nil {
				return nil, wanted("a text without *", want)
			}
			return among(patterns{pattern(v)}), nil
		},
		only: func(want any) (judge, error) {
			p, err := patternsOf(want)
			return among(p), err
		},
	}
}

// list is the answer of a list; part takes of a member what patterns are held against.
func list(f container.Field[[]string], part func(string) []string) answer {
	members := func(s *Subject) ([]string, bool) {
		var out []string
		got, _, known := f.Get(s.Spec)
		for _, v := range got {
			out = append(out, part(v)...)
		}
		return out, known
	}
	return answer{key: f.Key(), asks: map[table]ask{only: words(members, f.Key())[only], include: includes(members, f.Key())}}
}

// includes is the check that all that is wanted is there.
func includes(of func(*Subject) ([]string, bool), key string) ask {
	return func(want any) (judge, error) {
		names, err := atLeastOne(want)
		return func(s *Subject) (out []violation) {
			got, known := of(s)
			for _, n := range names {
				switch {
				case !known && !slices.Contains(got, n):
					out = append(out, unknown(at(key, ""), notKnown))
				case !slices.Contains(got, n):
					out = append(out, broken(at(key, ""), "it lacks "+quoted(n)))
				}
			}
			return out
		}, err
	}
}

// keyed is the answer of a collection: what its elements may be called, and which must be
// there.
func keyed[T any](m container.Map[T]) answer {
	return namedBy(m.Key(), func(s *Subject) ([]string, bool) { return elements(s, m) })
}

// namedBy is the answer of whatever has names.
func namedBy(key string, names func(*Subject) ([]string, bool)) answer {
	return answer{key: key, asks: map[table]ask{only: words(names, key)[only], include: includes(names, key)}}
}

// elements are those of a collection, and whether these are all, and each is known.
func elements[T any](s *Subject, m container.Map[T]) (names []string, known bool) {
	known = m.Complete(s.Spec)
	for _, k := range m.Keys(s.Spec) {
		if _, _, ok := m.Get(s.Spec, k); !ok {
			known = false
		}
	}
	return m.Keys(s.Spec), known
}

// with adds to one table of an answer what has to hold beside it: another way to the
// same thing, that has to be known and closed. A table that cannot be asked stays so.
func with(a answer, t table, beside ...judge) answer {
	was := a.asks[t]
	if was == nil {
		return a
	}
	a.asks[t] = func(want any) (judge, error) {
		own, err := was(want)
		return func(s *Subject) []violation {
			out := own(s)
			for _, v := range all(beside)(s) {
				if rest, own := strings.CutPrefix(v.got, "it "); own {
					v.got = v.at.Key + " " + rest // another row than the one that was asked of
				}
				out = append(out, v)
			}
			return out
		}, err
	}
	return a
}

// all is the judge of all.
func all(in []judge) judge {
	return func(s *Subject) (out []violation) {
		for _, j := range in {
			out = append(out, j(s)...)
		}
		return out
	}
}

// single is the one value of a setting; none where it is not known.
func single(v string, known bool) ([]string, bool) {
	if !known {
		return nil, false
	}
	return []string{v}, true
}

func same(v string) []string { return []string{v} }
