package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/report"
)

// A file is checked before it is rolled out: every problem with its line, and a status.
func TestValidate(t *testing.T) {
	w := newWorld(t)
	w.write(t, "good.toml", "schema = 1\n[profile.mine]\nextends = \"demo\"\n")
	soon := time.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	w.write(t, "soon.toml", "schema = 1\n[profile.mine]\nextends = \"triton\"\n[[profile.mine.waiver]]\ncontrol = \"ZL-503\"\nreason = \"x\"\nowner = \"y\"\nexpires = "+soon+"\n")
	w.write(t, "bad.toml", "schema = 1\n[profile.mine]\nextends = \"dmeo\"\nabuot = \"\\u001b[2J\"\n")
	w.write(t, "small.toml", "schema = 1\n[profile.mine]\nextends = \"demo\"\ncontainer.memory = \"8\"\n")
	for _, tt := range []struct {
		line   string
		status int
		out    string
		err    string
	}{
		{"validate good.toml", 0, "good.toml: fine as a file of the system layer, with mine\n", ""},
		{"validate bad.toml", 1, "bad.toml:3: profile mine: extends: no profile \"dmeo\"\n  hint: did you mean demo?\nbad.toml:4: profile mine: abuot: unknown key, did you mean about?\n  hint: known here:", ""},
		{"validate --layer user good.toml bad.toml", 1, "good.toml: fine as a file of the user layer, with mine\nbad.toml:2: profile mine is already defined in ", ""},
		{"validate soon.toml", 0, "soon.toml: fine", "warning: the waiver of ZL-503 expires in "},
		{"validate small.toml", 1, "small.toml:4: profile mine: container.memory: memory is 8 bytes, in which nothing runs\n  hint: did you mean 8g?", ""},
		{"validate none.toml", 3, "", "hint: ls -l none.toml"},
		{"validate --layer team good.toml", 2, "", "--layer is one of"},
		{"validate", 2, "", "an argument is missing"},
	} {
		if got := w.run(strings.Fields(tt.line)...); got != tt.status || !strings.Contains(w.stdout.String(), tt.out) || !strings.Contains(w.stderr.String(), tt.err) {
			t.Errorf("%s: status %d\n%s%s", tt.line, got, w.stdout.String(), w.stderr.String())
		}
		if strings.Contains(w.stdout.String(), "\x1b") {
			t.Errorf("%s: %q", tt.line, w.stdout.String())
		}
	}
	w.run("validate", "--json", "bad.toml")
	var doc report.Validate
	if err := json.Unmarshal(w.stdout.Bytes(), &doc); err != nil || doc.Schema != "zlaunch.dev/validate/v1" || doc.Files[0].Problems[1].Line != 4 {
		t.Errorf("%v: %s", err, w.stdout.String())
	}
}

// One bad file spoils its own profiles alone: the others work, a warning names the file,
// and a profile of it is an error that says why - never the one behind it.
func TestBadFile(t *testing.T) {
	w := newWorld(t)
	own := filepath.Join(w.state, ".config", "zlaunch", "profiles.d")
	if err := os.MkdirAll(own, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(own, "team.toml")
	for text, place := range map[string]string{
		"schema = 1\n[profile.demo]\nextends = \"demo\"\nabuot = \"x\"\n": "team.toml:4: profile demo: abuot",
		"schema = 1\n[profile.demo]\nextends = \"demo\n":                  "team.toml:3: toml:",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			line   string
			status int
			says   string
		}{
			{"show triton", 0, "zlaunch: warning: ~/.config/zlaunch/profiles.d/" + place},
			{"show demo", 3, "hint: zlaunch validate ~/.config/zlaunch/profiles.d/team.toml"},
			{"run demo", 125, "hint: zlaunch validate ~/.config/zlaunch/profiles.d/team.toml"},
			{"plan demo", 3, `using profile "demo"`},
			{"audit demo", 3, `using profile "demo"`},
			{"list", 0, "warning: "},
			{"__complete -- run tri", 0, ""},
		} {
			if got := w.run(strings.Fields(tt.line)...); got != tt.status || !strings.Contains(w.stderr.String(), tt.says) || tt.says == "" && w.stderr.Len() > 0 {
				t.Errorf("%s: status %d\n%s", tt.line, got, w.stderr.String())
			}
			if tt.line == "list" && !strings.Contains(w.stdout.String(), "cannot be run: zlaunch show demo tells why\n") {
				t.Errorf("it lists:\n%s", w.stdout.String())
			}
		}
	}
}

