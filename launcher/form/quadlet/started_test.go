package quadlet

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/internal/drawn"
)

// started is what one version of Podman's generator made of written units.
type started struct {
	Version string                `json:"version"`
	Runs    map[string]startedRun `json:"runs"`
}

type startedRun struct {
	Files map[string]string `json:"files"` // as they were written
	Exec  string            `json:"exec"`  // ExecStart= of the service
}

// fixedRuns are of every row, with plain values and with those that a unit, systemd or a
// shell reads as something else.
func fixedRuns() []form.Run {
	var out []form.Run
	for i, text := range []string{"plain", `"q" 'w' \ \x41 $A ${B} %h %% ; # é`} {
		s, r := &container.Spec{}, rand.New(rand.NewPCG(uint64(i), 41))
		for range 40 { // until every row is set
			one := drawn.Spec(r, text)
			for _, row := range container.Rows {
				if len(row.Settings(s)) == 0 {
					row.Copy(s, one)
				}
			}
		}
		from := container.From(container.Origin{Layer: container.LayerUser})
		container.Rm.Set(s, false, from)
		container.User.Set(s, "1000:1000", from)
		container.Network.Set(s, []string{"a"}, from)
		container.SecurityLabel.Set(s, []string{"type:container_t", "level:s0:c1"}, from)
		out = append(out, form.Run{Name: fmt.Sprintf("fixed-%d", i), Profile: "fixed", Kind: []string{"server", "job"}[i], About: text, Spec: s,
			Networks: []form.Network{{Name: "a", Labels: map[string]string{"l": text}}}, Ready: &form.Ready{Within: 60}})
	}
	return out
}

// TestStarted holds the writer against what the generators made of its units.
func TestStarted(t *testing.T) {
	files, _ := filepath.Glob("testdata/started-*.json")
	if len(files) < 15 {
		t.Errorf("%d recorded generators are fewer than there were", len(files))
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var g started
		if err := json.Unmarshal(text, &g); err != nil {
			t.Fatal(err)
		}
		for _, run := range fixedRuns() {
			was, doc := g.Runs[run.Name], written(t, run, TargetOf(g.Version))
			if !maps.Equal(was.Files, texted(doc)) {
				t.Errorf("%s: %s is written otherwise than it was recorded; ZLAUNCH_QUADLET=PROGRAM ZLAUNCH_RECORD=1 records it anew", g.Version, run.Name)
			}
			sameStart(t, g.Version, run, doc, was.Exec)
		}
	}
}

func written(t *testing.T, run form.Run, target string) *form.Document {
	t.Helper()
	doc, err := Write(run, target, Service{})
	if err != nil {
		t.Fatalf("%s: %s: %v", target, run.Name, err)
	}
	return doc
}

func texted(doc *form.Document) map[string]string {
	out := map[string]string{}
	for _, f := range doc.Files {
		out[f.Name] = string(f.Data)
	}
	return out
}

// sameStart holds an ExecStart= of Podman's generator against the run that was written.
func sameStart(t *testing.T, version string, run form.Run, doc *form.Document, exec string) {
	t.Helper()
	if exec == "" {
		t.Errorf("%s makes no service of %s:\n%s", version, run.Name, doc.Files[0].Data)
		return
	}
	got := readLine(t, wanted(t, exec, run.Name+".container")).Spec
	want := asService(run)
	container.Restart.Clear(want) // systemd's, and on no line
	if off := differences(doc, got, want); len(off) > 0 {
		t.Errorf("%s starts %s with other %v\n%s\n%s", version, run.Name, off, exec, doc.Files[0].Data)
	}
}

// TestGenerators holds the writer against the generators that ZLAUNCH_QUADLET lists, parted
// by colons. With ZLAUNCH_RECORD=1 it records what they make of the fixed runs.
func TestGenerators(t *testing.T) {
	programs := filepath.SplitList(os.Getenv("ZLAUNCH_QUADLET"))
	if len(programs) == 0 {
		t.Skip("NOT RUN against generators themselves: ZLAUNCH_QUADLET names none; TestStarted holds what 15 of them made of the fixed runs")
	}
	for _, program := range programs {
		version := versionOf(program)
		t.Run(version, func(t *testing.T) { generator(t, program, version) })
	}
}

func generator(t *testing.T, program, version string) {
	runs, r := fixedRuns(), rand.New(rand.NewPCG(41, 2))
	for i := range 100 {
		run := drawnRun(r, i)
		run.Kind = []string{"server", "job"}[i%2]
		runs = append(runs, run)
	}
	units, services := t.TempDir(), t.TempDir()
	docs := map[string]*form.Document{}
	for _, run := range runs {
		docs[run.Name] = written(t, run, TargetOf(version))
		for _, f := range docs[run.Name].Files {
			if err := os.WriteFile(filepath.Join(units, f.Name), f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	c := exec.Command(program, "-user", "-no-kmsg-log", services)
	c.Env = append(os.Environ(), "QUADLET_UNIT_DIRS="+units, "PODMAN=/usr/bin/podman")
	if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v\n%s", err, out)
	}
	g := started{Version: version, Runs: map[string]startedRun{}}
	for _, run := range runs {
		exec := execStart(t, filepath.Join(services, run.Name+".service"))
		sameStart(t, version, run, docs[run.Name], exec)
		if strings.HasPrefix(run.Name, "fixed-") {
			g.Runs[run.Name] = startedRun{texted(docs[run.Name]), exec}
		}
	}
	verified(t, services, runs)
	if os.Getenv("ZLAUNCH_RECORD") != "" && !t.Failed() {
		text, err := json.MarshalIndent(g, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join("testdata", "started-"+version+".json"), append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func execStart(t *testing.T, file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
	}
	for _, l := range strings.Split(string(text), "\n") {
		if v, ok := strings.CutPrefix(l, "ExecStart="); ok {
			return v
		}
	}
	return ""
}

// verified lets systemd itself read the services; what it says of one is an error.
func verified(t *testing.T, dir string, runs []form.Run) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("NOT DONE: no systemd-analyze here")
		return
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.service"))
	if len(files) < len(runs) {
		t.Errorf("%d services of %d runs", len(files), len(runs))
	}
	c := exec.Command(analyze, slices.Concat([]string{"--user", "verify", "--man=no", "--recursive-errors=no"}, files)...)
	c.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir)
	if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze: %v\n%s", err, out)
	}
}
