package launch

import (
	"slices"
	"strings"
	"testing"
)

// A container's id is nobody's choice: what somebody named counts before it, and a
// beginning that two ids share means neither.
func TestMeant(t *testing.T) {
	id := func(begin string) string { return begin + strings.Repeat("0", 64-len(begin)) }
	runs := []Running{
		{ID: id("beef1"), Name: "a", Profile: "web"},
		{ID: id("cafe1"), Name: "b", Profile: "web"},
		{ID: id("cafe2"), Name: "c", Profile: "job"},
		{ID: id("1"), Name: "beef1", Profile: "job"},
		{ID: id("2"), Name: "d", Profile: "cafe1"},
	}
	for _, c := range []struct {
		name    string
		want    []string
		refused bool
	}{
		{"beef1", []string{"beef1"}, false},
		{"cafe1", []string{"d"}, false},
		{"web", []string{"a", "b"}, false},
		{"cafe2", []string{"c"}, false},
		{"cafe", []string{"b", "c"}, true},
		{"bee", nil, false},
		{"", nil, false},
	} {
		var got []string
		found := meant(runs, c.name)
		for _, r := range found {
			got = append(got, r.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q means %q, want %q", c.name, got, c.want)
		}
		if len(found) > 0 && (unlessOne(found, c.name) != nil) != c.refused {
			t.Errorf("%q: refused %t", c.name, !c.refused)
		}
	}
}
