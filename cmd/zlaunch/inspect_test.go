package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/inspected"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/test/oci"
)

// A layout is looked at offline: what is attached is printed, and kept with the files for the
// plans that come. No option makes it ask a registry, and a signer is one signer.
func TestInspectAttached(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(w.dir, "layout")
	img := pageImage
	img.Annotations, img.Config.Env = nil, nil
	if _, err := oci.Write(dir, img); err != nil {
		t.Fatal(err)
	}
	layBeside(t, dir)
	if status := w.run("inspect", dir, "--json"); status != 0 {
		t.Fatalf("%d: %s", status, &w.stderr)
	}
	var doc struct {
		Config   string
		Attached []inspected.Look
	}
	if err := json.Unmarshal(w.stdout.Bytes(), &doc); err != nil || len(doc.Attached) != 1 || len(doc.Attached[0].Things) != 2 || doc.Attached[0].Registry != "" {
		t.Errorf("%v: %s", err, &w.stdout)
	}
	state := filepath.Join(w.state, "state", "zlaunch", "inspections")
	data, err := os.ReadFile(filepath.Join(state, strings.TrimPrefix(doc.Config, "sha256:")+".json"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := inspected.Decode(data)
	if err != nil || len(r.Looks) != 1 || r.Files == nil || len(r.Files.Setuid.Paths) != 1 || r.Files.Setuid.Paths[0] != "/usr/bin/su" {
		t.Errorf("%v: %s", err, data)
	}
	if err := record.WriteFile(filepath.Join(state, strings.TrimPrefix(doc.Config, "sha256:")+".json"), []byte("{")); err != nil {
		t.Fatal(err)
	}
	if status := w.run("inspect", dir); status != 0 || !strings.Contains(w.stderr.String(), "is not kept") || !strings.Contains(w.stdout.String(), "SLSA provenance v1") {
		t.Errorf("%d: %s%s", status, &w.stdout, &w.stderr)
	}
	for _, c := range []struct {
		line   string
		status int
		says   string
	}{
		{"--attached", 3, "a layout is in no registry"}, {"--cosign-key k", 3, "a layout is in no registry"},
		{"--cosign-key k --certificate-identity i --certificate-oidc-issuer u", 2, "two signers"}, {"--certificate-identity i", 2, "are given together"},
		{"--certificate-oidc-issuer u", 2, "are given together"}, {"--private-infrastructure", 2, "of a signature that cosign verifies"},
	} {
		if status := w.run(append([]string{"inspect", dir}, strings.Fields(c.line)...)...); status != c.status || !strings.Contains(w.stderr.String(), c.says) {
			t.Errorf("%s: %d: %s", c.line, status, &w.stderr)
		}
	}
}

// A key that is missing or none is told before an engine is asked.
func TestInspectKey(t *testing.T) {
	w := newWorld(t)
	w.write(t, "none.pub", "ssh-ed25519 AAAA")
	for key, says := range map[string]string{"nokey.pub": filepath.Join(w.dir, "nokey.pub") + ": no such file", "none.pub": "it is no public key in PEM"} {
		w.step(t, step{line: "inspect registry.example/x:1 --cosign-key " + key, status: exitFailed, err: says})
		if strings.Contains(w.stderr.String(), "podman.sock") || strings.Contains(w.stderr.String(), "--private-infrastructure") || !strings.Contains(w.stderr.String(), "hint: ") {
			t.Errorf("%s: %s", key, &w.stderr)
		}
	}
}

// What an engine told of an image is told without its layers, too.
func TestInspectTold(t *testing.T) {
	made := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	img := told(&effective.Image{Created: made, Healthcheck: []string{"CMD", "true"}})
	if h := img.Said.Config.Healthcheck; !img.Said.Created.Equal(made) || h == nil || h.Test[1] != "true" {
		t.Errorf("%+v", img.Said)
	}
	if h := told(&effective.Image{}).Said.Config.Healthcheck; h != nil {
		t.Errorf("%+v", h)
	}
}
