package contents

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64, "ppc64le": elf.EM_PPC64, "s390x": elf.EM_S390}

func TestProgramIsStaticAndOfItsArchitecture(t *testing.T) {
	each(t, func(t *testing.T, p pack) {
		f, err := elf.NewFile(bytes.NewReader(p.files[program].data))
		if err != nil {
			t.Fatal(err)
		}
		if f.Machine != machines[p.goArch()] || f.Machine == 0 {
			t.Errorf("the program is for %v, the package for %s", f.Machine, p.arch)
		}
		for _, part := range f.Progs {
			if part.Type == elf.PT_INTERP || part.Type == elf.PT_DYNAMIC {
				t.Errorf("the program is not static: it has a %v", part.Type)
			}
		}
	})
}

// No file names a place of the machine that built it.
func TestNoPlacesOfTheMachine(t *testing.T) {
	tree, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	places := []string{tree}
	for _, name := range []string{"GOROOT", "GOMODCACHE", "GOCACHE", "GOPATH"} {
		out, err := exec.Command("go", "env", name).Output()
		if place := strings.TrimSpace(string(out)); err != nil || place == "" {
			t.Fatal(name, err)
		} else {
			places = append(places, place+"/")
		}
	}
	each(t, func(t *testing.T, p pack) {
		if !bytes.Contains(p.files[program].data, []byte("github.com/zlaunch/zlaunch/launcher/")) {
			t.Error("the program does not even name its packages: nothing is proved")
		}
		for name, e := range p.files {
			for _, place := range places {
				if bytes.Contains(e.data, []byte(place)) {
					t.Errorf("%s names %s", name, place)
				}
			}
		}
	})
}

// bill is what is read of the bill of materials.
type bill struct {
	Metadata struct {
		Timestamp string
		Component struct {
			Hashes []struct{ Alg, Content string }
		}
	}
	Components []struct{ Name, Version, Purl string }
}

// The bill and the licences tell of exactly what the program links.
func TestBillAndLicencesAreWhole(t *testing.T) {
	each(t, func(t *testing.T, p pack) {
		text := p.files[doc+"zlaunch.cdx.json"].data
		var b bill
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(p.files[program].data)
		if h := b.Metadata.Component.Hashes; len(h) != 1 || h[0].Content != hex.EncodeToString(sum[:]) {
			t.Errorf("the bill is of another program: %v", h)
		}
		info, err := buildinfo.Read(bytes.NewReader(p.files[program].data))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{"stdlib " + strings.TrimPrefix(info.GoVersion, "go"): true}
		for _, m := range info.Deps {
			want[m.Path+" "+m.Version] = true
		}
		licences := p.files[doc+"copyright"].data
		if p.format == "rpm" {
			licences = p.files[elsewhere[doc+"copyright"]].data
		}
		for m := range want {
			if !bytes.Contains(licences, []byte("  "+m+": ")) || !bytes.Contains(licences, []byte("\n"+m+": ")) {
				t.Errorf("the licence of %s is not passed on", m)
			}
		}
		for _, c := range b.Components {
			if !want[c.Name+" "+c.Version] || !strings.HasPrefix(c.Purl, "pkg:golang/"+c.Name+"@") {
				t.Errorf("the bill has %s %s (%s), which is not linked", c.Name, c.Version, c.Purl)
			}
			delete(want, c.Name+" "+c.Version)
		}
		if len(want) > 0 {
			t.Errorf("the bill lacks %v", want)
		}
		beside, err := filepath.Glob(filepath.Join(directory(t), "*_"+p.goArch()+".cdx.json"))
		if err != nil || len(beside) != 1 {
			t.Fatal(beside, err)
		}
		if got, err := os.ReadFile(beside[0]); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%s is not the bill in the package: %v", beside[0], err)
		}
	})
}

// The package's program says the commit and the version that the package bears.
func TestProgramTellsItsSource(t *testing.T) {
	each(t, func(t *testing.T, p pack) {
		if p.goArch() != runtime.GOARCH {
			t.Skipf("a program for %s does not run here; test/lab/packages runs it in its guest", p.goArch())
		}
		file := filepath.Join(t.TempDir(), "zlaunch")
		if err := os.WriteFile(file, p.files[program].data, 0o700); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(file, "version", "--json").Output()
		if err != nil {
			t.Fatal(err)
		}
		var v struct {
			Commit   string
			Time     string `json:"commit_time"`
			Modified *bool
			Platform string
			Bindings string `json:"podman_bindings"`
		}
		if err := json.Unmarshal(out, &v); err != nil {
			t.Fatal(err)
		}
		if len(v.Commit) != 40 || v.Time == "" || v.Modified == nil || v.Bindings == "" || v.Platform != "linux/"+runtime.GOARCH {
			t.Errorf("it does not tell all: %s", out)
		}
		if *v.Modified != strings.HasSuffix(p.version, "+dirty") || v.Time != p.files[program].time.UTC().Format("2006-01-02T15:04:05Z") {
			t.Errorf("it tells of another source than %s: %s", p.version, out)
		}
	})
}
