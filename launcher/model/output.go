package model

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// Output is a directory that a job may write its results to.
type Output struct {
	Path   string // absolute, without symbolic links
	Create bool   // it does not exist yet; its parent does, and is writable
	Empty  bool
}

// CheckOutput judges path as a writable directory for the workload; models is
// the resolved path of the models, or "". The result is nil when a problem is
// fatal.
func CheckOutput(path, models string, t Tree) (*Output, []Problem) {
	if p := spelling(path); p != nil {
		return nil, []Problem{*p}
	}
	out, problem := resolveOutput(path, t.Places)
	if problem != nil {
		return nil, []Problem{*problem}
	}
	if models != "" && (within(out.Path, models) || within(models, out.Path)) {
		return nil, []Problem{{audit.VolumesReadOnly.ID, fmt.Sprintf("the output %q and the models %q lie in each other, and the workload could change its models", out.Path, models),
			"mkdir ~/output && zlaunch run … --output ~/output", true}}
	}
	problems := parents(out.Path, t.Identity)
	if !out.Create {
		problems = append(problems, writable(out, t.Identity)...)
	}
	for _, p := range problems {
		if p.Fatal {
			return nil, problems
		}
	}
	return out, problems
}

// resolveOutput resolves path, or the directory above it where path is yet to be
// made.
func resolveOutput(path string, places Places) (*Output, *Problem) {
	if _, err := os.Lstat(path); err == nil || !os.IsNotExist(err) {
		real, p := Resolve(path, places)
		return &Output{Path: real}, p
	}
	above, name := filepath.Split(filepath.Clean(path))
	if name == ".." || name == "." {
		return nil, &Problem{audit.StableSource.ID, fmt.Sprintf("the output %q does not exist", path), "mkdir -p " + Quote(path), true}
	}
	if above == "" {
		above = "."
	}
	dir, err := filepath.Abs(above)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return nil, &Problem{audit.StableSource.ID, fmt.Sprintf("resolving the output %q: %v", path, cause(err)), "mkdir -p " + Quote(path), true}
	}
	real := filepath.Join(dir, name)
	if p := deny(real, places); p != nil {
		return nil, p
	}
	if unix.Access(dir, unix.W_OK|unix.X_OK) != nil {
		return nil, &Problem{audit.DeclaredIdentity.ID, fmt.Sprintf("the output %q does not exist, and you may not make it in %q", path, dir), "choose a directory of yours: --output ~/output", true}
	}
	return &Output{Path: real, Create: true, Empty: true}, nil
}

func writable(out *Output, id Identity) []Problem {
	var st unix.Stat_t
	if err := unix.Lstat(out.Path, &st); err != nil {
		return []Problem{{audit.StableSource.ID, fmt.Sprintf("reading the output %q: %v", out.Path, err), "ls -ld " + Quote(out.Path), true}}
	}
	mode := uint32(st.Mode)
	switch {
	case mode&unix.S_IFMT != unix.S_IFDIR:
		return []Problem{{audit.StableSource.ID, fmt.Sprintf("the output %q is not a directory", out.Path), "mkdir ~/output", true}}
	case uint32(st.Uid) != id.UID:
		return []Problem{{audit.DeclaredIdentity.ID, fmt.Sprintf("the output %q belongs to uid %d, and the workload runs as uid %d", out.Path, st.Uid, id.UID), "mkdir ~/output", true}}
	case mode&0o700 != 0o700:
		return []Problem{{audit.DeclaredIdentity.ID, fmt.Sprintf("the output %q is not writable by the workload", out.Path), "chmod u+rwx " + Quote(out.Path), true}}
	case mode&0o002 != 0:
		return []Problem{{audit.ModelNotWritable.ID, fmt.Sprintf("the output %q is writable by every user of this host", out.Path), "chmod o-w " + Quote(out.Path), true}}
	}
	entries, err := os.ReadDir(out.Path)
	out.Empty = err == nil && len(entries) == 0
	return nil
}
