package kserve

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/kube"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/internal/drawn"
)

// read reads the only run of a document.
func read(t *testing.T, doc *form.Document) *form.Reading {
	t.Helper()
	var docs []*yaml.Node
	for in := yaml.NewDecoder(bytes.NewReader(doc.Files[0].Data)); ; {
		var n yaml.Node
		if err := in.Decode(&n); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, &n)
	}
	got := kube.Read(kube.Source{File: "x.yaml", Docs: docs})
	if len(got.Runs) != 1 || len(got.Open) > 0 {
		t.Fatalf("%d runs, open %v:\n%s", len(got.Runs), got.Open, doc.Files[0].Data)
	}
	return got.Runs[0]
}

// settings are all of a spec, but for what is called otherwise.
func settings(r *form.Reading) []string {
	var out []string
	for _, s := range container.Settings(r.Spec) {
		v := fmt.Sprint(s.Value)
		if l, ok := s.Value.([]string); ok && s.Path.Key == container.Expose.Key() { // the port that is asked first
			v = fmt.Sprint(slices.Sorted(slices.Values(l)))
		}
		if s.Path.Key != container.Name.Key() && s.Path.Elem != "serving.kserve.io/deploymentMode" {
			out = append(out, s.Path.String()+" "+v)
		}
	}
	for _, o := range r.Open {
		out = append(out, "open "+o.At.String()+" "+o.Why)
	}
	slices.Sort(out)
	return out
}

// The pod that KServe makes of both objects is the one that a Deployment makes, whose round
// trip the package kube holds; and as much is lost.
func TestPodOfKube(t *testing.T) {
	runtimes := 0
	for seed := range uint64(1500) {
		s := drawn.Spec(rand.New(rand.NewPCG(seed, 11)), []string{"plain", "a\nb: c", "$(A) $$", `"'#&*!|>%@`}[seed%4])
		run := form.Run{Name: "web", Spec: s, Judged: s, Ready: &form.Ready{Port: form.Port{Name: "http", Number: 80}, Path: "/v2/health/ready"}}
		if seed%2 == 0 {
			run.Models = "/models"
			container.VolumeAt.Set(s, run.Models, container.Volume{Source: "/srv/m", ReadOnly: seed%4 == 0, NoSuid: true}, container.Mark{})
		}
		if podmanrun.Check(s) != nil {
			continue
		}
		want, err := kube.Write(run, "1.37")
		if err != nil {
			t.Fatal(err)
		}
		got, err := Write(run, "")
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(got.Files[0].Data, []byte("kind: ServingRuntime")) {
			runtimes++
		}
		if a, b := settings(read(t, want)), settings(read(t, got)); !slices.Equal(a, b) {
			t.Fatalf("seed %d: a Deployment says\n%s\nand KServe\n%s\n%s", seed, strings.Join(a, "\n"), strings.Join(b, "\n"), got.Files[0].Data)
		}
		if a, b := losses(want), losses(got); a != b {
			t.Fatalf("seed %d: lost %s, and by KServe %s", seed, a, b)
		}
	}
	if runtimes < 200 {
		t.Errorf("%d runtimes are too few", runtimes)
	}
}

func losses(doc *form.Document) string {
	var out []string
	for _, l := range doc.Lost {
		if l.At.Key != container.Name.Key() {
			out = append(out, l.String())
		}
	}
	return strings.Join(out, "\n")
}

func TestRefused(t *testing.T) {
	served := func() form.Run {
		s := &container.Spec{}
		container.Image.Set(s, "a", container.Mark{})
		container.VolumeAt.Set(s, "/models", container.Volume{Source: "/srv/m", ReadOnly: true}, container.Mark{})
		return form.Run{Name: "web", Profile: "web", Spec: s, Judged: s, Kind: "server", Models: "/models"}
	}
	for want, change := range map[string]func(*form.Run){
		"web is a job":       func(r *form.Run) { r.Kind = "job" },
		"web is a shell":     func(r *form.Run) { r.Kind = "shell" },
		`takes no "9web"`:    func(r *form.Run) { r.Name = "9web" },
		`takes no "w`:        func(r *form.Run) { r.Name = strings.Repeat("w", 54) },
		"between {{ and }} ": func(r *form.Run) { container.Args.Set(r.Spec, []string{"{{.Name}}"}, container.Mark{}) },
	} {
		run := served()
		change(&run)
		if _, err := Write(run, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := Write(served(), ""); err != nil {
		t.Error(err)
	}
}
