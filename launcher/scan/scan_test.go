package scan

import (
	"slices"
	"strings"
	"testing"
)

func finding(id, pkg string, ratings ...Rating) Finding {
	return Finding{ID: id, Package: pkg, Installed: "1", State: Fixed, Fixed: []string{"2"}, Class: OS, Ratings: ratings}
}

func scanOf(t testing.TB, tool string, in ...Finding) *Scan {
	t.Helper()
	s := &Scan{Tool: Tool{Name: tool}, Distro: Distro{ID: "Debian", Version: "12"}, Image: Image{Config: "sha256:" + strings.Repeat("a", 64)}}
	var c Collector
	for _, f := range in {
		if err := c.Add(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Into(s); err != nil {
		t.Fatal(err)
	}
	return s
}

// Who decides on severity, and what counts where nobody knows.
func TestSeverity(t *testing.T) {
	debian := Distro{ID: "debian"}
	f := finding("CVE-1", "p", NewRating("nvd", "critical", "", 9.8), NewRating("debian", "low", "", 0), NewRating("trivy", "MEDIUM", "", 0), NewRating("ghsa", "", "", 7.1), NewRating("redhat", "what", "", 9))
	f.Seen = []string{"trivy"}
	for _, c := range []struct {
		order Order
		in    Distro
		want  Severity
	}{
		{nil, debian, Medium}, {nil, Distro{}, Medium}, {Order{"distro"}, debian, Low}, {Order{"nvd"}, debian, Critical}, {Order{"ghsa", "nvd"}, debian, High},
		{Order{"scanner"}, debian, Medium}, {Order{"redhat", "nvd"}, debian, Critical}, {Order{"redhat"}, debian, Critical}, {Order{"distro", "nvd"}, Distro{ID: "alpine"}, Critical},
	} {
		if got := c.order.Severity(&f, c.in); got != c.want {
			t.Errorf("%v in %v: %s, not %s", c.order, c.in, got, c.want)
		}
	}
	bare := finding("CVE-1", "p")
	if got := (Order)(nil).Severity(&bare, debian); got != Unknown || !got.AtLeast(High) || got.AtLeast(Critical) {
		t.Errorf("without any rating it is %s", got)
	}
	for label, want := range map[string]Severity{"IMPORTANT": High, " Moderate ": Medium, "UNTRIAGED": Unknown, "": Unknown, "info": Negligible, "SEVERITY_UNSPECIFIED": Unknown} {
		if got := LevelOf(label); got != want {
			t.Errorf("%q is %s", label, got)
		}
	}
	for id, want := range map[string]string{"debian": "debian", "rhel": "redhat", "wolfi": "wolfi", "nvd": "", "ghsa": "", "": ""} {
		if got := vendorOf(id); got != want {
			t.Errorf("who rates for %q is %q", id, got)
		}
	}
	for score, want := range map[float64]Severity{0: Unknown, -1: Critical, 3.9: Low, 4: Medium, 6.9: Medium, 7: High, 9: Critical, 11: Critical} {
		if got := NewRating("nvd", "", "", score).Level; got != want {
			t.Errorf("%v is %s", score, got)
		}
	}
	for _, c := range []struct {
		label string
		score float64
		want  Severity
	}{
		{"INFORMATIONAL", 9.8, Critical}, {"low", 7.5, High}, {"critical", 1, Critical}, {"low", 0, Low}, {"UNTRIAGED", 9.8, Critical}, {"UNTRIAGED", 7, High}, {"UNTRIAGED", 2, Unknown},
	} {
		if got := NewRating("nvd", c.label, "", c.score).Level; got != c.want {
			t.Errorf("%s with %v is %s, not %s", c.label, c.score, got, c.want)
		}
	}
	for label, want := range map[string]Severity{"moderate": Medium, "low": Low, "none": High, "": High, "untriaged": High} {
		if got := NewRating("redhat", label, "", 7.5).Level; got != want {
			t.Errorf("a vendor's %q with 7.5 is %s, not %s", label, got, want)
		}
	}
	for _, bad := range []Order{{""}, {"NVD"}, {"nvd", "nvd"}, {"a b"}, {strings.Repeat("x", 65)}} {
		if bad.Check() == nil {
			t.Errorf("%v is an order", bad)
		}
	}
	if err := (Order{"distro", "ghsa", "oracle-oval"}).Check(); err != nil {
		t.Error(err)
	}
	if _, err := ParseSeverity("bad"); err == nil {
		t.Error("bad is a severity")
	}
}

// Names join findings of one vulnerability, and never two.
func TestJoined(t *testing.T) {
	alias := func(f Finding, names ...string) Finding { f.Aliases = names; return f }
	py := func(f Finding, purl string) Finding { f.PURL, f.Class = purl, Lang; return f }
	for name, c := range map[string]struct {
		in   []Finding
		want string // ids and packages of what is left
	}{
		"one name":                  {[]Finding{finding("CVE-1", "p"), finding("CVE-1", "p")}, "CVE-1 p"},
		"two packages":              {[]Finding{finding("CVE-1", "p"), finding("CVE-1", "q")}, "CVE-1 p, CVE-1 q"},
		"an alias":                  {[]Finding{alias(finding("GHSA-1", "p"), "CVE-1"), finding("CVE-1", "p")}, "CVE-1 p"},
		"an alias told elsewhere":   {[]Finding{alias(finding("GHSA-1", "q"), "CVE-1"), finding("GHSA-1", "p"), finding("CVE-1", "p")}, "CVE-1 p, GHSA-1 q"},
		"an advisory of several":    {[]Finding{alias(finding("CVE-1", "p"), "DSA-1"), alias(finding("CVE-2", "p"), "DSA-1"), finding("DSA-1", "p")}, "CVE-1 p, CVE-2 p, DSA-1 p"},
		"an alias of two":           {[]Finding{alias(finding("ALAS-1", "p"), "CVE-1", "CVE-2"), finding("CVE-1", "p"), finding("CVE-2", "p")}, "ALAS-1 p, CVE-1 p, CVE-2 p"},
		"spellings of Python":       {[]Finding{py(finding("CVE-1", "Py_Yaml"), "pkg:pypi/py-yaml@1"), finding("CVE-1", "p"), py(finding("CVE-1", "py-yaml"), "pkg:pypi/py_yaml@1")}, "CVE-1 Py_Yaml, CVE-1 p"},
		"a language's and Debian's": {[]Finding{py(finding("CVE-1", "six"), "pkg:pypi/six@1"), finding("CVE-1", "six")}, "CVE-1 six, CVE-1 six"},
		"groups of Maven":           {[]Finding{py(finding("CVE-1", "core"), "pkg:maven/a/core@1"), py(finding("CVE-1", "core"), "pkg:maven/b/core@1")}, "CVE-1 core, CVE-1 core"},
		"an epoch of nothing":       {[]Finding{{ID: "CVE-1", Package: "p", Installed: "0:1", Class: OS}, finding("CVE-1", "p")}, "CVE-1 p"},
	} {
		var got []string
		for _, f := range scanOf(t, "trivy", c.in...).Findings {
			got = append(got, f.ID+" "+f.Package)
		}
		slices.Sort(got)
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %v, not %s", name, got, c.want)
		}
	}
}

// What two scanners say of one finding stays beside each other, and who knows of a mend is
// believed.
func TestUnion(t *testing.T) {
	a := scanOf(t, "trivy", Finding{ID: "CVE-1", Package: "p", Installed: "1", Class: OS, State: WontFix, Ratings: []Rating{NewRating("trivy", "LOW", "", 0)}}, finding("CVE-2", "p"))
	b := scanOf(t, "grype", Finding{ID: "CVE-1", Package: "p", Installed: "1", Class: OS, State: Fixed, Fixed: []string{"2"}, KEV: true, EPSS: 0.5, Ratings: []Rating{NewRating("grype", "High", "", 0)}})
	before := a.Findings[0]
	all := Union(a, b)
	if len(all) != 2 {
		t.Fatalf("%d findings", len(all))
	}
	f := all[0]
	if strings.Join(f.Seen, " ") != "grype trivy" || f.State != Fixed || !f.KEV || f.EPSS != 0.5 || len(f.Ratings) != 2 {
		t.Errorf("%+v", f)
	}
	if got := (Order)(nil).Severity(&f, a.Distro); got != High {
		t.Errorf("%s: the scanner with the graver word counts", got)
	}
	if a.Findings[0].State != before.State || len(a.Findings[0].Ratings) != 1 {
		t.Error("the union changed a scan")
	}
}

func TestCompare(t *testing.T) {
	old := scanOf(t, "trivy", finding("CVE-1", "p"), finding("CVE-2", "p"), finding("CVE-3", "q", NewRating("trivy", "low", "", 0)), finding("CVE-5", "r"))
	upgraded := finding("CVE-5", "r")
	upgraded.Installed = "1.1"
	now := scanOf(t, "trivy", finding("CVE-2", "p"), finding("CVE-3", "q", NewRating("trivy", "high", "", 0)), finding("CVE-4", "q"), upgraded)
	states := func(d Difference) string {
		var out []string
		for _, c := range d.Changes {
			out = append(out, c.ID+" "+c.State)
		}
		return d.Kind + ": " + strings.Join(out, ", ")
	}
	if got := states(Compare([]*Scan{old}, []*Scan{now}, nil)); got != "dates: CVE-1 fixed, CVE-2 remaining, CVE-3 differs, CVE-4 new, CVE-5 remaining" {
		t.Error(got)
	}
	other := scanOf(t, "grype", finding("CVE-1", "p"))
	if got := states(Compare([]*Scan{old}, []*Scan{other}, nil)); !strings.HasPrefix(got, "scanners: CVE-1 remaining, CVE-2 fixed") {
		t.Error(got)
	}
	other.Image = Image{Config: "sha256:" + strings.Repeat("b", 64)}
	if got := states(Compare([]*Scan{old}, []*Scan{other}, nil)); !strings.HasPrefix(got, "images: ") {
		t.Error(got)
	}
}

// An image is the same by its configuration, or by a manifest where that is not known.
func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b Image
		want bool
	}{
		{Image{Config: "x"}, Image{Config: "x"}, true}, {Image{Config: "x", Manifests: []string{"m"}}, Image{Config: "y", Manifests: []string{"m"}}, false},
		{Image{Manifests: []string{"m", "n"}}, Image{Config: "y", Manifests: []string{"n"}}, true}, {Image{}, Image{}, false}, {Image{Config: "x"}, Image{Manifests: []string{"x"}}, false},
		{Image{Config: "x", Asserted: true}, Image{Config: "y", Manifests: []string{"x"}}, true}, {Image{Config: "x", Asserted: true}, Image{Config: "y", Manifests: []string{"m"}}, false},
		{Image{Config: "x", Manifests: []string{"m"}, Asserted: true}, Image{Config: "y", Manifests: []string{"m"}}, false},
	} {
		if c.a.Same(c.b) != c.want || c.b.Same(c.a) != c.want {
			t.Errorf("%v and %v", c.a, c.b)
		}
	}
}

