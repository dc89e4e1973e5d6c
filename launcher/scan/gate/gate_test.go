package gate

import (
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

var (
	now   = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	image = scan.Image{Config: "sha256:" + strings.Repeat("a", 64)}
)

// clean is a scan that nothing is wrong with: it saw packages and found what is of no weight.
func clean() *scan.Scan {
	return &scan.Scan{Image: image, Tool: scan.Tool{Name: "trivy", Version: "1"}, Built: now.Add(-24 * time.Hour), Scanned: now.Add(-2 * time.Hour), Packages: 5,
		KEV:    &scan.Catalogue{Released: now.Add(-48 * time.Hour), Digest: "sha256:" + strings.Repeat("c", 64)},
		Distro: scan.Distro{ID: "debian", Version: "12"}, Findings: []scan.Finding{found("CVE-1", "low", scan.NotFixed)}}
}

func found(id, label string, state scan.FixState) scan.Finding {
	f := scan.Finding{ID: id, Package: "openssl", Installed: "3.0.1", State: state, Class: scan.OS, Seen: []string{"trivy"}}
	f.Ratings = []scan.Rating{scan.NewRating("trivy", label, "", 0)}
	if state == scan.Fixed {
		f.Fixed = []string{"3.0.2"}
	}
	return f
}

// all are rules that ask for everything.
func all() Rules {
	return Rules{Required: true, MaxAge: 7 * 24 * time.Hour, DBMaxAge: 3 * 24 * time.Hour, Severity: scan.High, FixableOnly: true, KEV: true, Tools: []string{"trivy"}}
}

// Each thing that stands against an image is refused by its own rule and sentence, with a
// hint, and whatever it is, the same scan without it passes.
func TestRefuses(t *testing.T) {
	if v := Judge(image, []*scan.Scan{clean()}, all(), nil, now); !v.Passed() || len(v.Counted) != 1 {
		t.Fatalf("a clean scan: %+v", v.Reasons)
	}
	for want, c := range map[string]struct {
		rule   Rule
		change func(s *scan.Scan, r *Rules)
		open   bool
	}{
		"the scan is of another image, sha256:bbbbbbbbbbbb":                {Required, func(s *scan.Scan, _ *Rules) { s.Image.Config = "sha256:" + strings.Repeat("b", 64) }, true},
		"no scan of it is by grype, only by trivy":                         {Tools, func(_ *scan.Scan, r *Rules) { r.Tools = []string{"grype"} }, true},
		"failed: no database":                                              {Required, func(s *scan.Scan, _ *Rules) { s.Failed = "no database" }, false},
		"is not whole: more pages":                                         {Required, func(s *scan.Scan, _ *Rules) { s.Partial = "more pages" }, false},
		"saw no package at all":                                            {Required, func(s *scan.Scan, _ *Rules) { s.Packages = 0 }, false},
		"nothing in its report shows":                                      {Required, func(s *scan.Scan, _ *Rules) { s.Packages, s.Findings = scan.Untold, nil }, false},
		"debian 12 has reached its end of life":                            {Required, func(s *scan.Scan, _ *Rules) { s.Distro.Life = scan.Ended }, false},
		"the scan by trivy 1 is 8 days old, and at most 7 days is allowed": {MaxAge, func(s *scan.Scan, _ *Rules) { s.Scanned = now.Add(-8 * 24 * time.Hour) }, false},
		"the scan by trivy 1 is of no known day":                           {MaxAge, func(s *scan.Scan, _ *Rules) { s.Scanned = time.Time{} }, true},
		"the scan by trivy 1 is of 2026-11-21":                             {MaxAge, func(s *scan.Scan, _ *Rules) { s.Scanned = now.Add(24 * time.Hour) }, false},
		"the database of the scan by trivy 1 is 4 days old":                {DBMaxAge, func(s *scan.Scan, _ *Rules) { s.Built = now.Add(-4 * 24 * time.Hour) }, false},
		"the database of the scan by trivy 1 is of no known day":           {DBMaxAge, func(s *scan.Scan, _ *Rules) { s.Built = time.Time{} }, true},
		"CVE-2 in openssl 3.0.1 is high, and 3.0.2 mends it":               {Severity, func(s *scan.Scan, _ *Rules) { s.Findings = append(s.Findings, found("CVE-2", "high", scan.Fixed)) }, false},
		"does not say what shows that it saw the packages":                 {Required, func(s *scan.Scan, _ *Rules) { s.Prison = &scan.Prison{} }, false},
		"CVE-2 in openssl 3.0.1 is of no known severity":                   {Severity, func(s *scan.Scan, _ *Rules) { s.Findings = append(s.Findings, found("CVE-2", "", scan.Fixed)) }, true},
		"CVE-2 in openssl 3.0.1 is critical, and whether anything mends it is not known": {Severity, func(s *scan.Scan, _ *Rules) {
			s.Findings = append(s.Findings, found("CVE-2", "critical", scan.FixUnknown))
		}, true},
		"CVE-2 in openssl 3.0.1 is critical": {Severity, func(s *scan.Scan, r *Rules) {
			r.FixableOnly, s.Findings = false, append(s.Findings, found("CVE-2", "critical", scan.WontFix))
		}, false},
		"the scan by trivy 1 was held against no catalogue of exploited": {KEV, func(s *scan.Scan, _ *Rules) { s.KEV = nil }, true},
		"CVE-3 in openssl 3.0.1 is known to be exploited": {KEV, func(s *scan.Scan, _ *Rules) {
			f := found("CVE-3", "low", scan.NotFixed) // its supplier's word does not take it out
			f.KEV, f.VEX = true, &scan.VEX{Status: "not_affected", Justification: "component_not_present"}
			s.Findings = append(s.Findings, f)
		}, false},
		"CVE-2 in openssl 3.0.1 is known to be exploited": {KEV, func(s *scan.Scan, _ *Rules) {
			f := found("CVE-2", "low", scan.NotFixed)
			f.KEV = true
			s.Findings = append(s.Findings, f)
		}, false},
	} {
		s, r := clean(), all()
		c.change(s, &r)
		v := Judge(image, []*scan.Scan{s}, r, nil, now)
		if len(v.Reasons) != 1 || !strings.Contains(v.Reasons[0].Text, want) || v.Reasons[0].Rule != c.rule || v.Reasons[0].Hint == "" || v.Reasons[0].Open != c.open {
			t.Errorf("%s: %+v", want, v.Reasons)
		}
	}
	if v := Judge(image, nil, all(), nil, now); len(v.Reasons) != 1 || v.Reasons[0].Text != "no scan of it is known" {
		t.Errorf("%+v", v.Reasons)
	}
	if v := Judge(scan.Image{}, []*scan.Scan{clean()}, all(), nil, now); len(v.Reasons) != 1 || !strings.Contains(v.Reasons[0].Text, "its digest is not known") {
		t.Errorf("%+v", v.Reasons)
	}
}

// What is not asked for refuses nothing; each rule alone wants a scan that can be used.
func TestAsks(t *testing.T) {
	bad := clean()
	bad.Findings, bad.Packages = []scan.Finding{found("CVE-2", "critical", scan.Fixed)}, 0
	if v := Judge(image, []*scan.Scan{bad}, Rules{FixableOnly: true, Order: scan.Order{"nvd"}}, nil, now); !v.Passed() || len(v.Counted) != 1 {
		t.Errorf("nothing was asked: %+v", v.Reasons)
	}
	for _, r := range []Rules{{Required: true}, {MaxAge: 1}, {DBMaxAge: 1}, {Severity: scan.Low}, {KEV: true}, {Tools: []string{"trivy"}}} {
		if v := Judge(image, nil, r, nil, now); v.Passed() {
			t.Errorf("%+v: no scan passed", r)
		}
		if v := Judge(image, []*scan.Scan{bad}, r, nil, now); v.Passed() {
			t.Errorf("%+v: a scan of no package passed", r)
		}
	}
}

// A waiver permits the finding it names, as long as it holds and says why, and never the
// lack of a scan; a supplier's word takes findings out where it is whole.
func TestPermits(t *testing.T) {
	s := clean()
	f := found("GHSA-1", "critical", scan.Fixed)
	f.Aliases = []string{"CVE-2"}
	s.Findings = []scan.Finding{f}
	waiver := audit.Waiver{Control: "ZL-911", At: "CVE-2", Reason: "not reachable", Owner: "me", Expires: now.AddDate(0, 0, 1)}
	for name, c := range map[string]struct {
		change func(w *audit.Waiver)
		passes bool
	}{
		"it holds": {func(*audit.Waiver) {}, true}, "its own id": {func(w *audit.Waiver) { w.At = "GHSA-1" }, true}, "with its package": {func(w *audit.Waiver) { w.At = "CVE-2 openssl" }, true},
		"another package": {func(w *audit.Waiver) { w.At = "CVE-2 zlib" }, false}, "another id": {func(w *audit.Waiver) { w.At = "CVE-3" }, false}, "of no id": {func(w *audit.Waiver) { w.At = "" }, false},
		"another control": {func(w *audit.Waiver) { w.Control = "ZL-910" }, false}, "over": {func(w *audit.Waiver) { w.Expires = now.AddDate(0, 0, -1) }, false}, "no reason": {func(w *audit.Waiver) { w.Reason = "" }, false},
	} {
		w := waiver
		c.change(&w)
		v := Judge(image, []*scan.Scan{s}, all(), []audit.Waiver{w}, now)
		if v.Passed() != c.passes || (len(v.Waived) == 1) != c.passes {
			t.Errorf("%s: %+v, waived %+v", name, v.Reasons, v.Waived)
		}
	}
	for name, c := range map[string]struct {
		vex    scan.VEX
		passes bool
	}{
		"not affected, and why": {scan.VEX{Status: "not_affected", Justification: "component_not_present"}, true}, "not affected": {scan.VEX{Status: "not_affected"}, false},
		"fixed": {scan.VEX{Status: "fixed"}, true}, "affected": {scan.VEX{Status: "affected"}, false}, "looked into": {scan.VEX{Status: "under_investigation", Justification: "x"}, false},
	} {
		s.Findings[0].VEX = &c.vex
		v := Judge(image, []*scan.Scan{s}, all(), nil, now)
		if v.Passed() != c.passes || (len(v.Suppressed) == 1) != c.passes {
			t.Errorf("%s: %+v, suppressed %d", name, v.Reasons, len(v.Suppressed))
		}
	}
}

// An advisory of several CVEs is permitted by its own name or by all of them, never by one.
func TestPermitsWhole(t *testing.T) {
	advisory := found("ALAS2023-2026-1", "critical", scan.Fixed)
	advisory.Aliases = []string{"CVE-2026-1", "CVE-2026-2"}
	cve := found("CVE-2026-1", "critical", scan.Fixed)
	cve.Aliases = []string{"ALAS2023-2026-1", "CVE-2026-2"}
	for _, c := range []struct {
		f      scan.Finding
		at     string
		passes bool
	}{
		{advisory, "CVE-2026-1", false}, {advisory, "CVE-2026-2", false}, {advisory, "ALAS2023-2026-1", true}, {advisory, "ALAS2023-2026-1 openssl", true},
		{advisory, "CVE-2026-1,CVE-2026-2", true}, {advisory, "CVE-2026-1,CVE-2026-2 zlib", false}, {advisory, "CVE-2026-1,CVE-2026-3", false},
		{cve, "CVE-2026-1", false}, {cve, "ALAS2023-2026-1", false}, {cve, "CVE-2026-1,CVE-2026-2", true},
	} {
		s := clean()
		s.Findings = []scan.Finding{c.f}
		var waivers []audit.Waiver
		for _, at := range strings.Split(c.at, ",") {
			waivers = append(waivers, audit.Waiver{Control: "ZL-911", At: at, Reason: "not reachable", Owner: "me", Expires: now.AddDate(0, 0, 1)})
		}
		if v := Judge(image, []*scan.Scan{s}, all(), waivers, now); v.Passed() != c.passes || (len(v.Waived) == 1) != c.passes {
			t.Errorf("%s waived by %s: %+v", c.f.ID, c.at, v.Reasons)
		}
	}
	s := clean()
	s.Findings = []scan.Finding{cve}
	if v := Judge(image, []*scan.Scan{s}, all(), nil, now); len(v.Reasons) != 1 || !strings.Contains(v.Reasons[0].Hint, `--waive ZL-911@CVE-2026-1="reason" --waive ZL-911@CVE-2026-2="reason"`) {
		t.Errorf("%+v", v.Reasons)
	}
}
