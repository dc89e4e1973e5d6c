package derive

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

var update = flag.Bool("update", false, "write the golden files")

const digest = "sha256:8374cd5643686f5aac7d74363c97fdd2e43f66f6babb062b4071a9cf8a5953a6"

// base is an image with a package manager.
func base(program string) Base {
	return Base{Ref: "icr.example/ibm/serve:1.2", Programs: []string{program}, Image: &effective.Image{
		ID: strings.TrimPrefix(digest, "sha256:"), Digest: digest, Arch: "s390x", OS: "linux", User: "ibm-user",
		RepoDigests: []string{"icr.example/ibm/serve@" + digest},
	}}
}

func found(name, kind, pkg, installed, fixed string, paths ...string) scan.Finding {
	f := scan.Finding{ID: name, PURL: scan.PURL(kind, "", pkg, installed), Package: pkg, Installed: installed, Class: scan.OS, State: scan.NotFixed, Paths: paths}
	if kind == "pypi" || kind == "npm" {
		f.Class = scan.Lang
	}
	if fixed != "" {
		f.State, f.Fixed = scan.Fixed, strings.Split(fixed, " ")
	}
	return f
}

func by(tool string, findings ...scan.Finding) []*scan.Scan {
	return []*scan.Scan{{Image: scan.Image{Config: digest}, Tool: scan.Tool{Name: tool}, Packages: 9, Findings: findings}}
}

// of are findings as each distribution has them: two that are mended, one that is not.
func of(kind string) []scan.Finding {
	version, mended := "3.0.20-1", "3.0.21-1"
	if kind == "deb" {
		version, mended = "1:3.0.20-1~deb12u2", "1:3.0.21-1~deb12u1"
	}
	return []scan.Finding{
		found("CVE-2026-99001", kind, "openssl", version, mended), found("CVE-2026-99003", kind, "openssl", version, mended),
		found("CVE-2026-99001", kind, "libstdc++6", version, mended), found("CVE-2026-99002", kind, "tar", "1.34", ""),
	}
}

// TestContainerfile holds what is written for each package manager to its golden file.
func TestContainerfile(t *testing.T) {
	for name, tt := range map[string]struct {
		base     Base
		findings []scan.Finding
		wish     Wish
	}{
		"apt":      {base("/usr/bin/apt-get"), of("deb"), Wish{Version: "1.2.3"}},
		"dnf":      {base("/usr/bin/dnf"), of("rpm"), Wish{}},
		"microdnf": {base("/usr/bin/microdnf"), of("rpm"), Wish{}},
		"zypper":   {base("/usr/bin/zypper"), of("rpm"), Wish{Keep: []string{"glibc"}}},
		"apk":      {base("/sbin/apk"), of("apk"), Wish{}},
		"keep":     {base("/usr/bin/apt-get"), of("deb"), Wish{Keep: []string{"openssl", "zdnn"}}},
		"pip": {base("/usr/bin/apt-get"), append(of("deb"),
			found("CVE-2022-40897", "pypi", "setuptools", "58.1.0", "65.5.1"),
			found("GHSA-r9hx-vwmv-q579", "pypi", "setuptools", "58.1.0", "70.0 60.2"),
			found("CVE-2024-1", "pypi", "jinja2", "3.1", "3.1.3 2.9", "opt/venv/lib/python3.11/site-packages/jinja2-3.1.dist-info/METADATA"),
		), Wish{Languages: true}},
		"no-user": {Base{Ref: "localhost/x:1", Programs: []string{"/usr/bin/apt-get"},
			Image: &effective.Image{ID: strings.Repeat("a", 64), Arch: "amd64", OS: "linux"}}, of("deb"), Wish{}},
	} {
		p, err := Make(tt.base, by("trivy", tt.findings...), tt.wish)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		file := filepath.Join("testdata", name+".Containerfile")
		got := p.Containerfile()
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || got != string(want) {
			t.Errorf("%s: it is\n%s\nand not %s: %v", name, got, file, err)
		}
	}
}

// Each is left, with its reason, and gets into no Containerfile.
func TestLeft(t *testing.T) {
	for why, f := range map[string]scan.Finding{
		"its name is none of a package":               found("CVE-2026-1", "deb", "a'; touch /x #", "1", "2"),
		"its name is none of a project":               found("CVE-2026-1", "pypi", "a @ http://x", "1", "2"),
		"its name is none that a label":               found("CVE-2026-1\nUSER root", "deb", "a", "1", "2"),
		"another kind":                                found("CVE-2026-1", "rpm", "a", "1", "2"),
		"has to be built anew":                        found("CVE-2026-1", "npm", "a", "1", "2"),
		"can be compared":                             found("CVE-2026-1", "pypi", "a", "1.0rc1", "2"),
		"no version that mends it":                    found("CVE-2026-1", "pypi", "a", "2.1", "2 1.9.9 2.1rc1"),
		"the distribution's":                          found("CVE-2026-1", "pypi", "a", "1", "2", "/usr/lib/python3/dist-packages/a/METADATA"),
		"in no environment":                           found("CVE-2026-1", "pypi", "a", "1", "2", "/opt/../lib/python3.1/site-packages/a"),
		"the profile keeps it":                        found("CVE-2026-1", "deb", "kept", "1", "2"),
		"the image has no package manager":            found("CVE-2026-1", "deb", "distroless", "1", "2"),
		"only packages of the distribution and of Py": {ID: "CVE-2026-1", Package: "a", Class: scan.Lang, State: scan.Fixed, PURL: "not a purl"},
	} {
		b := base("/usr/bin/apt-get")
		if f.Package == "distroless" {
			b.Programs = nil
		}
		p, err := Make(b, by("grype", f), Wish{Keep: []string{"kept"}, Languages: true})
		if err != nil {
			t.Errorf("%s: %v", why, err)
			continue
		}
		if len(p.Left) != 1 || !strings.Contains(p.Left[0].Why, why) || !p.Empty() || strings.Contains(p.Containerfile(), "RUN") {
			t.Errorf("%q: left is %+v of\n%s", why, p.Left, p.Containerfile())
		}
	}
	p, err := Make(base("/usr/bin/apt-get"), by("grype", found("CVE-2026-1", "pypi", "a", "1", "2")), Wish{})
	if err != nil || len(p.Left) != 1 || !strings.Contains(p.Left[0].Why, "--with-languages") {
		t.Errorf("unasked, a package of Python is %+v, %v", p, err)
	}
}

