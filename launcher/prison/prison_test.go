package prison

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/launch"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/scan/reports"
)

// What is no database of a scanner is refused before anything runs.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("good/metadata.json", `{"Version":2,"UpdatedAt":"2026-11-20T08:00:00Z"}`)
	write("undated/metadata.json", `{"Version":2}`)
	write("empty/x", "")
	trivy := &profile.Scanner{Tool: "trivy", Image: "/i", Database: "/d"}
	own := &profile.Scanner{Tool: "trivy", Image: "/i"}
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	p := &Prison{Runner: &launch.Runner{Now: func() time.Time { return now }}}
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		of   *profile.Scanner
		dir  string
		most time.Duration
		says string // "" it is fine
	}{
		"good":         {trivy, "good", 0, ""},
		"young":        {trivy, "good", 3 * day, ""},
		"old":          {trivy, "good", day, "its database is stale"},
		"nobody's":     {trivy, "", 0, "no directory was named"},
		"not there":    {trivy, "none", 0, "is not there"},
		"a file":       {trivy, "empty/x", 0, "is no directory"},
		"empty":        {trivy, "empty", 0, "has no metadata.json"},
		"undated":      {trivy, "undated", 0, "does not say UpdatedAt"},
		"its own":      {own, "", 0, ""},
		"one too many": {own, "good", 0, "brings its own"},
	} {
		if c.dir != "" {
			c.dir = filepath.Join(dir, c.dir)
		}
		d, err := p.open(context.Background(), c.of, Scanner{Database: c.dir, MaxAge: c.most})
		if (err == nil) != (c.says == "") || err != nil && (!strings.Contains(err.Error(), c.says) || hint.Of(err) == "") {
			t.Errorf("%s: %+v, %v, hint %q", name, d, err, hint.Of(err))
		}
		if err == nil && c.dir != "" && (d.built.IsZero() || !strings.HasPrefix(d.digest, "sha256:")) {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

// A database that changes while it is looked into is no evidence.
func TestSame(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "vulnerability.db"), []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := (&Prison{Runner: &launch.Runner{}}).open(context.Background(), &profile.Scanner{Tool: "grype", Image: "/i", Database: "/d"}, Scanner{Database: dir})
	if err != nil || d.same(context.Background()) != nil {
		t.Fatalf("%+v, %v", d, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "vulnerability.db"), []byte("b"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.same(context.Background()); err == nil || !strings.Contains(err.Error(), "changed meanwhile") {
		t.Error(err)
	}
}

func TestYoung(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		built time.Time
		most  time.Duration
		says  string
	}{
		"young": {now.Add(-day), 5 * day, ""}, "old": {now.Add(-6 * day), 5 * day, "stale: it is of 2026-11-24 12:00:00, 6 days ago, and at most 5 days"},
		"unknown": {time.Time{}, 5 * day, "no known day"}, "to come": {now.Add(day), 5 * day, "still to come"},
		"any": {time.Time{}, 0, ""}, "a fast clock": {now.Add(time.Minute), day, ""}, "hours": {now.Add(-30 * time.Hour), day, "30 hours ago, and at most 24 hours"},
	} {
		err := database{}.young(c.built, c.most, now)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// How a scanner ended is said by what it was, with its last words and no more.
func TestFailed(t *testing.T) {
	for name, c := range map[string]struct {
		ended launch.Captured
		said  string
		text  string
		hint  string
	}{
		"status":  {launch.Captured{Code: 3}, "no idea", "status 3; its last lines:\n  no idea", "--scanner"},
		"memory":  {launch.Captured{Code: 137, OOM: true}, "", "more memory than it may", "--memory"},
		"killed":  {launch.Captured{Code: 137}, "", "it was killed", "--memory"},
		"network": {launch.Captured{Code: 1}, "Get \"https://x\": dial tcp: lookup x: no such host", "status 1", "no network, on purpose"},
	} {
		err := failed(&c.ended, c.said)
		if !strings.Contains(err.Error(), c.text) || !strings.Contains(hint.Of(err), c.hint) {
			t.Errorf("%s: %v, hint %q", name, err, hint.Of(err))
		}
	}
}

func TestTail(t *testing.T) {
	var said tail
	for range 1000 {
		_, _ = io.WriteString(&said, strings.Repeat("x", 99)+"\n")
	}
	_, _ = io.WriteString(&said, "\xff the end\n")
	if got := said.String(); len(got) > maxSaid+2 || !strings.HasSuffix(got, "? the end") {
		t.Errorf("%d bytes: …%q", len(got), got[len(got)-20:])
	}
}

// What never ends is refused at the bound, whatever it is.
func TestBound(t *testing.T) {
	endless := io.MultiReader(strings.NewReader(`{"SchemaVersion": 2, "Results": [`), &again{})
	_, err := reports.Read(&bound{endless, 1 << 20}, reports.About{})
	if err == nil || !strings.Contains(err.Error(), "prints more than") {
		t.Error(err)
	}
	if _, err := io.ReadAll(&bound{strings.NewReader("abc"), 3}); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadAll(&bound{strings.NewReader("abcd"), 3}); errors.Is(err, io.EOF) || err == nil {
		t.Error(err)
	}
}

// again is results of a report without an end.
type again struct{ at int }

func (a *again) Read(p []byte) (int, error) {
	const one = `{"Class": "os-pkgs"},`
	for i := range p {
		p[i] = one[a.at%len(one)]
		a.at++
	}
	return len(p), nil
}
