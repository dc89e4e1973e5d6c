package subject

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// write makes the files of a directory and returns it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A word names what its file holds: runs, units of a directory, or why there is none.
func TestPath(t *testing.T) {
	const unit = "[Container]\nImage=registry.example/x:1\n"
	dir := write(t, map[string]string{
		"run.sh":              "podman run x:1\npodman run y:1\n",
		"rest.sh":             "podman run x:1\neval \"$HIDDEN\"\n",
		"web.container":       unit,
		"units/a.container":   unit,
		"units/b.container":   unit,
		"mixed/a.container":   unit,
		"mixed/run.sh":        "podman run x:1\n",
		"mixed/README.md":     "It's `podman run x:1`.\n",
		"mixed/picture.png":   "\x89PNG\x00",
		"mixed/tool":          "\x7fELF\x00podman run x",
		"mixed/program":       strings.Repeat("\x00", MaxFile+1),
		"mixed/large":         strings.Repeat("#", MaxFile+1),
		"start.service":       "[Service]\nExecStart=podman run x:1\n",
		"idle.service":        "[Service]\nExecStart=/bin/true\n",
		"build.build":         "[Build]\nImageTag=x\n",
		"empty/notes":         "nothing",
		"project/x":           "",
		"other/profiles.toml": "schema = 1\n",
		"large.sh":            strings.Repeat("#", MaxFile+1),
	})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ want, err string }{
		"run.sh":              {"run.sh#1 run.sh#2", ""},
		"rest.sh":             {"rest.sh rest.sh (the rest)", ""},
		"web.container":       {"web.container", ""},
		"units":               {"units/a.container units/b.container", ""},
		"mixed":               {"mixed/README.md mixed/a.container mixed/large mixed/run.sh mixed/tool", ""},
		"start.service":       {"start.service", ""},
		"idle.service":        {"", "no container is run in it"},
		"empty":               {"", "there is no unit in it"},
		"other/profiles.toml": {"", "it holds profiles"},
		"large.sh":            {"", "larger than 16 MiB"},
		"pipe":                {"", "it is a FIFO"},
		"nowhere":             {"", "no such file"},
	} {
		t.Run(strings.ReplaceAll(name, "/", "_"), func(t *testing.T) {
			pending, err := Files{}.Path(filepath.Join(dir, name))
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, want %q", err, c.err)
				}
				return
			}
			var got []string
			for _, p := range pending {
				got = append(got, strings.TrimPrefix(p().Subject, dir+"/"))
			}
			if s := strings.Join(got, " "); err != nil || s != c.want {
				t.Errorf("got %q, %v; want %q", s, err, c.want)
			}
		})
	}
}

func TestLine(t *testing.T) {
	pending, err := Files{}.Line([]string{"podman", "run", "--privileged", "x:1"})
	if err != nil || len(pending) != 1 {
		t.Fatalf("%d subjects, %v", len(pending), err)
	}
	if a := pending[0](); a.Kind != "line" || verdictOf(a, "ZL-201") != "fail" {
		t.Errorf("%s: ZL-201 %s", a.Kind, verdictOf(a, "ZL-201"))
	}
	if _, err := (Files{}).Line([]string{"ls"}); err == nil {
		t.Error("a run without an image is read")
	}
	if !IsPath("./x") || !IsPath("x.sh") || IsPath("triton") {
		t.Error("paths and names are mixed up")
	}
}

func verdictOf(a *Audited, control string) string {
	for _, f := range a.Findings {
		if f.Control.ID == control {
			return f.Verdict.String()
		}
	}
	return "absent"
}
