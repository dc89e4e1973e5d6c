package plan

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/records"
)

// A waiver of the command line that permits nothing is told beside the refusal, by its words; one
// that permits something is not.
func TestIdleWaivers(t *testing.T) {
	pl := under(t, server, ibm, "[scan]\nseverity = \"high\"\n")
	pl.Dirs.State = t.TempDir()
	hole := scan.Finding{ID: "CVE-1", Package: "openssl", Installed: "1", State: scan.NotFixed, Class: scan.OS, Ratings: []scan.Rating{scan.NewRating("trivy", "high", "", 0)}}
	other := hole
	other.ID = "CVE-2"
	s := &scan.Scan{Image: scan.Image{Config: "sha256:" + strings.Repeat("1", 64)}, Tool: scan.Tool{Name: "trivy"}, Scanned: pl.Now().Add(-time.Hour), Packages: 5,
		Raw: "sha256:" + strings.Repeat("2", 64), Findings: []scan.Finding{hole, other}}
	if _, err := records.Dir(filepath.Join(pl.Dirs.State, "scans")).Keep(s); err != nil {
		t.Fatal(err)
	}
	for waive, want := range map[string]string{
		"ZL-911@CVE-1":         "",
		"ZL-911@CVE-1 openssl": "",
		"ZL-911@CVE-1 tar":     "the waiver ZL-911@CVE-1 tar matches no finding",
		"ZL-911@CVE-2026-0":    "the waiver ZL-911@CVE-2026-0 matches no finding",
		"ZL-911":               "the waiver ZL-911 permits nothing that a policy asks of scans",
		"ZL-203@nowhere":       "the waiver ZL-203@nowhere matches no finding",
		"ZL-104":               "", // of the host
	} {
		p, err := pl.Plan(t.Context(), Options{Profile: "web", Models: t.TempDir(), Waive: []string{waive + "=typo"}})
		if err != nil {
			t.Fatal(err)
		}
		told := slices.ContainsFunc(p.Problems, func(pr audit.Problem) bool { return !pr.Fatal && strings.HasPrefix(pr.Message, "the waiver ") })
		next := hint.Of(p.Refusal())
		if told != (want != "") || strings.Contains(next, "the waiver ") != told || !strings.Contains(next, want) || next == "" {
			t.Errorf("%s: %v, %q", waive, told, next)
		}
	}
}
