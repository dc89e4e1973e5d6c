package host

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Hook is one OCI hook that Podman has configured: a program of the host that
// runs before, during or after a container starts, as the caller.
type Hook struct {
	File   string // the JSON file
	Path   string // the program
	Args   []string
	Stages []string
	// Missing: the program does not exist, Podman passes over the hook.
	Missing bool
	// Problem says why Podman refuses the file and with it every container; ""
	// when it does not.
	Problem string

	when when
}

// Run is what a hook looks at when it decides whether it applies.
type Run struct {
	Command     string // first word of what the container runs; "" is unknown
	Annotations map[string]string
	Binds       bool // host directories are mounted
}

// Applies tells whether the hook would run for r. Where that depends on
// something unknown the answer is yes.
func (h Hook) Applies(r Run) bool { return !h.Missing && h.when.match(r) }

// defaultHooksDir is Podman's only built-in hook directory: for a rootless user
// /etc/containers/oci/hooks.d counts only where containers.conf names it (seen
// with Podman 4.3.1 and in the source of 5.8).
const defaultHooksDir = "/usr/share/containers/oci/hooks.d"

// maxHooks bounds the files read of one hook directory.
const maxHooks = 256

func readHooks(s Source, conf *Conf) []Hook {
	dirs := []string{defaultHooksDir}
	if conf.Get("engine.hooks_dir") != nil {
		dirs = conf.Strings("engine.hooks_dir")
	}
	byName := map[string]Hook{} // a later directory replaces the same file name
	for _, dir := range dirs {
		for _, h := range hooksIn(s, dir) {
			byName[filepath.Base(h.File)] = h
		}
	}
	out := make([]Hook, 0, len(byName))
	for _, h := range byName {
		out = append(out, h)
	}
	slices.SortFunc(out, byHookName)
	return out
}

// byHookName is Podman's order: file names without regard to case.
func byHookName(a, b Hook) int {
	x, y := filepath.Base(a.File), filepath.Base(b.File)
	return cmp.Or(cmp.Compare(strings.ToLower(x), strings.ToLower(y)), cmp.Compare(x, y))
}

func hooksIn(s Source, dir string) []Hook {
	entries, err := os.ReadDir(s.at(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return []Hook{{File: dir, Problem: "the directory cannot be read"}}
	}
	var out []Hook
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".json") || len(out) == maxHooks {
			continue
		}
		if h, ok := readHook(s, filepath.Join(dir, e.Name())); ok {
			out = append(out, h)
		}
	}
	return out
}

func readHook(s Source, file string) (Hook, bool) {
	b, err := s.read(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Hook{}, false // a dangling link: Podman passes over it too
	}
	h, perr := ParseHook(b)
	if err == nil {
		err = perr
	}
	h.File = file
	if err != nil {
		h.Problem = err.Error()
		return h, true
	}
	h.Missing = !s.exists(h.Path)
	return h, true
}
