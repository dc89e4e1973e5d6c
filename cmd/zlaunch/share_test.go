package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/signature"
	"github.com/zlaunch/zlaunch/test/sharing"
)

// sshKey writes a private key below the world's directory and gives its fingerprint.
func (w *world) sshKey(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(w.dir, name)
	sharing.WriteKey(t, path)
	key, err := signature.OpenKey(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return key.Fingerprint()
}

// fraud writes a team's directory of one profile.
func (w *world) fraud(t *testing.T, version, more string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(w.dir, "fraud"), 0o755); err != nil {
		t.Fatal(err)
	}
	w.write(t, "fraud/bundle.toml", "name = \"fraud\"\nversion = \""+version+"\"\nchangelog = \"it is "+version+"\"\n")
	w.write(t, "fraud/fraud.toml", "schema = 1\n[profile.fraud]\nextends = \"demo\"\n[profile.fraud.container]\nmemory = \"1g\"\n"+more)
}

// One team publishes, another locks: each step says what it did, and what it refuses.
func TestShare(t *testing.T) {
	w := newWorld(t)
	who, other := w.sshKey(t, "key"), w.sshKey(t, "other")
	steps := func(list ...step) {
		t.Helper()
		for _, s := range list {
			w.step(t, s)
		}
	}
	w.fraud(t, "1.0.0", "")
	steps(
		step{"push fraud dir:reg", 2, "", "hint: --sign"},
		step{"push fraud dir:reg --sign key", 0, "sha256:", "bundle fraud 1.0.0 is published; to lock it: zlaunch add dir:"},
		step{"add dir:reg", 5, "", who},
		step{"add dir:reg --signer " + other, 5, "", "refused"},
		step{"bundles", 0, "BUNDLE", ""},
		step{"add dir:reg --signer " + who, 0, "memory = 1g", "is locked in"},
		step{"list", 0, "fraud 1.0.0, " + who, ""},
		step{"show fraud/fraud", 0, "fraud/fraud.toml", ""},
		step{"outdated", 0, "current", ""},
		step{"update", 0, "", "fraud 1.0.0 is current"},
	)
	w.fraud(t, "1.1.0", "cap_add = [\"net_admin\"]\n")
	steps(step{"push fraud dir:reg --sign key", 3, "", "fraud/fraud.toml:6: profile fraud: container.cap_add: ZL-2"})
	w.fraud(t, "1.1.0", "pids_limit = 3000\n")
	steps(
		step{"push fraud dir:reg --sign key", 0, "", "1.1.0 is published"},
		step{"outdated", 1, "newer", ""},
		step{"update --check", 1, "+    pids_limit = 3000", ""},
		step{"show fraud", 0, "fraud 1.0.0", ""},
		step{"update", 0, "it is 1.1.0", "1.1.0 is locked now, and was 1.0.0"},
		step{"show fraud", 0, "fraud 1.1.0", ""},
	)
	w.fraud(t, "1.2.0", "pids_limit = 3000\n[profile.fraud.gpu_image]\n\"nvidia.com/gpu\" = \"localhost/other:1\"\n[profile.fraud.models]\nat = \"/other\"\n")
	steps(
		step{"push fraud dir:reg --sign key", 0, "", ""},
		step{"update --check", 1, "+    gpu_image.nvidia.com/gpu = localhost/other:1\n+    models.at = /other\n", ""},
	)
	w.fraud(t, "1.1.0", "pids_limit = 3000\n")
	steps(
		step{"push fraud dir:elsewhere --sign other", 0, "", ""},
		step{"add dir:elsewhere --signer " + other, 5, "", "it is locked from the signer " + who},
		step{"add dir:elsewhere --signer " + other + " --allow-signer-change", 5, "", "hint: if it moved there: --allow-ref-change"},
		step{"add dir:elsewhere --signer " + other + " --allow-signer-change --allow-ref-change", 0, "it decides what 1.1.0 did", ""},
		step{"verify", 0, other, ""},
		step{"remove fraud", 0, "", "no longer in"},
		step{"show fraud", 3, "", `no profile "fraud"`},
		step{"remove fraud", 3, "", "hint: zlaunch bundles"},
	)
}

// A bundle that takes the name of another profile says so before it is locked.
func TestShareTakesAName(t *testing.T) {
	w := newWorld(t)
	who := w.sshKey(t, "key")
	w.fraud(t, "1.0.0", "")
	w.write(t, "fraud/fraud.toml", "schema = 1\n[profile.demo]\nextends = \"demo\"\n[profile.demo.container]\nmemory = \"1g\"\n[profile.fraud]\nextends = \"demo\"\n")
	w.step(t, step{"push fraud dir:reg --sign key", 0, "", ""})
	w.step(t, step{"add dir:reg --signer " + who, 0, "(server), extends demo, base\n    takes the place of demo in profiles/demo.toml\n    memory = 1g\n", ""})
	if strings.Count(w.stdout.String(), "takes the place of") != 1 {
		t.Errorf("of one name:\n%s", w.stdout.String())
	}
}

