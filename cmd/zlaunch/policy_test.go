package main

import (
	"encoding/json"
	"os"
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
	if err := json.Unmarshal(w.stdout.Bytes(), &doc); err != nil {
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

// What a policy forbids of a bundle's profile is not locked, and not published: it is
// refused by name, with the file and line, before anything is written.
func TestBundleUnderPolicy(t *testing.T) {
	w := newWorld(t)
	t.Chdir(w.dir)
	who := w.sshKey(t, "key")
	w.fraud(t, "1.0.0", "")
	w.write(t, "site.toml", sitePolicy+"[at_most]\npids_limit = 2500\nmemory = \"2g\"\n[proof]\nrung = \"kernel\"\n[signer]\nprofile = [\""+who+"\"]\n")
	w.write(t, "other.toml", "schema = 1\n[signer]\nbundle = [\"SHA256:other\"]\n")
	lock, store := filepath.Join(w.state, ".config/zlaunch/zlaunch.lock"), filepath.Join(w.state, ".local/share/zlaunch")
	w.step(t, step{"push fraud dir:reg --sign key --policy site.toml", 0, "sha256:", ""})
	w.step(t, step{"add dir:reg --signer " + who + " --policy other.toml", 5, "bundle fraud", `every bundle it comes from must be signed by SHA256:other, it is signed by "` + who + `": other.toml:3 forbids it`})
	for _, path := range []string{lock, store} {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("refused, and there is %s", path)
		}
	}
	w.step(t, step{"add dir:reg --signer " + who + " --policy site.toml", 0, "memory = 1g", ""})
	before, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(store); err != nil {
		t.Error(err)
	}
	w.fraud(t, "1.1.0", "pids_limit = 3000\n[profile.fraud.arch.s390x.container]\nmemory = \"3g\"\n")
	const refused = "site.toml:11 forbids it"
	w.step(t, step{"push fraud dir:reg --sign key --policy site.toml --dry-run", 5, "", refused})
	w.step(t, step{"push fraud dir:reg --sign key", 0, "", ""})
	w.step(t, step{"update --check --policy site.toml", 5, "+    pids_limit = 3000", refused})
	w.step(t, step{"update --policy site.toml", 5, "+    pids_limit = 3000", "ask sec@example.org"})
	if said := w.stderr.String(); !strings.Contains(said, "profile fraud: pids_limit must be at most 2500, it is 3000: "+refused) ||
		!strings.Contains(said, "profile fraud on s390x: memory must be at most 2g, it is 3g: site.toml:12 forbids it") {
		t.Error(said)
	}
	if after, err := os.ReadFile(lock); err != nil || string(after) != string(before) {
		t.Errorf("the lock was changed: %v", err)
	}
	w.step(t, step{"update --policy bad.toml", 3, "", "bad.toml"})
	w.step(t, step{"update", 0, "", "1.1.0 is locked now"})
}

// Scans that a policy asks for are asked of who publishes, too: of the image by its digest, and
// of the architecture.
func TestPushedScans(t *testing.T) {
	w := newWorld(t)
	report, plain := scanReport(t, "grype.json"), scanReport(t, "debsecan-detail.txt")
	t.Chdir(w.dir)
	image := func(text string) {
		w.fraud(t, "1.0.0", "")
		w.write(t, "fraud/fraud.toml", "schema = 1\n[profile.fraud]\nextends = \"demo\"\n"+text)
	}
	const line = "push fraud dir:reg --no-sign --dry-run --policy "
	manifest := "registry.example/fraud@sha256:" + strings.Repeat("0badcafe", 8)
	w.write(t, "any.toml", "schema = 1\n[scan]\nrequired = true\n")
	w.write(t, "bad.toml", "schema = 1\n[scan]\nseverity = \"critical\"\nfixable_only = true\n")
	w.write(t, "old.toml", "schema = 1\n[scan]\nmax_age = \"1d\"\n")
	image("container.image = \"registry.example/fraud:1\"\n")
	w.step(t, step{line + "any.toml", 5, "", "zlaunch pin"})
	image("container.image = \"" + manifest + "\"\n")
	w.step(t, step{line + "any.toml", 5, "", "no scan of it is known"})
	w.step(t, step{line: "scan --import " + report + " --image " + strings.SplitAfter(manifest, "@")[1]})
	w.step(t, step{line + "any.toml", 5, "", "profile fraud on amd64, arm64, ppc64le:"}) // the scan is of s390x
	w.step(t, step{line: "scan --import " + plain + " --scanned 2026-11-20 --image " + strings.SplitAfter(manifest, "@")[1]})
	w.step(t, step{line + "any.toml", 0, "", "is sound"})
	w.step(t, step{line + "bad.toml", 5, "", "profile fraud on s390x: no finding of the image must be critical or worse"})
	w.step(t, step{line + "old.toml", 5, "", "days old"})
	w.step(t, step{"push fraud dir:reg --no-sign", 0, "", ""})
	w.step(t, step{"add dir:reg --unsigned trial --policy old.toml", 0, "", ""}) // each run is asked
}

// A policy that is newer than a lock refuses what is locked, wherever it is taken over again,
// and lets whoever has it change the lock.
func TestLockedUnderPolicy(t *testing.T) {
	w := newWorld(t)
	t.Chdir(w.dir)
	who := w.sshKey(t, "key")
	w.fraud(t, "1.0.0", "")
	w.write(t, "new.toml", "schema = 1\n[at_most]\nmemory = \"512m\"\n")
	w.write(t, "wide.toml", "schema = 1\n[at_most]\nmemory = \"4g\"\n")
	w.step(t, step{"push fraud dir:reg --sign key", 0, "", ""})
	w.step(t, step{"add --project dir:reg --signer " + who, 0, "", ""})
	const refused = "profile fraud: memory must be at most 512m, it is 1g: new.toml:3 forbids it"
	for _, line := range []string{"update --project", "update --project --check", "add --project", "add --project dir:reg", "approve zlaunch.lock", "approve --show zlaunch.lock"} {
		w.step(t, step{line + " --policy new.toml", 5, "", refused})
		if said := w.stderr.String(); !strings.Contains(said, "zlaunch update --project fraud") || !strings.Contains(said, "zlaunch remove --project fraud") {
			t.Errorf("%s does not say what to do: %s", line, said)
		}
		w.step(t, step{"show fraud", 3, "", "not approved"})
	}
	w.step(t, step{"add --project --policy new.toml --json", 5, `"state": "refused"`, refused})
	if err := os.RemoveAll(filepath.Join(w.state, ".local/share/zlaunch")); err != nil {
		t.Fatal(err)
	}
	w.step(t, step{"add --project --policy new.toml", 5, "", refused})
	w.step(t, step{"approve zlaunch.lock", 3, "", "is locked and not here"})
	w.step(t, step{"add --project --policy wide.toml", 0, "", "1 bundles fetched"})
	w.step(t, step{"update --project --policy wide.toml", 0, "", "is current"})
	w.step(t, step{"approve zlaunch.lock --policy wide.toml", 0, "", "approved"})
	w.step(t, step{"approve --policy new.toml", 2, "", "of a zlaunch.lock"})
	w.fraud(t, "1.1.0", "pids_limit = 300\n")
	w.write(t, "fraud/fraud.toml", "schema = 1\n[profile.fraud]\nextends = \"demo\"\ncontainer.memory = \"512m\"\n")
	w.step(t, step{"push fraud dir:reg --sign key", 0, "", ""})
	w.step(t, step{"update --project --policy new.toml", 0, "", "1.1.0 is locked now"})
	w.step(t, step{"remove --project fraud", 0, "", ""})
}

// The signer that a policy asks for is known when a bundle is pushed: it is the key of --sign.
func TestPushedSignerUnderPolicy(t *testing.T) {
	w := newWorld(t)
	t.Chdir(w.dir)
	who, other := w.sshKey(t, "key"), w.sshKey(t, "other")
	w.fraud(t, "1.0.0", "")
	w.write(t, "site.toml", "schema = 1\n[signer]\nprofile = [\""+who+"\"]\n")
	w.step(t, step{"push fraud dir:reg --policy site.toml --sign other", 5, "", `it is signed by "` + other + `": site.toml:3 forbids it`})
	w.step(t, step{"push fraud dir:reg --policy site.toml --sign other --dry-run", 5, "", "site.toml:3 forbids it"})
	w.step(t, step{"push fraud dir:reg --policy site.toml --no-sign", 5, "", "no signature of it is known: site.toml:3 forbids it"})
	if _, err := os.Lstat("reg"); err == nil {
		t.Error("refused, and something is published")
	}
	w.step(t, step{"push fraud dir:reg --policy site.toml --dry-run", 0, "", "is sound"})
	w.step(t, step{"push fraud dir:reg --policy site.toml --sign key", 0, "sha256:", ""})
}

// The policy that the page gives to begin with is the one that is tested, and keeps to its
// cases; what is not as expected is told, and fails.
func TestPolicyTest(t *testing.T) {
	w := newWorld(t)
	page, err := os.ReadFile("../../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	site, err := os.ReadFile("../../docs/policy/policy/site.toml")
	if err != nil || !strings.Contains(string(page), "```toml\n"+string(site)+"```") {
		t.Errorf("the page does not show the policy: %v", err)
	}
	if got := w.run("policy", "test", "../../docs/policy"); got != 0 || !strings.Contains(w.stdout.String(), "10 cases, 0 not as expected") {
		t.Errorf("%d\n%s%s", got, w.stdout.String(), w.stderr.String())
	}
	for _, dir := range []string{"p/policy", "p/cases", "none/policy"} {
		if err := os.MkdirAll(filepath.Join(w.dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(w.dir)
	w.write(t, "p/policy/site.toml", sitePolicy)
	w.write(t, "p/cases/a.toml", `schema = 1
[case.fine]
plan = ["demo"]
[case.refuses]
line = "podman run --read-only=false -p 127.0.0.1:1:1 icr.io/x/y:1"
[case.passes]
plan = ["demo"]
refused = ["only.publish_address"]
[case.nothing]
plan = ["nobody"]
`)
	for _, s := range []step{
		{"policy test p", 1, "refused by require.read_only of p/policy/site.toml:6", ""},
		{"policy test p", 1, "not refused by only.publish_address", ""},
		{"policy test p", 1, "no profile \"nobody\"", ""},
		{"policy test p", 1, "4 cases, 3 not as expected", ""},
		{"policy test p --json", 1, `"passed": [`, ""},
		{"policy test none", 3, "", "there is no policy to be tested"},
		{"policy test none --policy p/policy/site.toml", 3, "", "reading the cases"},
		{"policy test", 2, "", "no directory is named"},
		{"policy show p", 2, "", "unknown word"},
	} {
		w.step(t, s)
	}
	w.write(t, "p/cases/a.toml", "schema = 1\n[case.a]\nplan = [\"demo\"]\nrefusd = []\n")
	w.step(t, step{"policy test p", 3, "", "unknown word"})
	w.write(t, "p/cases/a.toml", "schema = 1\n[case.a]\nplan = [\"demo\"]\nfile = \"x\"\n")
	w.step(t, step{"policy test p", 3, "", "case.a: it wants one of plan, line and file"})
}

// A policy is written for Kubernetes whole, or not at all unless what is lost is named.
func TestPolicyExport(t *testing.T) {
	w := newWorld(t)
	w.write(t, "site.toml", sitePolicy)
	w.write(t, "whole.toml", "schema = 1\n[require]\nread_only = true\n")
	site, whole := filepath.Join(w.dir, "site.toml"), filepath.Join(w.dir, "whole.toml")
	for _, c := range []struct {
		words []string
		want  int
		says  string // on one of both streams
	}{
		{[]string{whole, "--to", "vap"}, 0, "kind: ValidatingAdmissionPolicyBinding"},
		{[]string{whole, "--to", "vap", "--namespace", "models"}, 0, "values: [models]"},
		{[]string{site, "--to", "vap"}, exitFailed, "--allow-loss only.publish_address writes it without them"},
		{[]string{site, "--to", "vap", "--allow-loss", "only.publish_address"}, 0, "# lost, as allowed: only.publish_address (" + site + ":9)"},
		{[]string{"--policy", whole, "--to", "vap"}, 0, "io.zlaunch.policy: " + whole},
		{[]string{whole}, exitUsage, "--to names the form"},
		{[]string{site, "--to", "vap", "--allow-loss", "only.publish_addres"}, exitUsage, "--allow-loss only.publish_address"},
		{[]string{site, "--to", "vap", "--namespace", "A"}, exitUsage, "no name of a namespace"},
		{[]string{"--to", "vap"}, exitFailed, "there is no *.toml in"},
		{[]string{whole, "--to", "kyverno"}, exitUsage, "kyverno"},
		{[]string{filepath.Join(w.dir, "none.toml"), "--to", "vap"}, exitFailed, "none.toml"},
		{[]string{whole, "--to", "vap", "--json"}, 0, `"key": "require.read_only"`},
		{[]string{site, "--to", "vap", "--json"}, exitFindings, `"lost": "a Service or an Ingress`},
	} {
		got := w.run(append([]string{"policy", "export"}, c.words...)...)
		if got != c.want || !strings.Contains(w.stdout.String()+w.stderr.String(), c.says) {
			t.Errorf("%v: %d, want %d\n%s%s", c.words, got, c.want, w.stdout.String(), w.stderr.String())
		}
		if got == exitFailed && w.stdout.Len() > 0 {
			t.Errorf("%v: something is written: %s", c.words, w.stdout.String())
		}
	}
	if got := w.run("policy", "show", "--to", "vap"); got != exitUsage {
		t.Errorf("--to of show: %d", got)
	}
}

// What is no directory is told as that, and no policy of this host is blamed.
func TestPolicyTestOfFile(t *testing.T) {
	w := newWorld(t)
	t.Chdir(w.dir)
	w.write(t, "p.toml", "[require]\n")
	for _, s := range []step{
		{"policy test p.toml", exitFailed, "", "testing p.toml: it is no directory"},
		{"policy test nowhere", exitFailed, "", "testing nowhere: no such file or directory"},
	} {
		w.step(t, s)
		if strings.Contains(w.stderr.String(), "this host") || !strings.Contains(w.stderr.String(), "hint: zlaunch policy test DIR") {
			t.Errorf("%s: %s", s.line, &w.stderr)
		}
	}
}
