package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// The image is laid out with the modes that its user needs, whatever the umask, or the
// program says why it cannot serve in it.
func TestDemoImage(t *testing.T) {
	dir := t.TempDir()
	err := layOut(dir)
	if err != nil && !strings.Contains(hint.Of(err), "CGO_ENABLED=0") {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"rootfs": 0o755 | os.ModeDir, "rootfs/tmp": 0o777 | os.ModeSticky | os.ModeDir, "rootfs/etc/passwd": 0o644} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	want, err := os.ReadFile("../../test/demo-image/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(demoFiles["Containerfile"]) {
		if !strings.Contains(string(want), line) {
			t.Errorf("make demo builds without %q", line)
		}
	}
}

// The model is the caller's alone, and its answer is asked for as the demo shows it.
func TestDemoAsks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "models")
	if err := private(dir); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "iris/1/model.json")); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	for answer, good := range map[string]bool{`{"data":["setosa"]}`: true, `{"data":["virginica"]}`: false} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(answer)) }))
		if _, err := asked(t.Context(), s.URL); (err == nil) != good {
			t.Errorf("%s: %v", answer, err)
		}
		s.Close()
	}
}
