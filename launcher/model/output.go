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
func CheckOutput(path, models string, t Tree) (*Output, []audit.Problem) {
	if p := spelling(path); p != nil {
		return nil, []audit.Problem{*p}
	}
	out, problem := resolveOutput(path, t.Places)
	if problem != nil {
		return nil, []audit.Problem{*problem}
	}
	if models != "" && (within(out.Path, models) || within(models, out.Path)) {
		return nil, []audit.Problem{{Control: audit.VolumesReadOnly.ID, Message: fmt.Sprintf("the output %q and the models %q lie in each other, and the workload could change its models", out.Path, models), Hint: "mkdir ~/output && zlaunch run … --output ~/output", Fatal: true}}
	}
	problems := parents(out.Path, t.Identity)
	if !out.Create {
		problems = append(problems, writable(out, t)...)
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
func resolveOutput(path string, places Places) (*Output, *audit.Problem) {
	if _, err := os.Lstat(path); err == nil || !os.IsNotExist(err) {
		real, p := Resolve(path, places)
		return &Output{Path: real}, p
	}
	above, name := filepath.Split(filepath.Clean(path))
	if name == ".." || name == "." {
		return nil, &audit.Problem{Control: audit.StableSource.ID, Message: fmt.Sprintf("the output %q does not exist", path), Hint: "mkdir -p " + Quote(path), Fatal: true}
	}
	if above == "" {
		above = "."
	}
	dir, err := filepath.Abs(above)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return nil, &audit.Problem{Control: audit.StableSource.ID, Message: fmt.Sprintf("resolving the output %q: %v", path, cause(err)), Hint: "mkdir -p " + Quote(path), Fatal: true}
	}
	real := filepath.Join(dir, name)
	if p := deny(real, places); p != nil {
		return nil, p
	}
	if unix.Access(dir, unix.W_OK|unix.X_OK) != nil {
		return nil, &audit.Problem{Control: audit.DeclaredIdentity.ID, Message: fmt.Sprintf("the output %q does not exist, and you may not make it in %q", path, dir), Hint: "choose a directory of yours: --output ~/output", Fatal: true}
	}
	return &Output{Path: real, Create: true, Empty: true}, nil
}

func writable(out *Output, t Tree) []audit.Problem {
	var st unix.Stat_t
	if err := unix.Lstat(out.Path, &st); err != nil {
		return []audit.Problem{{Control: audit.StableSource.ID, Message: fmt.Sprintf("reading the output %q: %v", out.Path, err), Hint: "ls -ld " + Quote(out.Path), Fatal: true}}
	}
	mode, id := uint32(st.Mode), t.reader()
	switch {
	case mode&unix.S_IFMT != unix.S_IFDIR:
		return []audit.Problem{{Control: audit.StableSource.ID, Message: fmt.Sprintf("the output %q is not a directory", out.Path), Hint: "mkdir ~/output", Fatal: true}}
	case uint32(st.Uid) != id.UID && uint32(st.Uid) == t.Identity.UID:
		return []audit.Problem{{Control: audit.DeclaredIdentity.ID, Message: fmt.Sprintf("the output %q is yours, and the workload runs as %s", out.Path, id), Hint: mapped, Fatal: true}}
	case uint32(st.Uid) != id.UID:
		return []audit.Problem{{Control: audit.DeclaredIdentity.ID, Message: fmt.Sprintf("the output %q belongs to uid %d, and the workload runs as %s", out.Path, st.Uid, id), Hint: "mkdir ~/output", Fatal: true}}
	case mode&0o700 != 0o700:
		return []audit.Problem{{Control: audit.DeclaredIdentity.ID, Message: fmt.Sprintf("the output %q is not writable by the workload", out.Path), Hint: "chmod u+rwx " + Quote(out.Path), Fatal: true}}
	case mode&0o002 != 0:
		return []audit.Problem{{Control: audit.ModelNotWritable.ID, Message: fmt.Sprintf("the output %q is writable by every user of this host", out.Path), Hint: "chmod o-w " + Quote(out.Path), Fatal: true}}
	}
	entries, err := os.ReadDir(out.Path)
	out.Empty = err == nil && len(entries) == 0
	return nil
}
