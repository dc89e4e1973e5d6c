package seccomp

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// None is the digest of no filter at all.
const None = "none"

// Digest is one text for all spellings of the same filter: the order and the
// grouping of calls, repeated rules and the order of architectures do not
// matter. A nil f gives [None].
func Digest(f *specs.LinuxSeccomp) string {
	if f == nil {
		return None
	}
	var lines []string
	for _, s := range f.Syscalls {
		tail := action(s.Action, s.ErrnoRet) + conditions(s.Args)
		for _, n := range s.Names {
			lines = append(lines, fmt.Sprintf("%q %s", n, tail))
		}
	}
	slices.Sort(lines)
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%q\n%q\n%q %q\n", action(f.DefaultAction, f.DefaultErrnoRet),
		sorted(f.Architectures), sorted(f.Flags), f.ListenerPath, f.ListenerMetadata)
	for _, l := range slices.Compact(lines) {
		fmt.Fprintln(h, l)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// action writes an action with its errno. Without one the runtimes answer EPERM.
func action(a specs.LinuxSeccompAction, errno *uint) string {
	if a != specs.ActErrno && a != specs.ActTrace {
		return fmt.Sprintf("%q", a)
	}
	n := errnos["EPERM"]
	if errno != nil {
		n = *errno
	}
	return fmt.Sprintf("%q/%d", a, n)
}

func conditions(args []specs.LinuxSeccompArg) string {
	out := make([]string, 0, len(args))
	for _, a := range args {
		out = append(out, fmt.Sprintf(" %d %q %d %d", a.Index, a.Op, a.Value, a.ValueTwo))
	}
	slices.Sort(out)
	return strings.Join(out, "")
}

func sorted[T ~string](in []T) []T {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}
