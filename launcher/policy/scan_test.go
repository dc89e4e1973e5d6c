package policy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// looked is a run whose image trivy looked at two days ago, and found two holes.
func looked(change func(*scan.Scan)) policy.Subject {
	image := scan.Image{Config: "sha256:" + strings.Repeat("a", 64)}
	hole := func(id, label string, state scan.FixState) scan.Finding {
		return scan.Finding{ID: id, Package: "openssl", Installed: "3.0.1", State: state, Class: scan.OS, Seen: []string{"trivy"},
			Ratings: []scan.Rating{scan.NewRating("nvd", "low", "", 0), scan.NewRating("trivy", label, "", 0)}}
	}
	s := &scan.Scan{Image: image, Tool: scan.Tool{Name: "trivy"}, Scanned: today.Add(-48 * time.Hour), Built: today.Add(-72 * time.Hour), Packages: 7,
		KEV:      &scan.Catalogue{Released: today.Add(-24 * time.Hour), Digest: "sha256:" + strings.Repeat("d", 64)},
		Findings: []scan.Finding{hole("CVE-1", "high", scan.Fixed), hole("CVE-2", "critical", scan.NotFixed)}}
	if change != nil {
		change(s)
	}
	out := run(nil)
	out.Scanned = policy.Scanned{Image: image, Scans: []*scan.Scan{s}}
	return out
}

// Every key of [scan] lets through what it should, and refuses by its own line and sentence.
func TestScan(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		change func(*scan.Scan)
		says   string // "" is met
	}{
		"a scan":           {"required = true", nil, ""},
		"of another image": {"required = true", func(s *scan.Scan) { s.Image.Config = "sha256:" + strings.Repeat("b", 64) }, "a scanner must have looked at the image, the scan is of another image"},
		"of no package":    {"required = true", func(s *scan.Scan) { s.Packages = 0 }, "site.toml:3 forbids it"},
		"young":            {`max_age = "2d"`, nil, ""},
		"old":              {`max_age = "1d"`, nil, "the scan of the image must be at most 1d old, the scan by trivy is 2 days old"},
		"of no package, by a key that has no other to say it": {`max_age = "7d"`, func(s *scan.Scan) { s.Packages = 0 }, "saw no package at all"},
		"a young database":     {`db_max_age = "3d"`, nil, ""},
		"an old database":      {`db_max_age = "2d"`, nil, "the scanner's database must be at most 2d old"},
		"nothing so bad":       {`severity = "critical"` + "\nfixable_only = true", nil, ""},
		"bad":                  {`severity = "critical"`, nil, "CVE-2 in openssl 3.0.1 is critical"},
		"two of them":          {`severity = "high"`, nil, "2 things stand against it"},
		"bad, and mended":      {`severity = "high"` + "\nfixable_only = true", nil, "CVE-1 in openssl 3.0.1 is high"},
		"by another's word":    {`severity = "high"` + "\nseverity_order = [\"nvd\"]", nil, ""},
		"nothing exploited":    {"kev = true", nil, ""},
		"exploited":            {"kev = true", func(s *scan.Scan) { s.Findings[0].KEV = true }, "CVE-1 in openssl 3.0.1 is known to be exploited"},
		"held against nothing": {"kev = true", func(s *scan.Scan) { s.KEV = nil }, "no finding of the image must be known to be exploited, the scan by trivy was held against no catalogue"},
		"by the right tool":    {`tools = ["trivy"]`, nil, ""},
		"by another tool":      {`tools = ["grype"]`, nil, "no scan of it is by grype"},
		"how alone":            {`fixable_only = true`, func(s *scan.Scan) { s.Failed = "x" }, ""},
	} {
		got := policy.Set{parse(t, "[scan]\n"+c.text)}.Judge(looked(c.change), today)
		switch {
		case len(got) != 1:
			t.Errorf("%s: %+v", name, got)
		case (got[0].Verdict == audit.Pass) != (c.says == "") || !strings.Contains(got[0].Message, c.says):
			t.Errorf("%s: %s", name, got[0].Message)
		case c.says != "" && got[0].Fix == "":
			t.Errorf("%s: no way out is told", name)
		}
	}
}

// What nobody knows breaks each key, and is told apart from what is known to be wrong; one
// file's keys do not loosen another's.
func TestScanUnknown(t *testing.T) {
	set := policy.Set{parse(t, "[scan]\nrequired = true\nmax_age = \"7d\"")}
	if got := set.Judge(run(nil), today); len(got) != 1 || got[0].Verdict != audit.Fail || !strings.Contains(got[0].Message, "digest is not known") {
		t.Errorf("%+v", got)
	}
	if got := set.Forbid(run(nil), today); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	broken := looked(nil)
	broken.Scanned.Unread = errors.New("it was changed")
	if got := set.Judge(broken, today); len(got) != 2 || !strings.Contains(got[0].Message, "it was changed") {
		t.Errorf("%+v", got)
	}
	two := policy.Set{parse(t, "[scan]\nseverity = \"critical\""), parse(t, "[scan]\nseverity = \"critical\"\nfixable_only = true")}
	if got := two.Judge(looked(nil), today); len(got) != 1 || got[0].Verdict != audit.Fail {
		t.Errorf("%+v", got)
	}
}

func TestScanBadKeys(t *testing.T) {
	for text, want := range map[string]string{
		"required = false": "wants true", `max_age = "3w"`: "wants days", `db_max_age = 3`: "wants days", `severity = "bad"`: "wants critical", `severity = "unknown"`: "wants critical", `severity = "HIGH"`: "wants critical",
		`fixable_only = "yes"`: "wants true or false", "kev = false": "wants true", `severity_order = ["NVD"]`: "order of sources", `severity_order = "nvd"`: "wants a list", "tools = []": "wants a list of scanners", `tools = ["trivvy"]`: "no scanner \"trivvy\"",
		`sevrity = "high"`: "did you mean severity?", `max_age = "0d"`: "wants days",
	} {
		_, err := policy.Parse("site.toml", []byte("schema = 1\n[scan]\n"+text))
		if err == nil || !strings.Contains(err.Error()+hint.Of(err), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
