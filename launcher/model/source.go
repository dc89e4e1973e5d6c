package model

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// Places are the caller's own directories that must never reach a container.
type Places struct {
	Home       string
	ConfigHome string // $XDG_CONFIG_HOME
	RuntimeDir string // $XDG_RUNTIME_DIR
	GraphRoot  string // the engine's storage
}

// Resolve makes path absolute and free of symbolic links, and judges where it
// lies. The problem is always fatal.
func Resolve(path string, p Places) (string, *audit.Problem) {
	if problem := spelling(path); problem != nil {
		return "", problem
	}
	if !filepath.IsAbs(path) {
		wd, err := os.Getwd()
		if err != nil {
			return "", &audit.Problem{Control: audit.StableSource.ID, Message: fmt.Sprintf("resolving %q: %v", path, err), Hint: "give an absolute path", Fatal: true}
		}
		path = wd + "/" + strings.TrimPrefix(path, "./") // not Join: a/../b through a link is not b
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", &audit.Problem{Control: audit.StableSource.ID, Message: fmt.Sprintf("resolving %q: %v", path, cause(err)), Hint: "check the path: ls -ld " + Quote(path), Fatal: true}
	}
	if problem := spelling(real); problem != nil {
		return "", problem
	}
	if problem := deny(real, p); problem != nil {
		return "", problem
	}
	return real, nil
}

// spelling refuses what podman's -v and --mount would take apart.
func spelling(path string) *audit.Problem {
	bad := ""
	switch {
	case path == "":
		return &audit.Problem{Control: audit.StableSource.ID, Message: "the path is empty", Hint: "name a directory: --models ./models", Fatal: true}
	case !utf8.ValidString(path):
		bad = "is not valid UTF-8"
	case strings.ContainsFunc(path, unicode.IsControl):
		bad = "has a control character"
	case strings.ContainsAny(path, ":,"):
		bad = "has a ':' or ',', which podman's volume syntax splits at"
	default:
		return nil
	}
	return &audit.Problem{Control: audit.StableSource.ID, Message: fmt.Sprintf("the path %q %s", path, bad), Hint: "rename the directory, or point at it through a link: ln -s … ~/models", Fatal: true}
}

// Quote writes a path for a shell line.
func Quote(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-") == "" && s != "" {
		return s
	}
	if strings.ContainsFunc(s, unicode.IsControl) || !utf8.ValidString(s) {
		return fmt.Sprintf("%q", s) // not for pasting; nothing could be
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// parents judges the directories above the tree: whoever can write to one can
// put another tree in its place (ZL-522). A sticky directory such as /tmp is fine.
func parents(real string, id Identity) []audit.Problem {
	for dir := filepath.Dir(real); ; dir = filepath.Dir(dir) {
		var st unix.Stat_t
		if unix.Lstat(dir, &st) == nil && st.Mode&unix.S_ISVTX == 0 {
			swap := fmt.Sprintf("can put another tree in the place of %q", real)
			switch {
			case st.Mode&0o002 != 0:
				return []audit.Problem{{Control: audit.StableSource.ID, Message: fmt.Sprintf("every user %s: %q is writable by all", swap, dir), Hint: "chmod o-w " + Quote(dir), Fatal: true}}
			case st.Mode&0o020 != 0 && st.Gid != 0 && st.Gid != id.GID:
				return []audit.Problem{{Control: audit.StableSource.ID, Message: fmt.Sprintf("group %d %s: it may write to %q", st.Gid, swap, dir), Hint: "chmod g-w " + Quote(dir), Fatal: false}}
			}
		}
		if dir == "/" || dir == "." {
			return nil
		}
	}
}
