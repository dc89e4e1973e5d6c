package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// controlActions are what the control container does: the same image under plain
// podman run, so that every "nothing happened" has a "there it happens".
var controlActions = []string{"status", "env", "run /setuid status", "copy /tmp/x", "run /tmp/x exit 0", "chmod /etc/hosts",
	"read /proc/self/mountinfo"}

// One running server under the hardening, looked at from all sides. The rows
// share it: a container takes seconds where the machine is emulated.
func TestIsolation(t *testing.T) {
	w := cellWorld(t)
	model, output := w.home("m"), w.home("o")
	if err := os.WriteFile(filepath.Join(model, "model.bin"), []byte("weights"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := w.settled()
	c := launchCell(w, "zlaunch-cell", model, "--output", output)
	c.output = output
	c.control = w.each(nil, controlActions...)
	c.confined()
	c.readOnly()
	c.tmpfs()
	c.limits()
	c.reach()
	c.identity()
	c.engine()
	if got := w.zlaunch("stop", c.name); got.code != 0 {
		t.Errorf("stop: %s", got.stderr)
	}
	c.row("leftovers", "after stop, containers, networks, volumes, sockets and processes are what they were", func(p *proof) {
		w.unchanged(before)
		p.saw("before and after: %q", before)
	})
}
