package profile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

const taken = `schema = 1
[profile.far]
kind = "job"
container.image = "a:1"
arch.arm64.container.image = false
arch.s390x.container = false
[profile.same]
extends = "far"
[profile.none]
extends = "far"
container.image = false
arch.ppc64le.container.image = "b:1"
[profile.nothing]
extends = "far"
container = false
[profile.again]
extends = "nothing"
arch.s390x.container = { image = "c:1", memory = "1g" }
[profile.still]
extends = "far"
arch.s390x.container.memory = "1g"
`

// builtInAnd is a catalog with a user's file behind the built-in ones.
func builtInAnd(t testing.TB, text string) *Catalog {
	t.Helper()
	files, _, err := Sources(Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load(append(files, Source{Layer: container.LayerUser, File: "u.toml", Data: []byte(text)}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Which architectures a profile has an image for is told without merging, and is what
// the merged profile has.
func TestArchsAsMerged(t *testing.T) {
	c := builtInAnd(t, taken)
	for _, name := range c.Names() {
		chain, err := c.chain(c.defs.nearest(name))
		if err != nil {
			t.Fatal(err)
		}
		for _, arch := range Archs {
			merged := c.merged.lay(chain, arch).tree.at("container", "image") != nil
			if told := slices.Contains(archsOf(chain), arch); told != merged {
				t.Errorf("%s on %s: told to have an image: %v, and it has one: %v", name, arch, told, merged)
			}
		}
	}
	for name, want := range map[string]string{"far": "amd64 ppc64le", "none": "ppc64le", "nothing": "", "again": "s390x", "still": "amd64 ppc64le"} {
		p, err := c.resolve(c.defs.nearest(name), "s390x")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(p.Archs, " "); got != want {
			t.Errorf("%s: on %s, want %s", name, got, want)
		}
	}
}

// What several extend is merged once, and once for all architectures it says nothing of.
func TestMergedOnce(t *testing.T) {
	c := builtInAnd(t, taken)
	for _, arch := range Archs {
		for _, name := range []string{"same", "none", "far", "same"} {
			if _, err := c.resolve(c.defs.nearest(name), arch); err != nil {
				t.Fatal(err)
			}
		}
	}
	count := map[string]int{}
	for at := range c.merged.laid {
		count[at.d.name]++
	}
	// amd64 and ppc64le are one where nobody tells them apart
	if want := (map[string]int{"base": 1, "far": 3, "same": 3, "none": 4}); fmt.Sprint(count) != fmt.Sprint(want) {
		t.Errorf("merged %v, want %v", count, want)
	}
}

// A list of the built-in profiles, and of fifty more that extend one of them.
func BenchmarkAll(b *testing.B) {
	for _, n := range []int{0, 50} {
		text := strings.Builder{}
		text.WriteString("schema = 1\n")
		for i := range n {
			fmt.Fprintf(&text, "[profile.f%d]\nextends = \"demo\"\ncontainer.memory = \"1g\"\n", i)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				builtInAnd(b, text.String()).All("s390x")
			}
		})
	}
}
