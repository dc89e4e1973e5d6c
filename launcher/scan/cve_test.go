package scan

import (
	"slices"
	"strings"
	"testing"
)

// A CVE has one spelling; what begins as one and is none is no name at all.
func TestParseID(t *testing.T) {
	for name, want := range map[string]string{
		"CVE-2026-99001": "CVE-2026-99001", "cve-2026-99001": "CVE-2026-99001", "Cve-2005-0001": "CVE-2005-0001", "CVE-1": "CVE-1",
		"GHSA-r9hx-vwmv-q579": "GHSA-r9hx-vwmv-q579", "ALAS2023-2026-1": "ALAS2023-2026-1", "CVERT-1": "CVERT-1", "": "",
		"CVE-2026-99001 ": "", " CVE-2026-99001": "", "CVE-": "", "CVE": "", "CVE_2026_1": "", "CVE 2026-1": "", "CVE-2026": "CVE-2026", "CVE-2026-": "", "CVE-2026--1": "",
		"CVE-2026-099001": "", "CVE-2026-1x": "", "CVE-２０２６-1": "", "CVE2026-1": "", " cve-2026-1": "",
	} {
		got, err := ParseID(name)
		if got != want || (err == nil) != (want != "" || name == "") {
			t.Errorf("%q is %q, %v; not %q", name, got, err, want)
		}
	}
	for _, name := range []string{"GHSA-1", "", "2026-1"} {
		if got, err := ParseCVE(name); err == nil {
			t.Errorf("%q is the CVE %q", name, got)
		}
	}
}

// A report is refused for a name that would be found under no list, and one in small letters
// is the same name.
func TestNamesOfFindings(t *testing.T) {
	for _, f := range []Finding{{ID: "CVE-2026-1 ", Package: "p"}, {ID: "GHSA-1", Package: "p", Aliases: []string{"cve_2026_1"}}} {
		if err := new(Collector).Add(f); err == nil || !strings.Contains(err.Error(), "is no CVE") {
			t.Errorf("%v: %v", f.names(), err)
		}
	}
	aliases := []string{"cve-2026-2"}
	s := scanOf(t, "grype", finding("cve-2026-1", "p"), Finding{ID: "GHSA-1", Package: "q", Aliases: aliases})
	if got := s.Findings; got[0].ID != "CVE-2026-1" || got[1].Canonical() != "CVE-2026-2" || aliases[0] != "cve-2026-2" {
		t.Errorf("%+v", got)
	}
}

// An id means a finding wholly where it is its only vulnerability, or its own name.
func TestWholly(t *testing.T) {
	for _, c := range []struct{ id, aliases, names, want string }{
		{"CVE-1", "", "CVE-1", "yes"}, {"CVE-1", "DSA-1", "DSA-1", "yes"}, {"GHSA-1", "CVE-1", "CVE-1", "yes"}, {"GHSA-1", "GHSA-2", "GHSA-2", "yes"}, {"CVE-1", "", "CVE-2", ""},
		{"ALAS-1", "CVE-1 CVE-2", "CVE-1", ""}, {"ALAS-1", "CVE-1 CVE-2", "ALAS-1", "yes"}, {"ALAS-1", "CVE-1 CVE-2", "CVE-1 CVE-2", "yes"}, {"ALAS-1", "CVE-1 CVE-2 GHSA-1", "GHSA-1", ""},
		{"CVE-1", "CVE-2 ALAS-1", "CVE-1", ""}, {"CVE-1", "CVE-2 ALAS-1", "ALAS-1", ""}, {"CVE-1", "CVE-2 ALAS-1", "CVE-2 CVE-1", "yes"}, {"CVE-1", "CVE-1", "CVE-1", "yes"}, {"CVE-1", "", "", ""},
	} {
		f := Finding{ID: c.id, Aliases: strings.Fields(c.aliases)}
		got := f.Wholly(func(name string) bool { return slices.Contains(strings.Fields(c.names), name) })
		if got != (c.want != "") {
			t.Errorf("%+v: %v", c, got)
		}
		called := f.Called()
		if !f.Wholly(func(name string) bool { return slices.Contains(called, name) }) {
			t.Errorf("%+v: %v is not all of it", c, called)
		}
	}
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{"CVE-2026-1", "cve-2026-1 ", "GHSA-1", "CVE"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got, err := ParseID(name)
		if err != nil {
			return
		}
		if again, err := ParseID(got); err != nil || again != got {
			t.Errorf("%q: %q, then %q, %v", name, got, again, err)
		}
		if strings.HasPrefix(strings.ToUpper(strings.TrimSpace(name)), "CVE-") && got != strings.ToUpper(name) {
			t.Errorf("%q is %q", name, got)
		}
	})
}
