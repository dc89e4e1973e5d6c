package podman

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"

	"github.com/zlaunch/zlaunch/launcher/hint"
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
	for at := real; ; at = filepath.Dir(at) {
		if why := notRoots(at); why != "" {
			return "", fmt.Errorf("finding %s: %s comes first in PATH, and %s %s", name, found, at, why)
		}
		if at == filepath.Dir(at) {
			return real, nil
		}
	}
}

// overflow is who owns what belongs to nobody in a user namespace
// (/proc/sys/kernel/overflowuid, 65534 unless root changed it).
const overflow = 65534

// root is who owns the root directory, where that is nobody of this user namespace;
// else 0.
var root = sync.OnceValue(func() uint32 {
	var st syscall.Stat_t
	if err := syscall.Stat("/", &st); err == nil && st.Uid == overflow {
		return overflow
	}
	return 0
})

// notRoots says why somebody beside root may change a file or directory; "" nobody
// may.
func notRoots(name string) string {
	info, err := os.Lstat(name)
	if err != nil {
		return "cannot be looked at"
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok || st.Uid != 0 && st.Uid != root():
		return "is not root's"
	case info.Mode().Perm()&0o002 != 0:
		return "is for everybody to write"
	case info.Mode().Perm()&0o020 != 0 && st.Gid != 0 && st.Gid != root():
		return "is for a group to write"
	}
	return ""
}
