package quadlet

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// generated is what one version of Podman's generator made of testdata/units.
type generated struct {
	Version string            `json:"version"`
	Exec    map[string]string `json:"exec"` // ExecStart= by unit; a unit it refused has none
}

// generators are where distributions keep it.
var generators = []string{"/usr/libexec/podman/quadlet", "/usr/lib/systemd/system-generators/podman-system-generator", "/usr/lib/podman/quadlet"}

// TestGenerate runs the generator of this host, or the last of ZLAUNCH_QUADLET, and
// holds it against the recorded output of its version. With ZLAUNCH_RECORD=1 it
// records.
func TestGenerate(t *testing.T) {
	program := ""
	if all := filepath.SplitList(os.Getenv("ZLAUNCH_QUADLET")); len(all) > 0 {
		program = all[len(all)-1]
	}
	for _, p := range generators {
		if _, err := os.Stat(p); err == nil && program == "" {
			program = p
		}
	}
	if program == "" {
		t.Skip("no generator here; ZLAUNCH_QUADLET names one")
	}
	got := generate(t, program)
	if os.Getenv("ZLAUNCH_RECORD") != "" {
		text, err := json.MarshalIndent(got, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(goldenOf(got.Version), append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	compareAll(t, got)
}

func goldenOf(version string) string {
	return filepath.Join("testdata", "generated-"+version+".json")
}

// generate runs the generator over a copy of the units at a fixed depth.
func generate(t *testing.T, program string) generated {
	dir := filepath.Join(t.TempDir(), "units")
	if err := os.CopyFS(dir, os.DirFS("testdata/units")); err != nil {
		t.Fatal(err)
	}
	version, err := exec.Command(program, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "--user", "--dryrun", "--no-kmsg-log")
	c.Env = append(os.Environ(), "QUADLET_UNIT_DIRS="+dir, "PODMAN=/usr/bin/podman")
	out, err := c.Output() // it fails, for some of the units are wrong
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	got := generated{Version: strings.TrimSpace(string(version)), Exec: map[string]string{}}
	for _, service := range strings.Split("\n"+string(out), "\n---")[1:] {
		unit, start := "", ""
		for _, l := range strings.Split(service, "\n") {
			if v, ok := strings.CutPrefix(l, "SourcePath="); ok {
				unit = path.Base(v)
			}
			if v, ok := strings.CutPrefix(l, "ExecStart="); ok {
				start = strings.ReplaceAll(v, dir, "/units")
			}
		}
		if strings.HasSuffix(unit, ".container") {
			got.Exec[unit] = start
		}
	}
	return got
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
