package reports

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// edited is what is read of a report of the tests in which texts stand in the place of others, each
// where it comes first.
func edited(t *testing.T, file string, edits ...string) (*scan.Scan, error) {
	t.Helper()
	text := report(t, file)
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("%s has no %q", file, edits[i])
		}
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	return Read(strings.NewReader(text), About{Image: image})
}

// found is the finding of a vulnerability in a package; it fails where there is none.
func found(t *testing.T, s *scan.Scan, id, pkg string) scan.Finding {
	t.Helper()
	for _, f := range s.Findings {
		if f.ID == id && f.Package == pkg {
			return f
		}
	}
	t.Errorf("%s in %s is lost, of %d findings", id, pkg, len(s.Findings))
	return scan.Finding{}
}

// What a scanner found and says that it left out is a finding all the same.
func TestLeftOut(t *testing.T) {
	ssl := `"severity": "CRITICAL",
        "status": `
	for _, c := range []struct {
		file, id, pkg string
		edits         []string
	}{
		{"grype.json", "CVE-2026-99001", "libssl3", []string{`"ignoredMatches": [`, `"others": [`, `"matches": [`, `"matches": [], "ignoredMatches": [`}},
		{"grype.json", "CVE-2026-99009", "linux-libc-dev", []string{`"upstream-name": "linux"
          }`, `"upstream-name": "linux", "version": "6.1.90-1"}`}},
		{"grype.json", "CVE-2026-99009", "linux-libc-dev", []string{`"match-type": "exact-indirect-match"
        }`, `"fix-state": "not-fixed"}`}},
		{"grype.json", "CVE-2026-99009", "linux-libc-dev", []string{`"appliedIgnoreRules": [`, `"appliedIgnoreRules": [], "others": [`}},
		{"grype.json", "CVE-2026-99009", "libssl3", []string{`"name": "linux-libc-dev",
        "version"`, `"name": "libssl3", "version"`, `pkg:deb/debian/linux-libc-dev@6.1.90-1`, `pkg:deb/debian/libssl3@6`}},
		{"trivy.json", "CVE-2026-99001", "libssl3", []string{`"Vulnerabilities": [
        {`, `"ExperimentalModifiedFindings": [{"Type": "secret", "Finding": {"RuleID": "x"}}, {"Type": "vulnerability", "Status": "ignored", "Source": ".trivyignore", "Finding":
          {"VulnerabilityID": "CVE-2026-99001", "PkgName": "libssl3", "Severity": "CRITICAL"}}], "Vulnerabilities": [
        {`, `"PkgName": "libssl3"`, `"PkgName": "libssl4"`, `"PURL": "pkg:deb/debian/libssl3`, `"PURL": "pkg:deb/debian/libssl4`}},
		{"trivy.json", "CVE-1", "p", []string{`"Vulnerabilities": [
        {`, `"ExperimentalModifiedFindings": [{"Finding": {"VulnerabilityID": "CVE-1", "PkgName": "p"}, "Status": "not_affected", "Type": "secret"}], "Vulnerabilities": [
        {`}},
		{"ecr-enhanced.json", "CVE-2026-99001", "openssl", []string{ssl + `"ACTIVE"`, ssl + `"SUPPRESSED"`}},
		{"gcp-list.json", "CVE-2026-99001", "openssl", []string{`"severity": "CRITICAL",`, `"severity": "CRITICAL", "vexAssessment": {"state": "NOT_AFFECTED", "justification": {"justificationType": "COMPONENT_NOT_PRESENT"}},`}},
		{"scout.json", "CVE-2026-99001", "openssl", []string{`"vulnerabilities": [
    {`, `"vulnerabilities": [
    {"flags": [{"type": "flagged-as-likely-false-positive", "origin": "x", "description": "x"}], "dismissed": true,`}},
	} {
		s, err := edited(t, c.file, c.edits...)
		if err != nil {
			t.Errorf("%s, %q: %v", c.file, c.edits, err)
			continue
		}
		found(t, s, c.id, c.pkg)
	}
	s, err := edited(t, "grype.json")
	if err != nil || s.Partial != "" || strings.Contains(shown(t, s), "99009") {
		t.Errorf("a report by grype as it is: %v, %q", err, s.Partial)
	}
}

