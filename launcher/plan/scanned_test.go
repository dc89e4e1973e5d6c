package plan

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/records"
)

// A policy that asks for a scan refuses a run of an image without one, by its own sentence
// and with what to type, and lets it through with one.
func TestScanAtLaunch(t *testing.T) {
	const asks = "[scan]\nrequired = true\nmax_age = \"7d\"\nseverity = \"high\"\nfixable_only = true\n"
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	kept := func(change func(*scan.Scan)) func(t *testing.T, d records.Dir) {
		return func(t *testing.T, d records.Dir) {
			s := &scan.Scan{Image: scan.Image{Config: "sha256:" + strings.Repeat("1", 64)}, Tool: scan.Tool{Name: "trivy"}, Scanned: now.Add(-time.Hour), Packages: 5, Raw: "sha256:" + strings.Repeat("2", 64)}
			change(s)
			if _, err := d.Keep(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	hole := func(s *scan.Scan) {
		s.Findings = []scan.Finding{{ID: "CVE-1", Package: "openssl", Installed: "1", Fixed: []string{"2"}, State: scan.Fixed, Class: scan.OS, Ratings: []scan.Rating{scan.NewRating("trivy", "high", "", 0)}}}
	}
	for name, c := range map[string]struct {
		prepare func(t *testing.T, d records.Dir)
		says    string // "" it runs
		waive   string
	}{
		"a hole that is waived": {kept(hole), "", "ZL-911@CVE-1=nobody reaches it"},
		"another one":           {kept(hole), "CVE-1 in openssl 1 is high", "ZL-911@CVE-2=nobody reaches it"},
		"a waiver of no scan":   {func(*testing.T, records.Dir) {}, "no scan of it is known", "ZL-911@CVE-1=nobody reaches it"},
		"no record":             {func(*testing.T, records.Dir) {}, "a scanner must have looked at the image, no scan of it is known", ""},
		"a record":              {kept(func(*scan.Scan) {}), "", ""},
		"an old one":            {kept(func(s *scan.Scan) { s.Scanned = now.Add(-8 * 24 * time.Hour) }), "the scan by trivy is 8 days old", ""},
		"a hole":                {kept(hole), "CVE-1 in openssl 1 is high, and 2 mends it", ""},
		"one that somebody broke": {func(t *testing.T, d records.Dir) {
			kept(hole)(t, d)
			if err := os.WriteFile(filepath.Join(string(d), strings.Repeat("1", 64)+".json"), []byte(`{"schema":"zlaunch.dev/scan-record/v1","scans":[`), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "its records cannot be read", ""},
		"of another image": {kept(func(s *scan.Scan) { s.Image.Config = "sha256:" + strings.Repeat("3", 64) }), "no scan of it is known", ""},
	} {
		t.Run(name, func(t *testing.T) {
			pl := under(t, server, ibm, asks)
			pl.Dirs.State = t.TempDir()
			c.prepare(t, records.Dir(filepath.Join(pl.Dirs.State, "scans")))
			p, err := pl.Plan(t.Context(), Options{Profile: "web", Models: t.TempDir(), Waive: slices.DeleteFunc([]string{"ZL-206=r", "ZL-203=r", c.waive}, func(s string) bool { return s == "" })})
			if err != nil {
				t.Fatal(err)
			}
			got, hints := "", ""
			for _, pr := range p.Problems {
				if pr.Fatal && pr.Control == "ZL-004" {
					got, hints = got+pr.Message+"\n", hints+pr.Hint
				}
			}
			if (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
				t.Errorf("it says %q, not %q", got, c.says)
			}
			if got != "" && !strings.Contains(hints, "zlaunch scan --import") && !strings.Contains(hints, "take an image") && !strings.Contains(hints, "ask sec@example.org") {
				t.Errorf("hints %q", hints)
			}
		})
	}
}

// The controls say what the records show, and where there are none, that nothing is known;
// a waiver of one vulnerability permits it and no other.
func TestScanControls(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	image := scan.Image{Config: "sha256:" + strings.Repeat("1", 64)}
	hole := func(id, label string, state scan.FixState) scan.Finding {
		return scan.Finding{ID: id, Package: "openssl", Installed: "1", State: state, Class: scan.OS, Ratings: []scan.Rating{scan.NewRating("trivy", label, "", 0)}, Seen: []string{"trivy"}}
	}
	called := func(f scan.Finding, aliases ...string) scan.Finding { f.Aliases = aliases; return f }
	by := func(tool string, at time.Time, holes ...scan.Finding) *scan.Scan {
		return &scan.Scan{Image: image, Tool: scan.Tool{Name: tool}, Scanned: at, Packages: 5, Findings: holes}
	}
	for name, c := range map[string]struct {
		scanned policy.Scanned
		want    string
	}{
		"nothing":     {policy.Scanned{Image: image}, "ZL-910 open, ZL-911 open, ZL-912 open"},
		"unreadable":  {policy.Scanned{Image: image, Unread: os.ErrInvalid}, "ZL-910 open, ZL-911 open, ZL-912 open"},
		"clean":       {policy.Scanned{Image: image, Scans: []*scan.Scan{by("trivy", now)}}, "ZL-910 pass, ZL-911 pass, ZL-912 pass"},
		"old":         {policy.Scanned{Image: image, Scans: []*scan.Scan{by("trivy", now.AddDate(0, 0, -8))}}, "ZL-910 fail, ZL-911 pass, ZL-912 pass"},
		"of no day":   {policy.Scanned{Image: image, Scans: []*scan.Scan{by("trivy", time.Time{})}}, "ZL-910 open, ZL-911 pass, ZL-912 pass"},
		"holes":       {policy.Scanned{Image: image, Scans: []*scan.Scan{by("trivy", now, hole("CVE-1", "high", scan.Fixed), hole("CVE-2", "critical", scan.NotFixed), hole("CVE-3", "low", scan.Fixed))}}, "ZL-910 pass, ZL-911 fail CVE-1, ZL-912 pass"},
		"an advisory": {policy.Scanned{Image: image, Scans: []*scan.Scan{by("trivy", now, called(hole("ALAS-1", "high", scan.Fixed), "CVE-1", "CVE-2"))}}, "ZL-910 pass, ZL-911 fail ALAS-1, ZL-912 pass"},
		"one of two":  {policy.Scanned{Image: image, Scans: []*scan.Scan{by("trivy", now, called(hole("CVE-1", "high", scan.Fixed), "CVE-2"))}}, "ZL-910 pass, ZL-911 fail CVE-1, ZL-911 fail CVE-2, ZL-912 pass"},
		"two, and so": {policy.Scanned{Image: image, Scans: []*scan.Scan{by("trivy", now, hole("CVE-3", "low", scan.Fixed)), by("grype", now)}}, "ZL-910 pass, ZL-911 pass, ZL-912 review"},
	} {
		var got []string
		for _, f := range ScanFindings(c.scanned, now) {
			got = append(got, strings.TrimSpace(f.Control.ID+" "+f.Verdict.String()+" "+f.At.String()))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %s, not %s", name, strings.Join(got, ", "), c.want)
		}
	}
	found := ScanFindings(policy.Scanned{Image: image, Scans: []*scan.Scan{by("trivy", now, hole("CVE-1", "high", scan.Fixed), hole("CVE-2", "high", scan.Fixed))}}, now)
	w, err := audit.ParseWaiver(`ZL-911@CVE-1="nobody reaches it"`)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, f := range audit.Waive(found, []audit.Waiver{w}, now) {
		if f.Verdict == audit.Fail {
			left = append(left, f.At.String())
		}
	}
	if strings.Join(left, " ") != "CVE-2" {
		t.Errorf("left are %v", left)
	}
}

// An image is judged by the day it says, where that can be its own.
func TestImageRecent(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		img  *effective.Image
		want audit.Verdict
	}{
		"yesterday":        {&effective.Image{Created: now.Add(-24 * time.Hour)}, audit.Pass},
		"90 days":          {&effective.Image{Created: now.Add(-recent)}, audit.Pass},
		"more":             {&effective.Image{Created: now.Add(-recent - time.Hour)}, audit.Fail},
		"of the epoch":     {&effective.Image{Created: time.Unix(0, 0)}, audit.Open},
		"no day":           {&effective.Image{}, audit.Open},
		"tomorrow":         {&effective.Image{Created: now.Add(24 * time.Hour)}, audit.Open},
		"not on this host": {nil, audit.Open},
	} {
		if got := AgeFindings(c.img, now); len(got) != 1 || got[0].Control != audit.ImageRecent || got[0].Verdict != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
