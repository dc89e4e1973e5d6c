package plan

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// scanner is a profile of one, whose image is the tests' own.
const scanner = `[profile.looks]
extends = "base"
about = "a scanner"
kind = "job"
scanner = { tool = "trivy", image = "/scan/image" }
[profile.looks.container]
image = "localhost/web:1"
pull = "never"
network = "none"
memory = "4g"
args = ["scan"]
tmpfs."/tmp" = { size = "3g", mode = "1777" }
`

// Of [scan] of a policy neither a prisoner is asked, which would have to scan itself first, nor
// the trial of an image that is to be mended. All else of the policy holds of both, and all of it
// of every other run of the same profiles.
func TestNotAskedForScans(t *testing.T) {
	const asks = "[scan]\nrequired = true\n[at_most]\nmemory = \"5g\"\n"
	said := func(o Options) string {
		pl := under(t, server+scanner, ibm, asks)
		pl.Dirs.State = t.TempDir()
		if o.Profile == "web" {
			o.Models = t.TempDir()
		}
		p, err := pl.Plan(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		out := ""
		for _, pr := range p.Problems {
			if pr.Fatal && pr.Control == "ZL-004" {
				out += pr.Message + "\n"
			}
		}
		return out
	}
	const scan, memory = "a scanner must have looked at the image", "memory must be at most 5g"
	for name, c := range map[string]struct {
		o            Options
		scan, memory bool // what the policy says
	}{
		"a run":             {Options{Profile: "web"}, true, false},
		"a scanner by hand": {Options{Profile: "looks"}, true, false},
		"a prisoner":        {Options{Profile: "looks", Scanning: &Scanning{Image: t.TempDir()}}, false, false},
		"a large prisoner":  {Options{Profile: "looks", Memory: "6g", Scanning: &Scanning{Image: t.TempDir()}}, false, true},
		"the old one tried": {Derived(Options{Profile: "web"}, ""), false, false},
		"the new one tried": {Derived(Options{Profile: "web"}, "localhost/web:1"), false, false},
		"a large trial":     {Derived(Options{Profile: "web", Memory: "6g"}, ""), false, true},
	} {
		got := said(c.o)
		if strings.Contains(got, scan) != c.scan || strings.Contains(got, memory) != c.memory {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// More memory for a scanner is more room for what it unpacks, by the part that its profile gives
// for that; of any other run --memory changes no tmpfs.
func TestRoomOfScanner(t *testing.T) {
	for memory, want := range map[string]int64{"": 3 << 30, "8g": 6 << 30, "1g": 768 << 20} {
		pl, _ := beside(t, scanner, ibm)
		p, err := pl.Plan(t.Context(), Options{Profile: "looks", Memory: memory, Scanning: &Scanning{Image: t.TempDir()}})
		if err != nil {
			t.Fatal(err)
		}
		if got, _, _ := container.TmpfsAt.Get(p.Stated, "/tmp"); got.Size != want || got.Mode != 0o1777 {
			t.Errorf("--memory %q: %v, not %d", memory, got, want)
		}
	}
	pl, _ := beside(t, scanner, ibm)
	p, err := pl.Plan(t.Context(), Options{Profile: "looks", Memory: "8g"})
	if got, _, _ := container.TmpfsAt.Get(p.Stated, "/tmp"); err != nil || got.Size != 3<<30 {
		t.Errorf("by hand: %v, %v", got, err)
	}
}
