package export_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/export"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
)

// TestQuadletJudged: no control fails on the units of a built-in profile that does not on the
// run that they were written of, and nothing is lost.
func TestQuadletJudged(t *testing.T) {
	f, _ := export.Find("quadlet")
	for i, of := range builtin(t) {
		target := f.Targets[i%len(f.Targets)]
		run := planned(t, of)
		doc, err := export.Write(f, run, export.Options{Target: target})
		if err != nil {
			t.Errorf("%s for %s: %v", of, target, err)
			continue
		}
		fsys := fstest.MapFS{}
		for _, file := range doc.Files {
			fsys["u/"+file.Name] = &fstest.MapFile{Data: file.Data, Mode: 0o600}
		}
		got, err := quadlet.Read(fsys, "u/"+doc.Files[0].Name, quadlet.Options{Version: target})
		if err != nil || len(got.Open) > 0 {
			t.Errorf("%s for %s: %v %v", of, target, err, got.Open)
			continue
		}
		before := fails(onLine(t, run.Spec))
		if len(run.Networks) > 0 && len(doc.Files) > 1 { // its unit tells what a line leaves open: whether a route is closed
			before = append(before, "ZL-704", "ZL-705")
			if open := []string{"ZL-704", "ZL-705"}; slices.ContainsFunc(audit.Judge(got.Spec), func(f audit.Finding) bool { return f.Verdict == audit.Open && slices.Contains(open, f.Control.ID) }) {
				t.Errorf("%s for %s: what the unit of its network says is open", of, target)
			}
		}
		for _, id := range fails(got.Spec) {
			if !slices.Contains(before, id) {
				t.Errorf("%s for %s: %s fails on the unit, and not on the run", of, target, id)
			}
		}
	}
}

// TestQuadletHere: nobody names a target, and the unit is for the Podman that is here.
func TestQuadletHere(t *testing.T) {
	f, _ := export.Find("quadlet")
	for engine, want := range map[string]string{"": "5.8", "4.3.1": "5.8", "4.4.0": "4.4", "5.4.2": "5.4", "v4.9.4-rhel": "4.9", "6.9.0": "6.2", "x": "5.8"} {
		run := planned(t, [2]string{"demo", "amd64"})
		if engine != "" {
			container.EngineVersion.Set(run.Judged, engine, container.From(container.Origin{Layer: container.LayerEngine}))
		}
		doc, err := export.Write(f, run, export.Options{})
		if err != nil || !strings.Contains(string(doc.Files[0].Data), "for Podman "+want+"\n") {
			t.Errorf("for the Podman %s: %v", engine, err)
		}
	}
}

// onLine is a spec as a line says it, without the reasons of the profile.
func onLine(t *testing.T, s *container.Spec) *container.Spec {
	args, err := podmanrun.Args(s)
	if err != nil {
		t.Fatal(err)
	}
	r, err := command.Read(append([]string{"podman", "run"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	return r.Spec
}

func fails(s *container.Spec) []string {
	var out []string
	for _, f := range audit.Judge(s) {
		if f.Verdict == audit.Fail {
			out = append(out, f.Control.ID)
		}
	}
	return out
}
