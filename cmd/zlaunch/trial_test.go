package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/author"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// Of a profile of the user's own the proposal is a diff of its file, wherever that can be
// changed line by line; of any other it is a file that lies over it. Nothing is written.
func TestTrialChange(t *testing.T) {
	w := newWorld(t)
	w.prepare()
	at := filepath.Join(w.state, ".config", "zlaunch", "profiles.d")
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"mine":   "schema = 1\n[profile.mine]\nextends = \"demo\"\n[profile.mine.container]\nmemory = \"1g\"\n",
		"dotted": "schema = 1\n[profile.dotted]\nextends = \"demo\"\ncontainer.memory = \"1g\"\n",
		"inline": "schema = 1\n[profile.inline]\nextends = \"demo\"\ncontainer = { memory = \"1g\" }\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(at, name+".toml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	seen := &launcher.Tried{ExitCode: 1, Seen: author.Seen{
		Places:  []*author.Place{{Dir: "/var/log/x", Tops: []string{"/var/log/x/\"y"}, Files: 1}},
		Listens: []netip.AddrPort{netip.MustParseAddrPort("0.0.0.0:9999")},
		Refused: author.Refused("\x1b[2J/x: permission denied"),
	}}
	for name, patched := range map[string]bool{"mine": true, "dotted": true, "inline": false, "demo": false} {
		c, err := w.catalog(projectOptions{}, name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.ResolveBare(name, hostArch)
		if err != nil {
			t.Fatal(err)
		}
		doc := trialReport(p, seen)
		if err := change(&w.stdio, p, doc); err != nil {
			t.Fatal(err)
		}
		if (doc.Patch != "") != patched || (doc.TOML != "") == patched || !strings.Contains(doc.Patch+doc.TOML, `tmpfs."/var/log/x"`) {
			t.Errorf("%s: patch\n%s\nfile\n%s", name, doc.Patch, doc.TOML)
		}
		for _, json := range []bool{false, true} {
			w.stdout.Reset()
			if err := printTrial(&w.stdio, doc, json); err == nil || strings.Contains(w.stdout.String()+w.stderr.String(), "\x1b") {
				t.Errorf("%s: %v: %q", name, err, w.stdout.String())
			}
			if json && !strings.Contains(w.stdout.String(), report.TrialSchema) {
				t.Errorf("%s: no JSON: %s", name, w.stdout.String())
			}
		}
		if now, _ := os.ReadFile(filepath.Join(at, name+".toml")); string(now) != files[name] {
			t.Errorf("%s was changed", name)
		}
	}
}
