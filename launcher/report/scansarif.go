package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// scanRun is a run of SARIF with its results.
type scanRun struct {
	sarifRun
	Results []sarifResult `json:"results"`
}

// SARIF writes the findings as SARIF 2.1.0: a rule for each vulnerability, a result for
// each package that has it.
func (s Scan) SARIF(w io.Writer) error {
	run := scanRun{Results: []sarifResult{}, sarifRun: sarifRun{
		AutomationDetails: sarifAutomation{"zlaunch/scan/" + s.Image.String() + "/"}, Invocations: []sarifInvocation{{ExecutionSuccessful: s.usable()}},
		RedactionTokens: []string{}, ColumnKind: "utf16CodeUnits", Properties: map[string]any{"scans": s.Scans},
	}}
	run.Tool.Driver = sarifDriver{Name: "zlaunch", Version: s.Tool, InformationURI: "https://github.com/zlaunch/zlaunch", Rules: []sarifRule{}}
	known := map[string]bool{}
	for i := range s.Findings {
		f := &s.Findings[i]
		if id := f.Canonical(); !known[id] {
			known[id] = true
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, scanRule(id, f.Severity))
		}
		run.Results = append(run.Results, s.result(f))
	}
	for _, r := range s.Against {
		if r.Finding == nil {
			run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, sarifNotification{Level: "error", Message: sarifText{Text: literal(Escape(r.Text))}})
		}
	}
	data, err := printing(map[string]any{"$schema": sarifSchema, "version": "2.1.0", "runs": []scanRun{run}})
	if err != nil {
		return fmt.Errorf("writing SARIF: %w", err)
	}
	_, err = w.Write(append(data, '\n'))
	return err
}

// usable tells whether every scan worked.
func (s Scan) usable() bool {
	for _, by := range s.Scans {
		if by.Failed+by.Partial != "" {
			return false
		}
	}
	return len(s.Scans) > 0
}

// scanLevels are what SARIF and GitHub call a severity: a level, a number to sort by, a word.
var scanLevels = map[scan.Severity][3]string{
	scan.Critical: {"error", "9.5", "error"}, scan.High: {"error", "8.0", "error"}, scan.Unknown: {"error", "8.0", "error"},
	scan.Medium: {"warning", "5.5", "warning"}, scan.Low: {"note", "2.0", "recommendation"}, scan.Negligible: {"note", "0.1", "recommendation"},
}

func scanRule(id string, severity scan.Severity) sarifRule {
	page := "https://nvd.nist.gov/vuln/detail/" + url.PathEscape(id)
	if strings.HasPrefix(id, "GHSA-") {
		page = "https://github.com/advisories/" + url.PathEscape(id)
	}
	text := sarifText{Text: literal(Escape(id))}
	return sarifRule{ID: Escape(id), Name: "Vulnerability", ShortDescription: text, FullDescription: text, Help: sarifText{Text: page}, HelpURI: page,
		DefaultConfiguration: sarifConfiguration{Level: scanLevels[severity][0], Rank: -1},
		Properties: sarifRuleProperties{Tags: []string{"security", "vulnerability", "severity/" + string(severity)}, Precision: "very-high",
			SecuritySeverity: scanLevels[severity][1], ProblemSeverity: scanLevels[severity][2]}}
}

// result is one finding; where it is, the package's place in the image says, or the image.
func (s Scan) result(f *ScanFinding) sarifResult {
	text := fmt.Sprintf("%s %s has %s", f.Package, f.Installed, f.Canonical())
	if f.State == scan.Fixed {
		text += ", which " + fixedIn(&f.Finding) + " mends"
	}
	place := "image/" + strings.ReplaceAll(s.Image.String(), ":", "/")
	if len(f.Paths) > 0 {
		place = strings.TrimPrefix(f.Paths[0], "/")
	}
	sum := sha256.Sum256([]byte(f.Canonical() + "\x00" + f.Package + "\x00" + string(f.Class)))
	out := sarifResult{RuleID: Escape(f.Canonical()), Level: scanLevels[f.Severity][0], Message: sarifText{Text: literal(Escape(text))},
		Locations: []sarifLocation{{Physical: &sarifPhysical{Artifact: sarifArtifactLocation{URI: fileURI(place)}},
			Logical: []sarifLogical{{FullyQualifiedName: s.Image.String() + "#" + url.PathEscape(f.Package), Kind: "package"}}}},
		PartialFingerprints: map[string]string{"zlaunch/v1": hex.EncodeToString(sum[:16])},
		Properties:          map[string]any{"severity": f.Severity, "installed": f.Installed, "fixed": f.Fixed, "fix": f.State, "purl": f.PURL, "seen": f.Seen, "ratings": f.Ratings},
	}
	if f.Suppressed() {
		out.Suppressions = []sarifSuppression{{Kind: "external", Status: "accepted", Justification: Escape(strings.TrimSpace("VEX: " + f.VEX.Status + " " + f.VEX.Justification))}}
	}
	return out
}
