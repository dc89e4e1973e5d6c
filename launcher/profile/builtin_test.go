package profile_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/golden"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func builtIn(t testing.TB) *profile.Catalog {
	t.Helper()
	src, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := profile.Load(src)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// archs is what each built-in profile runs on, and nothing else.
var archs = map[string]string{
	"base": "", "demo": "amd64 arm64 ppc64le s390x", "python": "amd64 arm64 ppc64le s390x",
	"triton": "amd64 arm64 s390x", "tensorflow-serving": "amd64 s390x", "tensorflow": "amd64 s390x",
	"pytorch": "amd64 arm64 s390x", "snapml": "s390x", "zdlc": "s390x", "llama-cpp": "amd64 arm64 s390x",
	"jupyter": "amd64 arm64", "vllm": "amd64", "ovms": "amd64", "mlserver": "amd64",
	"haproxy": "amd64 arm64 ppc64le s390x", "trivy": "amd64 arm64 ppc64le s390x", "grype": "amd64 arm64 ppc64le s390x",
}

// each calls f for every built-in profile on every architecture it names.
func each(t *testing.T, f func(t *testing.T, p *profile.Profile)) {
	c := builtIn(t)
	for _, name := range c.Names() {
		for _, arch := range strings.Fields(archs[name]) {
			p, err := c.Resolve(name, arch)
			if err != nil {
				t.Errorf("%s on %s: %v", name, arch, err)
				continue
			}
			t.Run(name+"/"+arch, func(t *testing.T) { f(t, p) })
		}
	}
}

func TestBuiltInArchs(t *testing.T) {
	c := builtIn(t)
	if len(c.Names()) != len(archs) {
		t.Errorf("got %v", c.Names())
	}
	for _, name := range c.Names() {
		p, err := c.ResolveBare(name, "s390x")
		if err != nil {
			t.Error(err)
			continue
		}
		if got := strings.Join(p.Archs, " "); got != archs[name] {
			t.Errorf("%s runs on %q, want %q", name, got, archs[name])
		}
	}
}

// Every built-in profile tells what a user needs to know of it.
func TestBuiltInWords(t *testing.T) {
	each(t, func(t *testing.T, p *profile.Profile) {
		if p.About == "" || p.Docs == "" || len(p.Problems) == 0 {
			t.Errorf("about %q, docs %q, problems %d", p.About, p.Docs, len(p.Problems))
		}
		if p.Name != "demo" && len(p.Knobs) == 0 {
			t.Error("no knobs")
		}
		if p.Arch == "s390x" && p.NNPA == "" {
			t.Error("what NNPA means for it is not said")
		}
		if p.Kind == "server" && (p.Ready == nil || p.Models == nil && p.Name != "haproxy" || len(p.Publish) == 0) {
			t.Errorf("a server without ready, models or publish: %+v", p)
		}
		if slices.Contains(p.Publish, "metrics") {
			t.Error("metrics are published")
		}
		icr := strings.HasPrefix(p.Stated.Image, "icr.io/")
		if icr != strings.Contains(p.Stated.Image, "@sha256:") || icr != strings.Contains(strings.Join(p.Problems, " "), "iamapikey") {
			t.Errorf("an image of icr.io has a digest and a login, the others have neither: %s", p.Stated.Image)
		}
		if !icr && p.Name != "demo" && !strings.Contains(p.Stated.User, ":") {
			t.Errorf("user %q of an upstream image is not in numbers", p.Stated.User)
		}
	})
}

// The hardening holds in every profile, and what differs from base is waived or
// reasoned.
func TestBuiltInHardening(t *testing.T) {
	each(t, func(t *testing.T, p *profile.Profile) {
		s := p.Stated
		if !s.ReadOnly || s.ReadOnlyTmpfs || !s.NoNewPrivileges || s.Privileged || s.HttpProxy || !slices.Equal(s.CapDrop, []string{"all"}) || s.CapAdd != nil {
			t.Errorf("hardening lost: %+v", s)
		}
		if s.Memory < 64<<20 || s.MemorySwap != s.Memory || s.PidsLimit != 2048 || s.ShmSize < 64<<20 || s.Umask != "0027" || s.Ulimit["core"].Hard != 0 {
			t.Errorf("limits lost: %+v", s)
		}
		for _, row := range []container.Row{container.Userns, container.Publish, container.Name, container.VolumeAt, container.Device, container.SecurityLabel} {
			if got := row.Settings(s); len(got) != 0 {
				t.Errorf("%s is stated: %v", row.Key(), got)
			}
		}
		for _, at := range []string{"/tmp", "/run", "/var/tmp"} {
			if s.Tmpfs[at].Size == 0 {
				t.Errorf("no sized tmpfs at %s", at)
			}
		}
		waived := map[string]bool{}
		for _, w := range p.Waivers {
			waived[w.Control+" "+w.At] = true
		}
		for _, at := range container.TmpfsAt.Keys(s) {
			if _, m, _ := container.TmpfsAt.Get(s, at); s.Tmpfs[at].Exec && m.Why == "" {
				t.Errorf("tmpfs %s: exec without a reason", at)
			}
		}
		if root := strings.HasPrefix(s.User, "0:"); root != waived["ZL-301 user"] {
			t.Errorf("user %q, waived %v", s.User, !root)
		}
	})
}

