package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// repositoryFiles are files below the current directory of a test.
func repositoryFiles(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Every line of docs/repository.md does what the page says: what is there becomes the baseline,
// by which hooks and CI pass until something new is there.
func TestRepositoryPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/repository.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)zlaunch (audit \. [^\n>]*)`).FindAllStringSubmatch(string(page), -1)
	if len(lines) != 5 {
		t.Fatalf("%d lines: %q", len(lines), lines)
	}
	w := newWorld(t)
	t.Chdir(w.dir)
	repositoryFiles(t, map[string]string{"deploy/web.container": "[Container]\nImage=x/y:1\n", "run.sh": weakLine + "\n", "compose.yaml": "services: {db: {image: x/y:1}}\n"})
	for i, line := range lines {
		want := 0
		if i == 0 {
			want = 1 // it writes the baseline
		}
		if got := w.run(strings.Fields(line[1])...); got != want {
			t.Errorf("%s: status %d\n%s%s", line[1], got, w.stdout.String(), w.stderr.String())
		}
	}
	repositoryFiles(t, map[string]string{"more/new.sh": weakLine + "\n"})
	for _, line := range lines[1:] {
		if got := w.run(strings.Fields(line[1])...); got != 1 || !strings.Contains(w.stdout.String(), "more/new.sh") {
			t.Errorf("%s: status %d with a new file\n%s", line[1], got, w.stdout.String())
		}
	}
}

// A repository without a finding that stops ends with 0, or with 4 where what is open counts; one with
// nothing to judge with 3. The names of files drive no terminal, and every output says what became of
// the files.
func TestAuditRepository(t *testing.T) {
	w := newWorld(t)
	t.Chdir(w.dir)
	repositoryFiles(t, map[string]string{"a/run.sh": tightLine + "\n", "a/it\x1b[31m\n.py": "import os\nos.system(command)\n", "b/plain.txt": "words\n"})
	for _, c := range []struct {
		line   string
		status int
		says   string
	}{
		{"audit .", 0, "of the files below .: 1 runs containers, or may, 1 names no engine, and may run one all the same: open together, 1 holds no container"},
		{"audit . --all", 0, "b/plain.txt: holds no container"},
		{"audit . --markdown", 0, "Of the files below"},
		{"audit . --html", 0, "of the files below"},
		{"audit . --json", 0, `"outcome": "hold no container"`},
		{"audit . --fail-on-open", 4, ". (the rest)"},
		{"audit . --exclude a", 3, "1 is excluded"},
		{"audit . --exclude [", 2, ""},
		{"audit b", 3, "1 holds no container"},
	} {
		got := w.run(strings.Fields(c.line)...)
		said := strings.Join(strings.Fields(w.stdout.String()), " ")
		if got != c.status || !strings.Contains(said, c.says) || slices.Contains(w.stdout.Bytes(), 0x1b) {
			t.Errorf("%s: status %d, want %d\n%s%s", c.line, got, c.status, w.stdout.String(), w.stderr.String())
		}
	}
}
