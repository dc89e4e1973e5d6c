package e2e

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// removals is how many launches a model is removed under; ZLAUNCH_E2E_REMOVALS asks for more.
const removals = 8

// A model that is removed from the store at whatever moment of a launch is gone and nothing runs,
// or it runs and the model stays: never is there a container whose models are gone. Every other time
// it is pulled again at once.
func TestModelRemovedMeanwhile(t *testing.T) {
	p := shows(t, "models", "a model is removed from the store at random moments of a launch: it runs and the model stays, or the model is gone and nothing runs")
	w := newWorld(t)
	layout := "dir:" + filepath.Join(t.TempDir(), "usb") + ":1"
	w.model(0, "push", packedModel(t, 1000), layout)
	pulled := w.model(0, "pull", layout, "--json")
	t.Cleanup(func() { w.zlaunch("stop", "zlaunch-web"); w.zlaunch("model", "rm", pulled.Manifest) })
	launch := run("-d", "web", "--models", pulled.Manifest, "-p", "18479:http")
	before := w.settled()
	begun := time.Now()
	if got := w.zlaunch(launch...); got.code != 0 {
		t.Fatalf("%d\n%s", got.code, got.stderr)
	}
	whole := time.Since(begun)
	w.zlaunch("stop", "zlaunch-web")
	n := removals
	if asked, err := strconv.Atoi(os.Getenv("ZLAUNCH_E2E_REMOVALS")); err == nil {
		n = asked
	}
	ran, said := 0, map[string]int{}
	for i := range n {
		again := i%2 == 1
		w.model(0, "pull", layout)
		removed := make(chan result)
		go func() {
			time.Sleep(rand.N(whole))
			got := w.zlaunch("model", "rm", pulled.Manifest)
			if got.code == 0 && again {
				w.zlaunch("model", "pull", layout)
			}
			removed <- got
		}()
		got, rm := w.zlaunch(launch...), <-removed
		_, lost := os.Stat(filepath.Join(pulled.Path, "which"))
		switch {
		case got.code == 0 && lost == nil && (rm.code == 3 && strings.Contains(rm.stderr, "the container zlaunch-web mounts it") || rm.code == 0 && again):
			ran++
			if got := w.zlaunch("diff", "zlaunch-web"); got.code != 0 {
				t.Errorf("what runs is not what was planned: %d\n%s%s", got.code, got.stdout, got.stderr)
			}
			w.zlaunch("stop", "zlaunch-web")
		case got.code == 125 && rm.code == 0 && (lost == nil) == again && strings.Contains(got.stderr, "model"):
			said[strings.ReplaceAll(lineWith(got.stderr, "error: "), pulled.Path, "TREE")]++
		default:
			t.Fatalf("the launch: %d\n%sthe removal: %d\n%sthe model's file: %v", got.code, got.stderr, rm.code, rm.stderr, lost)
		}
		w.unchanged(before)
	}
	p.saw("of %d launches %d ran and kept their model, %d were refused:", n, ran, n-ran)
	for line, times := range said {
		p.saw("%d times %s", times, strings.TrimSpace(line))
	}
}