func shown(t *testing.T, s *scan.Scan) string {
	data, err := json.Marshal(s.Findings)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A report that says that it is not all, or counts what it does not list, is one in part.
func TestInPart(t *testing.T) {
	vex := `{"vulnerability": "", "package": {"name": ""}, "vex-status": "not_affected"}`
	counts := `"findingSeverityCounts": {`
	for _, c := range []struct{ file, old, new, want string }{
		{"grype.json", `"only-fixed": false`, `"only-fixed": true`, "by only-fixed of"},
		{"grype.json", `"only-notfixed": false`, `"only-notfixed": true`, "by only-notfixed of"},
		{"grype.json", `"ignore-wontfix": ""`, `"ignore-wontfix": "unknown"`, "by ignore-wontfix of"},
		{"grype.json", `"exclude": []`, `"exclude": ["./usr/**"]`, "by exclude of"},
		{"grype.json", `"vex-documents": []`, `"vex-documents": ["v.json"]`, "by vex-documents of"},
		{"grype.json", `"ignore": [`, `"ignore": [` + vex + `,`, "by ignore of"},
		{"grype.json", `"ignore": [`, `"ignore": [null,`, "by ignore of"},
		{"grype.json", `"location": "",`, `"location": "", "what": "",`, "by ignore of"},
		{"grype.json", `"name": "kernel-headers"`, `"name": ".*"`, "by ignore of"},
		{"ecr-basic.json", `"registryId"`, `"NextToken": "x", "nextToken": "", "registryId"`, "more pages"},
		{"ecr-basic.json", `"registryId"`, `"nextToken": "x", "NextToken": "", "registryId"`, "more pages"},
		{"ecr-basic.json", counts, counts + `"CRITICAL": 41,`, `counts 41 findings of severity "CRITICAL" and lists 0`},
		{"ecr-basic.json", `"HIGH": 1`, `"HIGH": 2`, `counts 2 findings of severity "HIGH" and lists 1`},
		{"ecr-basic.json", `"HIGH": 1`, `"HIGH": 0`, `counts 0 findings of severity "HIGH" and lists 1`},
		{"ecr-basic.json", `"HIGH": 1,`, ``, `counts 0 findings of severity "HIGH" and lists 1`},
		{"ecr-basic.json", `"HIGH": 1,`, `"high": 1,`, ""},
		{"ecr-basic.json", counts, `"others": {`, ""},
		{"grype.json", `"vex-add": []`, `"vex-add": ["affected"]`, ""},
	} {
		s, err := edited(t, c.file, c.old, c.new)
		if err != nil || !strings.Contains(s.Partial, c.want) || c.want == "" && s.Partial != "" {
			t.Errorf("%s, %q: %v, %+v", c.file, c.new, err, s)
		}
	}
}

// What an occurrence of Artifact Analysis is, its kind says, or the report is refused.
func TestKindOfOccurrence(t *testing.T) {
	for kind, want := range map[string]string{
		``: `the kind ""`, `"kind": "vulnerability",`: `the kind "vulnerability"`, `"kind": null,`: `the kind ""`, `"kind": "VULNERABILITY ",`: `none that is known`,
		`"kind": "DISCOVERY",`: `"DISCOVERY" has a vulnerability`, `"kind": "NEW",`: `none that is known`,
	} {
		if s, err := edited(t, "gcp-list.json", `"kind": "VULNERABILITY",`, kind); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v", kind, s, err)
		}
	}
}

