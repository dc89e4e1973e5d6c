package main

import (
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/export"
)

// another is an architecture that is not this host's, so that no engine is asked.
func another() string {
	if runtime.GOARCH == "s390x" {
		return "amd64"
	}
	return "s390x"
}

// anyHost lets a plan be made by any user of any host.
var anyHost = []string{"--arch", another(), "--waive", "ZL-101=test", "--waive", "ZL-303=test", "--waive", "ZL-104=test"}

// printedBy runs a command that must succeed and returns what it prints.
func printedBy(t *testing.T, args ...string) (out, err string) {
	t.Helper()
	w := webWorld(t)
	if status := w.run(args...); status != 0 {
		t.Fatalf("%q: %d: %s", args, status, w.stderr.String())
	}
	out = strings.NewReplacer(w.dir, "/dir", w.state, "/state").Replace(w.stdout.String())
	return hash.ReplaceAllString(out, "sha256:"), w.stderr.String()
}

var hash = regexp.MustCompile("sha256:[0-9a-f]{64}") // of the plan: its directories are a test's own

// webWorld has a profile of its own.
func webWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.write(t, "profiles.toml", "schema = 1\n[profile.web]\nabout = \"x\"\nkind = \"server\"\nextends = \"base\"\nports = { http = 8000 }\npublish = [\"http\"]\n"+
		"[profile.web.container]\nimage = \"localhost/web:1\"\nuser = \"1000:1000\"\nseccomp_profile = \"inference\"\n")
	w.run("approve")
	w.stdout.Reset()
	w.stderr.Reset()
	return w
}

// plan --podman and plan --docker print what export writes.
func TestPlanPrintsWhatExportWrites(t *testing.T) {
	for engine, allow := range map[string]string{"podman": "none", "docker": "userns,umask,image_volume"} {
		run := append([]string{"web", "--allow-loss", allow, "--env", "LEVEL=x"}, anyHost...)
		planned, told := printedBy(t, append([]string{"plan", "--" + engine, "--detach"}, run...)...)
		exported, _ := printedBy(t, append([]string{"export", "--to", engine}, run...)...)
		if planned != exported || !strings.Contains(planned, "\n"+engine+" \\\n    run \\\n    --detach \\\n") {
			t.Errorf("%s: planned\n%sexported\n%s", engine, planned, exported)
		}
		if !strings.Contains(told, "the line holds the values that --env gave") || !strings.Contains(planned, "--env=LEVEL=x") {
			t.Errorf("%s: %s", engine, told)
		}
		attached, _ := printedBy(t, append([]string{"plan", "--" + engine}, run...)...)
		if strings.Contains(attached, "--detach") {
			t.Errorf("%s: a line that is waited for has --detach", engine)
		}
	}
}

// What docker cannot say is an error that names how to let it go; what no terminal may
// see is named by its setting.
func TestLinesRefuse(t *testing.T) {
	for says, args := range map[string][]string{
		"umask: docker run has no umask": {"plan", "--docker", "web"},
		"--allow-loss":                   {"export", "--to", "docker", "web"},
		"writing env as a line":          {"plan", "--podman", "web", "--env", "A=\x1b[2J"},
		"writing label as a line":        {"plan", "--docker", "web", "--podman-arg=--label=a=\u202e", "--allow-loss", "userns,umask,image_volume"},
	} {
		w := webWorld(t)
		if status := w.run(append(args, anyHost...)...); status == 0 || !strings.Contains(w.stderr.String(), says) || w.stdout.Len() > 0 {
			t.Errorf("%q: %d: %s%s", args, status, w.stdout.String(), w.stderr.String())
		}
	}
}

// TestExportUsage: what no form takes is an error of usage, before anything is planned.
func TestExportUsage(t *testing.T) {
	w := newWorld(t)
	for _, f := range export.Forms() {
		if status := w.run("export", "nosuch", "--to", f.Name, "--target", "x"); status != exitUsage {
			t.Errorf("%s for x: status %d: %s", f.Name, status, w.stderr.String())
		}
		if status := w.run("export", "nosuch", "--to", f.Name, "--models-as", "image=a:latest"); status != exitUsage {
			t.Errorf("%s with models by a tag: status %d: %s", f.Name, status, w.stderr.String())
		}
		if status := w.run("export", "nosuch", "--to", f.Name, "--models-as", "pvc"); (status == exitUsage) != (f.Models == nil) {
			t.Errorf("%s with models of a claim: status %d: %s", f.Name, status, w.stderr.String())
		}
	}
}
