package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

var update = flag.Bool("update", false, "rewrite docs/man and docs/schema/*.schema.json")

// The manual pages of docs are those the table prints, and the schemas of files are those
// of their readers. With -update this test
// makes them so. (The completion scripts do not change with the table.)
func TestDocsUpToDate(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	want := map[string][]byte{}
	page := func(name string, print func(*bytes.Buffer) error) {
		var b bytes.Buffer
		if err := print(&b); err != nil {
			t.Fatal(err)
		}
		want[filepath.Join(docs, "man", name)] = b.Bytes()
	}
	page("zlaunch.1", func(b *bytes.Buffer) error { return manual(b) })
	for _, c := range visible() {
		page("zlaunch-"+c.name()+".1", func(b *bytes.Buffer) error { return c.man(b) })
	}
	for _, s := range topics {
		page("zlaunch-"+s.page(), func(b *bytes.Buffer) error { return s.filled().man(b) })
	}
	for file, of := range map[string]string{"profile": "", "bundle": "bundle.toml", "lock": "zlaunch.lock", "stack": "stack.toml"} {
		schema, err := schemaFor(of)
		if err != nil {
			t.Fatal(err)
		}
		want[filepath.Join(docs, "schema", file+".schema.json")] = schema
	}
	sameFiles(t, want, filepath.Join(docs, "man", "*"), filepath.Join(docs, "schema", "*.schema.json"))
}

// sameFiles holds the files that globs find against want.
func sameFiles(t *testing.T, want map[string][]byte, globs ...string) {
	t.Helper()
	var have []string
	for _, g := range globs {
		found, err := filepath.Glob(g)
		if err != nil {
			t.Fatal(err)
		}
		have = append(have, found...)
	}
	for _, name := range have {
		if _, ok := want[name]; !ok {
			stale(t, name, os.Remove, "does not belong there")
		}
	}
	for name, text := range want {
		got, err := os.ReadFile(name)
		if err == nil && bytes.Equal(got, text) {
			continue
		}
		write := func(name string) error {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				return err
			}
			return os.WriteFile(name, text, 0o644)
		}
		stale(t, name, write, "is not what the command table prints")
	}
}

func stale(t *testing.T, name string, mend func(string) error, what string) {
	t.Helper()
	if !*update {
		t.Errorf("%s %s: go test ./cmd/zlaunch -run TestDocsUpToDate -update", name, what)
		return
	}
	if err := mend(name); err != nil {
		t.Fatal(err)
	}
}

// groff finds nothing to warn of in the manual pages.
func TestManualPages(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is not installed here")
	}
	names, err := filepath.Glob(filepath.Join("..", "..", "docs", "man", "*.[1-9]"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	slices.Sort(names)
	for _, name := range names {
		cmd := exec.Command(groff, "-man", "-Tutf8", "-ww", name)
		var warnings bytes.Buffer
		cmd.Stderr = &warnings
		if err := cmd.Run(); err != nil || warnings.Len() > 0 {
			t.Errorf("%s: %v: %s", name, err, warnings.String())
		}
	}
}

// What the README and docs/layout.md point at is there.
func TestDocsPointAtFiles(t *testing.T) {
	root := filepath.Join("..", "..")
	for doc, pattern := range map[string]string{
		"docs/layout.md": "`((?:cmd|docs|launcher|profiles)/[a-z0-9_/.-]*)`",
		"README.md":      `\]\(([a-z][^):]*)\)`,
	} {
		text, err := os.ReadFile(filepath.Join(root, doc))
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1)
		if len(found) < 5 {
			t.Errorf("%s: only %d files are named", doc, len(found))
		}
		for _, m := range found {
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s names %s: %v", doc, m[1], err)
			}
		}
	}
}

// What the README shows of an audit is how it ends.
func TestReadmeAudit(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, shown, found := strings.Cut(string(text), "    $ zlaunch audit ")
	line, shown, _ := strings.Cut(shown, "\n")
	shown, _, ended := strings.Cut(shown, "    zlaunch audit triton")
	if !found || !ended {
		t.Fatal("the README shows no audit")
	}
	w := newWorld(t)
	others := w.lookup
	w.lookup = func(name string) (string, bool) {
		if name == "LC_ALL" {
			return "C.UTF-8", true
		}
		return others(name)
	}
	w.run(append([]string{"audit"}, strings.Fields(line)...)...)
	for _, mark := range []string{"✓ ", "→ "} {
		_, rest, _ := strings.Cut(shown, mark)
		want, _, _ := strings.Cut(mark+rest, "\n")
		if !strings.Contains(w.stdout.String(), want+"\n") {
			t.Errorf("the README has %q, the audit says\n%s", want, w.stdout.String())
		}
	}
}

// What the topics show is what the program reads.
func TestTopics(t *testing.T) {
	waive := regexp.MustCompile(`--waive (?:'([^']+)'|(\S+="[^"]+"))`)
	for _, m := range waive.FindAllStringSubmatch(findTopic("waivers").text, -1) {
		w, err := audit.ParseWaiver(m[1] + m[2])
		if err == nil {
			err = w.Check(time.Now())
		}
		if err != nil {
			t.Errorf("%s: %v", m[0], err)
		}
	}
	w := newWorld(t)
	for _, s := range topics {
		if find(s.name) != nil {
			t.Errorf("%s is a command and a topic", s.name)
		}
		if status := w.run("help", s.name); status != exitOK || !strings.HasPrefix(w.stdout.String(), s.name+" - ") {
			t.Errorf("help %s: status %d: %s", s.name, status, w.stdout.String())
		}
		if s.terms == nil && s.text == "" {
			t.Errorf("%s says nothing", s.name)
		}
	}
	if w.run("help"); !strings.Contains(w.stdout.String(), "\nTopics:\n  waivers ") {
		t.Errorf("the overview names no topics:\n%s", w.stdout.String())
	}
	if status := w.run("help", "waiver"); status != exitUsage || !strings.Contains(w.stderr.String(), "zlaunch help waivers") {
		t.Errorf("status %d: %s", status, w.stderr.String())
	}
}

// Every command that is named in a group is there.
func TestGroups(t *testing.T) {
	for i, list := range grouped() {
		if len(list) == 0 {
			t.Errorf("%s has no commands", groups[i].title)
		}
	}
}
