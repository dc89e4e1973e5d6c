package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// facts are what a program can see of the place it was put in.
type facts struct {
	program  string // the name it was started by
	args     []string
	env      map[string]string
	dir      string // the working directory
	pid      int
	uid, gid int
	status   map[string]string // of /proc/self/status
	nofile   uint64            // how many files it may open
	users    string            // /etc/passwd
	files    fs.FS             // the container's files
	// place looks at a directory, which it makes where it can; runs is asked
	// for, since it costs a copy.
	place func(path string, runs bool) place
}

// place is what a directory can be used for.
type place struct {
	readOnly bool   // its file system is mounted so
	writes   error  // why nothing can be written there; nil it can
	runs     error  // why no program can be run there
	size     uint64 // bytes of its file system
}

func gather(program string, args []string) (*facts, error) {
	f := &facts{program: program, args: args, env: map[string]string{}, pid: os.Getpid(), uid: os.Getuid(), gid: os.Getgid(),
		status: map[string]string{}, files: os.DirFS("/"), place: look}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		f.env[name] = value
	}
	var err error
	if f.dir, err = os.Getwd(); err != nil {
		return nil, err
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		f.status[name] = strings.TrimSpace(value)
	}
	users, err := os.ReadFile("/etc/passwd")
	if err != nil {
		return nil, err
	}
	f.users = string(users)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return nil, err
	}
	f.nofile = limit.Cur
	return f, nil
}

// readOnly is ST_RDONLY of statfs(2).
const readOnly = 1

// look tries what it says.
func look(path string, runs bool) place {
	p := place{writes: write(path)}
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err == nil {
		p.size = st.Blocks * uint64(st.Bsize)
		p.readOnly = uint64(st.Flags)&readOnly != 0
	}
	if runs {
		p.runs = run(path)
	}
	return p
}

func write(path string) error {
	if st, err := os.Stat(path); err == nil && !st.IsDir() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err == nil {
			f.Close()
		}
		return err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(path, "standin-")
	if err != nil {
		return err
	}
	f.Close()
	return os.Remove(f.Name())
}

// copied is the name of the copy of this program that is run in a place.
const copied = "standin-copied"

func run(path string) (err error) {
	data, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(path, "standin-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	name := filepath.Join(dir, copied)
	if err := os.WriteFile(name, data, 0o700); err != nil {
		return err
	}
	return exec.Command(name).Run()
}
