package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// verdict is one finding of an audit's JSON.
type verdict struct{ Control, Verdict, Setting, Message, Evidence string }

// judged audits containers in one call and gives their findings by container.
func (w *world) judged(names ...string) map[string][]verdict {
	w.t.Helper()
	args := []string{"audit", "--json", "--all"}
	for _, n := range names {
		args = append(args, "--container", n)
	}
	return w.findings(w.zlaunch(args...))
}

func (w *world) findings(got result) map[string][]verdict {
	w.t.Helper()
	var doc struct {
		Results []struct {
			Subject  string
			Findings []verdict
		}
	}
	if err := json.Unmarshal([]byte(got.stdout), &doc); err != nil || got.code > 1 {
		w.t.Fatalf("the audit ended with %d (%v): %s%.300s", got.code, err, got.stderr, got.stdout)
	}
	out := map[string][]verdict{}
	for _, r := range doc.Results {
		out[r.Subject] = r.Findings
	}
	return out
}

// of lists the verdicts of one control.
func of(in []verdict, control string) []verdict {
	return slices.DeleteFunc(slices.Clone(in), func(v verdict) bool { return v.Control != control })
}

// byHand runs a container without zlaunch and takes it away at the test's end.
func (w *world) byHand(name string, args ...string) {
	w.t.Helper()
	w.t.Cleanup(func() { w.podman("rm", "-f", "-t", "0", "-v", name) })
	line := append([]string{"run", "-d", "--name", name, "--pull", "never"}, args...)
	if got := w.podman(line...); got.code != 0 {
		w.t.Fatalf("podman %q: %s", line, got.stderr)
	}
}

// Containers that nobody started with zlaunch are judged by the kernel's record:
// the hardened one passes what the open one fails.
func TestAuditByHand(t *testing.T) {
	p := shows(t, "audit", "containers nobody started with zlaunch are judged by the kernel's record")
	w := newWorld(t)
	models := t.TempDir()
	serve := []string{image, "serve", "8000"}
	w.byHand("e2e-hard", append([]string{"--cap-drop", "all", "--security-opt", "no-new-privileges", "--read-only", "--userns", "keep-id:uid=1000,gid=1000",
		"--user", "1000:1000", "-v", models + ":/models:ro,z", "-p", "127.0.0.1::8000"}, serve...)...)
	w.byHand("e2e-open", append([]string{"--pid", "host", "--uts", "host", "--security-opt", "unmask=/proc/keys", "-v", models + ":/models:z",
		"-p", "8000"}, serve...)...)
	w.byHand("e2e-bare", append([]string{"--privileged", "--network", "host", "--user", "0:0"}, "--entrypoint", "/workload", image, "serve", "18761")...)
	w.byHand("e2e-unfiltered", append([]string{"--security-opt", "seccomp=unconfined", "--network", "none"}, serve...)...)
	got := w.judged("e2e-hard", "e2e-open", "e2e-bare", "e2e-unfiltered")
	for control, fails := range map[string]string{
		"ZL-201": "e2e-bare", "ZL-203": "e2e-open", "ZL-207": "e2e-open", "ZL-208": "e2e-unfiltered", "ZL-211": "e2e-open",
		"ZL-501": "e2e-open", "ZL-505": "e2e-open", "ZL-601": "e2e-open", "ZL-701": "e2e-bare", "ZL-708": "e2e-open",
	} {
		w.contrast(got, control, fails)
		p.saw("%s fails in %s by %s evidence, and not in e2e-hard", control, fails, said(of(got[fails], control)))
	}
	for name, findings := range got {
		if f := of(findings, "ZL-002"); len(f) != 1 || f[0].Verdict != "notApplicable" {
			t.Errorf("%s: nobody planned it, and ZL-002 says %+v", name, f)
		}
	}
	for _, control := range []string{"ZL-203", "ZL-207", "ZL-501", "ZL-505"} {
		if f := of(got["e2e-open"], control); len(f) == 0 || f[0].Evidence != "kernel" {
			t.Errorf("%s rests on %+v, not on the kernel", control, f)
		}
	}
}

// said is the evidence of the first finding that fails.
func said(in []verdict) string {
	for _, v := range in {
		if v.Verdict == "fail" {
			return v.Evidence
		}
	}
	return "no"
}

// contrast wants a control to pass in the hardened container and to fail in the
// other.
func (w *world) contrast(got map[string][]verdict, control, fails string) {
	w.t.Helper()
	for _, f := range of(got["e2e-hard"], control) {
		if f.Verdict != "pass" && f.Verdict != "notApplicable" {
			w.t.Errorf("%s of the hardened container: %+v", control, f)
		}
	}
	found := of(got[fails], control)
	if !slices.ContainsFunc(found, func(v verdict) bool { return v.Verdict == "fail" }) {
		w.t.Errorf("%s of %s: %+v", control, fails, found)
	}
}