// The schema for editors is printed alone.
func TestValidateSchema(t *testing.T) {
	w := newWorld(t)
	w.step(t, step{"validate --schema", 0, `"title": "profiles of zlaunch"`, ""})
	w.step(t, step{"validate --schema bundle.toml x.toml", 2, "", "unexpected argument"})
}

// idleText is a file of profiles in which nothing is wrong, and several things have no effect.
const idleText = `schema = 1
[profile.old]
extends = "triton"
deprecated = "use new"
[profile.dead]
extends = "triton"
[profile.uses]
extends = "old"
about = "x"
[profile.a]
extends = "triton"
arch.s390x.container.image = "r.example/t:1"
[[profile.a.waiver]]
control = "ZL-503"
at = "tmpfs /tmp"
reason = "x"
owner = "me"
expires = `

// What has no effect is told with its line, and is nothing wrong.
func TestValidateNotes(t *testing.T) {
	w := newWorld(t)
	w.write(t, "n.toml", idleText+time.Now().AddDate(0, 3, 0).Format(time.DateOnly)+"\n")
	w.step(t, step{"validate --layer user n.toml", 0, "n.toml: fine", ""})
	for _, want := range []string{
		"n.toml:6: note: profile dead: extends: it adds nothing to triton\n", "n.toml:8: note: profile uses: extends: profile old is deprecated: use new\n",
		"n.toml:12: note: profile a: arch.s390x.container.image: on s390x: the image is named by a tag", "hint: zlaunch pin a\n",
		"n.toml:13: note: profile a: waiver[0]: the waiver of ZL-503 at tmpfs /tmp permits nothing that fails\n",
	} {
		if !strings.Contains(w.stdout.String(), want) {
			t.Errorf("%s\nis not in\n%s", want, w.stdout.String())
		}
	}
	w.step(t, step{"validate --layer user n.toml --json", 0, `"notes": [`, ""})
	w.write(t, "n.toml", strings.Replace(idleText, "[[profile.a.waiver]]", "container.tmpfs.\"/tmp\" = { exec = true }\n[[profile.a.waiver]]", 1)+time.Now().AddDate(0, 3, 0).Format(time.DateOnly)+"\n")
	w.step(t, step{"validate --layer user n.toml", 0, "n.toml: fine", ""})
	if strings.Contains(w.stdout.String(), "permits nothing") {
		t.Errorf("a waiver of use is told of:\n%s", w.stdout.String())
	}
}

