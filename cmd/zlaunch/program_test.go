package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/report"
)

// world is a stdio over buffers, in an empty home and an empty directory. No
// engine is in reach of it.
type world struct {
	stdio
	dir, state string
	stdout     bytes.Buffer
	stderr     bytes.Buffer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), state: t.TempDir()}
	vars := map[string]string{"HOME": w.state, "XDG_STATE_HOME": filepath.Join(w.state, "state"),
		"CONTAINER_HOST": "unix:///nonexistent/podman.sock"}
	w.stdio = stdio{
		in: strings.NewReader(""), exact: &w.stdout, exactErr: &w.stderr,
		surroundings: surroundings{dir: w.dir, home: w.state,
			lookup: func(name string) (string, bool) { v, ok := vars[name]; return v, ok }},
		signals: &signals{c: make(chan os.Signal), tell: &w.stderr},
	}
	return w
}

// run runs a command line and returns its status.
func (w *world) run(args ...string) int {
	w.stdout.Reset()
	w.stderr.Reset()
	return program(args, &w.stdio)
}

func (w *world) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Each command line ends with its status and says why on standard error alone.
func TestStatuses(t *testing.T) {
	const none = "unix:///nonexistent/podman.sock"
	for _, tt := range []struct {
		line   string
		status int
		says   string // on standard error
	}{
		{"", 2, "error: no command is given"},
		{"--help", 0, ""},
		{"-h", 0, ""},
		{"help", 0, ""},
		{"help run", 0, ""},
		{"run --help", 0, ""},
		{"help frobnicate", 2, `unknown command "frobnicate"`},
		{"plna triton", 2, "hint: zlaunch plan"},
		{"--conection x ps", 2, "did you mean --connection?"},
		{"list extra", 2, `unexpected argument "extra"`},
		{"list -- extra", 2, `there is no workload to give it to`},
		{"list -test.v", 2, "unknown option -test.v"},
		{"-test.v list", 2, "unknown option -test.v"},
		{"list --test.v", 2, "unknown option --test.v"},
		{"run", 125, "hint: zlaunch list"},
		{"run -test.nope triton", 125, "unknown option -test.nope"},
		{"run --modles m triton", 125, "did you mean --models?"},
		{"run triton extra", 125, "stands behind --"},
		{"run --cpus many triton", 125, `option --cpus does not take "many"`},
		{"run --models", 125, "option --models needs a value"},
		{"run -x triton", 125, "unknown option -x"},
		{"run --json triton", 125, "--json needs --detach"},
		{"run --ready-timeout=-1s triton", 125, "does not take"},
		{"run trition", 125, "did you mean triton?"},
		{"run --url " + none + " triton", 125, "connecting to " + none},
		{"--url " + none + " run triton", 125, "connecting to " + none},
		{"exec triton", 125, "a run and a command are needed"},
		{"exec --url " + none + " triton -- ls -test.v", 125, "connecting to"},
		{"plan --podman --json triton", 2, "--json and --podman are two outputs"},
		{"plan --docker --podman triton", 2, "--docker and --podman are two outputs"},
		{"plan --url " + none + " triton", 3, "connecting to"},
		{"plan --url ftp://x triton", 3, `scheme "ftp"`},
		{"ps --url " + none + " --connection x", 2, "name two engines"},
		{"ps --url " + none, 3, "hint:"},
		{"logs --tail -1 x", 2, "--tail"},
		{"stop", 2, "an argument is missing"},
		{"stop --all x", 2, "two wishes"},
		{"pull", 2, "no profile is named"},
		{"list --arch x86_64", 2, "hint: --arch is one of amd64, arm64, ppc64le, s390x"},
		{"ps --color sometimes", 2, "hint: --color is one of auto, always, never"},
		{"doctor --fix --json", 2, "two outputs"},
		{"show", 2, "an argument is missing\nzlaunch: hint: zlaunch help show"},
		{"waivers", 2, "hint: zlaunch help waivers"},
		{"show tritn", 3, "did you mean triton?"},
		{"approve other.toml", 2, "only files called profiles.toml and zlaunch.lock"},
		{"approve", 3, "there is no such file"},
		{"audit", 2, "nothing to audit is named"},
		{"audit --json --sarif x", 2, "different outputs"},
		{"audit --standard pss x", 2, "--standard is one of"},
		{"audit --fail-on huge x", 2, "--fail-on is one of"},
		{"audit --catalogue 1999.1 x", 3, "judging by catalogue"},
		{"audit ./nothing.container", 3, "hint: ls -l"},
		{"audit web.contaner", 3, "hint: ls -l"},
		{"audit tritn", 3, "did you mean triton?"},
		{"audit --container x --url " + none, 3, "connecting to"},
		{"audit -- frobnicate", 3, "frobnicate"},
		{"explain", 2, "name a control"},
		{"explain ZL-999", 3, "no such control"},
		{"explain ZL-203 cap-drop-all 207", 0, ""},
		{"explain --all", 0, ""},
		{"completion tcsh", 2, "bash, fish, zsh"},
		{"completion bash", 0, ""},
		{"version", 0, ""},
		{"--version", 0, ""},
	} {
		t.Run(tt.line, func(t *testing.T) {
			w := newWorld(t)
			got := w.run(strings.Fields(tt.line)...)
			if got != tt.status {
				t.Errorf("status %d, want %d; standard error:\n%s", got, tt.status, w.stderr.String())
			}
			if !strings.Contains(w.stderr.String(), tt.says) || tt.says == "" && w.stderr.Len() > 0 {
				t.Errorf("standard error lacks %q:\n%s", tt.says, w.stderr.String())
			}
			if (tt.status == 0) != (w.stdout.Len() > 0) {
				t.Errorf("standard output: %q", w.stdout.String())
			}
		})
	}
}

// JSON is JSON, carries its schema and lists every built-in profile.
func TestListJSON(t *testing.T) {
	w := newWorld(t)
	if status := w.run("list", "--arch", "s390x", "--json"); status != 0 {
		t.Fatalf("status %d: %s", status, w.stderr.String())
	}
	var doc report.List
	if err := json.Unmarshal(w.stdout.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Schema != "zlaunch.dev/list/v1" || len(doc.Profiles) < 13 {
		t.Errorf("schema %q, %d profiles", doc.Schema, len(doc.Profiles))
	}
	for _, p := range doc.Profiles {
		if status := w.run("show", p.Name, "--json"); status != 0 {
			t.Errorf("show %s: %d: %s", p.Name, status, w.stderr.String())
		}
	}
}

// A reader that went away ends a listing as a signal would, without a word.
func TestClosedOutput(t *testing.T) {
	r, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	defer out.Close()
	s := watchSignals(&bytes.Buffer{}) // catches SIGPIPE, as main does
	defer s.stop()
	w := newWorld(t)
	w.exact = out
	if status := w.run("list"); status != 128+13 || w.stderr.Len() > 0 {
		t.Errorf("status %d: %s", status, w.stderr.String())
	}
}