// Bases that nothing is built from.
func TestRefusedBases(t *testing.T) {
	for why, change := range map[string]func(*Base){
		"no Containerfile can name": func(b *Base) { b.Image.User = "ibm-user\nRUN id" },
		"is \"$HOME\"":              func(b *Base) { b.Image.User = "$HOME" },
		"is \"-u 0\"":               func(b *Base) { b.Image.User = "-u 0" },
		"ONBUILD":                   func(b *Base) { b.OnBuild = []string{"ADD http://127.0.0.1:9/ /x"} },
		"neither by a digest":       func(b *Base) { b.Image.ID = "" },
	} {
		b := base("/usr/bin/apt-get")
		change(&b)
		if _, err := Make(b, by("trivy", of("deb")...), Wish{}); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
	}
	b := base("/usr/bin/apt-get")
	b.Ref, b.Image.RepoDigests = "Oh\nno:1", nil
	p, err := Make(b, by("trivy", of("deb")...), Wish{})
	if err != nil || !p.ByID() || p.From != b.Image.ID {
		t.Errorf("a name that no Containerfile has: %+v, %v", p, err)
	}
}

// Scans that prove nothing mend nothing, and neither do those in which nothing is mended.
func TestRefusedScans(t *testing.T) {
	failed, partial := by("trivy"), by("trivy")
	failed[0].Failed, partial[0].Partial = "no database", "cut"
	for why, scans := range map[string][]*scan.Scan{"no record": nil, "no database": failed, "cut": partial} {
		if _, err := Make(base("/usr/bin/apt-get"), scans, Wish{}); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
	}
	supplier := found("CVE-2026-1", "deb", "a", "1", "2")
	supplier.VEX = &scan.VEX{Status: "fixed"}
	_, err := Make(base("/usr/bin/apt-get"), by("trivy", supplier, found("CVE-2026-2", "deb", "a", "1", "")), Wish{})
	if !errors.Is(err, ErrNothing) {
		t.Errorf("nothing to mend: %v", err)
	}
}

func TestOlder(t *testing.T) {
	order := []string{"0.9", "1", "1.0.1", "1.0.1.post1", "1.0.1.post2", "1.1", "2.0", "10"}
	for i, a := range order {
		for j, b := range order {
			if got := older(a, b); got != (i < j) {
				t.Errorf("%s is older than %s: %t", a, b, got)
			}
		}
	}
	if older("1.0", "1") || older("1", "1.0.0") {
		t.Error("1, 1.0 and 1.0.0 are one version")
	}
}

// FuzzContainerfile wants of every word that a scanner or an image may bring that the file
// has the lines that it would have of an honest one, and no other.
func FuzzContainerfile(f *testing.F) {
	f.Add("CVE-2026-1", "openssl", "1.0", "1.1", "ibm-user", "icr.example/a:1", "opt/venv/lib/python3.11/site-packages/x", "zdnn")
	f.Add("CVE-1\nRUN id", "a'$(id)", "\n", "\\", "u\nUSER root", "x\nRUN id@sha256:", "/x'/lib/python3.1/site-packages/", "-k")
	f.Fuzz(func(t *testing.T, id, pkg, installed, fixed, user, ref, path, keep string) {
		b := base("/usr/bin/apt-get")
		b.Ref, b.Image.User, b.Image.RepoDigests = ref, user, []string{ref}
		deb, pip := found(id, "deb", pkg, installed, fixed), found(id, "pypi", pkg, installed, fixed, path)
		deb.PURL = ""
		p, err := Make(b, by("trivy", deb, pip), Wish{Keep: []string{keep}, Languages: true, Version: installed})
		if err != nil {
			return
		}
		text := p.Containerfile()
		for _, r := range text {
			if r != '\n' && (r < ' ' || r > '~') {
				t.Fatalf("%q has a character that prints nothing", text)
			}
		}
		var verbs []string
		lines := strings.Split(strings.ReplaceAll(text, "\\\n", ""), "\n")
		for _, line := range lines[:len(lines)-1] {
			verb, _, _ := strings.Cut(line, " ")
			verbs = append(verbs, verb)
		}
		verbs = slices.DeleteFunc(verbs, func(v string) bool { return v == "#" })
		want := []string{"FROM"}
		if user != "" {
			want = append(want, "USER")
		}
		for range min(len(p.Packages), 1) + min(len(p.Python), 1) {
			want = append(want, "RUN")
		}
		if user != "" {
			want = append(want, "USER")
		}
		if want = append(want, "LABEL"); !slices.Equal(verbs, want) {
			t.Fatalf("the file does %q and not %q:\n%s", verbs, want, text)
		}
	})
}
