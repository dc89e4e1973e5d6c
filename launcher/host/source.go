package host

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// Source is where facts are read from. Tests give a fixture tree; [System] is
// the running machine.
type Source struct {
	Root           string              // directory that stands for /, "" is /
	Env            func(string) string // os.Getenv
	UID, EUID, GID int
	Groups         []int
	Arch           string
	SELinux        func() SELinux // nil: no SELinux
}

// System is the running machine and the calling process.
func System() Source {
	groups, _ := os.Getgroups()
	return Source{
		Env: os.Getenv, UID: os.Getuid(), EUID: os.Geteuid(), GID: os.Getgid(),
		Groups: groups, Arch: runtime.GOARCH, SELinux: systemSELinux,
	}
}

// maxFile bounds every file read here. The largest real one, a seccomp profile,
// has 20 KiB; Podman's own files have less than 100 KiB.
const maxFile = 1 << 20

var errTooLarge = errors.New("larger than 1 MiB")

func (s Source) at(path string) string {
	if s.Root == "" {
		return path
	}
	return filepath.Join(s.Root, path)
}

func (s Source) env(name string) string {
	if s.Env == nil {
		return ""
	}
	return s.Env(name)
}

func (s Source) exists(path string) bool {
	_, err := os.Stat(s.at(path))
	return err == nil
}

// read returns the content of a regular file. Anything else, a FIFO say, is
// refused before it is opened: opening one could wait for ever.
func (s Source) read(path string) ([]byte, error) {
	st, err := os.Stat(s.at(path))
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(s.at(path))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = &fs.PathError{Op: "read", Path: path, Err: errTooLarge}
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

// line returns the trimmed content of a one-line file of /proc or /sys, "" when
// it cannot be read.
func (s Source) line(path string) string {
	b, err := s.read(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// number reads a one-number file; known is false when there is none.
func (s Source) number(path string) (n int64, known bool) {
	n, err := strconv.ParseInt(s.line(path), 10, 64)
	return n, err == nil
}
