package profile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// bundled is a file of a bundle, with what its image means on s390x.
func bundled(bundle, text string) profile.Source {
	return profile.Source{
		Layer: container.LayerBundle, File: bundle + "/a.toml", Data: []byte("schema = 1\n" + text),
		Bundle: &profile.Bundle{Name: bundle, Version: "1.0.0", Digest: digest, Images: map[string]map[string]string{
			"reg.example:5000/app:1": {"s390x": digest}}},
	}
}

func fraud(image, more string) string {
	return "[profile.fraud]\nkind = \"job\"\n" + more + "[profile.fraud.container]\nimage = \"" + image + "\"\n"
}

func catalogOf(more ...profile.Source) *profile.Catalog {
	return profile.Assemble(append([]profile.Source{source(container.LayerBuiltIn, "profiles/far.toml", far)}, more...))
}

// A profile knows every bundle that anything of it comes from, whatever extends what.
func TestBundlesOfAProfile(t *testing.T) {
	one := bundled("one", fraud("a:1", ""))
	one.Bundle.Signer = &profile.Signer{Principal: "ann@example.org", Fingerprint: "SHA256:one"}
	own := source(container.LayerUser, "u.toml", "schema = 1\n[profile.mine]\nkind = \"job\"\nextends = \"one/fraud\"\n")
	for name, want := range map[string][2]string{"fraud": {"ann@example.org SHA256:one", "SHA256:one"}, "mine": {"", "SHA256:one"}} {
		p, err := catalogOf(one, own).Resolve(name, "s390x")
		if err != nil {
			t.Fatal(err)
		}
		nearest := ""
		if p.Bundle != nil {
			nearest = p.Bundle.Signer.String()
		}
		if nearest != want[0] || len(p.Bundles) != 1 || strings.Join(p.Bundles[0].Signer.Names(), " ") != want[1] {
			t.Errorf("%s: of %q, from %+v", name, nearest, p.Bundles)
		}
	}
}

// A bundle is a name space: its profiles have an exact name, and a short one while no
// other bundle has it; a nearer layer has the short one before it.
func TestBundleNames(t *testing.T) {
	one, two := bundled("one", fraud("reg.example:5000/app:1", "")), bundled("two", fraud("b:1", ""))
	for name, c := range map[string]struct {
		sources []profile.Source
		ask     string
		image   string
		err     string
	}{
		"short":     {[]profile.Source{one}, "fraud", "reg.example:5000/app@" + digest, ""},
		"exact":     {[]profile.Source{one, two}, "two/fraud", "b:1", ""},
		"ambiguous": {[]profile.Source{one, two}, "fraud", "", "profile fraud is in 2 bundles"},
		"nearer": {[]profile.Source{one, two, source(container.LayerUser, "u.toml", "schema = 1\n[profile.fraud]\nextends = \"two/fraud\"\n")},
			"fraud", "b:1", ""},
		"nearer, ambiguous": {[]profile.Source{one, two, source(container.LayerUser, "u.toml", "schema = 1\n[profile.fraud]\nextends = \"fraud\"\n")},
			"fraud", "", "is in 2 bundles"},
		"no such bundle": {[]profile.Source{one}, "three/fraud", "", `no profile "three/fraud"`},
	} {
		p, err := catalogOf(c.sources...).Resolve(c.ask, "s390x")
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %q", name, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if image, _, _ := container.Image.Get(p.Stated); image != c.image {
			t.Errorf("%s: image %s, want %s", name, image, c.image)
		}
	}
	if err := catalogOf(one, two).Known("fraud"); !strings.Contains(hint.Of(err), "one/fraud, two/fraud") {
		t.Errorf("%v, hint %q", err, hint.Of(err))
	}
}

