package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// A word that names nothing is said to name nothing: neither an engine nor a scanner is asked for it.
func TestAstray(t *testing.T) {
	w := newWorld(t)
	t.Chdir(w.dir)
	w.write(t, "profiles.toml", "schema = 1\n[profile.x]\nextends = \"base\"\n")
	w.write(t, "image.tar", "x")
	if err := os.Mkdir(filepath.Join(w.dir, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	for word, says := range map[string]string{
		"nosuch.toml": "nosuch.toml: there is no such file or directory", "./nosuch": "./nosuch: there is no such file or directory",
		"../nosuch:1": "there is no such file", "/nonexistent/layout": "there is no such file", "./empty": "the directory has no OCI image layout",
		"profiles.toml": "the file is no stack", "./image.tar": "the file is no OCI image layout",
	} {
		w.step(t, step{line: "scan " + word, status: exitFailed, err: says})
		if strings.Contains(w.stderr.String(), "podman.sock") || !strings.Contains(w.stderr.String(), "hint: ") {
			t.Errorf("%s: %s", word, w.stderr.String())
		}
		for _, command := range []string{"inspect ", "derive ", "scan show "} {
			w.step(t, step{line: command + word, status: exitFailed, err: says})
		}
	}
	if err := astray("scanning", "localhost/server:1"); err != nil {
		t.Error("a name of an image is no path:", err)
	}
}

// What an engine does not hold may be a directory that is no layout.
func TestUnheld(t *testing.T) {
	w := newWorld(t)
	t.Chdir(w.dir)
	if err := os.MkdirAll(filepath.Join(w.dir, "a", "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	gone := fmt.Errorf("inspecting image: %w", podman.ErrNoImage)
	for word, says := range map[string]string{"a/b": "has no OCI image layout", "a/c": "no profile and no directory: inspecting image: image not known"} {
		err := unheld(gone, "scanning", word, "podman pull a/c")
		if err == nil || !strings.Contains(err.Error(), says) || hint.Of(err) == "" {
			t.Errorf("%s: %v", word, err)
		}
	}
	if err := unheld(os.ErrPermission, "scanning", "a/b", "x"); err != os.ErrPermission {
		t.Error(err)
	}
}
