package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/gate"
	"github.com/zlaunch/zlaunch/launcher/scan/reports"
)

// scanned are scans of one image by two tools.
func scanned(t *testing.T) []*scan.Scan {
	t.Helper()
	var out []*scan.Scan
	for _, name := range []string{"trivy.json", "grype.json"} {
		f, err := os.Open("../scan/reports/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		s, err := reports.Read(f, reports.About{})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	out[1].Findings[0].VEX = &scan.VEX{Status: "not_affected", Justification: "component_not_present"}
	return out
}

func TestScan(t *testing.T) {
	scans := scanned(t)
	doc := report.NewScan(scans[0].Image, scans, report.ScanWish{})
	doc.Against = gate.Judge(doc.Image, scans, gate.Rules{Required: true, Severity: scan.Critical, MaxAge: time.Hour}, nil, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)).Reasons
	for name, on := range map[string]report.Screen{"scan.txt": {Width: 150}, "scan-narrow.txt": {Width: 60}} {
		var b bytes.Buffer
		if err := doc.Text(&b, on); err != nil {
			t.Fatal(err)
		}
		holds(t, name, b.Bytes())
	}
	at := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	scans[1].Findings[0].VEX.Said = at
	doc.Scans[0].KEV = &scan.Catalogue{Released: at, Version: "28", Digest: "sha256:" + strings.Repeat("e", 64)}
	if got := doc.Scans[0].String(); !strings.Contains(got, "exploited ones by a catalogue of 2026-11-28") {
		t.Error(got)
	}
	var b bytes.Buffer
	if err := report.JSON(&b, doc); err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b.Bytes(), []byte("2026-11-28T00:00:00Z")); n < 2 {
		t.Errorf("%d of the two days are told", n)
	}
	conforms(t, "../../docs/schema/scan-v1.json", b.Bytes())
	other := bytes.Replace(b.Bytes(), []byte(`"severity": "critical"`), []byte(`"severity": "bad"`), 1)
	if validate(t, "../../docs/schema/scan-v1.json", other) == nil {
		t.Error("the schema takes any severity")
	}
	b.Reset()
	if err := doc.SARIF(&b); err != nil {
		t.Fatal(err)
	}
	conforms(t, sarifSchema, b.Bytes())
	var nice bytes.Buffer
	if err := json.Indent(&nice, b.Bytes(), "", "  "); err != nil {
		t.Fatal(err)
	}
	holds(t, "scan.sarif", nice.Bytes())
}

// Only what was asked for is shown and counted, as in the talk: all, what can be mended, what
// is bad.
func TestScanWish(t *testing.T) {
	scans := scanned(t)
	for want, wish := range map[string]report.ScanWish{
		"LANG-PKGS high 1 OS-PKGS critical 2 OS-PKGS high 1 OS-PKGS unknown 1 OS-PKGS medium 1 OS-PKGS negligible 1": {},
		"LANG-PKGS high 1 OS-PKGS critical 2":                                  {Fixable: true},
		"LANG-PKGS high 1 OS-PKGS critical 2 OS-PKGS high 1 OS-PKGS unknown 1": {Severity: scan.High},
		"LANG-PKGS medium 1 OS-PKGS critical 2":                                {Fixable: true, Order: scan.Order{"nvd"}},
	} {
		var b bytes.Buffer
		if err := report.NewScan(scans[0].Image, scans, wish).Summary(&b, report.Screen{}); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(strings.Fields(b.String()), " ")
		if got != "VULN TYPE SEVERITY COUNT "+want {
			t.Errorf("%+v: %s", wish, got)
		}
	}
}

// That nothing is shown says why: there is nothing, nothing of what was asked for, or no scan that says so.
func TestScanNone(t *testing.T) {
	found := scanned(t)
	clean, broken, open := *found[0], *found[0], *found[0]
	clean.Findings, broken.Findings, broken.Partial = nil, nil, "it saw no package"
	open.Findings = []scan.Finding{{ID: "CVE-2005-2541", Package: "tar", State: scan.NotFixed}}
	for _, c := range []struct {
		scans []*scan.Scan
		wish  report.ScanWish
		want  string
	}{
		{[]*scan.Scan{&clean}, report.ScanWish{}, "No findings.\n"},
		{[]*scan.Scan{&broken, &clean}, report.ScanWish{}, "No findings by 1 of 2 scans; the others do not count.\n"},
		{[]*scan.Scan{&broken}, report.ScanWish{}, "No scan says what there is to find.\n"},
		{nil, report.ScanWish{}, "No scan says what there is to find.\n"},
		{[]*scan.Scan{&open}, report.ScanWish{Fixable: true}, "Nothing as asked, among 1 finding.\n"},
	} {
		var brief, text bytes.Buffer
		doc := report.NewScan(found[0].Image, c.scans, c.wish)
		if err := errors.Join(doc.Summary(&brief, report.Screen{}), doc.Text(&text, report.Screen{})); err != nil {
			t.Fatal(err)
		}
		if brief.String() != c.want || !strings.HasSuffix(text.String(), "\n\n"+c.want) {
			t.Errorf("%q, and whole\n%s", brief.String(), text.String())
		}
	}
}

func TestScanDiff(t *testing.T) {
	scans := scanned(t)
	d := report.ScanDiff{Schema: report.ScanDiffSchema, Difference: scan.Compare(scans[:1], scans[1:], nil)}
	var b bytes.Buffer
	if err := d.Text(&b, report.Screen{Width: 120}); err != nil {
		t.Fatal(err)
	}
	holds(t, "scan-diff.txt", b.Bytes())
	b.Reset()
	if err := report.JSON(&b, d); err != nil {
		t.Fatal(err)
	}
	conforms(t, "../../docs/schema/scan-diff-v1.json", b.Bytes())
}
