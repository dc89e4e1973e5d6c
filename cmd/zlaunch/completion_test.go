package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/record"
)

func TestComplete(t *testing.T) {
	w := newWorld(t)
	w.write(t, "profiles.toml", hostile)
	dirs := record.Dirs{State: filepath.Join(w.state, "state", "zlaunch")}
	if err := dirs.Save(&record.Record{Schema: record.Schema, Launch: strings.Repeat("a", 32), ID: "x", Name: "web", Network: "zlaunch-web"}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		words []string
		want  string // one of the words
		not   string
	}{
		{[]string{""}, "run", "__complete"},
		{[]string{"pl"}, "plan", "run"},
		{[]string{"p"}, "plan", "profile"},
		{[]string{"help", "pro"}, "profile", ""},
		{[]string{"--co"}, "--color", "--models"},
		{[]string{"--color", ""}, "always", "run"},
		{[]string{"--color", "never", ""}, "run", "always"},
		{[]string{"--color=never", "run", "tri"}, "triton", ""},
		{[]string{"run", ""}, "triton", "mine"},
		{[]string{"run", "tri"}, "triton", "demo"},
		{[]string{"run", "--models", "x", "tri"}, "triton", ""},
		{[]string{"run", "--mo"}, "--models", "--name"},
		{[]string{"run", "triton", "-"}, "--models", ""},
		{[]string{"plan", "--arch", "s"}, "s390x", "amd64"},
		{[]string{"run", "--pull", ""}, "never", "triton"},
		{[]string{"run", "--gpu", "tri"}, "triton", ""},
		{[]string{"help", "do"}, "doctor", ""},
		{[]string{"completion", ""}, "zsh", ""},
		{[]string{"run", "triton", "--"}, "--models", "--rm"},
		{[]string{"plan", "--pull=n"}, "--pull=never", "never"},
		{[]string{"audit", "--standard", ""}, "cis", ""},
		{[]string{"run", "--waive", "ZL-1"}, "ZL-104=", "ZL-203="},
		{[]string{"run", "triton", "-p", ""}, "8000:http", ""},
		{[]string{"run", "triton", "-p", "9000:"}, "9000:http", "8000:http"},
		{[]string{"run", "triton", "-p", "127.0.0.1:9000:m"}, "127.0.0.1:9000:metrics", ""},
		{[]string{"run", "--fail-on", ""}, "high", "info"},
		{[]string{"run", "triton", "--network", ""}, "zlaunch-web", ""},
		{[]string{"run", "jupyter", "-e", ""}, "HOME=", ""},
		{[]string{"stop", ""}, "web", ""},
		{[]string{"diff", ""}, "web", ""},
		{[]string{"diff", "trit"}, "triton", "web"},
		{[]string{"diff", "triton", "container:"}, "container:web", "web"},
		{[]string{"logs", "-f", "w"}, "web", ""},
		{[]string{"audit", "--container", ""}, "web", ""},
		{[]string{"explain", "ZL-20"}, "ZL-203", "ZL-301"},
		{[]string{"validate", "--layer", ""}, "system", ""},
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

// bash parts words at = and :, and completes what stands behind.
func TestBashParts(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed here")
	}
	const script = `. completion/zlaunch.bash
zlaunch() { shift 2; asked="$*"; printf '%s\n' "$asked" >&3; for w in $answer; do echo "$w"; done; }
answer=$1; shift
COMP_WORDS=(zlaunch "$@"); COMP_CWORD=$#
_zlaunch 3>&1
printf '%s\n' "${COMPREPLY[@]}"`
	for _, tt := range []struct{ words, answer, want string }{
		{"run tri", "triton", "run tri|triton"},
		{"plan --pull = n", "--pull=never --pull=newer", "plan --pull=n|never|newer"},
		{"plan --pull =", "--pull=never", "plan --pull=|never"},
		{"run triton -p 9000 : h", "9000:http", "run triton -p 9000:h|http"},
		{"run --waive ZL-1", "ZL-104=", "run --waive ZL-1|ZL-104="},
		{"diff a container : w", "container:web", "diff a container:w|web"},
		{"run tri", "", "run tri|"},
	} {
		args := append([]string{"-c", script, "bash", tt.answer}, strings.Fields(tt.words)...)
		out, err := exec.Command(bash, args...).CombinedOutput()
		if got := strings.ReplaceAll(strings.TrimSuffix(string(out), "\n"), "\n", "|"); got != tt.want || err != nil {
			t.Errorf("%s: got %q, want %q (%v)", tt.words, got, tt.want, err)
		}
	}
}