// Every value has its reason where it was set; only the image needs none.
func TestBuiltInWhy(t *testing.T) {
	each(t, func(t *testing.T, p *profile.Profile) {
		for _, set := range container.Settings(p.Stated) {
			if set.Mark.Why == "" && set.Path.Key != "image" && set.Mark.Origin[0].Layer != container.LayerDerived {
				t.Errorf("no why for %s", set.Path)
			}
		}
	})
}

// Every reason in base names the control it meets.
func TestBaseWhyNamesControls(t *testing.T) {
	p, err := builtIn(t).ResolveBare("base", "s390x")
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range container.Settings(p.Stated) {
		if !strings.Contains(set.Mark.Why, "(ZL-") || set.Mark.Origin[0].File != "profiles/base.toml" {
			t.Errorf("%s: why %q from %s", set.Path, set.Mark.Why, set.Mark.Origin)
		}
	}
}

// Every reason in a why table speaks of a value that is there.
func TestBuiltInWhySpeaksOfSomething(t *testing.T) {
	each(t, func(t *testing.T, p *profile.Profile) {
		for _, place := range profile.WhyPlaces(p) {
			key, elem, _ := strings.Cut(place, " ")
			if _, ok := p.Stated.MarkOf(container.Path{Key: key, Elem: elem}); !ok {
				t.Errorf("why %q, but it is not stated", place)
			}
		}
	})
}

func TestGolden(t *testing.T) {
	c := builtIn(t)
	for _, name := range []string{"triton", "demo", "zdlc"} {
		p, err := c.Resolve(name, "s390x")
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%s (%s) on %s, %s, %s\n", p.Name, p.Kind, p.Arch, p.Layer, p.File)
		fmt.Fprintf(&b, "chain %v, archs %v\nmodels %+v, output %+v\nports %v, publish %v, ready %+v\n", p.Chain, p.Archs, p.Models, p.Output, p.Ports, p.Publish, p.Ready)
		for _, w := range p.Waivers {
			fmt.Fprintf(&b, "waiver %s at %s, %s: %s\n", w.Control, w.At, w.Origin, w.Reason)
		}
		for _, set := range container.Settings(p.Stated) {
			fmt.Fprintf(&b, "%s = %v\n\t%s\n\t%s\n", set.Path, set.Value, origins(set.Mark), set.Mark.Why)
		}
		path := filepath.Join("testdata", name+"-s390x.golden")
		golden.Check(t, *update, path, b.String())
	}
}

// The worked example loads as a user's file, resolves wherever its parents do,
// and would not be taken as a project's, since it carries a waiver.
func TestExample(t *testing.T) {
	data, err := os.ReadFile("../../profiles.toml")
	if err != nil {
		t.Fatal(err)
	}
	src, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := profile.Load(append(src, profile.Source{Layer: container.LayerUser, File: "profiles.toml", Data: data}))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.All("s390x") {
		if s.Err != nil || s.Layer == container.LayerUser && (s.Owner == "" || !s.Available) {
			t.Errorf("%+v", s)
		}
	}
	p, err := c.Resolve("fraud", "s390x")
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Waivers) != 0 || p.Stated.MemorySwap != 24<<30 || !p.Stated.Tmpfs["/tmp"].Exec {
		t.Errorf("got %+v", p)
	}
	if _, err = profile.Load(append(src, profile.Source{Layer: container.LayerProject, File: "./profiles.toml", Data: data})); err != nil {
		t.Errorf("as a project file: %v", err)
	}
}

func BenchmarkCatalog(b *testing.B) {
	for b.Loop() {
		if _, err := builtIn(b).Resolve("triton", "s390x"); err != nil {
			b.Fatal(err)
		}
	}
}
