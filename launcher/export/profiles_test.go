package export_test

import (
	"context"
	"errors"
	"flag"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/export"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/internal/golden"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
)

var update = flag.Bool("update", false, "write the golden files")

// TestProfiles holds three built-in profiles against their golden files in the form of
// each target, with what is lost.
func TestProfiles(t *testing.T) {
	targets := map[string][]string{"quadlet": {"4.4", "4.7", "4.9", "5.8", "6.2"}, // of each group of keys
		"kube": {"podman", "1.37"}, "podman": {""}, "kserve": {""}} // all versions of Kubernetes get the same
	without := map[string][]string{"compose": {"zdlc"}, "kube": {"zdlc"}, "kserve": {"jupyter", "zdlc"}}
	for _, name := range []string{"podman", "docker", "compose", "kube", "kserve", "quadlet"} {
		f, _ := export.Find(name)
		if targets[name] == nil {
			targets[name] = f.Targets
		}
		for _, target := range targets[name] {
			for _, p := range [][2]string{{"demo", "amd64"}, {"jupyter", "amd64"}, {"triton", "s390x"}, {"zdlc", "s390x"}} {
				if slices.Contains(without[name], p[0]) {
					continue
				}
				file := strings.TrimSuffix(strings.Join([]string{p[0], name, target}, "."), ".")
				golden.Check(t, *update, filepath.Join("testdata", file), exported(t, f, target, p))
			}
		}
	}
}

// exported is a profile on an architecture in a form without whatever it loses.
func exported(t *testing.T, f export.Form, target string, of [2]string) string {
	run, o := planned(t, of), export.Options{Target: target}
	if f.Name == "kserve" { // which mounts models, or writes no runtime
		run.Models = "/models"
		container.VolumeAt.Set(run.Spec, run.Models, container.Volume{Source: "/srv/models", ReadOnly: true, NoSuid: true, NoDev: true}, container.Mark{})
	}
	var lost *export.LossError
	if _, err := export.Write(f, run, o); errors.As(err, &lost) {
		o.Allow = lost.Allows()
	}
	doc, err := export.Write(f, run, o)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, file := range doc.Files {
		if filepath.Ext(file.Name) != ".json" {
			text += string(file.Data)
		}
	}
	return planHash.ReplaceAllString(text, "${1}sha256:…")
}

// planned is the run of a profile on an architecture.
func planned(t *testing.T, of [2]string) form.Run {
	t.Helper()
	pl := &plan.Planner{Catalog: catalog(t), Version: "test", Dirs: record.Dirs{Runtime: "/data", State: "/data", Data: "/data"},
		Host: &host.Facts{OS: "linux", Arch: of[1], UID: 1001, EUID: 1001, GID: 1001, Conf: &host.Conf{},
			Cgroup: host.Cgroup{Version: host.CgroupV2, Controllers: []string{"cpu", "memory", "pids"}}}}
	p, err := pl.Plan(context.Background(), plan.Options{Profile: of[0], Arch: of[1], Detach: true})
	if err != nil {
		t.Fatal(err)
	}
	return p.Written(pl.Judged(p))
}

// builtin are the profiles by name, each with an architecture that it is for.
func builtin(t *testing.T) [][2]string {
	var out [][2]string
	for _, s := range catalog(t).All("") {
		out = append(out, [2]string{s.Name, s.Archs[0]})
	}
	return out
}

// planHash depends on the directory of the test.
var planHash = regexp.MustCompile(`(plan(?:[= ]|: ))sha256:[0-9a-f]{64}`)

func catalog(t *testing.T) *profile.Catalog {
	sources, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := profile.Load(sources)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
