package observe

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// Why the command line or the environment of a started process proves nothing.
const (
	otherCommand = "the first process shows another command line: it replaced itself, " +
		"or the runtime was given another one"
	otherEnvironment = "the first process shows another environment: it changed its own, " +
		"or the runtime was given another one"
)

// Started holds the command line and the environment of a container's first process,
// /proc/PID/cmdline and environ, against those of the configuration; args and env say
// why they do not bear it out, "" that they do. A process may replace itself, and
// change what it shows of itself: a difference is no proof of another runtime's doing,
// and never a reason to stop a run. An empty text is of a process that is over, and
// says nothing.
func Started(config []byte, cmdline, environ string) (args, env string) {
	var c struct {
		Process struct{ Args, Env []string }
	}
	if json.Unmarshal(config, &c) != nil || cmdline == "" {
		return "", ""
	}
	if !sameCommand(c.Process.Args, words(cmdline)) {
		return otherCommand, otherEnvironment
	}
	got := words(environ)
	if environ == "" {
		return "", ""
	}
	for _, kv := range c.Process.Env {
		if !slices.Contains(got, kv) {
			return "", otherEnvironment
		}
	}
	for _, kv := range got {
		// HOME is the runtime's to add (runc init_linux.go, finalizeNamespace)
		if !slices.Contains(c.Process.Env, kv) && !strings.HasPrefix(kv, "HOME=") {
			return "", otherEnvironment
		}
	}
	return "", ""
}

func words(text string) []string { return strings.Split(strings.TrimSuffix(text, "\x00"), "\x00") }

// sameCommand takes a script for itself: the kernel puts its interpreter in front,
// with at most one argument, and its path in the place of its name (execve(2)).
func sameCommand(want, got []string) bool {
	if slices.Equal(want, got) {
		return true
	}
	extra := len(got) - len(want)
	if len(want) == 0 || extra != 1 && extra != 2 {
		return false
	}
	return path.Base(got[extra]) == path.Base(want[0]) && slices.Equal(got[extra+1:], want[1:])
}
