package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	}{
		"no record":  {func(*testing.T, records.Dir) {}, "a scanner must have looked at the image, no scan of it is known"},
		"a record":   {kept(func(*scan.Scan) {}), ""},
		"an old one": {kept(func(s *scan.Scan) { s.Scanned = now.Add(-8 * 24 * time.Hour) }), "the scan by trivy is 8 days old"},
		"a hole":     {kept(hole), "CVE-1 in openssl 1 is high, and 2 mends it"},
		"one that somebody broke": {func(t *testing.T, d records.Dir) {
			kept(hole)(t, d)
			if err := os.WriteFile(filepath.Join(string(d), strings.Repeat("1", 64)+".json"), []byte(`{"schema":"zlaunch.dev/scan-record/v1","scans":[`), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "its records cannot be read"},
		"of another image": {kept(func(s *scan.Scan) { s.Image.Config = "sha256:" + strings.Repeat("3", 64) }), "no scan of it is known"},
	} {
		t.Run(name, func(t *testing.T) {
			pl := under(t, server, ibm, asks)
			pl.Dirs.State = t.TempDir()
			c.prepare(t, records.Dir(filepath.Join(pl.Dirs.State, "scans")))
			p, err := pl.Plan(t.Context(), Options{Profile: "web", Models: t.TempDir(), Waive: []string{"ZL-206=r", "ZL-203=r"}})
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
