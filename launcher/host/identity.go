package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account returns the caller's name and home directory. $HOME wins, as in
// Podman; the name comes from /etc/passwd and, for users kept in a directory
// service, from $USER.
func account(s Source) (name, home string) {
	b, _ := s.read("/etc/passwd")
	for line := range strings.Lines(string(b)) {
		f := strings.Split(strings.TrimRight(line, "\n"), ":")
		if len(f) >= 6 && f[2] == strconv.Itoa(s.UID) {
			name, home = f[0], f[5]
			break
		}
	}
	if h := s.env("HOME"); filepath.IsAbs(h) {
		home = h
	}
	if name == "" {
		name = plainName(s.env("USER"))
	}
	return name, home
}

// plainName drops a name that could not be a path element of a linger file.
func plainName(name string) string {
	if strings.ContainsAny(name, "/:\n\x00") || name == "." || name == ".." {
		return ""
	}
	return name
}

func configHome(s Source, home string) string {
	if c := s.env("XDG_CONFIG_HOME"); c != "" {
		return c
	}
	if home == "" {
		return ""
	}
	return filepath.Join(home, ".config")
}

// RuntimeDir is $XDG_RUNTIME_DIR, where Podman keeps its sockets and locks.
type RuntimeDir struct {
	Path string
	// Problem says why the directory cannot be used; "" when it can.
	Problem string
}

func runtimeDirOf(s Source) RuntimeDir {
	d := RuntimeDir{Path: s.env("XDG_RUNTIME_DIR")}
	if d.Path == "" {
		d.Problem = "XDG_RUNTIME_DIR is not set"
		return d
	}
	if !filepath.IsAbs(d.Path) {
		d.Problem = fmt.Sprintf("XDG_RUNTIME_DIR %q is not an absolute path", d.Path)
		return d
	}
	d.Problem = runtimeDirProblem(s, d.Path)
	return d
}

func runtimeDirProblem(s Source, path string) string {
	st, err := os.Stat(s.at(path))
	if err != nil {
		return fmt.Sprintf("XDG_RUNTIME_DIR %q does not exist", path)
	}
	if !st.IsDir() {
		return fmt.Sprintf("XDG_RUNTIME_DIR %q is not a directory", path)
	}
	if sys, ok := st.Sys().(*syscall.Stat_t); ok && int(sys.Uid) != s.UID {
		return fmt.Sprintf("XDG_RUNTIME_DIR %q belongs to uid %d, not to you (uid %d)", path, sys.Uid, s.UID)
	}
	// Podman itself lets others pass through, and no more, for --userns=auto and nomap:
	// their root on the host is not the user's.
	if st.Mode().Perm()&^0o011 != 0o700 {
		return fmt.Sprintf("XDG_RUNTIME_DIR %q has mode %#o, not 0700", path, st.Mode().Perm())
	}
	return ""
}
