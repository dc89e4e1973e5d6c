// Standin plays the frameworks of the built-in profiles where their images
// cannot be had. It looks at how it was started the way the real program would,
// and more strictly: what the real one needs and does not find, it refuses with a
// sentence and status 64. Then it serves the framework's own endpoints, or does a
// job's work.
//
// It is told by the file /etc/standin which profile's image it is in, and by the
// name it was started by which of the image's programs it is.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// refused is the exit status of a start that the real program could not use:
// EX_USAGE of sysexits.h.
const refused = 64

func main() {
	name := filepath.Base(os.Args[0])
	if name == copied {
		return // the copy ran: that is all it is for
	}
	if err := start(name, os.Args[1:]); err != nil {
		for _, e := range each(err) {
			fmt.Fprintf(os.Stderr, "standin %s: refused: %v\n", name, e)
		}
		os.Exit(refused)
	}
}

// each lists the errors that err joins.
func each(err error) []error {
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var out []error
	for _, e := range several.Unwrap() {
		out = append(out, each(e)...)
	}
	return out
}

// start becomes what a wrapper of the image would start, or is the program.
func start(name string, args []string) error {
	next, wrapper, err := unwrap(name, args, os.Getenv)
	if err != nil {
		return err
	}
	if wrapper {
		return become(next)
	}
	data, err := os.ReadFile("/etc/standin")
	if err != nil {
		return err
	}
	profile := strings.TrimSpace(string(data))
	spec, ok := specs(runtime.GOARCH)[profile]
	if !ok {
		return fmt.Errorf("nobody knows what %q is on %s", profile, runtime.GOARCH)
	}
	f, err := gather(name, args)
	if err != nil {
		return err
	}
	if err := spec.check(f); err != nil {
		return err
	}
	fmt.Printf("standin %s: as uid %d gid %d, CapBnd %s, NoNewPrivs %s, Seccomp %s\n", profile, f.uid, f.gid,
		f.status["CapBnd"], f.status["NoNewPrivs"], f.status["Seccomp"])
	return spec.work(f)
}

// become runs argv in this process's place, looked up as a shell would.
func become(argv []string) error {
	if len(argv) == 0 {
		return errors.New("there is no program to start")
	}
	path, err := lookPath(argv[0])
	if err != nil {
		return err
	}
	return syscall.Exec(path, argv, os.Environ())
}

func lookPath(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(dir, name)
		if st, err := os.Stat(path); err == nil && st.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no %s in PATH, which is %s", name, os.Getenv("PATH"))
}
