package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// spoils are what becomes of a report of a real scanner on its way; nil: it gets no further than
// its start.
var spoils = map[string]func(string) string{
	"truncated": func(r string) string { return r[:len(r)/2] },
	"future": func(r string) string {
		r = strings.Replace(r, `"SchemaVersion": 2`, `"SchemaVersion": 9`, 1) // trivy's
		return regexp.MustCompile(`("name":\s*"grype",\s*"version":\s*")0\.`).ReplaceAllString(r, "${1}9.")
	},
	"other": func(r string) string {
		return regexp.MustCompile(`("[iI]mageID":\s*"sha256:)[0-9a-f]{64}`).ReplaceAllString(r, "${1}"+strings.Repeat("d", 64))
	},
	"killed": nil,
}

// spoil runs a real scanner and spoils what it prints of any image but the known-bad one, by a WAY.
func spoil(args []string) (int, error) {
	if len(args) < 2 {
		return 2, errors.New("want WAY, PROGRAM and its arguments")
	}
	change, known := spoils[args[0]]
	if !known {
		return 2, fmt.Errorf("there is no way %q to spoil a report", args[0])
	}
	s := &scanner{layout: "/scan/image"}
	if err := s.read(); err != nil {
		return 1, err
	}
	cmd := exec.Command(args[1], args[2:]...)
	cmd.Stderr = os.Stderr
	if s.tried() {
		cmd.Stdout = os.Stdout
		return exitOf(cmd.Run())
	}
	if change == nil {
		return killed(cmd)
	}
	out, err := cmd.Output()
	if err == nil {
		spoiled := change(string(out))
		if spoiled == string(out) {
			return 2, errors.New("nothing of the report was changed")
		}
		_, err = os.Stdout.WriteString(spoiled)
	}
	return exitOf(err)
}

// killed starts a program and kills it, and ends as a shell would then.
func killed(cmd *exec.Cmd) (int, error) {
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	if err := cmd.Process.Kill(); err != nil {
		return 1, err
	}
	if err := cmd.Wait(); err == nil {
		return 1, errors.New("it was not killed")
	}
	return 128 + 9, nil
}

// exitOf is the exit code of what ran.
func exitOf(err error) (int, error) {
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return ended.ExitCode(), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}
