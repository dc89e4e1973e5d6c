// Package contents holds built packages against what they promise. ZLAUNCH_PACKAGES
// names their directory; make packages runs it.
package contents

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// archs maps Go's names to those of the formats.
var archs = map[string]map[string]string{
	"amd64": {"deb": "amd64", "rpm": "x86_64"}, "arm64": {"deb": "arm64", "rpm": "aarch64"},
	"ppc64le": {"deb": "ppc64el", "rpm": "ppc64le"}, "s390x": {"deb": "s390x", "rpm": "s390x"},
}

// elsewhere are the files that the two families keep in different places.
var elsewhere = map[string]string{
	"/usr/share/zsh/vendor-completions/_zlaunch": "/usr/share/zsh/site-functions/_zlaunch",
	"/usr/share/doc/zlaunch/copyright":           "/usr/share/licenses/zlaunch/copyright",
}

const (
	program = "/usr/bin/zlaunch"
	doc     = "/usr/share/doc/zlaunch/"
	config  = "/etc/zlaunch/profiles.d/site.toml"
)

func directory(t *testing.T) string {
	t.Helper()
	if place() == "" {
		t.Skip("ZLAUNCH_PACKAGES names no directory of packages")
	}
	return place()
}

// place is where the packages are, "" where nobody said it. A relative path is
// one from packaging, where go test is started.
func place() string {
	dir := os.Getenv("ZLAUNCH_PACKAGES")
	if dir != "" && !filepath.IsAbs(dir) {
		dir = filepath.Join("..", dir)
	}
	return dir
}

// once reads the packages in a directory.
var once = sync.OnceValues(func() ([]pack, error) {
	var out []pack
	for _, pattern := range []string{"*.deb", "*.rpm"} {
		files, err := filepath.Glob(filepath.Join(place(), pattern))
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("%s: %d files, %w", pattern, len(files), err)
		}
		for _, f := range files {
			p, err := read(f)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f, err)
			}
			out = append(out, p)
		}
	}
	return out, nil
})

// all gives the packages, at least one of each format.
func all(t *testing.T) []pack {
	t.Helper()
	directory(t)
	out, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// each runs f for every package.
func each(t *testing.T, f func(*testing.T, pack)) {
	for _, p := range all(t) {
		t.Run(p.name, func(t *testing.T) { f(t, p) })
	}
}

// goArch is Go's name of the package's architecture.
func (p pack) goArch() string {
	for arch, names := range archs {
		if names[p.format] == p.arch {
			return arch
		}
	}
	return "(no " + p.arch + ")"
}

func TestEveryArchitectureInBothFormats(t *testing.T) {
	var got, want []string
	versions := map[string]bool{}
	for _, p := range all(t) {
		got = append(got, p.format+" "+p.goArch())
		versions[p.version] = true
	}
	for arch := range archs {
		want = append(want, "deb "+arch, "rpm "+arch)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("there are\n%s\nwant\n%s", got, want)
	}
	if len(versions) != 1 {
		t.Errorf("they are of several versions: %v", versions)
	}
}

// What is a file in one package is one in all, but for those that the families
// keep in different places.
func TestSameFilesInAll(t *testing.T) {
	var want []string
	each(t, func(t *testing.T, p pack) {
		var got []string
		for name, e := range p.files {
			if e.mode.IsDir() || name == "/usr/share/licenses/zlaunch/LICENSE" { // Debian's is in the copyright file
				continue
			}
			if there, ok := elsewhere[name]; ok {
				name = there
			}
			got = append(got, name)
		}
		slices.Sort(got)
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("it holds\n%s\nthe first one\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
	pages, err := filepath.Glob("../../docs/man/*.[1-9]")
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	for _, page := range pages {
		if name := "/usr/share/man/man" + filepath.Ext(page)[1:] + "/" + filepath.Base(page) + ".gz"; !slices.Contains(want, name) {
			t.Errorf("%s is not there", name)
		}
	}
}

func TestModesOwnersTimes(t *testing.T) {
	each(t, func(t *testing.T, p pack) {
		at := p.files[program].time
		for name, e := range p.files {
			want := fs.FileMode(0o644)
			if e.mode.IsDir() || name == program {
				want = 0o755
			}
			if e.mode.Perm() != want || e.mode&(fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky|fs.ModeSymlink) != 0 {
				t.Errorf("%s: mode %v, want %v", name, e.mode, want)
			}
			if e.owner != "root:root" {
				t.Errorf("%s belongs to %s", name, e.owner)
			}
			if !e.time.Equal(at) {
				t.Errorf("%s is of %v, the program of %v", name, e.time, at)
			}
			if e.config != (name == config) {
				t.Errorf("%s: a configuration file: %v", name, e.config)
			}
			if strings.HasPrefix(name, "/usr/share/licenses/") && !e.mode.IsDir() && !e.legal {
				t.Errorf("%s is not marked as a licence", name)
			}
		}
	})
}

func TestDependencies(t *testing.T) {
	want := map[string][2]string{
		"deb": {"podman (>= 4.3)", "uidmap, crun | runc, netavark, passt | slirp4netns, aardvark-dns, catatonit"},
		"rpm": {"podman >= 4.3", "shadow-utils, (crun or runc), netavark, (passt or slirp4netns), aardvark-dns, catatonit"},
	}
	each(t, func(t *testing.T, p pack) {
		if got := [2]string{p.control["Depends"], p.control["Recommends"]}; got != want[p.format] {
			t.Errorf("it depends on and recommends\n%q, want\n%q", got, want[p.format])
		}
		if host := p.control["Build-Host"]; p.format == "rpm" && host != "localhost" {
			t.Errorf("it names the machine %q", host)
		}
		for _, script := range []string{"preinst", "postinst", "prerm", "postrm"} {
			if _, ok := p.control[script]; ok {
				t.Errorf("it runs a %s", script)
			}
		}
	})
}

// What is text in the tree is the same text in the package.
func TestTextsAreTheTrees(t *testing.T) {
	each(t, func(t *testing.T, p pack) {
		for name, source := range map[string]string{
			doc + "README.md": "README.md", doc + "controls.md": "docs/controls.md", doc + "examples/profiles.toml": "profiles.toml",
			config: "packaging/site.toml", "/usr/share/bash-completion/completions/zlaunch": "cmd/zlaunch/completion/zlaunch.bash",
		} {
			want, err := os.ReadFile(filepath.Join("..", "..", source))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(p.files[name].data, want) {
				t.Errorf("%s is not %s", name, source)
			}
		}
	})
}

func TestChecksums(t *testing.T) {
	dir := directory(t)
	cmd := exec.Command("sha256sum", "--quiet", "-c", "SHA256SUMS")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{"SHA256SUMS": true}
	for line := range strings.Lines(string(sums)) {
		listed[strings.TrimSpace(line[64:])] = true
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range there {
		if !listed[e.Name()] {
			t.Errorf("%s has no checksum", e.Name())
		}
		delete(listed, e.Name())
	}
	for name := range maps.Keys(listed) {
		t.Errorf("%s is listed and not there", name)
	}
}
