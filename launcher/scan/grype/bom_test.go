package grype_test

import (
	"os"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/grype"
)

// seen is a list of packages as grype 0.121.3 prints it, shortened.
const seen = "testdata/seen.json"

func TestReadSeen(t *testing.T) {
	data, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	got, err := grype.ReadSeen(strings.NewReader(string(data)))
	if err != nil || got.OS != 2 || got.Lang != 1 || !strings.HasPrefix(got.Manifest, "sha256:") {
		t.Fatalf("%+v, %v", got, err)
	}
	for find, put := range map[string]string{
		`"CycloneDX"`: `"SPDX"`, `"name": "grype"`: `"name": "other"`, `"type": "container"`: `"type": "file"`,
		`"version": "sha256:`: `"version": "v`, "}\n": "",
	} {
		text := string(data)
		if i := strings.LastIndex(text, find); i >= 0 {
			text = text[:i] + put + text[i+len(find):]
		} else {
			t.Fatalf("no %s", find)
		}
		if got, err := grype.ReadSeen(strings.NewReader(text)); err == nil {
			t.Errorf("without %s: %+v", find, got)
		}
	}
}

func FuzzReadSeen(f *testing.F) {
	data, err := os.ReadFile(seen)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Fuzz(func(t *testing.T, text string) {
		got, err := grype.ReadSeen(strings.NewReader(text))
		if err == nil && (got.OS < 0 || got.Lang < 0 || !strings.HasPrefix(got.Manifest, "sha256:")) {
			t.Errorf("%+v", got)
		}
	})
}

// What grype warns of at packages of a distribution that nobody mends any more is its end of life.
func TestEnded(t *testing.T) {
	data, err := os.ReadFile("../reports/testdata/grype.json")
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]scan.Life{"distro-eol": scan.Ended, "another": scan.LifeUnknown} {
		alerts := `"alertsByPackage": [{"package": {"name": "tar"}, "alerts": [{"type": "` + kind + `", "metadata": {}}]}], `
		text := strings.Replace(string(data), `"matches": [`, alerts+`"matches": [`, 1)
		s, err := grype.Read(strings.NewReader(text))
		if err != nil || s.Distro.Life != want {
			t.Errorf("%s: %+v, %v", kind, s.Distro, err)
		}
	}
}
