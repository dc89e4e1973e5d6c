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
	for word, says := range map[string]string{"a/b": "has no OCI image layout", "a/c": "no profile and no directory: image not known"} {
		err := unheld(gone, "scanning", word, "podman pull a/c")
		if err == nil || !strings.Contains(err.Error(), says) || hint.Of(err) == "" {
			t.Errorf("%s: %v", word, err)
		}
	}
	if err := unheld(os.ErrPermission, "scanning", "a/b", "x"); err != os.ErrPermission {
		t.Error(err)
	}
}

// A word of an image that is not here is met with what it can be meant for.
func TestNearly(t *testing.T) {
	profiles := []string{"grype", "triton"}
	for word, want := range map[string]string{
		"gryp":           "zlaunch inspect grype\nof a container: zlaunch audit --container gryp",
		"quay.io/team/x": "podman pull quay.io/team/x",
		"web":            "podman pull web\nof a container: zlaunch audit --container web",
	} {
		if got := nearly("inspect", word, profiles); got != want {
			t.Errorf("%s: %q", word, got)
		}
	}
	gone := fmt.Errorf("inspecting image \"nvcr.io/triton\": %w", podman.ErrNoImage)
	if err := unpulled(gone, "inspecting", "triton"); hint.Of(err) != "zlaunch pull triton" || !strings.Contains(err.Error(), "inspecting the image of profile triton: inspecting image") {
		t.Errorf("%v (%s)", err, hint.Of(err))
	}
	if err := unpulled(os.ErrPermission, "inspecting", "triton"); err != os.ErrPermission {
		t.Error(err)
	}
}

// skopeo's transports are none of an image's name.
func TestTransported(t *testing.T) {
	for word, want := range map[string]string{"oci:./layout:1": "./layout:1", "docker://quay.io/x": "quay.io/x", "docker:27-cli": "", "ocix:1": "", "quay.io/oci:1": ""} {
		rest, is := transported(word)
		if rest != want || is != (want != "") {
			t.Errorf("%s: %q, %t", word, rest, is)
		}
		if err := astray("inspecting", word); is != (err != nil) || is && !strings.Contains(hint.Of(err), want) {
			t.Errorf("%s: %v", word, err)
		}
	}
}
