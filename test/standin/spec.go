package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// spec is what one framework needs to find. A zero field asks for nothing.
type spec struct {
	program string
	argv    func(args []string) error
	user    string            // UID:GID of the image's own user; "" any but root
	env     map[string]string // values it must have
	caches  []string          // variables naming directories it writes to
	named   bool              // its user needs a name: getpass asks for one
	beside  bool              // it must not be process 1, where it would ignore SIGTERM
	workdir string            // where it must start; "SCRATCH" any place it can write to
	scratch []string          // directories it writes to
	runs    []string          // directories it runs programs from
	shm     uint64            // least bytes of /dev/shm
	seen    string            // a file of the image that no mount may hide
	models  string            // where its models lie
	layout  func(models fs.FS) (weights string, err error)
	serves  []listener           // of a server
	job     func(f *facts) error // of anything else
}

// leastFiles is the number of open files below which a server with a few
// thousand connections fails.
const leastFiles = 4096

// check joins everything that would keep the real program from working.
func (s spec) check(f *facts) error {
	var errs []error
	for _, check := range []func(*facts) error{s.start, s.identity, confinement, readOnlyRoot, s.variables, s.places, s.model} {
		errs = append(errs, check(f))
	}
	return errors.Join(errs...)
}

// work does what the real program is for.
func (s spec) work(f *facts) error {
	if s.job != nil {
		return s.job(f)
	}
	weights, err := s.weights(f)
	if err != nil {
		return err
	}
	n, err := factor(f.files, weights)
	if err != nil {
		return err
	}
	return serve(s.serves, model{n, f})
}

func (s spec) start(f *facts) error {
	if f.program != s.program {
		return fmt.Errorf("it is started as %s, not as %s", s.program, f.program)
	}
	if s.beside && f.pid == 1 {
		return errors.New("it must not be process 1: the profile needs init")
	}
	return s.argv(f.args)
}

func (s spec) identity(f *facts) error {
	id := fmt.Sprintf("%d:%d", f.uid, f.gid)
	if s.user != "" && id != s.user || s.user == "" && f.uid == 0 {
		want := s.user
		if want == "" {
			want = "an ordinary user"
		}
		return fmt.Errorf("it runs as %s, and must as %s", id, want)
	}
	if s.named && f.env["USER"] == "" && f.env["LOGNAME"] == "" && !hasName(f.users, f.uid) {
		return fmt.Errorf("uid %d has no name: neither USER nor /etc/passwd tells one", f.uid)
	}
	return nil
}

func hasName(passwd string, uid int) bool {
	for line := range strings.Lines(passwd) {
		if f := strings.Split(line, ":"); len(f) > 2 && f[2] == strconv.Itoa(uid) {
			return true
		}
	}
	return false
}

// confinement is the same for all of them.
func confinement(f *facts) error {
	var errs []error
	for _, name := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"} {
		if strings.Trim(f.status[name], "0") != "" || f.status[name] == "" {
			errs = append(errs, fmt.Errorf("it has capabilities: %s is %q", name, f.status[name]))
		}
	}
	for name, want := range map[string]string{"NoNewPrivs": "1", "Seccomp": "2"} {
		if f.status[name] != want {
			errs = append(errs, fmt.Errorf("%s is %q, and must be %s", name, f.status[name], want))
		}
	}
	if f.nofile < leastFiles {
		errs = append(errs, fmt.Errorf("it may open %d files, and needs %d", f.nofile, leastFiles))
	}
	return errors.Join(errs...)
}

func readOnlyRoot(f *facts) error {
	if root := f.place("/", false); !root.readOnly || root.writes == nil {
		return errors.New("the root file system is not read-only")
	}
	return nil
}

func (s spec) variables(f *facts) error {
	var errs []error
	for name, want := range s.env {
		if got, ok := f.env[name]; !ok || got != want {
			errs = append(errs, fmt.Errorf("the variable %s is %q, and must be %q", name, got, want))
		}
	}
	for _, name := range s.caches {
		switch path := f.env[name]; {
		case path == "":
			errs = append(errs, fmt.Errorf("the variable %s is not set: its cache would go below the root", name))
		case f.place(path, false).writes != nil:
			errs = append(errs, fmt.Errorf("the variable %s is %s, where nothing can be written: %w", name, path, f.place(path, false).writes))
		}
	}
	return errors.Join(errs...)
}

func (s spec) places(f *facts) error {
	var errs []error
	for _, path := range s.scratch {
		if err := f.place(path, false).writes; err != nil {
			errs = append(errs, fmt.Errorf("it cannot write to %s: %w", path, err))
		}
	}
	for _, path := range s.runs {
		if err := f.place(path, true).runs; err != nil {
			errs = append(errs, fmt.Errorf("it cannot run a program in %s: %w", path, err))
		}
	}
	if size := f.place("/dev/shm", false).size; size < s.shm {
		errs = append(errs, fmt.Errorf("/dev/shm holds %d bytes, and it needs %d", size, s.shm))
	}
	if s.seen != "" {
		if _, err := fs.Stat(f.files, strings.TrimPrefix(s.seen, "/")); err != nil {
			errs = append(errs, fmt.Errorf("a mount hides %s of the image: %w", s.seen, err))
		}
	}
	return errors.Join(append(errs, s.directory(f))...)
}

func (s spec) directory(f *facts) error {
	switch {
	case s.workdir == "SCRATCH":
		if err := f.place(f.dir, false).writes; err != nil {
			return fmt.Errorf("it starts in %s, where it cannot write: %w", f.dir, err)
		}
	case s.workdir != "" && s.workdir != f.dir:
		return fmt.Errorf("it starts in %s, and must in %s", f.dir, s.workdir)
	}
	return nil
}

func (s spec) model(f *facts) error {
	if s.models == "" {
		return nil
	}
	at := strings.TrimPrefix(s.models, "/")
	if _, err := fs.Stat(f.files, at); err != nil {
		return fmt.Errorf("there are no models at %s: %w", s.models, err)
	}
	if at := f.place(s.models, false); !at.readOnly || at.writes == nil {
		return fmt.Errorf("the models at %s are not mounted read-only", s.models)
	}
	weights, err := s.weights(f)
	if err == nil {
		_, err = factor(f.files, weights)
	}
	if err != nil {
		return fmt.Errorf("the models at %s: %w", s.models, err)
	}
	return nil
}

// weights is the path of the weights, relative to the container's root.
func (s spec) weights(f *facts) (string, error) {
	at := strings.TrimPrefix(s.models, "/")
	if st, err := fs.Stat(f.files, at); err == nil && !st.IsDir() {
		return at, gguf(f.files, at)
	}
	dir, err := fs.Sub(f.files, at)
	if err != nil {
		return "", err
	}
	weights, err := s.layout(dir)
	return at + "/" + weights, err
}
