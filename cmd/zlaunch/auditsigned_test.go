package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A record is signed, says by whom where the user allows the key, and is refused when it
// was changed.
func TestAuditSigned(t *testing.T) {
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("NOT TESTED: there is no ssh-keygen; test/setup installs openssh-client")
	}
	w := newWorld(t)
	w.write(t, "run.sh", "podman run localhost/x:1\n")
	key, script, record := filepath.Join(w.dir, "key"), filepath.Join(w.dir, "run.sh"), filepath.Join(w.dir, "record.json")
	if out, err := exec.Command(keygen, "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Fatal(string(out), err)
	}
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	signed := w.run("audit", script, "--evidence", record, "--sign", key)
	if signed != 1 || !strings.Contains(w.stderr.String(), "the record is in "+record+", signed by SHA256:") {
		t.Fatalf("status %d: %s", signed, w.stderr.String())
	}
	if status := w.run("audit", record); status != 1 || !strings.Contains(w.stdout.String(), "nobody who is known signed the record") {
		t.Errorf("by a stranger: status %d: %s%s", status, w.stdout.String(), w.stderr.String())
	}
	list := filepath.Join(w.profileDirs().User, "allowed_signers")
	if err := os.MkdirAll(filepath.Dir(list), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(list, []byte(`ann@example.org namespaces="zlaunch-evidence@v1" `+string(public)), 0o600); err != nil {
		t.Fatal(err)
	}
	status := w.run("audit", "--all", record)
	if out := w.stdout.String(); status != 1 || !strings.Contains(out, "signed by ann@example.org: ssh-ed25519 key SHA256:") || strings.Contains(out, "nobody who is known") {
		t.Errorf("by ann: status %d: %s%s", status, out, w.stderr.String())
	}
	text, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	w.write(t, "record.json", strings.Replace(string(text), `"payload":"e`, `"payload":"f`, 1))
	if status := w.run("audit", record); status != 3 || !strings.Contains(w.stderr.String(), "bad signature") {
		t.Errorf("changed: status %d: %s", status, w.stderr.String())
	}
	for line, says := range map[string]string{
		"--sign " + key: "--sign signs the record of --evidence",
		"--evidence " + record + " --sign " + script:          "reading the key",
		"--evidence " + record + " --sign SHA256:x":           "SSH_AUTH_SOCK is not set",
		"--evidence " + record + " --sign " + key + ".pub":    "SSH_AUTH_SOCK is not set",
		"--evidence " + record + " --sign " + key + "-is-not": "no such file",
	} {
		if status := w.run(append([]string{"audit", script}, strings.Fields(line)...)...); status < 2 || !strings.Contains(w.stderr.String(), says) {
			t.Errorf("%s: status %d: %s", line, status, w.stderr.String())
		}
	}
}
