package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/report"
)

const sitePolicy = `schema = 1
about = "what Example AG keeps"
contact = "sec@example.org"

[require]
read_only = true

[only]
publish_address = ["127.0.0.1"]
`

// A policy judges what zlaunch did not start, in every output, whatever the standard,
// and no waiver or baseline lets it through.
func TestAuditUnderPolicy(t *testing.T) {
	w := newWorld(t)
	w.write(t, "site.toml", sitePolicy)
	site := filepath.Join(w.dir, "site.toml")
	if got := w.audit(tightLine, "--policy", site); got != 0 {
		t.Errorf("what meets the policy: %d\n%s%s", got, w.stdout.String(), w.stderr.String())
	}
	loose := strings.Replace(tightLine, "--read-only ", "", 1)
	for _, options := range [][]string{
		nil, {"--fail-on", "critical"}, {"--standard", "cis"}, {"--standard", "pss-restricted", "--fail-on", "critical"}, {"--waive", "ZL-501=r"},
		{"--waive", "ZL-004=please", "--waive", "ZL-501=r"},
	} {
		if got := w.audit(loose, append(options, "--policy", site)...); got != 1 || !strings.Contains(w.stdout.String(), site+":6 forbids it") {
			t.Errorf("%v: %d\n%s%s", options, got, w.stdout.String(), w.stderr.String())
		}
	}
	baseline := filepath.Join(w.dir, "baseline.json")
	w.audit(loose, "--policy", site, "--write-baseline", baseline)
	if got := w.audit(loose, "--policy", site, "--baseline", baseline); got != 1 {
		t.Errorf("a baseline permits what a policy forbids: %d", got)
	}
	for _, output := range []string{"--json", "--sarif", "--markdown", "--html"} {
		w.audit(loose, "--policy", site, output)
		if out := w.stdout.String(); !strings.Contains(out, "ZL-004") || !strings.Contains(out, "forbids it") {
			t.Errorf("%s says nothing of the policy", output)
		}
	}
	w.audit(loose, "--policy", site, "--json")
	var doc report.AuditDocument
	if err := json.Unmarshal([]byte(w.stdout.String()), &doc); err != nil {
		t.Fatal(err)
	}
	for _, f := range doc.Results[0].Findings {
		if f.Control == "ZL-004" && (f.Setting != "read_only" || !strings.Contains(f.Fix, "ask sec@example.org")) {
			t.Errorf("%+v", f)
		}
	}
	unit := "[Container]\nImage=quay.io/x/y:1\nPublishPort=8501:8501\nReadOnly=true\n"
	w.write(t, "web.container", unit)
	if got := w.run("audit", filepath.Join(w.dir, "web.container"), "--policy", site); got != 1 || !strings.Contains(w.stdout.String(), site+":9 forbids it") {
		t.Errorf("a unit: %d\n%s", got, w.stdout.String())
	}
}

// A policy refuses a plan with 1, and one that cannot be used stops everything with 3;
// show tells what holds, from which file and line.
func TestPolicyCommands(t *testing.T) {
	w := newWorld(t)
	w.write(t, "site.toml", sitePolicy)
	w.write(t, "memory.toml", "schema = 1\n[at_most]\nmemory = \"1m\"\n")
	w.write(t, "bad.toml", "schema = 1\n[require]\nread_ony = true\n")
	in := func(name string) string { return filepath.Join(w.dir, name) }
	if got := w.run("plan", "demo", "--policy", in("site.toml"), "--policy", in("memory.toml")); got != 1 ||
		!strings.Contains(w.stdout.String(), "memory must be at most 1m") || strings.Contains(w.stdout.String(), "site.toml") {
		t.Errorf("plan: %d\n%s%s", got, w.stdout.String(), w.stderr.String())
	}
	for _, line := range [][]string{{"plan", "demo"}, {"audit", "demo"}, {"audit", in("site.toml")}, {"policy", "show"}} {
		if got := w.run(append(line, "--policy", in("bad.toml"))...); got != 3 || !strings.Contains(w.stderr.String(), `bad.toml:3: require.read_ony: unknown word "read_ony", did you mean read_only?`) {
			t.Errorf("%v: %d\n%s", line, got, w.stderr.String())
		}
	}
	if got := w.run("policy", "show", "--policy", in("site.toml")); got != 0 ||
		!strings.Contains(w.stdout.String(), "what Example AG keeps") || !strings.Contains(w.stdout.String(), "6  read_only must be true") {
		t.Errorf("show: %d\n%s%s", got, w.stdout.String(), w.stderr.String())
	}
	if got := w.run("policy", "sow"); got != 2 {
		t.Errorf("a wrong word: %d", got)
	}
	if got := w.run("policy", "show"); got != 0 || !strings.Contains(w.stderr.String(), "no policy") {
		t.Errorf("none: %d %s", got, w.stderr.String())
	}
}
