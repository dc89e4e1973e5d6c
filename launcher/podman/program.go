package podman

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// ProgramVariable is the variable of the environment that names podman, as an
// absolute path, where it is not root's.
const ProgramVariable = "ZLAUNCH_PODMAN"

// findPodman finds the podman to run: the one that [ProgramVariable] names, or the
// first of PATH, which must be root's. It is named by its real path from then on.
func findPodman(env func(string) string) (string, error) {
	if named := env(ProgramVariable); named != "" {
		if !filepath.IsAbs(named) {
			return "", hint.Errorf("export "+ProgramVariable+"=/usr/bin/podman", "finding podman: %s is %q, not an absolute path", ProgramVariable, named)
		}
		return named, nil
	}
	path, err := findProgram("podman")
	if err != nil {
		return "", hint.Wrap(err, "take its directory out of PATH, or name the podman you mean: export "+ProgramVariable+"=/path/of/podman")
	}
	return path, nil
}

// findProgram finds a program by PATH. On Linux it and every directory above it must
// be root's and nobody else's to write: else whoever may put a file there runs code as
// the caller, and says what the engine is.
func findProgram(name string) (string, error) {
	found, err := exec.LookPath(name)
	if err != nil {
		return "", err
	}
	real, err := filepath.Abs(found)
	if err == nil {
		real, err = filepath.EvalSymlinks(real)
	}
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", name, err)
	}
	if runtime.GOOS != "linux" { // there, package managers install as the user
		return real, nil
	}
	if why := trust.Program(real); why != "" {
		return "", fmt.Errorf("finding %s: %s comes first in PATH, and %s", name, found, why)
	}
	return real, nil
}
