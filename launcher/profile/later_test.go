package profile_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// reads guards the names that bundles put down, for they are read side by side.
var reads sync.Mutex

// later is a bundle that is read when it is used, and that puts its name into read then.
func later(read *[]string, file profile.Source, profiles ...string) profile.Source {
	b := *file.Bundle
	b.Profiles = profiles
	file.Bundle = &b
	return profile.Source{Layer: container.LayerBundle, File: "zlaunch.lock", Bundle: &b, Later: func() []profile.Source {
		reads.Lock()
		defer reads.Unlock()
		*read = append(*read, b.Name)
		return []profile.Source{file}
	}}
}

// Of the bundles only those are read that the profiles in use can come from, and these are
// what they are among all.
func TestReadWhenUsed(t *testing.T) {
	base := "[profile.base]\nextends = \"base\"\ncontainer.memory = \"1g\"\n"
	for name, c := range map[string]struct {
		user, project string // behind the bundles one (fraud, score), two (fraud, srv) and three (other)
		ask           string
		read          string
	}{
		"none":                      {"", "", "base", ""},
		"exact":                     {"", "", "one/fraud", "one"},
		"exact, of no such bundle":  {"", "", "four/fraud", ""},
		"exact, not in the lock":    {"", "", "one/more", "one"},
		"its base":                  {"", "", "one/base", "one"},
		"short":                     {"", "", "score", "one"},
		"short, of two":             {"", "", "fraud", "one two"},
		"a built-in name":           {"", "", "srv", "two"},
		"a nearer one extends":      {"[profile.mine]\nextends = \"other\"\n", "", "mine", "three"},
		"and exactly":               {"[profile.mine]\nextends = \"one/base\"\nkind = \"job\"\n", "", "mine", "one"},
		"two steps":                 {"[profile.mine]\nextends = \"score\"\n", "[profile.ours]\nextends = \"mine\"\n", "ours", "one"},
		"its own name":              {"[profile.other]\nextends = \"other\"\n", "[profile.other]\nextends = \"other\"\n", "other", "three"},
		"not extended":              {"[profile.other]\nkind = \"job\"\n", "", "other", "three"},
		"another is, not asked for": {"[profile.mine]\nkind = \"job\"\n[profile.more]\nextends = \"other\"\n[profile.score]\nkind = \"job\"\n", "", "mine", ""},
	} {
		var read []string
		files := []profile.Source{
			source(container.LayerBuiltIn, "profiles/far.toml", far),
			later(&read, bundled("one", base+fraud("a:1", "")+"[profile.score]\nextends = \"fraud\"\n"), "fraud", "score"),
			later(&read, bundled("two", fraud("b:1", "")+"[profile.srv]\nextends = \"srv\"\n"), "fraud", "srv"),
			later(&read, bundled("three", "[profile.other]\nkind = \"job\"\n"), "other"),
			source(container.LayerUser, "u.toml", "schema = 1\n"+c.user),
			source(container.LayerProject, "./profiles.toml", "schema = 1\n"+c.project),
		}
		one := resolved(profile.AssembleFor(files, c.ask), c.ask)
		slices.Sort(read)
		if got := strings.Join(read, " "); got != c.read {
			t.Errorf("%s: read %q, want %q", name, got, c.read)
		}
		if all := resolved(profile.Assemble(files), c.ask); one != all {
			t.Errorf("%s: %s\nand among all %s", name, one, all)
		}
	}
}

func resolved(c *profile.Catalog, name string) string {
	p, err := c.ResolveBare(name, "s390x")
	if err != nil {
		return err.Error()
	}
	memory, mark, _ := container.Memory.Get(p.Stated)
	return fmt.Sprintf("%s %v %s %v %v %v %+v", p.Chain, p.Archs, p.File, p.Bundle, memory, mark, p.Said())
}

// The profiles of a bundle that was not read have their names, and are for nobody.
func TestNotRead(t *testing.T) {
	var read []string
	c := profile.AssembleFor([]profile.Source{
		source(container.LayerBuiltIn, "profiles/far.toml", far),
		later(&read, bundled("one", fraud("a:1", "")), "fraud", "srv"),
	})
	if len(read) > 0 || len(c.Faulty()) > 0 || !slices.Equal(c.Runnable(), []string{"fraud", "srv"}) {
		t.Errorf("read %v, faulty %v, runnable %v", read, c.Faulty(), c.Runnable())
	}
	for _, name := range []string{"fraud", "srv", "one/fraud"} {
		if _, err := c.ResolveBare(name, "s390x"); err == nil || !strings.Contains(err.Error(), "one 1.0.0 defines it and cannot be used: it was not read") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