// step is a command line, and what it must end with and say.
type step struct {
	line     string
	status   int
	out, err string
}

func (w *world) step(t *testing.T, s step) {
	t.Helper()
	if got := w.run(strings.Fields(s.line)...); got != s.status || !strings.Contains(w.stdout.String(), s.out) || !strings.Contains(w.stderr.String(), s.err) {
		t.Errorf("%s: status %d, want %d\n%s%s", s.line, got, s.status, w.stdout.String(), w.stderr.String())
	}
}

// A project's lock has no effect until it is approved, and says so.
func TestProjectLock(t *testing.T) {
	w := newWorld(t)
	who := w.sshKey(t, "key")
	w.fraud(t, "1.0.0", "")
	for _, s := range []step{
		{"push fraud dir:reg --sign key", 0, "", ""},
		{"add --project dir:reg --signer " + who, 0, "", ""},
		{"list", 0, "", "zlaunch approve zlaunch.lock"},
		{"show fraud", 3, "", "./zlaunch.lock has it and is not approved: bundle fraud is refused"},
		{"show demo", 0, "", "./zlaunch.lock is not approved and has no effect"},
		{"verify", 4, "", "not approved"},
		{"approve --show zlaunch.lock", 0, "memory = 1g", ""},
		{"show fraud", 3, "", ""},
		{"approve zlaunch.lock", 0, "", "approved"},
		{"show fraud", 0, "fraud 1.0.0", ""},
		{"show fraud --no-project", 3, "", ""},
		{"approve --revoke zlaunch.lock", 0, "", "taken back"},
		{"show fraud", 3, "", ""},
	} {
		w.step(t, s)
	}
}

// The JSON of bundles is versioned, and has what a script asks for.
func TestBundlesJSON(t *testing.T) {
	w := newWorld(t)
	who := w.sshKey(t, "key")
	w.fraud(t, "1.0.0", "")
	w.step(t, step{"push fraud dir:reg --sign key --json", 0, `"signed": true`, ""})
	w.step(t, step{"add dir:reg --signer " + who, 0, "", ""})
	w.step(t, step{"bundles --json", 0, "", ""})
	var doc report.Bundles
	if err := json.Unmarshal(w.stdout.Bytes(), &doc); err != nil || doc.Schema != "zlaunch.dev/bundles/v1" || len(doc.Bundles) != 1 {
		t.Fatalf("%v: %s", err, w.stdout.String())
	}
	w.fraud(t, "1.1.0", "pids_limit = 3000\n")
	for _, s := range []step{
		{"push fraud dir:reg --sign key", 0, "", ""},
		{"update --check --json", 1, `"state": "newer"`, "1 of 1 bundles would change; to take it over: zlaunch update"},
		{"update --json", 0, `"state": "updated"`, ""},
		{"update --json", 0, `"state": "current"`, ""},
		{"push fraud dir:other --sign key", 0, "", ""},
		{"add dir:other --json", 5, "", "--allow-ref-change"},
		{"__complete -- show fr", 0, "fraud\n", ""},
		{"__complete -- show fraud/", 0, "fraud/fraud\n", ""},
		{"__complete -- update fr", 0, "fraud\n", ""},
		{"remove --json fraud", 0, `"state": "removed"`, ""},
		{"add dir:other --json --signer " + who, 0, `"state": "added"`, ""},
	} {
		w.step(t, s)
	}
	if b := doc.Bundles[0]; b.Name != "fraud" || b.Signer != who || b.State != "verified" || len(b.Profiles) != 1 || b.Layer != "user" {
		t.Errorf("%+v", b)
	}
}

// All that is wrong with a directory is told at once, with file and line.
func TestUnsound(t *testing.T) {
	w := newWorld(t)
	w.fraud(t, "1", "cap_add = [\"sys_admin\"]\nmemmory = 1\n[profile.host]\nextends = \"demo\"\ncontainer.network = \"host\"\n")
	w.write(t, "fraud/README.md", "")
	w.step(t, step{"push fraud dir:reg --no-sign", 3, "", "nothing was published"})
	said := strings.Join(strings.Fields(w.stderr.String()), " ")
	for _, want := range []string{
		`bundle.toml:2: version "1" is no semantic version`, `"README.md" is no file of profiles`, "fraud/fraud.toml:7: profile fraud: container.memmory: unknown key, did you mean memory?",
		"fraud/fraud.toml:6: profile fraud: container.cap_add: ZL-204", "fraud/fraud.toml:10: profile host: container.network: ZL-701",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%s\nis not in\n%s", want, said)
		}
	}
	w.step(t, step{"push nothing dir:reg --no-sign", 3, "", "it is no directory"})
}

