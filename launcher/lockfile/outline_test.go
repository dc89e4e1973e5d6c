package lockfile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// A lock has outlines of its profiles, or they are not used.
func TestOutlined(t *testing.T) {
	named := func(names ...string) (out []Outline) {
		for _, n := range names {
			out = append(out, Outline{Name: n, File: "a.toml"})
		}
		return out
	}
	for _, c := range []struct {
		outlines []Outline
		want     bool
	}{
		{named("fraud", "score"), true}, {named("base", "fraud", "score"), true},
		{nil, false}, {named("fraud"), false}, {named("base", "fraud"), false}, {named("fraud", "other", "score"), false}, {named("base"), false},
	} {
		if b := (Bundle{Profiles: []string{"fraud", "score"}, Outlines: c.outlines}); b.Outlined() != c.want {
			t.Errorf("%v: %v", c.outlines, b.Outlined())
		}
	}
}

// What is written can be read: a lock that its outlines make too large goes without.
func TestTooLarge(t *testing.T) {
	f := &File{}
	for i := range 300 {
		b := sample().Bundles[1]
		b.Name = fmt.Sprintf("fraud-%d", i)
		b.Outlines[0].About = strings.Repeat("a", bounded.MaxText)
		f.Put(b)
	}
	data, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(data)
	if err != nil || len(got.Bundles) != 300 || got.Bundles[0].Outlines != nil || got.Bundles[0].Images == nil || f.Bundles[0].Outlines == nil {
		t.Errorf("%d bytes: %v", len(data), err)
	}
}
