package author

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// maxRefused bounds the lines that are told.
const maxRefused = 16

// Refusal is a line of the workload's that says what it was not let do.
type Refusal struct {
	Line string `json:"line"`           // one printable line, with what looks like a secret hidden
	Kind string `json:"kind"`           // one of the kinds below
	Path string `json:"path,omitempty"` // the first that the line names
}

// The kinds of refusal.
const (
	cannotBind   = "bind"
	readOnly     = "read-only"
	noSpace      = "no-space"
	notPermitted = "not-permitted"
	denied       = "denied"
)

// refusals are the words of libc, in lower case; the first that a line holds is it, where
// it holds beside, too.
var refusals = []struct{ says, beside, kind string }{
	{"permission denied", "bind", cannotBind},
	{"permission denied", "listen", cannotBind},
	{"cannot bind", "", cannotBind},
	{"read-only file system", "", readOnly},
	{"no space left on device", "", noSpace},
	{"bus error", "", noSpace},
	{"operation not permitted", "", notPermitted},
	{"permission denied", "", denied},
}

// mentioned finds the path a line is about, and no date: 2026/11/22.
var mentioned = lazyregexp.New(`(?:^|[^A-Za-z0-9._@+/-])(/[A-Za-z0-9._@+-]+(?:/[A-Za-z0-9._@+-]+)*)`)

// Refused finds what a workload was refused, each thing once, in the order of its log.
func Refused(log string) (out []Refusal) {
	seen := map[Refusal]bool{}
	for line := range strings.Lines(log) {
		r, ok := refusal(line)
		same := Refusal{Kind: r.Kind, Path: r.Path}
		if !ok || seen[same] {
			continue
		}
		if seen[same] = true; len(out) < maxRefused {
			out = append(out, r)
		}
	}
	return out
}

func refusal(line string) (Refusal, bool) {
	low := strings.ToLower(line)
	for _, r := range refusals {
		if strings.Contains(low, r.says) && strings.Contains(low, r.beside) {
			out := Refusal{Line: plain(container.MaskText(line)), Kind: r.kind}
			if found := mentioned().FindStringSubmatch(line); found != nil {
				out.Path = path.Clean(found[1])
			}
			return out, true
		}
	}
	return Refusal{}, false
}

// HomeOf is the user of a text of /etc/passwd, as UID:GID in numbers, in whose home a
// directory lies; "" nobody's but root's.
func HomeOf(passwd, dir string) string {
	for line := range strings.Lines(passwd) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) < 7 || !mountable(f[5]) || !within(dir, f[5]) {
			continue
		}
		uid, err := strconv.ParseUint(f[2], 10, 31)
		gid, gerr := strconv.ParseUint(f[3], 10, 31)
		if err == nil && gerr == nil && uid != 0 {
			return fmt.Sprintf("%d:%d", uid, gid)
		}
	}
	return ""
}
