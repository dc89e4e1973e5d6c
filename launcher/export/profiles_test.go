package export_test

import (
	"context"
	"errors"
	"flag"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/export"
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
	for _, name := range []string{"compose"} {
		f, _ := export.Find(name)
		for _, target := range f.Targets {
			for _, p := range [][2]string{{"demo", "amd64"}, {"jupyter", "amd64"}, {"triton", "s390x"}} {
				golden.Check(t, *update, filepath.Join("testdata", strings.Join([]string{p[0], name, target}, ".")), exported(t, f, target, p))
			}
		}
	}
}

// exported is a profile on an architecture in a form without whatever it loses.
func exported(t *testing.T, f export.Form, target string, of [2]string) string {
	dir := t.TempDir()
	pl := &plan.Planner{Catalog: catalog(t), Version: "test", Dirs: record.Dirs{Runtime: dir, State: dir, Data: dir},
		Host: &host.Facts{OS: "linux", Arch: of[1], UID: 1001, EUID: 1001, GID: 1001, Conf: &host.Conf{},
			Cgroup: host.Cgroup{Version: host.CgroupV2, Controllers: []string{"cpu", "memory", "pids"}}}}
	p, err := pl.Plan(context.Background(), plan.Options{Profile: of[0], Arch: of[1], Detach: true})
	if err != nil {
		t.Fatal(err)
	}
	run, o := p.Written(pl.Judged(p)), export.Options{Target: target}
	var lost *export.LossError
	if _, err = export.Write(f, run, o); errors.As(err, &lost) {
		o.Allow = lost.Allows()
	}
	doc, err := export.Write(f, run, o)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, file := range doc.Files {
		text += string(file.Data)
	}
	return planHash.ReplaceAllString(strings.ReplaceAll(text, dir, "/data"), "plan=sha256:…")
}

// planHash depends on the directory of the test.
var planHash = regexp.MustCompile(`plan=sha256:[0-9a-f]{64}`)

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
