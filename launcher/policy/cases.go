package policy

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// Case is a run that somebody may want, and what a policy is to make of it. Exactly one of
// Plan, Line and File says which run.
type Case struct {
	Name    string
	Plan    []string // the words behind zlaunch plan
	Line    string   // a podman or docker line, as a shell takes it
	File    string   // a unit or script, relative to the file of the case
	Refused []string // the checks that refuse it, each "site.toml:7" or by its key; none lets it through
}

// ParseCases reads a file of cases, in the order of their names:
//
//	schema = 1
//	[case.writable]
//	plan    = ["demo", "--podman-arg=--read-only=false"]
//	refused = ["require.read_only"]
func ParseCases(name string, data []byte) ([]Case, error) {
	fault := func(err error) ([]Case, error) { return nil, &FileError{name, []Fault{{Err: err}}} }
	if err := bounded.TOML(data); err != nil {
		return fault(err)
	}
	var file struct {
		Schema int64
		Case   map[string]struct {
			Plan       []string
			Line, File string
			Refused    []string
		}
	}
	meta, err := toml.NewDecoder(bytes.NewReader(data)).Decode(&file)
	switch {
	case err != nil:
		return fault(errors.New(bounded.Shown(strings.TrimPrefix(err.Error(), "toml: "))))
	case len(meta.Undecoded()) > 0:
		return fault(unknownWord(meta.Undecoded()[0].String(), []string{"schema", "case", "plan", "line", "file", "refused"}))
	case file.Schema != schema:
		return fault(errors.New("the version of the format is not 1: begin the file with schema = 1"))
	}
	var out []Case
	for _, key := range slices.Sorted(maps.Keys(file.Case)) {
		c := Case{key, file.Case[key].Plan, file.Case[key].Line, file.Case[key].File, file.Case[key].Refused}
		ways := 0
		for _, is := range []bool{len(c.Plan) > 0, c.Line != "", c.File != ""} {
			if is {
				ways++
			}
		}
		if ways != 1 {
			return fault(errors.New("case." + bounded.Shown(key) + ": it wants one of plan, line and file"))
		}
		out = append(out, c)
	}
	return out, nil
}

// Broken are the checks that a subject breaks, in the order of the files. Early leaves out
// those that what is not known yet may still meet, as [Set.Forbid] does.
func (set Set) Broken(s Subject, early bool, now time.Time) (out []Check) {
	s.now = now
	for _, f := range set {
		for _, c := range f.Checks {
			if slices.ContainsFunc(c.broken(&s), func(v violation) bool { return !early || !v.open }) {
				out = append(out, c)
			}
		}
	}
	return out
}

// Unexpected compares the checks that refused with those that are to: which refuse that
// should not, and which do not that should. Nothing of both is as expected.
func (c *Case) Unexpected(broken []Check) (refused, passed []string) {
	means := func(want string, got *Check) bool {
		return want == got.Key || want == got.Place() || strings.HasSuffix(got.Place(), "/"+want)
	}
	for i := range broken {
		if !slices.ContainsFunc(c.Refused, func(want string) bool { return means(want, &broken[i]) }) {
			refused = append(refused, broken[i].Key+" of "+broken[i].Place())
		}
	}
	for _, want := range c.Refused {
		if !slices.ContainsFunc(broken, func(got Check) bool { return means(want, &got) }) {
			passed = append(passed, bounded.Shown(want))
		}
	}
	return refused, passed
}
