package trust_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// What root alone writes is trusted with all that lies above it; what somebody else
// may exchange is not, and the message names where.
func TestProgram(t *testing.T) {
	real, err := filepath.EvalSymlinks("/usr/bin/env")
	if err != nil {
		t.Skipf("there is no program of root's to look at: %v", err)
	}
	if why := trust.Program(real); why != "" {
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
		why := trust.RootFile(file)
		if os.Getuid() != 0 {
			want = "is not root's"
		}
		if why != want {
			t.Errorf("%o: %q, want %q", mode, why, want)
		}
		if why := trust.Program(file); !strings.HasPrefix(why, "/") {
			t.Errorf("below a directory of all: %q", why)
		}
	}
	if why := trust.Program(file + "-none"); why == "" {
		t.Error("a file that is not there is root's")
	}
}
