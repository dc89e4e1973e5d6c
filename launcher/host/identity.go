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
	Own     bool // it is there and the caller's: a mode is all that can be wrong
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
	d.Problem, d.Own = runtimeDirProblem(s, d.Path)
	return d
}

func runtimeDirProblem(s Source, path string) (problem string, own bool) {
	st, err := os.Stat(s.at(path))
	if err != nil {
		return fmt.Sprintf("XDG_RUNTIME_DIR %q does not exist", path), false
	}
	if !st.IsDir() {
		return fmt.Sprintf("XDG_RUNTIME_DIR %q is not a directory", path), false
	}
	if sys, ok := st.Sys().(*syscall.Stat_t); ok && int(sys.Uid) != s.UID {
		return fmt.Sprintf("XDG_RUNTIME_DIR %q belongs to uid %d, not to you (uid %d)", path, sys.Uid, s.UID), false
	}
	// Podman itself lets others pass through for --userns=auto and nomap, whose root is
	// not the user's on the host. What lies in it has modes of its own; only who can
	// write to it can put something in the place of a socket or a lock.
	switch mode := st.Mode().Perm(); {
	case mode&0o022 != 0:
		return fmt.Sprintf("XDG_RUNTIME_DIR %q has mode %#o: others can write to it", path, mode), true
	case mode&0o700 != 0o700:
		return fmt.Sprintf("XDG_RUNTIME_DIR %q has mode %#o: you cannot use it", path, mode), true
	}
	return "", true
}
