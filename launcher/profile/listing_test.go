package profile_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// locked is a bundle with what its lock has for lists, as it is read and written there.
func locked(read *[]string, file profile.Source, profiles ...string) profile.Source {
	src := later(read, file, profiles...)
	outlines := profile.Outlines([]profile.Source{file})
	src.Brief = func() *profile.Brief {
		if outlines == nil {
			return nil
		}
		return &profile.Brief{Bundle: src.Bundle, Outlines: outlines}
	}
	return src
}

// shown is all that lists show of profiles, and what they warn of.
func shown(all []profile.Summary, faulty []*profile.FileError) string {
	var b strings.Builder
	for _, s := range all {
		bundle := ""
		if s.Bundle != nil {
			bundle = s.Bundle.String()
		}
		err := s.Err
		s.Bundle, s.Err = nil, nil
		fmt.Fprintf(&b, "%+v %q %v\n", s, bundle, err)
	}
	for _, e := range faulty {
		fmt.Fprintf(&b, "%v %v\n", e.Faults[0].Place(), e)
	}
	return b.String()
}

// A list by outlines is the list of who reads every bundle, and reads those alone that
// nearer profiles extend, or of which a list shows what no outline has.
func TestListed(t *testing.T) {
	one, two, three := fraud("a:1", "about = \"it is\"\nowner = \"us\"\n"), "[profile.score]\nextends = \"srv\"\nabout = \"of scores\"\n", "[profile.other]\nkind = \"job\"\n"
	const waived = "[[profile.fraud.waiver]]\ncontrol = \"ZL-503\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2020-01-01\n"
	for name, c := range map[string]struct {
		one, two, three string
		system, user    string
		read            string // of one (fraud), two (score) and three (other)
	}{
		"plain":                   {one, two, three, "", "", ""},
		"within a bundle":         {one, two, three + "extends = \"more\"\n[profile.more]\nkind = \"job\"\nabout = \"more\"\ncontainer.image = \"b:1\"\n", "", "", ""},
		"its own base":            {one, two, "[profile.base]\nextends = \"base\"\nowner = \"we\"\n" + three, "", "", ""},
		"deprecated":              {fraud("a:1", "deprecated = \"use fraud-2\"\n"), two, three, "", "", ""},
		"images by arch":          {one, two + "[profile.score.arch.arm64.container]\nimage = \"c:1\"\n", three + "[profile.other.arch.s390x.container]\nimage = \"c:1\"\n", "", "", ""},
		"the system changes srv":  {one, two, three, "[profile.srv]\nextends = \"srv\"\nowner = \"root\"\ncontainer.image = \"d:1\"\n", "", ""},
		"the system spoils srv":   {one, two, three, "[profile.srv]\nextends = \"srv\"\nownr = \"root\"\n", "", ""},
		"a nearer one":            {one, two, three, "", "[profile.fraud]\nkind = \"server\"\nextends = \"fraud\"\n", "one"},
		"which does not extend":   {one, two, three, "", "[profile.fraud]\nkind = \"server\"\n", "one"},
		"another name":            {one, two, three, "", "[profile.mine]\nextends = \"two/score\"\n", "two"},
		"two of one name":         {one, strings.ReplaceAll(two, "score", "fraud"), three, "", "", ""},
		"and nearer":              {one, strings.ReplaceAll(two, "score", "fraud"), three, "", "[profile.mine]\nextends = \"fraud\"\n", "one two"},
		"a built-in name":         {one, strings.ReplaceAll(two, "score", "srv"), three, "", "", ""},
		"not extended":            {one, "[profile.srv]\nkind = \"job\"\n", three, "", "", "one two three"},
		"extends what is nowhere": {one, strings.ReplaceAll(two, `"srv"`, `"no-such"`), three, "", "", "one two three"},
		"extends another's":       {one, strings.ReplaceAll(two, `"srv"`, `"fraud"`), three, "", "", "one two three"},
		"in a circle":             {one, two + "[profile.x]\nextends = \"y\"\n[profile.y]\nextends = \"x\"\n", three, "", "", "one two three"},
		"a waiver":                {one + waived, two, three, "", "", "one"},
		"takes the image away":    {one, two + "container.image = false\n", three, "", "", "two"},
		"takes it away somewhere": {one, two + "[profile.score.arch.s390x]\ncontainer = false\n", three, "", "", "two"},
		"takes words away":        {one, two + "owner = false\n", three, "", "", "two"},
		"an empty word":           {one, two + "owner = \"\"\n", three, "", "", "two"},
		"words by arch":           {one, two + "[profile.score.arch.s390x]\nowner = \"z\"\n", three, "", "", "two"},
		"cannot be used":          {one, two + "abuot = \"x\"\n", three, "", "", "two"},
	} {
		var read []string
		names := func(text string) (out []string) {
			for _, n := range []string{"fraud", "score", "srv", "other", "more", "x", "y"} {
				if strings.Contains(text, "[profile."+n+"]") {
					out = append(out, n)
				}
			}
			return out
		}
		files := []profile.Source{
			source(container.LayerBuiltIn, "profiles/far.toml", far),
			source(container.LayerSystem, "/etc/zlaunch/profiles.d/s.toml", "schema = 1\n"+c.system),
			locked(&read, bundled("one", c.one), names(c.one)...),
			locked(&read, bundled("two", c.two), names(c.two)...),
			locked(&read, bundled("three", c.three), names(c.three)...),
			source(container.LayerUser, "u.toml", "schema = 1\n"+c.user),
		}
		l := profile.Listed(files)
		for _, want := range []string{"one", "two", "three"} {
			if got := strings.Contains(strings.Join(read, " "), want); got != strings.Contains(c.read, want) {
				t.Errorf("%s: bundle %s is read: %v", name, want, got)
			}
		}
		whole := profile.Assemble(files)
		for _, arch := range profile.Archs {
			if got, want := shown(l.All(arch), l.Faulty()), shown(whole.All(arch), whole.Faulty()); got != want {
				t.Errorf("%s, %s: listed\n%s\nand among all\n%s", name, arch, got, want)
			}
		}
	}
}

// A bundle is complete whose profiles all work over the built-in ones.
func TestComplete(t *testing.T) {
	for text, want := range map[string]bool{
		fraud("a:1", ""):                                                        true,
		"[profile.x]\nextends = \"triton\"\n":                                   true,
		"[profile.x]\nextends = \"no-such\"\n":                                  false,
		"[profile.x]\nabout = \"of no kind\"\n":                                 false,
		"[profile.x]\nextends = \"triton\"\nabot = 1":                           false,
		"[profile.triton]\nkind = \"job\"\n":                                    false,
		fraud("a:1", "publish = [\"http\"]\n"):                                  false,
		fraud("a:1", "") + "[profile.fraud.arch.s390x]\npublish = [\"http\"]\n": false,
	} {
		if got := profile.Complete([]profile.Source{bundled("one", text)}); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// Two files that both have a profile, and no profiles, are not outlined.
func TestOutlines(t *testing.T) {
	a := bundled("one", fraud("a:1", "about = \"it\"\n"))
	b := a
	b.File = "one/b.toml"
	if got := profile.Outlines([]profile.Source{a, b}); got != nil {
		t.Errorf("%+v", got)
	}
	want := []profile.Outline{{Name: "fraud", File: "one/a.toml", About: "it", Kind: "job", Archs: profile.Archs}}
	if got := profile.Outlines([]profile.Source{a}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}
