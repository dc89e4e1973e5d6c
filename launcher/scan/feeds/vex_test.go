package feeds

import (
	"strings"
	"testing"
)

const vex = `{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.invalid/1","author":"Vendor","timestamp":"2026-11-20T00:00:00Z","version":1,"statements":[STATEMENT]}`

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
		if MarkVEX(s, v); (s.Findings[0].VEX != nil) != want || s.Findings[0].Suppressed() != want {
			t.Errorf("%s: %+v", product, s.Findings[0].VEX)
		}
		other := found("CVE-2", purl)
		if MarkVEX(other, v); other.Findings[0].VEX != nil {
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
		if MarkVEX(s, v); s.Findings[0].VEX == nil || s.Findings[0].Suppressed() != want {
			t.Errorf("%s: %+v", more, s.Findings[0].VEX)
		}
	}
	good := strings.Replace(vex, "STATEMENT", st(`"status":"fixed"`), 1)
	for old, text := range map[string]string{`v0.2.0`: `v0.3.0`, `"status":"fixed"`: `"status":"not_affected"`, `"fixed"`: `"mended"`, `"author":"Vendor"`: `"author":""`, `"CVE-1"`: `1`, `"author"`: `"author":"x","author"`, `"version":1`: `"Version":1`, `"CVE-1"}`: `"CVE-1 "}`, `"name":"CVE-1"`: `"name":"CVE-1","Aliases":["CVE-2"]`, `"products"`: `"Products"`, `"@id":"x@`: `"subcomponents":null,"@id":"x@`, `{"@id":"x@`: `{"subcomponents":[],"@id":"x@`, `[{"@id":"x@`: `[{"Subcomponents":[{"@id":"pkg:deb/debian/other@1"}],"@id":"x@`, `"}],"status"`: `","note":""}],"status"`, `"}],"status":"fixed"`: `","identifiers":{"PURL":"pkg:a/b"}}],"status":"fixed"`, `"timestamp":"2026-11-20T00:00:00Z"`: `"timestamp":"soon"`, `Vendor`: `\u001b[2J`} {
		if _, err := ReadVEX(strings.NewReader(strings.Replace(good, old, text, 1))); err == nil {
			t.Errorf("%s passed", text)
		}
	}
	if _, err := ReadVEX(strings.NewReader(strings.Replace(vex, "STATEMENT", st(`"status":"not_affected","justification":"because"`), 1))); err == nil {
		t.Error("any justification passed")
	}
}

