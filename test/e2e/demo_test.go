package e2e

import (
	"strings"
	"testing"
)

// The demonstration that a package brings: no tree, no registry.
func TestDemoCommand(t *testing.T) {
	p := shows(t, "demo", "zlaunch demo builds its image of itself, launches, asks, stops, and leaves nothing of the run")
	w := newWorld(t)
	before := w.settled()
	got := w.zlaunch("demo")
	p.saw("exit %d, %s", got.code, grep(got.stderr, "proved", "$ podman build"))
	if got.code != 0 || !strings.Contains(got.stdout, `"setosa"`) || !strings.Contains(got.stderr, "proved ") {
		t.Errorf("status %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	w.unchanged(before)
}
