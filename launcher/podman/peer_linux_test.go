package podman

import (
	"os"
	"path/filepath"
	"testing"
)

func TestBelieved(t *testing.T) {
	for _, c := range []struct {
		uid, caller int
		want        bool
	}{{0, 1000, true}, {1000, 1000, true}, {1001, 1000, false}, {1000, 0, false}, {65534, 1000, false}} {
		if got := believed(c.uid, c.caller); got != c.want {
			t.Errorf("uid %d for %d: %v", c.uid, c.caller, got)
		}
	}
}

// A process is the engine by its program, whatever it calls itself.
func TestIsEngine(t *testing.T) {
	mine := filepath.Join(t.TempDir(), "podman")
	if err := os.WriteFile(mine, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(mine, 0o777); err != nil { // as another than root would have it
		t.Fatal(err)
	}
	for _, c := range []struct {
		comm, exe string
		want      bool
	}{
		{"podman", mine, false}, {"podman", "/usr/bin/env", false}, {"systemd", mine, false}, {"ssh", "/usr/bin/env", false},
		{"podman", "", true}, {"systemd", "", true}, {"socat", "", false}, {"systemd", "/usr/bin/env", true},
	} {
		proc := t.TempDir()
		if err := os.WriteFile(filepath.Join(proc, "comm"), []byte(c.comm+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if c.exe != "" {
			if err := os.Symlink(c.exe, filepath.Join(proc, "exe")); err != nil {
				t.Fatal(err)
			}
		}
		if got := isEngine(proc); got != c.want {
			t.Errorf("comm %q, program %q: %v", c.comm, c.exe, got)
		}
	}
}
