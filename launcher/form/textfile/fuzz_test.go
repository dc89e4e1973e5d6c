package textfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zlaunch/zlaunch/launcher/form/textfile"
)

// kinds are names of one file of each kind.
var kinds = []string{"a.sh", "README.md", "Makefile", "ci.yml", "package.json", "Dockerfile", "a.py", "a.html", "a", "", "a.rst", "a.ps1", "a.bat", "a.conf", "crontab", "Procfile", "justfile", "a.ipynb"}

// FuzzRead reads a text as every kind of file: no panic, nothing raw in what is
// said, every word where it is said to be, and no run without a word: where a text
// names an engine in front of "run" as words of their own, something is read or open.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*")
	for _, name := range files {
		if data, err := os.ReadFile(name); err == nil && !strings.HasSuffix(name, ".golden") {
			for i := range kinds {
				f.Add(string(data), uint8(i))
			}
		}
	}
	for _, seed := range []string{"&a [*a, *a]", "a: &x [*x]\n<<: *x\n", "- |\n podman run x\n- >-\n  docker\n  run x", "\t@$(X) run\n", "`````\n", "> > ```\n> podman run x",
		"RUN <<E\npodman run x\nE\n", "a:\n  - [podman]\n  - {podman: run}\n", "%YAML 9\n---\n", "$ podman run \\\n", "\tpodman run $(A$(B)) $$ $", "RUN \\\n#\n\\", "{{podman run}}"} {
		for i := range kinds {
			f.Add(seed, uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, text string, of uint8) {
		name := kinds[int(of)%len(kinds)]
		runs, open, err := textfile.Read(name, []byte(text))
		if err != nil && strings.ContainsAny(strings.ReplaceAll(err.Error(), "\n", ""), "\x1b\x00") {
			t.Errorf("raw escape in %q", err)
		}
		for _, o := range open {
			if strings.ContainsAny(o.Why, "\x1b\x00\n") {
				t.Errorf("raw escape in %q", o.Why)
			}
		}
		for _, r := range runs {
			for p, words := range r.At {
				for _, w := range words {
					if w < 0 || w >= len(r.Words) {
						t.Fatalf("%s is decided by word %d of %d", p, w, len(r.Words))
					}
				}
			}
			for _, w := range r.Words {
				if name != "" && w.Line > len(r.Lines) {
					t.Errorf("a word of line %d of %d", w.Line, len(r.Lines))
				}
			}
		}
		if len(runs)+len(open) == 0 && err == nil {
			t.Error("nothing is said at all")
		}
	})
}

// A run that stands as a line of its own is read or open wherever it stands in a
// file of any kind, but in a comment of the kind's own.
func FuzzNothingIsSilent(f *testing.F) {
	for i := range kinds {
		f.Add("# Title\n\nIt's\n", "\n", uint8(i))
		f.Add("all:\n\t", "\n\techo\n", uint8(i))
		f.Add("- run: |\n    ", "\n", uint8(i))
		f.Add("{\"a\": \"", "\"}", uint8(i))
		f.Add("RUN ", " && true", uint8(i))
		f.Add("```\n$ ", "\nout\n```\n", uint8(i))
	}
	f.Fuzz(func(t *testing.T, before, after string, of uint8) {
		name := kinds[int(of)%len(kinds)]
		if strings.ContainsAny(before+after, ">#\\\"'`<!$\x00") || !utf8.ValidString(before+after) || before != "" && !strings.HasSuffix(before, " ") && !strings.HasSuffix(before, "\n") && !strings.HasSuffix(before, "\t") {
			return // it may be a comment, or the word another
		}
		text := before + "podman run --privileged localhost/x:1" + after
		runs, open, err := textfile.Read(name, []byte(text))
		if err == nil && len(runs)+len(open) > 0 || err != nil && !strings.Contains(err.Error(), "no container is run in it") {
			return
		}
		t.Errorf("%s is silent: %q", name, text)
	})
}
