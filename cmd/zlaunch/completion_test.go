package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	w := newWorld(t)
	w.write(t, "profiles.toml", hostile)
	for _, tt := range []struct {
		words []string
		want  string // one of the words
		not   string
	}{
		{[]string{""}, "run", "__complete"},
		{[]string{"pl"}, "plan", "run"},
		{[]string{"run", ""}, "triton", "mine"},
		{[]string{"run", "tri"}, "triton", "demo"},
		{[]string{"run", "--models", "x", "tri"}, "triton", ""},
		{[]string{"run", "--mo"}, "--models", "--name"},
		{[]string{"run", "triton", "-"}, "--models", ""},
		{[]string{"plan", "--arch", "s"}, "s390x", "amd64"},
		{[]string{"run", "--pull", ""}, "never", "triton"},
		{[]string{"help", "do"}, "doctor", ""},
		{[]string{"completion", ""}, "zsh", ""},
	} {
		if got := w.run(append([]string{"__complete", "--"}, tt.words...)...); got != 0 {
			t.Errorf("%q: status %d: %s", tt.words, got, w.stderr.String())
		}
		words := strings.Fields(w.stdout.String())
		if !slices.Contains(words, tt.want) || slices.Contains(words, tt.not) {
			t.Errorf("%q: got %q", tt.words, words)
		}
	}
	for _, words := range [][]string{nil, {"nosuch", ""}, {"run", "--models", ""}, {"run", "x", "--", ""}, {"version", ""}} {
		if w.run(append([]string{"__complete", "--"}, words...)...); w.stdout.Len()+w.stderr.Len() > 0 {
			t.Errorf("%q: got %q %q", words, w.stdout.String(), w.stderr.String())
		}
	}
}

// The scripts are scripts of their shells.
func TestScriptsParse(t *testing.T) {
	for _, shell := range shells {
		t.Run(shell, func(t *testing.T) {
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("%s is not installed here", shell)
			}
			if out, err := exec.Command(path, "-n", filepath.Join("completion", "zlaunch."+shell)).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}