// A container that does not run shows nothing to the kernel: what inspect does not
// claim is open, and nothing passes by the kernel's word.
func TestAuditStopped(t *testing.T) {
	p := shows(t, "audit", "a container that does not run passes nothing by the word of the kernel")
	w := newWorld(t)
	w.t.Cleanup(func() { w.podman("rm", "-f", "-t", "0", "e2e-never") })
	if got := w.podman("create", "--name", "e2e-never", "--pull", "never", "--read-only", image, "serve", "8000"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	findings := w.judged("e2e-never")["e2e-never"]
	if f := of(findings, "ZL-501"); len(f) != 1 || f[0].Verdict != "pass" || f[0].Evidence != "inspected" {
		t.Errorf("read_only: %+v", f)
	}
	open := 0
	for _, f := range findings {
		if f.Evidence == "kernel" && !strings.HasPrefix(f.Control, "ZL-1") && !strings.HasPrefix(f.Control, "ZL-4") {
			t.Errorf("a container without a process has evidence of the kernel: %+v", f)
		}
		if f.Verdict == "open" {
			open++
		}
	}
	p.saw("%d of %d findings are open", open, len(findings))
	if open == 0 {
		t.Error("nothing is open")
	}
}

// launched runs the test server under zlaunch, detached, until the test's end.
func (w *world) launched(args ...string) {
	w.t.Helper()
	w.t.Cleanup(func() { w.zlaunch("stop", "zlaunch-web") })
	if got := w.zlaunch(run(append([]string{"-d", "web"}, args...)...)...); got.code != 0 {
		w.t.Fatalf("zlaunch run: %s", got.stderr)
	}
}

// What zlaunch started is what it planned, detached or attached, and a record of
// it is judged elsewhere as it was here.
func TestAuditLaunched(t *testing.T) {
	p := shows(t, "audit", "what zlaunch started is what it planned, and a record of it is judged elsewhere as it was here")
	w := newWorld(t)
	w.launched("--models", t.TempDir(), "--env", "GREETING=hunter2hunter2")
	w.planned("zlaunch-web")
	file := filepath.Join(t.TempDir(), "evidence.json")
	first := w.findings(w.zlaunch("audit", "--json", "--all", "--container", "zlaunch-web", "--evidence", file))["zlaunch-web"]
	again := w.findings(w.zlaunch("audit", "--json", "--all", file))["zlaunch-web"]
	p.saw("ZL-002 %s; %d findings here, %d from the record", of(first, "ZL-002")[0].Verdict, len(first), len(again))
	itself := func(f verdict) bool { return f.Control == "ZL-001" } // of the record: it is unsigned
	first, again = slices.DeleteFunc(first, itself), slices.DeleteFunc(again, itself)
	if len(first) == 0 || len(first) != len(again) {
		t.Errorf("%d findings here, %d from the record", len(first), len(again))
	}
	for i := range min(len(first), len(again)) {
		if first[i] != again[i] {
			t.Errorf("judged here and from its record:\n%+v\n%+v", first[i], again[i])
		}
	}
	text, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(text), "hunter2") {
		t.Errorf("the record holds a variable's value, or is not there: %v", err)
	}
	edited := strings.Replace(string(text), `"fail"`, `"pass"`, 1)
	if err := os.WriteFile(file, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	got := w.zlaunch("audit", file)
	p.saw("the record with a verdict changed, exit %d: %s", got.code, got.stderr)
	if edited != string(text) && (got.code < 2 || !strings.Contains(got.stderr, "digest")) {
		t.Errorf("an edited record ends with %d: %s", got.code, got.stderr)
	}
}

// planned wants ZL-002 to pass for a container.
func (w *world) planned(name string) {
	w.t.Helper()
	if f := of(w.judged(name)[name], "ZL-002"); len(f) != 1 || f[0].Verdict != "pass" {
		w.t.Errorf("%s is what was planned, and ZL-002 says %+v", name, f)
	}
}

// An attached run has its record while it runs.
func TestAuditAttached(t *testing.T) {
	p := shows(t, "audit", "an attached run is what was planned, too, while it runs")
	w := newWorld(t)
	before := w.settled()
	cmd := w.command(lab.zlaunch, run("web", "--ready-timeout", "20s")...)
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.t.Cleanup(func() { cmd.Process.Kill(); w.zlaunch("stop", "zlaunch-web") })
	w.until("the attached run's record", func() bool {
		found, _ := filepath.Glob(os.Getenv("XDG_RUNTIME_DIR") + "/zlaunch/attached-*.json")
		return len(found) == 1
	})
	w.planned("zlaunch-web")
	p.saw("ZL-002 passes while zlaunch run is attached")
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	w.unchanged(before)
}
