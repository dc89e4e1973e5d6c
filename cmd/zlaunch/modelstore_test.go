package main

import (
	"crypto/x509"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/report"
)

// storedWorld has a model, keys, and a store whose read-only trees are removed after the test.
func storedWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	t.Chdir(w.dir)
	t.Cleanup(func() {
		_ = filepath.WalkDir(w.state, func(path string, e os.DirEntry, err error) error {
			if err == nil && e.IsDir() {
				_ = os.Chmod(path, 0o700)
			}
			return nil
		})
	})
	for _, name := range []string{"ann", "bob"} {
		w.signerFiles(t, name, x509.ExtKeyUsageCodeSigning)
	}
	if err := os.MkdirAll("m/sub", 0o755); err != nil {
		t.Fatal(err)
	}
	w.write(t, "m/config.json", "{}")
	w.write(t, "m/sub/weights.safetensors", strings.Repeat("weights", 1000))
	return w
}

// A model goes into a layout and from there into the store; each refusal says why, with its
// status.
func TestModelTravels(t *testing.T) {
	w := storedWorld(t)
	for _, s := range []struct {
		line   string
		status int
		says   string
	}{
		{"model push m", 2, "an argument is missing"},
		{"model push m oci://H/x", 2, "is no host of a registry"},
		{"model push m dir:usb:1 --sign ann.key --signature x", 2, "is signed now, or was"},
		{"model push m dir:usb:1 --key ann.key", 2, "--key is of sign"},
		{"model push nothing dir:usb:1", 3, "no such file"},
		{"model pull dir:usb:1", 3, "is no OCI image layout"},
		{"model pull oci://127.0.0.1:1/ml/m:1", 3, "127.0.0.1:1/v2/ tells whether a registry answers there"},
		{"model list", 0, "MODEL"},
		{"model push m dir:usb:1", 0, "the model is there: 2 files, 7.002kB; to have it: zlaunch model pull dir:" + w.dir + "/usb:1"},
		{"model pull dir:usb:2", 3, "names nothing in"},
		{"model pull dir:usb:1 --max-size 1k", 5, "may have 1KiB"},
		{"model pull dir:usb:1 --max-size soon", 2, "reading --max-size"},
		{"model pull dir:usb:1 --key ann.pub", 5, "nobody signed it"},
		{"model pull dir:usb:1 --identity ann", 2, "--authority FILE"},
		{"model push m dir:usb:1 --sign bob.key", 0, "signed by the key sha256:"},
		{"model pull dir:usb:1 --key ann.pub", 5, "by none of the keys"},
		{"model sign m --key ann.key --certificate ann.pem", 0, "m.sig"},
		{"model push m dir:usb:1 --signature m.sig", 0, "the model is there"},
		{"model pull dir:usb:1 --authority ann.pem --identity ann", 0, `the model is here: 2 files, 7.002kB, 7.002kB fetched; signed by "ann"`},
		{"model pull dir:usb:1", 0, "the model was here"},
		{"model list --check", 0, "dir:" + w.dir + "/usb:1"},
		{"model rm", 2, "models are named, or --partial is"},
		{"model rm dir:usb:1", 3, "asking whether a container mounts the model"},
		{"model rm dir:usb:2", 3, "dir:" + w.dir + "/usb:2: it was not pulled yet"},
		{"model rm dir:", 2, "names no directory"},
		{"model rm --partial", 0, "0 downloads"},
		{"plan demo --models oci://127.0.0.1:5000/ml/m:1", 3, "zlaunch model pull oci://127.0.0.1:5000/ml/m:1"},
		{"plan demo --models sha256:" + strings.Repeat("0", 64), 3, "it was not pulled yet"},
	} {
		if got := w.run(strings.Fields(s.line)...); got != s.status || !strings.Contains(w.stdout.String()+w.stderr.String(), s.says) {
			t.Fatalf("%s: %d, want %d and %q\n%s%s", s.line, got, s.status, s.says, w.stdout.String(), w.stderr.String())
		}
	}
}

// What --json prints names the same everywhere; damage of the store is told, with status 1; the
// engine is asked before anything is removed.
func TestModelStoreJSON(t *testing.T) {
	w := storedWorld(t)
	read := func(status int, into any, line string) {
		t.Helper()
		if got := w.run(strings.Fields(line)...); got != status {
			t.Fatalf("%s: %d\n%s", line, got, w.stderr.String())
		}
		if err := json.Unmarshal(w.stdout.Bytes(), into); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, w.stdout.String())
		}
	}
	var digest report.Model
	var pushed report.ModelPush
	var pulled report.ModelPull
	var list report.ModelList
	read(0, &digest, "model digest m --json")
	read(0, &pushed, "model push m dir:usb --json --sign ann.key")
	read(0, &pulled, "model pull dir:usb:latest --json --key ann.pub")
	read(0, &list, "model list --json --check")
	if pushed.Digest != digest.Digest || pulled.Digest != digest.Digest || pulled.Manifest != pushed.Manifest || pulled.SignedBy == "" || pulled.Fetched != 7002 {
		t.Errorf("%+v\n%+v\n%+v", digest, pushed, pulled)
	}
	if len(list.Models) != 1 || list.Models[0].Path != pulled.Path || list.Models[0].Damage != "" || len(list.Models[0].SignedBy) != 1 {
		t.Errorf("%+v", list)
	}
	if got := w.run("__complete", "--", "model", "rm", ""); got != 0 || !strings.Contains(w.stdout.String(), "dir:"+w.dir+"/usb:latest") {
		t.Errorf("completing: %d, %q", got, w.stdout.String())
	}
	at := filepath.Join(pulled.Path, "config.json")
	if err := os.Chmod(at, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte("{ }"), 0o600); err != nil {
		t.Fatal(err)
	}
	read(1, &list, "model list --json --check")
	if list.Models[0].Damage == "" || !strings.Contains(w.stderr.String(), "and was "+digest.Digest) {
		t.Errorf("%+v\n%s", list, w.stderr.String())
	}
	if got := w.run("model", "rm", pulled.Manifest); got != 3 || !strings.Contains(w.stderr.String(), "asking whether a container mounts the model") {
		t.Errorf("%d\n%s", got, w.stderr.String())
	}
	if _, err := os.Stat(pulled.Path); err != nil {
		t.Errorf("it is gone: %v", err)
	}
}
