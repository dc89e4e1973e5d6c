package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/lockfile"
)

// lockIn is the text of a lock below the world's directory, after a change of it.
func (w *world) lockIn(t *testing.T, dir, old, by string) string {
	t.Helper()
	path := filepath.Join(dir, lockfile.Name)
	data, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(data), old) {
		t.Fatalf("%v in %s", err, data)
	}
	text := strings.Replace(string(data), old, by, 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return text
}

// A list shows what the lock says of a bundle's profiles, and nobody else believes it: who
// reads the bundle tells what it does not say.
func TestListByLock(t *testing.T) {
	w := newWorld(t)
	who := w.sshKey(t, "key")
	w.fraud(t, "1.0.0", "")
	for _, s := range []step{{"push fraud dir:reg --sign key", 0, "", ""}, {"add dir:reg --signer " + who, 0, "", ""}, {"list --json", 0, `"fraud/fraud.toml"`, ""}} {
		w.step(t, s)
	}
	mine, listed := filepath.Join(w.state, ".config/zlaunch"), w.stdout.String()
	good := w.lockIn(t, mine, `name = "fraud"`, `name = "fraud"`)
	bad := w.lockIn(t, mine, `extends = "demo"`, "extends = \"demo\"\nabout = \"the best of all\"")
	for _, s := range []step{
		{"list", 0, "the best of all", ""},
		{"show fraud", 0, "fraud 1.0.0", ""},
		{"verify", 1, "unlike", "hint: zlaunch update fraud"},
		{"verify --json", 1, `"state": "unlike"`, ""},
		{"update --check", 0, "", "fraud 1.0.0 is current"},
	} {
		w.step(t, s)
	}
	if w.run("doctor", "--json"); !strings.Contains(w.stdout.String(), "what the lock says of profile fraud/fraud for lists is not what the bundle says") {
		t.Errorf("doctor: %s", w.stdout.String())
	}
	if w.lockIn(t, mine, "", "") != bad {
		t.Error("who only looked has written")
	}
	w.step(t, step{"update", 0, "", "fraud 1.0.0 is current"})
	if got := w.lockIn(t, mine, "", ""); got != good {
		t.Errorf("updated it is\n%s\nand was\n%s", got, good)
	}
	w.lockIn(t, mine, good[strings.Index(good, "[[bundle.outline]]"):], "")
	if w.step(t, step{"list --json", 0, "", ""}); w.stdout.String() != listed {
		t.Errorf("of an older lock\n%s\nand was\n%s", w.stdout.String(), listed)
	}
}

// Nobody approves a lock that shows in lists what its bundle does not say.
func TestApproveUnlike(t *testing.T) {
	w := newWorld(t)
	who := w.sshKey(t, "key")
	w.fraud(t, "1.0.0", "")
	w.step(t, step{"push fraud dir:reg --sign key", 0, "", ""})
	w.step(t, step{"add --project dir:reg --signer " + who, 0, "", ""})
	w.lockIn(t, w.dir, `extends = "demo"`, "extends = \"demo\"\ndeprecated = \"take mine\"")
	w.step(t, step{"approve zlaunch.lock", 3, "", "is not what the bundle says"})
	w.step(t, step{"update --project", 0, "", ""})
	w.step(t, step{"approve zlaunch.lock", 0, "", "approved"})
	w.lockIn(t, w.dir, `file = "fraud.toml"`, "file = \"fraud.toml\"\nowner = \"\\u001b[2J\"")
	w.step(t, step{"list", 0, "", "zlaunch.lock"})
	if out := w.stdout.String() + w.stderr.String(); strings.Contains(out, "\x1b") {
		t.Errorf("%q", out)
	}
}
