package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/report"
)

// inState is a file of a gateway's directory.
func (w *world) inState(of, file string) string {
	return filepath.Join(w.state, "state", "zlaunch", "gateways", of, file)
}

// The secret of a token is alone on standard output and nowhere else; the proxy's file has
// what it needs, until the token is revoked.
func TestToken(t *testing.T) {
	w := newWorld(t)
	if got := w.run("token", "add", "fraud", "web-app", "--scope", "admin", "--scope", "inference", "--expires", "20d"); got != 0 {
		t.Fatalf("%d\n%s", got, w.stderr.String())
	}
	secret := w.stdout.String()
	if !regexp.MustCompile(`^zlt_[A-Za-z0-9_-]{43}\n$`).MatchString(secret) {
		t.Errorf("standard output: %q", secret)
	}
	if said := w.stderr.String(); strings.Contains(said, "zlt_") || !strings.Contains(said, "no gateway fraud yet") || !strings.Contains(said, "for inference and admin, counts until") {
		t.Errorf("standard error: %s", said)
	}
	for _, file := range []string{"tokens.json", "files/tokens.map"} {
		data, err := os.ReadFile(w.inState("fraud", file))
		if err != nil || !strings.Contains(string(data), "web-app") || strings.Contains(string(data), strings.TrimSpace(secret[4:])) {
			t.Errorf("%s: %s, %v", file, data, err)
		}
	}
	w.run("token", "add", "b2", "prometheus", "--scope", "metrics", "--expires", "2030-01-01")
	w.run("token", "list")
	for _, want := range []string{`fraud +web-app +ends soon +\S+ \S+ +inference admin`, `b2 +prometheus +counts +2030-01-02 00:00 +metrics`} {
		if !regexp.MustCompile(want).MatchString(w.stdout.String()) {
			t.Errorf("no %s in\n%s", want, w.stdout.String())
		}
	}
	w.run("token", "list", "fraud", "--json")
	var doc report.Tokens
	if err := json.Unmarshal(w.stdout.Bytes(), &doc); err != nil || len(doc.Tokens) != 1 || doc.Tokens[0].State != "ends soon" || strings.Contains(w.stdout.String(), "hash") {
		t.Errorf("%v: %s", err, w.stdout.String())
	}
	if got := w.run("token", "revoke", "fraud", "web-app"); got != 0 {
		t.Errorf("%d\n%s", got, w.stderr.String())
	}
	if data, err := os.ReadFile(w.inState("fraud", "files/tokens.map")); err != nil || len(data) > 0 {
		t.Errorf("%q, %v", data, err)
	}
}

// What is refused makes no file, and says what to type.
func TestTokenRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"token":                          "what is to be done is add, list or revoke",
		"token make a b":                 "what is to be done is add, list or revoke",
		"token add fraud":                "an argument is missing",
		"token add fraud a b":            "unexpected argument",
		"token add ../x a":               "is not a gateway's name",
		"token add fraud A":              "is not a token's name",
		"token add fraud a --scope all":  "is no scope",
		"token add fraud a --expires x":  "is neither days nor a date",
		"token add fraud a --expires 0d": "is over already",
		"token add fraud a --json":       "--json is of list",
		"token list --scope admin":       "--scope and --expires are of add",
		"token list fraud":               "there is no gateway fraud",
		"token revoke fraud a":           "there is no gateway fraud",
	} {
		w := newWorld(t)
		if got := w.run(strings.Fields(line)...); got == 0 || !strings.Contains(w.stderr.String(), want) || !strings.Contains(w.stderr.String(), "hint: ") {
			t.Errorf("%s: %d\n%s", line, got, w.stderr.String())
		}
		if _, err := os.Lstat(filepath.Join(w.state, "state")); err == nil {
			t.Errorf("%s: made something", line)
		}
	}
}

// No token counts that somebody else could have written.
func TestTokenTrust(t *testing.T) {
	w := newWorld(t)
	w.run("token", "add", "fraud", "a")
	for _, at := range []string{w.inState("fraud", ""), w.inState("fraud", "tokens.json")} {
		was, err := os.Stat(at)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(at, was.Mode().Perm()|0o002); err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"token list", "token add fraud b", "token revoke fraud a"} {
			if got := w.run(strings.Fields(line)...); got == 0 || !strings.Contains(w.stderr.String(), "chmod") {
				t.Errorf("%s with %s: %d\n%s", line, at, got, w.stderr.String())
			}
		}
		if err := os.Chmod(at, was.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
	w.run("token", "add", "z", "there")
	if err := os.WriteFile(w.inState("fraud", "tokens.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := w.run("token", "list"); got == 0 || !strings.Contains(w.stdout.String(), "there") || !strings.Contains(w.stderr.String(), "fraud/tokens.json") {
		t.Errorf("half of them cannot be read: %d\n%s%s", got, w.stdout.String(), w.stderr.String())
	}
	if err := os.Remove(w.inState("fraud", "tokens.json")); err != nil {
		t.Fatal(err)
	}
	w.run("token", "add", "fraud", "a")
	if got := w.run("token", "list"); got != 0 || !strings.Contains(w.stdout.String(), " a ") {
		t.Errorf("%d\n%s%s", got, w.stdout.String(), w.stderr.String())
	}
}
