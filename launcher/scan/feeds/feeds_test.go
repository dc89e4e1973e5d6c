package feeds

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

const (
	kev  = `{"title":"CISA Catalog","catalogVersion":"2026.11.20","dateReleased":"2026-11-20T17:00:00.1234Z","count":2,"vulnerabilities":[{"cveID":"CVE-1","vendorProject":"x"},{"cveID":"CVE-2"}]}`
	epss = "#model_version:v2026.01.01,score_date:2026-11-20T00:00:00+0000\ncve,epss,percentile\nCVE-1,0.93,0.99\nCVE-3,0.0001,0.2\n"
)

var digest = "sha256:" + strings.Repeat("a", 64)

func found(id, purl string, aliases ...string) *scan.Scan {
	return &scan.Scan{Image: scan.Image{Config: digest}, Findings: []scan.Finding{{ID: id, Package: "p", PURL: purl, Aliases: aliases}}}
}

func TestKEV(t *testing.T) {
	k, err := ReadKEV(strings.NewReader(kev))
	if err != nil || k.Released.Year() != 2026 {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{"CVE-1": true, "CVE-3": false, "GHSA-1": true} {
		s := found(id, "", "CVE-2")
		if id != "GHSA-1" {
			s = found(id, "")
		}
		if k.Mark(s); s.Findings[0].KEV != want {
			t.Errorf("%s: %v", id, !want)
		}
	}
	s := found("CVE-3", "")
	if k.Mark(s); s.KEV == nil || s.KEV.Released != k.Released || s.KEV.Version != "2026.11.20" || s.KEV.Digest != fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(kev))) {
		t.Errorf("%+v", s.KEV)
	}
	low, err := ReadKEV(strings.NewReader(strings.Replace(kev, "CVE-1", "cve-1", 1)))
	if err != nil {
		t.Fatal(err)
	}
	s = found("CVE-1", "")
	if low.Mark(s); !s.Findings[0].KEV {
		t.Error("a CVE in small letters marks nothing")
	}
	for old, text := range map[string]string{`"count":2`: `"count":3`, `"cveID":"CVE-2"`: `"cveID":"x"`, `"CVE-1"`: `"CVE-1 "`, `"CVE-2"`: `" CVE-2"`, `2026.11.20"`: `\u001b[2J"`, `"cveID":"CVE-1"`: `"cveid":"CVE-1"`, `"dateReleased"`: `"released"`, `]}`: `]`, `"vulnerabilities":[`: `"vulnerabilities":{"a":`} {
		if _, err := ReadKEV(strings.NewReader(strings.Replace(kev, old, text, 1))); err == nil {
			t.Errorf("%s passed", text)
		}
	}
}

func TestEPSS(t *testing.T) {
	e, err := ReadEPSS(strings.NewReader(epss))
	if err != nil || e.Scored.Year() != 2026 {
		t.Fatal(err)
	}
	s := found("GHSA-1", "", "CVE-1", "CVE-3")
	if e.Mark(s); s.Findings[0].EPSS != 0.93 {
		t.Error(s.Findings[0].EPSS)
	}
	for old, text := range map[string]string{"0.93": "NaN", "0.99\n": "0.99\nCVE-4,2,1\n", "score_date": "day", "cve,epss": "epss,cve", "CVE-1": "x", "CVE-3": "CVE-3 ", "0.0001": "-0.1", "0.0001,": "0.0001;", "0.93,": "1e-,"} {
		if _, err := ReadEPSS(strings.NewReader(strings.Replace(epss, old, text, 1))); err == nil {
			t.Errorf("%s passed", text)
		}
	}
	if _, err := ReadEPSS(strings.NewReader(epss[:strings.Index(epss, "CVE-1")])); err == nil {
		t.Error("a file without scores passed")
	}
}

func FuzzKEV(f *testing.F) {
	f.Add(kev)
	f.Fuzz(func(t *testing.T, text string) {
		if k, err := ReadKEV(strings.NewReader(text)); err == nil {
			k.Mark(found("CVE-1", ""))
		}
	})
}

func FuzzEPSS(f *testing.F) {
	f.Add(epss)
	f.Fuzz(func(t *testing.T, text string) {
		e, err := ReadEPSS(strings.NewReader(text))
		if err != nil {
			return
		}
		s := found("CVE-1", "")
		if e.Mark(s); !(s.Findings[0].EPSS >= 0 && s.Findings[0].EPSS <= 1) {
			t.Error(s.Findings[0].EPSS)
		}
	})
}