// What the profiles come to is written, kept, and held against what they come to later.
func TestExpect(t *testing.T) {
	w := newWorld(t)
	w.fraud(t, "1.0.0", "")
	at := filepath.Join(w.dir, "fraud/expect/fraud.s390x.json")
	w.step(t, step{"push fraud --update-expect", 0, "", "fraud/expect/fraud.s390x.json is written"})
	first, err := os.ReadFile(at)
	if err != nil || !strings.Contains(string(first), `"memory": 1073741824`) || !strings.Contains(string(first), `"ZL-501": "pass"`) || !strings.Contains(string(first), `"seccomp_profile": "inference"`) {
		t.Fatalf("%v: %s", err, first)
	}
	for _, not := range []string{w.dir, "seccomp_filter", "io.zlaunch"} {
		if strings.Contains(string(first), not) {
			t.Errorf("%s is in what is expected everywhere", not)
		}
	}
	w.write(t, "fraud/expect/gone.amd64.json", `{"schema":"zlaunch.dev/expect/v1","profile":"gone","arch":"amd64","settings":{"memory":1},"verdicts":{}}`)
	w.step(t, step{"push fraud dir:reg --no-sign", 1, `-    "memory": 1`, "1 of 5 files of fraud/expect differ"})
	w.step(t, step{"push fraud --update-expect", 0, "", "gone.amd64.json is removed"})
	w.step(t, step{"push fraud dir:reg --no-sign", 0, "sha256:", ""})
	w.fraud(t, "1.0.1", "tmpfs.\"/x\" = { size = \"10m\", exec = true }\n")
	w.step(t, step{"push fraud dir:reg --no-sign", 1, `+    "ZL-503": "fail at tmpfs[/x]"`, "hint: if that is meant: zlaunch push --update-expect fraud"})
	w.step(t, step{"push fraud dir:reg --no-sign", 1, `+    "tmpfs[/x]": {`, ""})
	for text, says := range map[string]string{"{": "unexpected EOF", `{"schema":"x"}`: "it is not zlaunch.dev/expect/v1", `{"more":1}`: `unknown field "more"`} {
		w.write(t, "fraud/expect/fraud.s390x.json", text)
		w.step(t, step{"push fraud dir:reg --no-sign", 3, "", says})
	}
	w.step(t, step{"push fraud dir:reg:1 --update-expect --sign key extra", 2, "", ""})
}

// A deprecated profile is a sound one.
func TestDeprecatedIsSound(t *testing.T) {
	w := newWorld(t)
	w.fraud(t, "1.0.0", "[profile.old]\nextends = \"fraud\"\ndeprecated = \"use fraud\"\n")
	w.step(t, step{"push fraud dir:reg --no-sign", 0, "sha256:", ""})
}

// Of each field the file and the key are told, and of a bundle among the files its digest
// and signer, also where a profile of one's own extends it.
func TestShowOrigins(t *testing.T) {
	w := newWorld(t)
	who := w.sshKey(t, "key")
	w.fraud(t, "1.0.0", "")
	w.step(t, step{"push fraud dir:reg --sign key", 0, "", ""})
	w.step(t, step{"add dir:reg --signer " + who, 0, "", ""})
	mine := filepath.Join(w.state, ".config/zlaunch/profiles.toml")
	if err := os.WriteFile(mine, []byte("schema = 1\n[profile.mine]\nextends = \"fraud\"\ncontainer.cpus = 2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.step(t, step{"show mine --origins", 0, ", signed by " + who, ""})
	said := strings.Join(strings.Fields(w.stdout.String()), " ")
	for _, want := range []string{
		"container.cpus 2 ~/.config/zlaunch/profiles.toml: mine.container.cpus", "container.memory 1g fraud/fraud.toml: container.memory (over 2)",
		"ports.http 8000 profiles/demo.toml: ports.http", "bundle fraud 1.0.0, sha256:",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%s\nis not in\n%s", want, said)
		}
	}
	w.step(t, step{"show mine --json", 0, "", ""})
	var doc report.Show
	if err := json.Unmarshal(w.stdout.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	for _, f := range doc.Fields {
		if (f.Key == "container.memory") != (f.Bundle != nil && f.Bundle.Signer == who && f.Bundle.Digest != "") {
			t.Errorf("%s is of %+v", f.Key, f.Bundle)
		}
	}
}
