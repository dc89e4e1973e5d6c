package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/service"
	"github.com/zlaunch/zlaunch/launcher/systemd"
)

// The gate lets pass what is as planned in all that could be seen, and nothing else.
func TestGateDenies(t *testing.T) {
	dirs := record.Dirs{State: t.TempDir()}
	sv := &serving{stdio: &stdio{}, l: &launcher.Launcher{Dirs: dirs}}
	sv.err = new(strings.Builder)
	drift := []container.Difference{{Path: container.Path{Key: "read_only"}, Planned: true, Got: false, Evidence: container.Kernel}}
	for name, c := range map[string]struct {
		held   launcher.Held
		status int
		says   string
	}{
		"as planned": {launcher.Held{Proof: []observe.Proved{{}}}, 0, ""},
		"a setting":  {launcher.Held{Drift: drift}, exitFindings, "read_only: planned true, effective false, evidence kernel"},
		"a hook":     {launcher.Held{Also: []string{"nobody planned this: a hook"}}, exitFindings, "a hook"},
		"unseen":     {launcher.Held{Open: []string{"not all processes could be read"}}, exitOpen, "not all processes"},
	} {
		rec := &record.Record{Schema: record.Schema, Launch: strings.Repeat("a", 32), Name: "web"}
		told := report.Held{Drift: c.held.Drift, Also: c.held.Also, Open: c.held.Open}
		err := sv.judge(rec, &c.held, told)
		var status *statusError
		switch {
		case c.status == 0:
			if r, lerr := dirs.Load(rec.Launch); err != nil || lerr != nil || len(r.Proof) != 1 {
				t.Errorf("%s: %v, %v", name, err, lerr)
			}
		case !errors.As(err, &status) || status.status != c.status || !strings.Contains(err.Error(), c.says):
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a service is installed with means the same in another directory and environment.
func TestForService(t *testing.T) {
	set := func(name string) (string, bool) { return "mine", name == "HERE" }
	o, err := forService(launcher.Options{Profile: "fraud/triton", Models: "m", Env: []string{"A=1", "HERE"}, LookupEnv: set})
	if err != nil || o.Service != "triton" || !o.Detach || !filepath.IsAbs(o.Models) || strings.Join(o.Env, " ") != "A=1 HERE=mine" {
		t.Errorf("%+v, %v", o, err)
	}
	for _, name := range []string{"../x", "a%i", "a b", "web.service", "-x"} {
		if _, err := forService(launcher.Options{Profile: "web", Name: name, LookupEnv: set}); err == nil {
			t.Errorf("%q is the name of a service", name)
		}
	}
}

// A service finds its files where this command does, or nothing is begun.
func TestSameSurroundings(t *testing.T) {
	for what, c := range map[string]struct {
		mine, theirs map[string]string
		says         string
	}{
		"nothing set":          {nil, nil, ""},
		"the default, by name": {map[string]string{"XDG_CONFIG_HOME": "/home/a/.config"}, nil, ""},
		"set here":             {map[string]string{"XDG_STATE_HOME": "/s"}, nil, "XDG_STATE_HOME is set here"},
		"set there":            {nil, map[string]string{"CONTAINERS_STORAGE_CONF": "/s"}, `CONTAINERS_STORAGE_CONF is "/s" for them, and "" here`},
		"two places":           {map[string]string{"XDG_DATA_HOME": "/d"}, map[string]string{"XDG_DATA_HOME": "/e"}, `is "/e" for them, and "/d" here`},
	} {
		lookup := func(name string) (string, bool) {
			if v, set := c.mine[name]; set || name != "HOME" {
				return v, set
			}
			return "/home/a", true
		}
		err := sameSurroundings(lookup, c.theirs)
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || hint.Of(err) == "") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Services are listed where the engine lists nothing, and how one that failed starts again.
func TestServicesListed(t *testing.T) {
	var out, errs strings.Builder
	std := &stdio{}
	std.out, std.err, std.page, std.exact = &out, &errs, &out, &out
	of := map[string]*running{"web": {Service: &service.Service{Name: "web", Profile: "demo"}, state: systemd.State{Load: "loaded", Active: "failed", Sub: "failed", Result: "exit-code"}}}
	if err := printRuns(std, launcher.Listing{}, of, nil, false); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "failed (failed, exit-code)") || !strings.Contains(errs.String(), "systemctl --user reset-failed web && systemctl --user start web") {
		t.Errorf("%s%s", out.String(), errs.String())
	}
}
