package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/report"
)

const (
	openLine = "podman run --privileged -p 8501:8501 -v /etc:/models quay.io/x/y:1"
	weakLine = "podman run -p 8501:8501 -v /srv/m:/models quay.io/x/y:1"
	// tightLine fails nothing at high, and much of it is open.
	tightLine = "podman run --rm --cap-drop=all --security-opt=no-new-privileges --read-only --read-only-tmpfs=false --user 1000:1000 " +
		"--userns=keep-id:uid=1000,gid=1000 -p 127.0.0.1:8501:8501 -v /srv/m:/models:ro,z,nosuid,nodev --ipc=private --memory 1g --pids-limit 100 " +
		"--network zl --http-proxy=false --tmpfs /tmp:size=1m,noexec quay.io/x/y:1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa serve"
)

// audit runs zlaunch audit with options before --, and a line behind it.
func (w *world) audit(line string, options ...string) int {
	return w.run(append(append([]string{"audit"}, options...), append([]string{"--"}, strings.Fields(line)...)...)...)
}

// The status is the gate's: findings at the threshold, missing evidence where that
// was asked for, else 0. Nothing of it needs Podman.
func TestAuditStatus(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		line    string
		options []string
		status  int
	}{
		{openLine, nil, 1},
		{openLine, []string{"--standard", "dev"}, 1},
		{tightLine, nil, 0},
		{tightLine, []string{"--fail-on-open"}, 4},
		{tightLine, []string{"--fail-on", "low"}, 1},
		{tightLine, []string{"--standard", "pss-restricted", "--fail-on", "critical"}, 0},
		{strings.Replace(tightLine, "--read-only ", "", 1), []string{"--waive", "ZL-501=a cache is written"}, 0},
		{strings.Replace(tightLine, "--read-only ", "", 1), []string{"--waive", "ZL-501=a cache is written", "--no-waivers"}, 1},
		{strings.Replace(tightLine, "--read-only ", "", 1), []string{"--waive", "ZL-501@tmpfs[/tmp]=elsewhere"}, 1},
		{"podman run --privileged x", []string{"--waive", "ZL-201=please"}, 1},
	} {
		if got := w.audit(tt.line, tt.options...); got != tt.status {
			t.Errorf("%v %s: status %d, want %d\n%s%s", tt.options, tt.line, got, tt.status, w.stdout.String(), w.stderr.String())
		}
	}
	if status := w.run("audit", "triton", "--arch", "s390x"); status != 0 && status != 1 || !strings.Contains(w.stdout.String(), "triton   plan") {
		t.Errorf("a profile without an engine: status %d: %s", status, w.stderr.String())
	}
}

// A baseline stops only at what it does not know, and merging keeps what it knows
// of other subjects.
func TestAuditBaseline(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(w.dir, "known.json")
	w.write(t, "a.sh", weakLine+"\n")
	w.write(t, "b.sh", weakLine+"\n")
	path := func(n string) string { return filepath.Join(w.dir, n) }
	if status := w.run("audit", path("a.sh"), "--write-baseline", file); status != 1 {
		t.Fatalf("status %d: %s", status, w.stderr.String())
	}
	if status := w.run("audit", path("a.sh"), "--baseline", file); status != 0 {
		t.Errorf("what is known stops: %s", w.stdout.String())
	}
	if out := w.stdout.String(); !strings.Contains(out, " 0 fail (and ") || !strings.Contains(out, "that the baseline permits)") || !strings.Contains(out, "or above: 0") {
		t.Errorf("what the baseline permits is counted: %s", out)
	}
	if status := w.run("audit", path("b.sh"), "--baseline", file); status != 1 {
		t.Errorf("the same in another file is not new: status %d", status)
	}
	w.run("audit", path("b.sh"), "--write-baseline", file)
	if status := w.run("audit", path("a.sh"), path("b.sh"), "--baseline", file); status != 0 {
		t.Errorf("merging lost a subject: %s", w.stdout.String())
	}
	w.write(t, "a.sh", strings.Replace(weakLine, "run", "run --pid=host", 1)+"\n")
	if status := w.run("audit", path("a.sh"), "--baseline", file); status != 1 {
		t.Errorf("a new failure is swallowed: status %d", status)
	}
	w.write(t, "c.sh", openLine+"\n")
	w.run("audit", path("c.sh"), "--write-baseline", file)
	if status := w.run("audit", path("c.sh"), "--baseline", file); status != 1 {
		t.Errorf("a baseline permits what is critical: status %d", status)
	}
}

