package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExposurePage does what docs/exposure.md says, command by command; each line that the
// page has below one must be in what it says, blanks aside.
func TestExposurePage(t *testing.T) {
	p := shows(t, "exposure", "docs/exposure.md tells what happens")
	w := newWorld(t)
	file := "../../docs/exposure.md"
	if kit != "" {
		file = filepath.Join(kit, "exposure.md")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("the kit has no page: %v; TestExposure covers the commands", err)
	}
	before := w.settled()
	t.Cleanup(func() {
		w.podman("rm", "-f", "-t", "0", "open", "shut")
		w.podman("network", "rm", "-f", "inner")
		w.unchanged(before)
	})
	if err := os.Symlink(lab.zlaunch, filepath.Join(w.dir, "zlaunch")); err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env, "IMAGE="+image, "PATH="+w.dir+":"+os.Getenv("PATH"))
	done := 0
	for _, b := range blocks(t, string(text), 6) {
		for _, s := range b.steps {
			got := w.do(w.command("sh", "-c", s.command))
			said := strings.Join(strings.Fields(got.stdout), " ")
			for line := range strings.Lines(s.says) {
				if want := strings.Join(strings.Fields(line), " "); !strings.Contains(said, want) {
					t.Errorf("%s\ndoes not say %q: %s%s", s.command, want, got.stdout, got.stderr)
				}
			}
			done++
		}
	}
	p.saw("%d commands of the page were run", done)
	if done < 10 {
		t.Errorf("only %d commands were found", done)
	}
}