// What was locked holds on the architecture it was locked for, and the plan says who
// decided it.
func TestBundlePinsImages(t *testing.T) {
	c := catalogOf(bundled("one", fraud("reg.example:5000/app:1", "gpu_image.\"nvidia.com/gpu\" = \"reg.example:5000/app:1\"\n")))
	p, err := c.Resolve("fraud", "s390x")
	if err != nil {
		t.Fatal(err)
	}
	if len(p.GPUImage) != 1 || p.GPUImage[0].Image != "reg.example:5000/app@"+digest {
		t.Errorf("with a gpu %+v", p.GPUImage)
	}
	got := c.TaggedIn("one")
	if len(got) != 3 || slices.ContainsFunc(got, func(t profile.Tagged) bool { return t.Arch == "s390x" || t.Ref != "reg.example:5000/app:1" }) {
		t.Errorf("named by a tag: %+v", got)
	}
	if _, mark, _ := container.Image.Get(p.Stated); len(mark.Origin) < 2 || mark.Origin[0].String() != "zlaunch.lock: one.image" {
		t.Errorf("origin %v", mark.Origin)
	}
	if p, err = c.Resolve("fraud", "amd64"); err != nil {
		t.Fatal(err)
	}
	if image, _, _ := container.Image.Get(p.Stated); image != "reg.example:5000/app:1" {
		t.Errorf("on amd64 %s", image)
	}
}

// A bundle means the same wherever it is locked: it sees itself and what is farther,
// and changes nobody else.
func TestBundleIsAlone(t *testing.T) {
	base := "[profile.base]\nextends = \"base\"\n[profile.base.container]\nmemory = \"1g\"\n"
	one, two := bundled("one", base+fraud("a:1", "")), bundled("two", fraud("b:1", ""))
	user := source(container.LayerUser, "u.toml", "schema = 1\n[profile.base]\nextends = \"base\"\n[profile.base.container]\nread_only = false\n")
	c := catalogOf(one, two, user)
	for name, want := range map[string]int64{"one/fraud": 1 << 30, "two/fraud": 4 << 30, "srv": 4 << 30} {
		p, err := c.ResolveBare(name, "s390x")
		if err != nil {
			t.Fatal(err)
		}
		if got, _, _ := container.Memory.Get(p.Stated); got != want {
			t.Errorf("%s has %d bytes, want %d", name, got, want)
		}
		if readOnly, _, _ := container.ReadOnly.Get(p.Stated); readOnly != (name != "srv") {
			t.Errorf("%s: read_only %v", name, readOnly)
		}
	}
	for name, text := range map[string]string{
		"a base of its own":   "[profile.base.container]\nread_only = false\n",
		"a name that is here": "[profile.srv]\nkind = \"job\"\n",
		"another bundle's":    fraud("c:1", "extends = \"one/fraud\"\n"),
		"a nearer one":        fraud("c:1", "extends = \"mine\"\n"),
	} {
		mine := source(container.LayerUser, "m.toml", "schema = 1\n[profile.mine]\nkind = \"job\"\n")
		if faulty := catalogOf(one, bundled("three", text), mine).Faulty(); len(faulty) != 1 || faulty[0].File != "three/a.toml" {
			t.Errorf("%s: %v", name, faulty)
		}
	}
}

// A bundle that cannot be read may define anything, but no exact name of another.
func TestBundleThatCannotBeRead(t *testing.T) {
	broken := bundled("two", "")
	broken.Err = hint.Errorf("zlaunch verify", "its blob is another one")
	c := catalogOf(bundled("one", fraud("a:1", "")), broken)
	if err := c.Known("fraud"); err == nil || !strings.Contains(err.Error(), "another one") {
		t.Errorf("%v", err)
	}
	if err := c.Known("one/fraud"); err != nil {
		t.Error(err)
	}
	if err := c.Known("two/fraud"); err == nil || !strings.Contains(err.Error(), "another one") {
		t.Errorf("%v", err)
	}
}

func TestDeprecated(t *testing.T) {
	for _, s := range catalogOf(bundled("one", fraud("a:1", "deprecated = \"use fraud-2\"\n"))).All("s390x") {
		if want := map[string]string{"fraud": "use fraud-2"}[s.Name]; s.Deprecated != want {
			t.Errorf("%s: %q", s.Name, s.Deprecated)
		}
	}
}