// A file of profiles is audited plan by plan; what keeps one from being planned fails with
// its line, and leaves the rest open.
func TestAuditProfiles(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(w.dir, "team.toml")
	text := strings.Replace(idleText, "expires = ", "expires = "+time.Now().AddDate(0, 3, 0).Format(time.DateOnly)+"\n", 1)
	w.write(t, "team.toml", text)
	said := func(status int, want string, words ...string) {
		t.Helper()
		got := w.run(append([]string{"audit", file, "--no-waivers"}, words...)...)
		if flat := strings.Join(strings.Fields(w.stdout.String()), " "); got != status || !strings.Contains(flat, want) {
			t.Errorf("status %d, want %d and %s\n%s%s", got, status, want, flat, w.stderr.String())
		}
	}
	said(0, `ZL-901 Image pinned by digest medium 1.0 image must name a digest, as NAME@sha256:…, not "r.example/t:1" alone (`+file+":12)", "--arch", "s390x")
	if status := w.run("audit", file, "--arch", "s390x"); status != 0 || !strings.Contains(w.stdout.String(), "permits nothing that fails ("+file+":13)") {
		t.Errorf("status %d: %s%s", status, w.stdout.String(), w.stderr.String())
	}
	w.write(t, "team.toml", text+"[profile.b]\nextends = \"triton\"\ncontainer.memmory = 1\n")
	said(1, file+":21: profile b: container.memmory: unknown key, did you mean memory?")
	if !strings.Contains(w.stdout.String(), "UNKNOWN") {
		t.Errorf("what cannot be planned has an exposure:\n%s", w.stdout.String())
	}
	w.write(t, "team.toml", strings.Replace(text, "expires = 2", "expires = 1", 1))
	said(1, "ZL-003 Waivers are alive high")
	w.write(t, "team.toml", "schema = 1\n[profile.b]\nextends = \"triton\"\ncontainer.network = \"host\"\n")
	said(1, file+":4)")
	w.write(t, "team.toml", "[profile\n")
	said(3, "")
	w.write(t, "profiles.toml", "[profile\n")
	if status := w.run("audit", filepath.Join(w.dir, "profiles.toml")); status != 1 {
		t.Errorf("status %d: %s%s", status, w.stdout.String(), w.stderr.String())
	}
}

// What sharing brings is validated by name: all that is wrong with it, by line. Their schemas
// are printed.
func TestValidateShared(t *testing.T) {
	w := newWorld(t)
	who := w.sshKey(t, "key")
	w.fraud(t, "1.0.0", "")
	w.step(t, step{"push fraud dir:reg --sign key", 0, "", ""})
	w.step(t, step{"add --project dir:reg --signer " + who, 0, "", ""})
	w.step(t, step{"validate fraud/bundle.toml zlaunch.lock", 0, "zlaunch.lock: fine as a lock, with fraud/fraud", ""})
	lock, err := os.ReadFile(filepath.Join(w.dir, "zlaunch.lock"))
	if err != nil {
		t.Fatal(err)
	}
	w.write(t, "zlaunch.lock", strings.Replace(string(lock), "1.0.0", "1", 1))
	w.write(t, "fraud/bundle.toml", "name = \"fraud\"\nvarsion = \"1.0.0\"\nchangelog = \"\\u001b[2J\"\n")
	w.step(t, step{"validate zlaunch.lock", 1, `zlaunch.lock:8: bundle[0].version: bundle fraud: version is "1"`, ""})
	w.step(t, step{"validate fraud/bundle.toml", 1, "bundle.toml: version: it has no version", ""})
	for _, says := range []string{`bundle.toml:2: varsion: key "varsion" is not known`, "hint: did you mean version?", "bundle.toml:3: changelog: changelog: holds the character U+001B"} {
		if !strings.Contains(w.stdout.String(), says) {
			t.Errorf("it does not say %q: %s", says, w.stdout.String())
		}
	}
	w.step(t, step{"validate --json fraud/bundle.toml zlaunch.lock", 1, `"kind": "lock"`, ""})
	w.step(t, step{"validate --layer system fraud/bundle.toml", 1, "unknown key", ""})
	w.step(t, step{"validate none/bundle.toml", 3, "", "none/bundle.toml"})
	w.step(t, step{"validate none/zlaunch.lock", 3, "", "hint: zlaunch add --project REF"})
	w.step(t, step{"validate --schema bundle.toml", 0, "the first half of bundle/profile", ""})
	w.step(t, step{"validate --schema ./zlaunch.lock", 0, "ssh-keygen -l", ""})
	w.step(t, step{"validate --schema team.toml", 2, "", "hint: --schema of files of profiles"})
}
