package author

import (
	"path"
	"slices"
	"strings"
)

// scratch are the directories that profile base gives a run to write in. Treat it as a
// constant.
var scratch = []string{"/tmp", "/run", "/var/tmp"}

// system are directories that no tmpfs may hide: programs, configuration and what the
// kernel and the engine put into every container. Their parents and all that lies below
// them are meant too. Treat it as a constant.
var system = []string{"/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sbin", "/sys", "/usr"}

// within tells whether a clean path is dir or lies below it.
func within(name, dir string) bool {
	return name == dir || dir == "/" || strings.HasPrefix(name, dir+"/")
}

// inScratch tells whether a run can write there anyway.
func inScratch(name string) bool {
	return slices.ContainsFunc(scratch, func(dir string) bool { return within(name, dir) })
}

// inSystem tells whether a path lies in one of system.
func inSystem(name string) bool {
	return slices.ContainsFunc(system, func(dir string) bool { return within(name, dir) })
}

// mountable tells whether a profile may have a tmpfs at a path: one that a profile can
// name, below the root, and hiding nothing that every program needs.
func mountable(name string) bool {
	return path.IsAbs(name) && path.Clean(name) == name && name != "/" && len(name) <= maxText &&
		prints(name) && !strings.ContainsAny(name, ":,") && !inSystem(name)
}