// Every output says the same twice, and the structured ones parse.
func TestAuditOutputs(t *testing.T) {
	w := newWorld(t)
	for _, option := range []string{"--json", "--sarif", "--markdown", "--html", "--all", "--fix"} {
		w.audit(openLine, option)
		first := w.stdout.String()
		w.audit(openLine, option)
		if first == "" || first != w.stdout.String() {
			t.Errorf("%s differs from itself, or says nothing: %s", option, w.stderr.String())
		}
		if option == "--json" || option == "--sarif" {
			var v any
			if err := json.Unmarshal([]byte(first), &v); err != nil {
				t.Errorf("%s: %v", option, err)
			}
		}
	}
}

// What --fix prints fails less, and never more.
func TestAuditFix(t *testing.T) {
	w := newWorld(t)
	failures := func(line string) int {
		w.run(append([]string{"audit", "--json", "--"}, strings.Fields(line)...)...)
		var doc struct {
			Results []struct{ Counts struct{ Fail int } }
		}
		if err := json.Unmarshal(w.stdout.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		return doc.Results[0].Counts.Fail
	}
	before := failures(openLine)
	w.audit(openLine, "--fix", "--whole")
	mended := strings.TrimSpace(w.stdout.String())
	if after := failures(mended); after >= before {
		t.Errorf("%d failures before, %d after: %s", before, after, mended)
	}
	if strings.Contains(mended, "--privileged ") || !strings.Contains(mended, "--cap-drop=all") {
		t.Errorf("mended: %s", mended)
	}
}

// What a person lists changes neither the status nor what a machine reads; a word that
// is no control and no group is refused.
func TestAuditListing(t *testing.T) {
	w := newWorld(t)
	status := w.audit(openLine, "--json")
	machine := w.stdout.String()
	for _, options := range [][]string{{"--severity", "critical"}, {"--only", "ZL-505,cap-drop-all"}, {"--only", "ZL-2xx"}, {"--summary"}} {
		if got := w.audit(openLine, options...); got != status {
			t.Errorf("%v: status %d, not %d", options, got, status)
		}
		if w.audit(openLine, append(options, "--json")...); w.stdout.String() != machine {
			t.Errorf("%v changes the JSON", options)
		}
	}
	if w.audit(openLine, "--only", "ZL-2"); !strings.Contains(w.stdout.String(), "ZL-203") || strings.Contains(w.stdout.String(), "ZL-505") {
		t.Errorf("a group: %s", w.stdout.String())
	}
	for _, options := range [][]string{{"--severity", "grave"}, {"--only", "ZL-"}, {"--only", "ZL-999"}} {
		if got := w.audit(openLine, options...); got != exitUsage {
			t.Errorf("%v: status %d", options, got)
		}
	}
	if err := os.Mkdir(filepath.Join(w.dir, "units"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.write(t, "units/a.container", "[Container]\nImage=x/y:1\n")
	w.write(t, "units/b.container", "[Container]\nImage=x/y:2\n")
	if w.run("audit", filepath.Join(w.dir, "units")); strings.Count(w.stdout.String(), "\n") > 24 || !strings.Contains(w.stdout.String(), "2 of 2: ") {
		t.Errorf("a directory: %s", w.stdout.String())
	}
}

// A file of every kind takes what --fix prints by patch -p0, and the runs in it then
// fail in what was said to stay, and in nothing else. What is taken away is said.
func TestAuditFixApplies(t *testing.T) {
	patch, err := exec.LookPath("patch")
	if err != nil {
		t.Skip("SKIPPED: no patch(1) here")
	}
	const line = "podman run --privileged -v /:/host -p 8080:80 quay.io/x/y:1 serve"
	for name, text := range map[string]string{
		"run.sh":      "#!/bin/sh\n# why\n" + line + "\nI=quay.io/x/y:2\npodman run \\\n  --privileged \\\n  -v /:/host \\\n  \"$I\" serve\nfor i in 1 2; do podman run $I \"$i\"; done\n",
		"Makefile":    "all:\n\t@podman run --privileged -v $(PWD):/w quay.io/x/y:1\n",
		"README.md":   "# it's so\n\n    " + line + "\n\n```sh\n$ docker run -v /:/host x/y:1\n```\n",
		"ci.yml":      "steps:\n- run: docker run --privileged x/y:1\n- run: |\n    podman run \\\n      --privileged x/y:2\n",
		"x.container": "[Container]\nImage=quay.io/x/y:1\n# why\nVolume=/:/host\nPodmanArgs=--privileged\n",
		"odd name.sh": line + " # no end",
	} {
		w := newWorld(t)
		w.write(t, name, text)
		file := filepath.Join(w.dir, name)
		before := w.failing(file)
		w.run("audit", "--fix", file)
		diff, said := w.stdout.String(), w.stderr.String()
		if !strings.HasPrefix(diff, "--- "+name) {
			t.Errorf("%s: %s", name, diff)
		}
		if strings.Contains(diff, "-  -v /:/host") && !strings.Contains(said, "taken away by ZL-") {
			t.Errorf("%s: what is taken away is not said: %s", name, said)
		}
		c := exec.Command(patch, "-p0", "--fuzz=0")
		c.Dir, c.Stdin = w.dir, strings.NewReader(diff)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s\n%s", name, err, out, diff)
		}
		after := w.failing(file)
		if len(after) == 0 || len(after) >= len(before) {
			t.Errorf("%s: %d failures before, %d after", name, len(before), len(after))
		}
		for _, f := range after {
			if !slices.Contains(before, f) || !strings.Contains(said, f[strings.LastIndex(f, " ")+1:]) {
				t.Errorf("%s: %s fails and was not said to stay: %s", name, f, said)
			}
		}
	}
}

// failing lists what fails in a file, each as SUBJECT CONTROL.
func (w *world) failing(file string) []string {
	w.run("audit", "--json", file)
	var doc report.AuditDocument
	if err := json.Unmarshal(w.stdout.Bytes(), &doc); err != nil {
		return nil
	}
	var out []string
	for _, r := range doc.Results {
		for _, f := range r.Findings {
			if f.Verdict == audit.Fail {
				out = append(out, filepath.Base(r.Subject)+" "+f.Control)
			}
		}
	}
	return out
}

// A file in an encoding that patch does not know is mended, and that it does not apply is
// said.
func TestAuditFixOfAnotherEncoding(t *testing.T) {
	w := newWorld(t)
	var utf16 strings.Builder
	for _, r := range "\ufeffpodman run --privileged x/y:1\n" {
		utf16.WriteString(string([]byte{byte(r), byte(r >> 8)}))
	}
	w.write(t, "u.sh", utf16.String())
	w.run("audit", "--fix", filepath.Join(w.dir, "u.sh"))
	if !strings.Contains(w.stdout.String(), "--cap-drop=all") || !strings.Contains(w.stderr.String(), "patch does not take these lines") {
		t.Errorf("%s%s", w.stdout.String(), w.stderr.String())
	}
}

// A secret that only several lines tell is hidden in a diff, too.
func TestAuditFixHidesAcrossLines(t *testing.T) {
	w := newWorld(t)
	w.write(t, "s.sh", "export API_TOKEN=abcsecret1\npodman run \\\n x/y:1 \\\n srv --password \\\n  abcsecret2\n")
	w.write(t, "u.container", "[Container]\nImage=x/y:1\nExec=srv --password \\\n  abcsecret2\nEnvironment=DB_PASSWORD=abcsecret1\n")
	for _, name := range []string{"s.sh", "u.container"} {
		w.run("audit", "--fix", filepath.Join(w.dir, name))
		if out := w.stdout.String() + w.stderr.String(); strings.Contains(out, "abcsecret") || !strings.Contains(out, "patch does not take these lines") {
			t.Errorf("%s: %s", name, out)
		}
		if w.run("audit", "--fix", "--show-secrets", filepath.Join(w.dir, name)); !strings.Contains(w.stdout.String(), "abcsecret2") {
			t.Errorf("%s: --show-secrets hides: %s", name, w.stdout.String())
		}
	}
}

// Planted secrets show in no output: not of lines, scripts or units, nor in what is
// said of them on standard error.
func TestAuditHidesSecrets(t *testing.T) {
	secrets := []string{"hunter2plain", "s3cr3t-in-args", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "pr0xypass", "l4bel-secret", "hf_abcdefghijklmnopqrst"}
	line := "podman run -e DB_PASSWORD=hunter2plain -e X=ghp_abcdefghijklmnopqrstuvwxyz0123456789 -e https_proxy=http://u:pr0xypass@proxy:1 " +
		"--label api_key=l4bel-secret --annotation token=hf_abcdefghijklmnopqrst quay.io/x/y:1 serve --token s3cr3t-in-args --api-token=s3cr3t-in-args"
	w := newWorld(t)
	w.write(t, "s.sh", line+"\n")
	w.write(t, "u.container", "[Container]\nImage=quay.io/x/y:1\nEnvironment=DB_PASSWORD=hunter2plain X=ghp_abcdefghijklmnopqrstuvwxyz0123456789\n"+
		"Label=api_key=l4bel-secret\nExec=serve --token s3cr3t-in-args\nPodmanArgs=-e https_proxy=http://u:pr0xypass@proxy:1\n")
	record := filepath.Join(w.dir, "r.json")
	for _, subject := range [][]string{{filepath.Join(w.dir, "s.sh")}, {filepath.Join(w.dir, "u.container")}, append([]string{"--"}, strings.Fields(line)...)} {
		for _, options := range [][]string{nil, {"--all"}, {"--json"}, {"--sarif", "--all"}, {"--markdown"}, {"--html"}, {"--fix"}, {"--fix", "--whole"}, {"--evidence", record}} {
			w.run(append(append([]string{"audit"}, options...), subject...)...)
			out := w.stdout.String() + w.stderr.String()
			if data, err := os.ReadFile(record); err == nil {
				out += string(data)
			}
			if fix := len(options) > 0 && options[0] == "--fix"; !fix && !strings.Contains(out, "ZL-921") {
				t.Errorf("%v %.30v: the secret is not found: %.300s", options, subject, out)
			}
			for _, s := range secrets {
				if strings.Contains(out, s) {
					t.Errorf("%v %.30v shows %s", options, subject, s)
				}
			}
		}
	}
	if w.run("audit", "--fix", "--show-secrets", filepath.Join(w.dir, "s.sh")); !strings.Contains(w.stdout.String(), "hunter2plain") {
		t.Error("--show-secrets hides them")
	}
	w.run("diff", filepath.Join(w.dir, "s.sh"), filepath.Join(w.dir, "u.container"))
	for _, s := range secrets {
		if strings.Contains(w.stdout.String()+w.stderr.String(), s) {
			t.Errorf("diff shows %s", s)
		}
	}
}

// Hostile files end in an error or a finding, soon, and put no escape on a terminal.
func TestAuditHostileFiles(t *testing.T) {
	w := newWorld(t)
	units := filepath.Join(w.dir, "units")
	if err := os.MkdirAll(filepath.Join(units, "deep.container.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(filepath.Join(units, "pipe.container"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("loop.container", filepath.Join(units, "loop.container")); err != nil {
		t.Fatal(err)
	}
	w.write(t, "units/ok.container", "[Container]\nImage=x:1\n")
	w.write(t, "escape.sh", "podman run -v '/a\x1b[31m:/b' $'x\\e[0m' \x1b]0;t\x07 x\n")
	w.write(t, "nul.sh", "podman run \x00 --privileged x\n")
	w.write(t, "long.sh", "podman run -e A="+strings.Repeat("a", 1<<20)+" x\n")
	w.write(t, "many.sh", "podman run "+strings.Repeat("-p 80 ", 10_000)+" x\n")
	w.write(t, "record.json", `{"schema":"zlaunch.dev/evidence/v1","settings":[{"setting":"nope","value":1}]}`)
	for _, name := range []string{"units", "escape.sh", "nul.sh", "long.sh", "many.sh", "record.json"} {
		if status := w.run("audit", filepath.Join(w.dir, name)); status > 4 {
			t.Errorf("%s: status %d", name, status)
		}
		if out := w.stdout.String() + w.stderr.String(); strings.ContainsAny(out, "\x1b\x00\x07") {
			t.Errorf("%s puts control characters out", name)
		}
	}
}

// A word without a path is a profile, and where none has the name the file of that name.
func TestAuditWord(t *testing.T) {
	w := newWorld(t)
	t.Chdir(w.dir)
	w.write(t, "Makefile", "run:\n\tpodman run --privileged x/y:1\n")
	w.write(t, "triton", "podman run --privileged x/y:1\n")
	if status := w.run("audit", "Makefile"); status != 1 || !strings.Contains(w.stderr.String(), "no profile is called Makefile") ||
		!strings.Contains(w.stdout.String(), "read as a Makefile") {
		t.Errorf("a file: status %d: %s%s", status, w.stdout.String(), w.stderr.String())
	}
	if w.run("audit", "triton", "--arch", "s390x"); !strings.Contains(w.stdout.String(), "triton   plan") {
		t.Errorf("a profile comes first: %s", w.stdout.String())
	}
	if status := w.run("audit", "Makefil"); status == 0 || !strings.Contains(w.stderr.String(), "no profile \"Makefil\"") {
		t.Errorf("neither: status %d: %s", status, w.stderr.String())
	}
}

// A comparison tells the exposure that an audit tells, waivers and all.
func TestDiffExposure(t *testing.T) {
	w := newWorld(t)
	unit := filepath.Join(w.dir, "u.container")
	if err := os.WriteFile(unit, []byte("[Container]\nImage=localhost/x:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"triton", unit} {
		w.run("audit", name, "--all")
		_, after, _ := strings.Cut(w.stdout.String(), "exposure ")
		words := strings.Fields(after)
		if len(words) < 2 {
			t.Fatalf("%s: %s", name, w.stdout.String())
		}
		w.run("diff", name, unit)
		if want := "exposure " + words[0] + " " + words[1]; !strings.Contains(strings.SplitN(w.stdout.String(), "\n", 2)[0], want) {
			t.Errorf("%s: want %q: %s%s", name, want, w.stdout.String(), w.stderr.String())
		}
	}
}