// told is a document of some statements, each a status, a day and what it is about.
func told(t *testing.T, id string, statements ...[3]string) *VEX {
	t.Helper()
	var out []string
	for _, s := range statements {
		status, justification, at := s[0], "", s[1]
		if status == "not_affected" {
			justification = `,"justification":"component_not_present"`
		}
		if at != "" {
			at = `,` + at
		}
		out = append(out, `{"vulnerability":{"name":"`+s[2]+`"},"products":[{"@id":"x@`+digest+`"}],"status":"`+status+`"`+justification+at+`}`)
	}
	text := strings.Replace(strings.Replace(vex, "STATEMENT", strings.Join(out, ","), 1), "https://example.invalid/1", id, 1)
	if id == "undated" {
		text = strings.Replace(text, `"timestamp":"2026-11-20T00:00:00Z",`, "", 1)
	}
	v, err := ReadVEX(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const (
	old   = `"timestamp":"2020-01-01T00:00:00Z"`
	fresh = `"timestamp":"2026-11-29T00:00:00Z"`
	later = old + `,"last_updated":"2026-11-30T00:00:00Z"`
)

// The order of time decides, over all documents, and never the order of the text; where there
// is none, the word that silences least.
func TestVEXOrder(t *testing.T) {
	for name, c := range map[string]struct {
		docs [][][3]string
		want string
	}{
		"the older behind":             {[][][3]string{{{"affected", fresh, "CVE-1"}, {"not_affected", old, "CVE-1"}}}, "affected"},
		"the older in front":           {[][][3]string{{{"not_affected", old, "CVE-1"}, {"affected", fresh, "CVE-1"}}}, "affected"},
		"the older affects":            {[][][3]string{{{"affected", old, "CVE-1"}, {"fixed", fresh, "CVE-1"}}}, "fixed"},
		"an update":                    {[][][3]string{{{"not_affected", later, "CVE-1"}, {"affected", fresh, "CVE-1"}}}, "not_affected"},
		"its document's day":           {[][][3]string{{{"affected", "", "CVE-1"}, {"not_affected", old, "CVE-1"}}}, "affected"},
		"its document's day, later":    {[][][3]string{{{"affected", old, "CVE-1"}, {"not_affected", "", "CVE-1"}}}, "not_affected"},
		"one day":                      {[][][3]string{{{"not_affected", fresh, "CVE-1"}, {"affected", fresh, "CVE-1"}}}, "affected"},
		"two files, the older behind":  {[][][3]string{{{"affected", fresh, "CVE-1"}}, {{"not_affected", old, "CVE-1"}}}, "affected"},
		"two files, the newer behind":  {[][][3]string{{{"affected", old, "CVE-1"}}, {{"not_affected", fresh, "CVE-1"}}}, "not_affected"},
		"two files of one day":         {[][][3]string{{{"affected", "", "CVE-1"}}, {{"not_affected", "", "CVE-1"}}}, "affected"},
		"another vulnerability's word": {[][][3]string{{{"not_affected", old, "CVE-1"}, {"affected", fresh, "CVE-2"}}}, "not_affected"},
	} {
		var docs []*VEX
		for _, d := range c.docs {
			docs = append(docs, told(t, "a", d...))
		}
		for range 2 {
			s := found("CVE-1", "")
			if MarkVEX(s, docs...); s.Findings[0].VEX == nil || s.Findings[0].VEX.Status != c.want {
				t.Errorf("%s: %+v", name, s.Findings[0].VEX)
			}
			docs = append(docs[1:], docs[0])
		}
	}
	s := found("CVE-1", "")
	if MarkVEX(s, told(t, "a", [3]string{"not_affected", fresh, "CVE-1"}), told(t, "undated", [3]string{"affected", "", "CVE-1"})); s.Findings[0].Suppressed() {
		t.Error("a word without a time was passed over")
	}
}

// A supplier that says of one CVE of an advisory that it does not matter silences not the others.
func TestVEXWhole(t *testing.T) {
	no := func(names ...string) (out [][3]string) {
		for _, name := range names {
			out = append(out, [3]string{"not_affected", "", name})
		}
		return out
	}
	for name, c := range map[string]struct {
		said       [][3]string
		suppressed bool
		status     string
	}{
		"one": {no("CVE-1"), false, ""}, "the other": {no("CVE-2"), false, ""}, "both": {no("CVE-1", "CVE-2"), true, "not_affected"}, "the advisory": {no("ALAS-1"), true, "not_affected"},
		"an alias": {no("GHSA-1"), false, ""}, "one, and the other affects": {append(no("CVE-1"), [3]string{"affected", "", "CVE-2"}), false, "affected"},
		"one affects": {[][3]string{{"affected", "", "CVE-2"}}, false, "affected"}, "the advisory, and one affects since": {append(no("ALAS-1"), [3]string{"affected", fresh, "CVE-2"}), false, "affected"},
	} {
		s := found("ALAS-1", "", "CVE-1", "CVE-2", "GHSA-1")
		MarkVEX(s, told(t, "a", c.said...))
		f := s.Findings[0]
		if status := ""; f.VEX != nil {
			status = f.VEX.Status
			if status != c.status {
				t.Errorf("%s: %+v", name, f.VEX)
			}
		} else if c.status != status {
			t.Errorf("%s: no word", name)
		}
		if f.Suppressed() != c.suppressed {
			t.Errorf("%s: suppressed %v", name, f.Suppressed())
		}
	}
}

// A package that is fixed is one of a version; without one nobody knows which is.
func TestVEXFixed(t *testing.T) {
	for product, want := range map[string]bool{
		"pkg:deb/debian/libssl3": false, "pkg:deb/debian/libssl3@3.0.1": true, "pkg:deb/debian/libssl3@3.0.2": false, "x@" + digest: true,
	} {
		text := strings.Replace(vex, "STATEMENT", `{"vulnerability":{"name":"cve-1"},"products":[{"@id":"`+product+`"}],"status":"fixed"}`, 1)
		v, err := ReadVEX(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		s := found("CVE-1", "pkg:deb/debian/libssl3@3.0.1")
		if MarkVEX(s, v); s.Findings[0].Suppressed() != want || (s.Findings[0].VEX != nil) != want {
			t.Errorf("%s: %+v", product, s.Findings[0].VEX)
		}
	}
}

func FuzzVEX(f *testing.F) {
	f.Add(strings.Replace(vex, "STATEMENT", `{"vulnerability":{"name":"CVE-1","aliases":["GHSA-1"]},"products":[{"@id":"pkg:deb/debian/openssl","hashes":{"sha-256":"aa"},"subcomponents":[{"@id":"pkg:a/b"}]}],"status":"fixed"}`, 1))
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ReadVEX(strings.NewReader(text))
		if err != nil {
			return
		}
		s := found("CVE-1", "pkg:deb/debian/openssl@1")
		if MarkVEX(s, v); s.Findings[0].VEX != nil && s.Findings[0].VEX.Status == "" {
			t.Error("a statement without a status")
		}
	})
}