// Of what one source says the worst counts, also where its word is a low one; and what has a version that mends it is mended.
func TestWorstOfOneSource(t *testing.T) {
	level := func(f scan.Finding, source string) (out scan.Severity) {
		for _, r := range f.Ratings {
			if r.Source == source {
				out = r.Level
			}
		}
		return out
	}
	for _, c := range []struct {
		file, old, new, source string
		want                   scan.Severity
	}{
		{"trivy.json", `"V3Score": 9.8`, `"V40Vector": "CVSS:4.0/AV:N", "V3Score": 9.8`, "nvd", scan.Critical},
		{"trivy.json", `"V3Score": 9.8`, `"V40Vector": "CVSS:4.0/AV:N", "V40Score": 11, "V3Score": 9.8`, "nvd", scan.Critical},
		{"trivy.json", `"V3Score": 9.8`, `"V40Score": 1, "V3Score": 9.8`, "nvd", scan.Critical},
		{"trivy.json", `"redhat": 2`, `"redhat": 0`, "redhat", scan.Unknown},
		{"trivy.json", `"V3Score": 9.8`, `"V3Score": 1, "V2Score": 10`, "nvd", scan.Critical},
		{"ecr-enhanced.json", `"severity": "CRITICAL"`, `"severity": "INFORMATIONAL"`, "inspector", scan.Critical},
		{"ecr-enhanced.json", `"source": "NVD"`, `"source": "DEBIAN_CVE"`, "debian", scan.Medium}, // a vendor's word
		{"ecr-enhanced.json", `"cvss": [`, `"cvss": [{"baseScore": 10, "source": "DEBIAN"},`, "nvd", scan.Critical},
		{"ecr-enhanced.json", `"cvss": [`, `"cvss": [{"baseScore": 10, "source": "DEBIAN"},`, "debian", scan.Medium},
		{"gcp-list.json", `"effectiveSeverity": "HIGH"`, `"effectiveSeverity": "LOW"`, "gcp", scan.High},
		{"gcp-list.json", `"baseScore": 9.8`, `"baseScore": 1`, "nvd", scan.Critical},
	} {
		low := map[string][]string{"trivy.json": {`"nvd": 4`, `"nvd": 1`}, "gcp-list.json": {`"severity": "CRITICAL"`, `"severity": "LOW"`}}
		edits := append([]string{c.old, c.new}, low[c.file]...)
		s, err := edited(t, c.file, edits...)
		if err != nil {
			t.Errorf("%s, %q: %v", c.file, c.new, err)
			continue
		}
		pkg := map[string]string{"trivy.json": "libssl3"}[c.file]
		if pkg == "" {
			pkg = "openssl"
		}
		if got := level(found(t, s, "CVE-2026-99001", pkg), c.source); got != c.want {
			t.Errorf("%s, %q: %s is %q", c.file, c.new, c.source, got)
		}
	}
	for _, c := range []struct{ file, old, new string }{
		{"trivy.json", `"Status": "fixed"`, `"Status": "affected"`}, {"trivy.json", `"Status": "fixed"`, `"Status": "will_not_fix"`},
		{"grype.json", `"state": "fixed"`, `"state": "wont-fix"`}, {"grype.json", `"state": "fixed"`, `"state": ""`},
	} {
		s, err := edited(t, c.file, c.old, c.new)
		if err != nil {
			t.Errorf("%s, %q: %v", c.file, c.new, err)
		} else if f := found(t, s, "CVE-2026-99001", "libssl3"); !f.Fixable() {
			t.Errorf("%s, %q: %+v", c.file, c.new, f)
		}
	}
}

// A fix of which nothing is told is not one that is not there, and a number that is no score is the worst.
func TestUntold(t *testing.T) {
	const told = `"fixAvailable": true`
	for state, edits := range map[scan.FixState][]string{
		scan.FixUnknown: {told, `"x": true`, told, `"x": true`}, scan.NotFixed: {told, `"fixAvailable": false`, told, `"x": true`}, scan.Fixed: {told, `"x": true`},
	} {
		s, err := edited(t, "gcp-list.json", append(edits, `"fixedVersion"`, `"y"`)...)
		if err != nil {
			t.Fatal(err)
		}
		if f := found(t, s, "CVE-2026-99001", "openssl"); f.State != state {
			t.Errorf("the fix is %s, and not %s", f.State, state)
		}
	}
	s, err := edited(t, "trivy.json", `"V3Score": 9.8`, `"V3Score": 98`, `"nvd": 4`, `"nvd": 1`)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range found(t, s, "CVE-2026-99001", "libssl3").Ratings {
		if r.Source == "nvd" && r.Level != scan.Critical {
			t.Errorf("a score of 98: %+v", r)
		}
	}
}

// One attribute that says two things is neither.
func TestAttributeTwice(t *testing.T) {
	_, err := edited(t, "ecr-basic.json", `"attributes": [`, `"attributes": [{"key": "package_name", "value": "other"},`)
	if err == nil || !strings.Contains(err.Error(), "package_name comes twice") {
		t.Errorf("%v", err)
	}
}
