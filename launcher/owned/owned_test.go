package owned_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/owned"
)

// What root alone writes is trusted with all that lies above it; what somebody else
// may exchange is not, and the message names where.
func TestPath(t *testing.T) {
	real, err := filepath.EvalSymlinks("/usr/bin/env")
	if err != nil {
		t.Skip(err)
	}
	if why := owned.Path(real); why != "" {
		t.Errorf("%s: %s", real, why)
	}
	dir := t.TempDir() // below one that everybody writes
	file := filepath.Join(dir, "runc")
	if err := os.WriteFile(file, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[os.FileMode]string{0o755: "", 0o757: "is for everybody to write", 0o4755: ""} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		why := owned.File(file)
		if os.Getuid() != 0 {
			want = "is not root's"
		}
		if why != want {
			t.Errorf("%o: %q, want %q", mode, why, want)
		}
		if why := owned.Path(file); !strings.HasPrefix(why, "/") {
			t.Errorf("below a directory of all: %q", why)
		}
	}
	if why := owned.Path(file + "-none"); why == "" {
		t.Error("a file that is not there is root's")
	}
}
