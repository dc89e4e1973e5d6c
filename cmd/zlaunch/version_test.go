package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

const someCommit = "0123456789abcdef0123456789abcdef01234567"

// link sets what the linker would, for one test.
func link(t *testing.T, v, c, at string) {
	t.Helper()
	before := [...]string{version, commit, commitTime}
	version, commit, commitTime = v, c, at
	t.Cleanup(func() { version, commit, commitTime = before[0], before[1], before[2] })
}

func TestVersionSource(t *testing.T) {
	stamp := []debug.BuildSetting{{Key: "vcs.revision", Value: "stamped"}, {Key: "vcs.time", Value: "then"}, {Key: "vcs.modified", Value: "true"}}
	for _, tt := range []struct {
		name, version, commit, at string
		stamp                     []debug.BuildSetting
		want                      string
	}{
		{"linked", "v1.2.3", someCommit, "2026-01-02T03:04:05Z", nil, someCommit + " 2026-01-02T03:04:05Z clean"},
		{"linked and changed", "v1.2.3-dirty", someCommit, "2026-01-02T03:04:05Z", nil, someCommit + " 2026-01-02T03:04:05Z modified"},
		{"linked wins whole", "v1.2.3", someCommit, "", stamp, someCommit + "  clean"},
		{"stamped", "", "", "", stamp, "stamped then modified"},
		{"version alone says nothing of the commit", "v1.2.3-dirty", "", "", nil, "  unknown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			link(t, tt.version, tt.commit, tt.at)
			var b built
			b.source(tt.stamp)
			state := "unknown"
			if b.Modified != nil {
				state = map[bool]string{true: "modified", false: "clean"}[*b.Modified]
			}
			if got := b.Commit + " " + b.CommitTime + " " + state; got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestVersionText(t *testing.T) {
	link(t, "v1.2.3-4-g0123456-dirty", someCommit, "2026-01-02T03:04:05Z")
	w := newWorld(t)
	if got := w.run("version"); got != 0 {
		t.Fatal(got, w.stderr.String())
	}
	want := "zlaunch v1.2.3-4-g0123456-dirty commit 0123456789ab+changes " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	if !strings.HasPrefix(w.stdout.String(), want) {
		t.Errorf("got %q, want it to begin with %q", w.stdout.String(), want)
	}
}

// A program as make links it says all there is, in the published form. Only a
// linked program has modules to tell: a test binary records none.
func TestVersionOfABuiltProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	program := filepath.Join(t.TempDir(), "zlaunch")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", program, "-ldflags",
		"-X main.version=v9.9.9 -X main.commit="+someCommit+" -X main.commitTime=2026-01-02T03:04:05Z", ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := exec.Command(program, "version", "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	conforms(t, out)
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"schema": "zlaunch.dev/version/v1", "version": "v9.9.9", "commit": someCommit, "commit_time": "2026-01-02T03:04:05Z",
		"modified": false, "platform": runtime.GOOS + "/" + runtime.GOARCH, "podman_bindings": required(t, bindings),
		"podman_minimum": podman.Oldest, "catalogue": audit.Version,
	} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
}

func TestVersionWithoutAnything(t *testing.T) {
	link(t, "", "", "")
	w := newWorld(t)
	if got := w.run("version", "--json"); got != 0 {
		t.Fatal(got, w.stderr.String())
	}
	conforms(t, w.stdout.Bytes())
}

// conforms holds doc against the published form.
func conforms(t *testing.T, doc []byte) {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "docs", "schema", "version-v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(doc)))
	if err != nil {
		t.Fatalf("%v: %s", err, doc)
	}
	if err := schema.Validate(v); err != nil {
		t.Errorf("%v\n%s", err, doc)
	}
}

// required is the version of a module that go.mod asks for.
func required(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "\t"+path+" ")
	v, _, _ := strings.Cut(after, "\n")
	return v
}