// A text that acts on a terminal, or a list without end, is no finding.
func TestCollector(t *testing.T) {
	for name, f := range map[string]Finding{
		"an escape": {ID: "CVE-1", Package: "p", Source: "\x1b[2J"}, "a newline": {ID: "CVE-1\n", Package: "p"}, "no package": {ID: "CVE-1"}, "no id": {Package: "p"},
		"many aliases": {ID: "CVE-1", Package: "p", Aliases: make([]string, MaxList+1)}, "a turned text": {ID: "CVE-1", Package: "p", Ratings: []Rating{{Source: "\u202e"}}},
	} {
		if err := new(Collector).Add(f); err == nil {
			t.Errorf("%s: passed", name)
		}
	}
	for name, s := range map[string]*Scan{
		"a name": {Name: "\x1b"}, "a digest": {Image: Image{Config: "sha256:abc"}}, "a manifest": {Image: Image{Manifests: []string{"../../etc/passwd"}}},
	} {
		if err := new(Collector).Into(s); err == nil {
			t.Errorf("%s: passed", name)
		}
	}
}

func TestCounts(t *testing.T) {
	lang := finding("CVE-9", "s", NewRating("trivy", "medium", "", 0))
	lang.Class = Lang
	got := Counts(scanOf(t, "trivy", finding("CVE-1", "p", NewRating("trivy", "high", "", 0)), finding("CVE-2", "p", NewRating("trivy", "high", "", 0)), finding("CVE-3", "p"), lang).Findings, nil, Distro{})
	if want := []Count{{Lang, Medium, 1}, {OS, High, 2}, {OS, Unknown, 1}}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
