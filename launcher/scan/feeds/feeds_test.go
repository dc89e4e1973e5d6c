package feeds

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

const (
	kev  = `{"title":"CISA Catalog","catalogVersion":"2026.11.20","dateReleased":"2026-11-20T17:00:00.1234Z","count":2,"vulnerabilities":[{"cveID":"CVE-1","vendorProject":"x"},{"cveID":"CVE-2"}]}`
	epss = "#model_version:v2026.01.01,score_date:2026-11-20T00:00:00+0000\ncve,epss,percentile\nCVE-1,0.93,0.99\nCVE-3,0.0001,0.2\n"
	vex  = `{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.invalid/1","author":"Vendor","timestamp":"2026-11-20T00:00:00Z","version":1,"statements":[STATEMENT]}`
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
	for old, text := range map[string]string{`"count":2`: `"count":3`, `"cveID":"CVE-2"`: `"cveID":"x"`, `"dateReleased"`: `"released"`, `]}`: `]`, `"vulnerabilities":[`: `"vulnerabilities":{"a":`} {
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
	for old, text := range map[string]string{"0.93": "NaN", "0.99\n": "0.99\nCVE-4,2,1\n", "score_date": "day", "cve,epss": "epss,cve", "CVE-1": "x", "0.0001": "-0.1", "0.0001,": "0.0001;", "0.93,": "1e-,"} {
		if _, err := ReadEPSS(strings.NewReader(strings.Replace(epss, old, text, 1))); err == nil {
			t.Errorf("%s passed", text)
		}
	}
	if _, err := ReadEPSS(strings.NewReader(epss[:strings.Index(epss, "CVE-1")])); err == nil {
		t.Error("a file without scores passed")
	}
}

// What a supplier says counts for what it is said of, the image by its digest or the package
// by its URL, and for nothing else.
func TestVEX(t *testing.T) {
	const purl = "pkg:deb/debian/openssl@3.0.1?arch=s390x"
	hex := strings.TrimPrefix(digest, "sha256:")
	for product, want := range map[string]bool{
		`{"@id":"` + purl + `"}`: true, `{"@id":"pkg:deb/debian/openssl@3.0.1"}`: true, `{"@id":"pkg:deb/debian/openssl"}`: true, `{"identifiers":{"purl":"pkg:deb/debian/openssl"}}`: true,
		`{"@id":"pkg:deb/debian/openssl@3.0.2"}`: false, `{"@id":"pkg:deb/ubuntu/openssl"}`: false, `{"@id":"pkg:deb/debian/openssl?arch=amd64"}`: false, `{"@id":"pkg:pypi/openssl"}`: false,
		`{"@id":"image","hashes":{"sha-256":"` + hex + `"}}`: true, `{"@id":"pkg:oci/serve@` + strings.ReplaceAll(digest, ":", "%3A") + `"}`: true, `{"@id":"registry.example/serve@` + digest + `"}`: true,
		`{"@id":"registry.example/serve:1.0"}`: false, `{"@id":"pkg:oci/serve"}`: false, `{"@id":"image","hashes":{"sha-256":"bb"}}`: false,
		`{"@id":"x@` + digest + `","subcomponents":[{"@id":"pkg:deb/debian/openssl"}]}`: true, `{"@id":"x@` + digest + `","subcomponents":[{"@id":"pkg:deb/debian/zlib"}]}`: false,
		`{"@id":"other","subcomponents":[{"@id":"pkg:deb/debian/openssl"}]}`: false,
	} {
		text := strings.Replace(vex, "STATEMENT", `{"vulnerability":{"name":"CVE-1"},"products":[`+product+`],"status":"not_affected","justification":"component_not_present"}`, 1)
		v, err := ReadVEX(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", product, err)
			continue
		}
		s := found("GHSA-1", purl, "CVE-1")
		if v.Mark(s); (s.Findings[0].VEX != nil) != want || s.Findings[0].Suppressed() != want {
			t.Errorf("%s: %+v", product, s.Findings[0].VEX)
		}
		other := found("CVE-2", purl)
		if v.Mark(other); other.Findings[0].VEX != nil {
			t.Errorf("%s: said of another vulnerability", product)
		}
	}
}

// The last statement counts, and only some statuses take a finding out.
func TestVEXStatus(t *testing.T) {
	st := func(more string) string {
		return `{"vulnerability":{"name":"CVE-1"},"products":[{"@id":"x@` + digest + `"}],` + more + `}`
	}
	for more, want := range map[string]bool{
		`"status":"fixed"`: true, `"status":"under_investigation"`: false, `"status":"affected"`: false,
		`"status":"fixed"},` + strings.TrimSuffix(st(`"status":"affected"`), "}"): false,
	} {
		v, err := ReadVEX(strings.NewReader(strings.Replace(vex, "STATEMENT", st(more), 1)))
		if err != nil {
			t.Errorf("%s: %v", more, err)
			continue
		}
		s := found("CVE-1", "")
		if v.Mark(s); s.Findings[0].VEX == nil || s.Findings[0].Suppressed() != want {
			t.Errorf("%s: %+v", more, s.Findings[0].VEX)
		}
	}
	good := strings.Replace(vex, "STATEMENT", st(`"status":"fixed"`), 1)
	for old, text := range map[string]string{`v0.2.0`: `v0.3.0`, `"status":"fixed"`: `"status":"not_affected"`, `"fixed"`: `"mended"`, `"author":"Vendor"`: `"author":""`, `"CVE-1"`: `1`, `"author"`: `"author":"x","author"`, `Vendor`: `\u001b[2J`} {
		if _, err := ReadVEX(strings.NewReader(strings.Replace(good, old, text, 1))); err == nil {
			t.Errorf("%s passed", text)
		}
	}
	if _, err := ReadVEX(strings.NewReader(strings.Replace(vex, "STATEMENT", st(`"status":"not_affected","justification":"because"`), 1))); err == nil {
		t.Error("any justification passed")
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

func FuzzVEX(f *testing.F) {
	f.Add(strings.Replace(vex, "STATEMENT", `{"vulnerability":{"name":"CVE-1","aliases":["GHSA-1"]},"products":[{"@id":"pkg:deb/debian/openssl","hashes":{"sha-256":"aa"},"subcomponents":[{"@id":"pkg:a/b"}]}],"status":"fixed"}`, 1))
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ReadVEX(strings.NewReader(text))
		if err != nil {
			return
		}
		s := found("CVE-1", "pkg:deb/debian/openssl@1")
		if v.Mark(s); s.Findings[0].VEX != nil && s.Findings[0].VEX.Status == "" {
			t.Error("a statement without a status")
		}
	})
}
