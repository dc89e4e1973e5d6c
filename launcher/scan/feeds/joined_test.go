package feeds

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/trivy"
)

// reportOf is one of a vulnerability in packages, each a name and its package URL.
func reportOf(t *testing.T, packages ...string) *scan.Scan {
	t.Helper()
	var found []string
	for i := 0; i+1 < len(packages); i += 2 {
		found = append(found, fmt.Sprintf(`{"VulnerabilityID":"CVE-2026-1","PkgName":%q,"InstalledVersion":"1.0","PkgIdentifier":{"PURL":%q},"FixedVersion":"2.0","Status":"fixed","Severity":"CRITICAL"}`, packages[i], packages[i+1]))
	}
	s, err := trivy.Read(strings.NewReader(`{"SchemaVersion":2,"CreatedAt":"2026-12-01T00:00:00Z","ArtifactType":"container_image","Metadata":{"OS":{"Family":"debian","Name":"12.5"},"ImageID":"sha256:` +
		strings.Repeat("1", 64) + `"},"Results":[{"Class":"os-pkgs","Packages":[{}],"Vulnerabilities":[` + strings.Join(found, ",") + `]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func saying(at, product string) string {
	return fmt.Sprintf(`{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","author":"A","timestamp":%q,"version":1,"statements":[{"vulnerability":{"name":"CVE-2026-1"},"products":[{"@id":%q}],`+
		`"status":"not_affected","justification":"component_not_present"}]}`, at, product)
}

// What is said of one package silences none that was joined with it, or that is near it.
func TestVEXOfJoined(t *testing.T) {
	for what, c := range map[string]struct {
		packages []string
		product  string
		silenced int
	}{
		"one architecture of two":   {[]string{"openssl", "pkg:deb/debian/openssl@1.0?arch=amd64", "openssl", "pkg:deb/debian/openssl@1.0?arch=i386"}, "pkg:deb/debian/openssl@1.0?arch=amd64", 0},
		"both architectures":        {[]string{"openssl", "pkg:deb/debian/openssl@1.0?arch=amd64", "openssl", "pkg:deb/debian/openssl@1.0?arch=i386"}, "pkg:deb/debian/openssl@1.0", 1},
		"one name of two":           {[]string{"x/foo_bar", "pkg:golang/x/foo_bar@1.0", "x/foo-bar", "pkg:golang/x/foo-bar@1.0"}, "pkg:golang/x/foo_bar@1.0", 1},
		"one classifier of two":     {[]string{"a", "pkg:maven/g/a@1.0?classifier=shaded", "a", "pkg:maven/g/a@1.0"}, "pkg:maven/g/a@1.0?classifier=shaded", 0},
		"a part of a package":       {[]string{"x/a", "pkg:golang/x/a@1.0"}, "pkg:golang/x/a@1.0#cmd/b", 0},
		"a spelling of a project":   {[]string{"foo_bar", "pkg:pypi/foo_bar@1.0", "foo-bar", "pkg:pypi/foo-bar@1.0"}, "pkg:pypi/foo-bar@1.0", 1},
		"the package that is meant": {[]string{"x/a", "pkg:golang/x/a@1.0"}, "pkg:golang/x/a@1.0", 1},
	} {
		s := reportOf(t, c.packages...)
		v, err := ReadVEX(strings.NewReader(saying("2026-11-01T00:00:00Z", c.product)))
		if err != nil {
			t.Fatal(err)
		}
		MarkVEX(s, v)
		silenced := 0
		for i := range s.Findings {
			if s.Findings[i].Suppressed() {
				silenced++
			}
		}
		if silenced != c.silenced {
			t.Errorf("%s: %d silenced of %+v", what, silenced, s.Findings)
		}
	}
}

// Who speaks tomorrow would have the last word.
func TestAhead(t *testing.T) {
	later := time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339)
	if _, err := ReadVEX(strings.NewReader(saying(later, "pkg:pypi/a"))); err == nil || !strings.Contains(err.Error(), "is to come") {
		t.Errorf("a document: %v", err)
	}
	text := strings.Replace(saying("2026-11-01T00:00:00Z", "pkg:pypi/a"), `"status"`, `"timestamp":"`+later+`","status"`, 1)
	if _, err := ReadVEX(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "is to come") {
		t.Errorf("a statement: %v", err)
	}
	catalogue := `{"dateReleased":"` + later + `","count":1,"vulnerabilities":[{"cveID":"CVE-2026-1"}]}`
	if _, err := ReadKEV(strings.NewReader(catalogue)); err == nil || !strings.Contains(err.Error(), "is to come") {
		t.Errorf("a catalogue: %v", err)
	}
}
