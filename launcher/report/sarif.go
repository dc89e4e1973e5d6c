package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// sarifSchema names the standard's own schema.
const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// SARIF writes the audit as SARIF 2.1.0, one run for each subject, in the part of
// it that GitHub's code scanning reads. all adds what passed, what does not apply,
// and what only the baseline knows: GitHub makes an alert of every result.
func (a Audit) SARIF(w io.Writer, all bool) error {
	log := sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{}}
	for _, r := range a.Results {
		log.Runs = append(log.Runs, a.sarifRun(r, all))
	}
	data, err := printing(log)
	if err != nil {
		return fmt.Errorf("writing SARIF: %w", err)
	}
	return JSON(w, json.RawMessage(data))
}

// sarifRun is the run of one subject.
func (a Audit) sarifRun(r Result, all bool) sarifRun {
	rules := &sarifRules{at: map[int]int{}, rules: []sarifRule{}}
	text := newSource(r)
	run := sarifRun{
		// A name that ends in a slash is a category of its own, of which GitHub
		// takes one run each.
		AutomationDetails: sarifAutomation{"zlaunch/audit/" + shown(r.Subject) + "/"},
		Invocations:       []sarifInvocation{{ExecutionSuccessful: true}}, Artifacts: text.artifacts(),
		Results: []sarifResult{}, RedactionTokens: []string{container.Redacted}, ColumnKind: "utf16CodeUnits",
		Properties: a.properties(r),
	}
	for _, f := range r.sorted() {
		if f.Verdict == audit.Open {
			run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, notification(f, rules))
		}
		if f.Verdict <= audit.Waived || all {
			run.Results = append(run.Results, r.sarifResult(f, rules, text))
		}
	}
	if all {
		run.Results = append(run.Results, r.absent(rules)...)
	}
	run.Tool.Driver = sarifDriver{Name: "zlaunch", Version: a.Tool, InformationURI: "https://github.com/zlaunch/zlaunch", Rules: rules.rules,
		SupportedTaxonomies: rules.components()}
	run.Taxonomies = rules.taxonomies
	return run
}

// properties are what SARIF has no place for.
func (a Audit) properties(r Result) map[string]any {
	out := map[string]any{
		"catalogue": audit.Version, "standard": a.Standard.Name, "standardDigest": a.Standard.Digest(), "failOn": a.FailOn.String(),
		"exposure": json.Number(tenths(audit.Score(r.Findings, false))), "exposureWithoutWaivers": json.Number(tenths(audit.Score(r.Findings, true))),
		"band": r.band(), "kind": r.Kind, "unread": r.Unread,
	}
	for key, v := range map[string]string{"engine": r.Engine, "identity": r.Identity} {
		if v != "" {
			out[key] = shown(v)
		}
	}
	return out
}

// notification says what evidence is missing.
func notification(f audit.Finding, rules *sarifRules) sarifNotification {
	i := rules.index(f.Control)
	return sarifNotification{Level: "note", Message: sarifText{Text: message(f)}, AssociatedRule: &sarifReference{ID: f.Control.ID, Index: &i}}
}

// message is what a finding says, as SARIF reads it.
func message(f audit.Finding) string {
	return literal(cmp.Or(shown(f.Message), titled(f.Control)))
}

var sarifKinds = [...]string{audit.Fail: "fail", audit.Review: "review", audit.Open: "open", audit.Waived: "fail",
	audit.NotApplicable: "notApplicable", audit.Pass: "pass"}

func (r Result) sarifResult(f audit.Finding, rules *sarifRules, text *source) sarifResult {
	out := sarifResult{
		RuleID: f.Control.ID, RuleIndex: rules.index(f.Control), Kind: sarifKinds[f.Verdict], Level: "none", Message: sarifText{Text: message(f)},
		Locations: text.locations(f), PartialFingerprints: map[string]string{"zlaunch/v1": audit.Fingerprint(r.Subject, f)},
		BaselineState: string(f.State), Rank: rankOf(f.Severity), Taxa: rules.references(f.Control),
		Properties: map[string]any{"severity": f.Severity.String(), "evidence": f.Evidence.String()},
	}
	if out.Kind == "fail" {
		out.Level = levelOf(f.Severity)
		if f.Control.Fix != "" {
			out.Message.Text += literal(". Fix: " + f.Control.Fix)
		}
	}
	if f.At != (container.Path{}) {
		out.Properties["setting"] = shown(f.At.String())
	}
	if len(f.Origin) > 0 {
		out.Properties["origin"] = shown(f.Origin[0].String())
	}
	if w := f.Waiver; f.Verdict == audit.Waived && w != nil {
		out.Suppressions = []sarifSuppression{suppression(w)}
	}
	return out
}

// suppression is a waiver: in the source where its profile gives it, external
// where the command line does.
func suppression(w *audit.Waiver) sarifSuppression {
	out := sarifSuppression{Kind: "inSource", Status: "accepted", Justification: w.Reason}
	if w.Origin.Layer == container.LayerCommandLine || w.Origin.File == "" {
		out.Kind = "external"
	}
	if w.Owner != "" {
		out.Justification += " (" + w.Owner + ")"
	}
	if !w.Expires.IsZero() {
		out.Justification += ", until " + w.Expires.Format("2006-01-02")
	}
	out.Justification = shown(out.Justification)
	return out
}

// absent are the results that the baseline knows and that are gone.
func (r Result) absent(rules *sarifRules) []sarifResult {
	var out []sarifResult
	for _, k := range r.Absent {
		c := audit.ByID(k.Control)
		if c == nil {
			continue
		}
		out = append(out, sarifResult{
			RuleID: c.ID, RuleIndex: rules.index(c), Kind: "fail", Level: levelOf(c.Severity), Rank: rankOf(c.Severity),
			Message:             sarifText{Text: literal(strings.TrimSpace("no longer found " + shown(k.Setting)))},
			PartialFingerprints: map[string]string{"zlaunch/v1": shown(k.Fingerprint)}, BaselineState: string(audit.Absent),
		})
	}
	return out
}
