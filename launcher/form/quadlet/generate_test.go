package quadlet

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// generated is what one version of Podman's generator made of testdata/units.
type generated struct {
	Version string            `json:"version"`
	Exec    map[string]string `json:"exec"` // ExecStart= by unit; a unit it refused has none
}

// generators are where distributions keep it.
var generators = []string{"/usr/libexec/podman/quadlet", "/usr/lib/systemd/system-generators/podman-system-generator", "/usr/lib/podman/quadlet"}

// TestGenerate runs the generator of this host, or those of ZLAUNCH_QUADLET, parted by colons,
// and holds the reading of each unit against what they make of it. With ZLAUNCH_RECORD=1 it
// records the last.
func TestGenerate(t *testing.T) {
	programs := filepath.SplitList(os.Getenv("ZLAUNCH_QUADLET"))
	for _, p := range generators {
		if _, err := os.Stat(p); err == nil && len(programs) == 0 {
			programs = []string{p}
		}
	}
	if len(programs) == 0 {
		t.Skip("NOT RUN against a generator itself: none is here, and ZLAUNCH_QUADLET names none; TestRecordedGenerators holds what five of them made")
	}
	for i, program := range programs {
		got := generate(t, program)
		if os.Getenv("ZLAUNCH_RECORD") != "" && i+1 == len(programs) {
			text, err := json.MarshalIndent(got, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(goldenOf(got.Version), append(text, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		t.Run(got.Version, func(t *testing.T) { compareAll(t, got) })
	}
}

func goldenOf(version string) string {
	return filepath.Join("testdata", "generated-"+version+".json")
}

// generate runs the generator over each of the units by itself: one that it cannot load, dies of
// or reads for ever takes no other along.
func generate(t *testing.T, program string) generated {
	got := generated{Version: versionOf(program), Exec: map[string]string{}}
	if got.Version == "" {
		t.Fatalf("%s: it tells no version, and is not called by one", program)
	}
	entries, err := os.ReadDir("testdata/units")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if unit := e.Name(); path.Ext(unit) == ".container" {
			if start := generateOne(t, program, unit); start != "" {
				got.Exec[unit] = start
			}
		}
	}
	return got
}

// quadletVersion is in the name of a program that has no --version: quadlet-4.4.4.
var quadletVersion = regexp.MustCompile(`\d+\.\d+\.\d+$`)

func versionOf(program string) string {
	if v := quadletVersion.FindString(program); v != "" {
		return v
	}
	out, err := exec.Command(program, "--version").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// generateOne is the ExecStart= of a unit at a fixed depth, beside all that is no container and
// the containers that it names; "" where the generator makes no service of it.
func generateOne(t *testing.T, program, unit string) (start string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "units")
	if err := os.CopyFS(dir, os.DirFS("testdata/units")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, unit))
	if err != nil {
		t.Fatal(err)
	}
	others, _ := filepath.Glob(dir + "/*.container")
	for _, other := range others {
		if name := filepath.Base(other); name != unit && !strings.Contains(string(text), name) {
			if err := os.Remove(other); err != nil {
				t.Fatal(err)
			}
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // those before 5.4 read some units for ever
	defer cancel()
	c := exec.CommandContext(ctx, program, "--user", "--dryrun", "--no-kmsg-log")
	c.Env = append(os.Environ(), "QUADLET_UNIT_DIRS="+dir, "PODMAN=/usr/bin/podman")
	out, err := c.Output() // it fails, for some of the units are wrong
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	for _, service := range strings.Split("\n"+string(out), "\n---")[1:] {
		of, made := "", ""
		for _, l := range strings.Split(service, "\n") {
			if v, ok := strings.CutPrefix(l, "SourcePath="); ok {
				of = path.Base(v)
			}
			if v, ok := strings.CutPrefix(l, "ExecStart="); ok {
				made = strings.ReplaceAll(v, dir, "/units")
			}
		}
		if of == unit {
			start = made
		}
	}
	return start
}

// units are the fixtures at /units.
func units(t testing.TB) fstest.MapFS {
	out := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS("testdata/units"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join("testdata/units", name))
		out["units/"+name] = &fstest.MapFile{Data: text, Mode: 0o644}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func recorded(t *testing.T) []generated {
	files, err := filepath.Glob("testdata/generated-*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded generator: %v", err)
	}
	var out []generated
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var g generated
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&g); err != nil {
			t.Fatal(err)
		}
		out = append(out, g)
	}
	return out
}
