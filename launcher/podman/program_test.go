package podman

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// A podman that somebody beside root may exchange is not run, and the message names
// what it found and what to do.
func TestFakePodmanInPath(t *testing.T) {
	dir := t.TempDir()
	fake := filepath.Join(dir, "podman")
	ran := filepath.Join(dir, "ran")
	if err := os.WriteFile(fake, []byte("#!/bin/sh\necho x > "+ran+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	if got, err := findPodman(os.Getenv); err == nil || !strings.Contains(err.Error(), fake) || hint.Of(err) == "" {
		t.Errorf("found %q, %v, hint %q", got, err, hint.Of(err))
	}
	_, err := openPrivate(t.Context(), Target{Env: os.Getenv}, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), fake) || hint.Of(err) == "" {
		t.Errorf("a service: %v, hint %q", err, hint.Of(err))
	}
	e := &Engine{env: os.Getenv}
	if err := e.CLI(context.Background(), "version").Run(); err == nil || !strings.Contains(err.Error(), fake) {
		t.Errorf("a command line: %v", err)
	}
	if _, err := inPause(t.Context(), dir, "true"); err == nil {
		t.Error("there is no pause process, and one was entered")
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("the fake ran")
	}
	t.Setenv(ProgramVariable, fake)
	if got, err := findPodman(os.Getenv); got != fake || err != nil {
		t.Errorf("named, it is found as %q, %v", got, err)
	}
	t.Setenv(ProgramVariable, "podman")
	if got, err := findPodman(os.Getenv); err == nil {
		t.Errorf("a name that is no path is found as %q", got)
	}
}

// A link of PATH counts as what it leads to.
func TestLinkedProgram(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("/usr/bin/env", filepath.Join(dir, "podman")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	want, err := filepath.EvalSymlinks("/usr/bin/env")
	if err != nil {
		t.Skipf("there is no program of root's to look at: %v", err)
	}
	if got, err := findProgram("podman"); got != want || err != nil {
		t.Errorf("found as %q, %v", got, err)
	}
}
