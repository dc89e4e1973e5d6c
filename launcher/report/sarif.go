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

// SARIF writes the audit as SARIF 2.1.0, one run with one set of rules for all
// subjects, in the part of it that GitHub's code scanning reads. all adds what passed,
// what does not apply, and what only the baseline knows: GitHub makes an alert of every
// result. It is written without space between its parts, for nobody reads it.
func (a Audit) SARIF(w io.Writer, all bool) error {
	b := &sarifBuilder{rules: &sarifRules{at: map[int]int{}, rules: []sarifRule{}}, files: map[string]int{}, told: map[notice]int{},
		results: []sarifResult{}, subjects: []map[string]any{}}
	for _, r := range a.Results {
		b.add(r, all)
	}
	data, err := printing(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{a.sarifRun(b)}})
	if err != nil {
		return fmt.Errorf("writing SARIF: %w", err)
	}
	_, err = w.Write(append(data, '\n'))
	return err
}

// sarifBuilder gathers what the subjects of a run have in common and their results.
type sarifBuilder struct {
	rules     *sarifRules
	artifacts []sarifArtifact
	files     map[string]int // index of a file among the artifacts, by its URI
	notices   []notice       // in the order of the first
	told      map[notice]int // how many subjects say it
	results   []sarifResult
	subjects  []map[string]any
}

// notice is what a finding says of evidence that is missing.
type notice struct {
	control *audit.Control
	message string
}

// add adds the findings of one subject.
func (b *sarifBuilder) add(r Result, all bool) {
	text := newSource(r)
	text.index = b.artifact(text)
	for _, f := range r.sorted() {
		if f.Verdict == audit.Open {
			n := notice{f.Control, message(f)}
			if b.told[n]++; b.told[n] == 1 {
				b.notices = append(b.notices, n)
			}
		}
		if f.Verdict <= audit.Waived || all {
			b.results = append(b.results, r.sarifResult(f, b.rules, text))
		}
	}
	if all {
		b.results = append(b.results, r.absent(b.rules)...)
	}
	b.subjects = append(b.subjects, r.properties())
}

// artifact is the index of what the subject stands in; -1 is nothing. The runs of a
// file share it.
func (b *sarifBuilder) artifact(text *source) int {
	at := -1
	for _, a := range text.artifacts() {
		if i, known := b.files[a.Location.URI]; known && a.Contents == nil {
			at = i
			continue
		}
		at = len(b.artifacts)
		b.artifacts = append(b.artifacts, a)
		if a.Contents == nil {
			b.files[a.Location.URI] = at
		}
	}
	return at
}

func (a Audit) sarifRun(b *sarifBuilder) sarifRun {
	id := "zlaunch/audit/" // a name that ends in a slash is a category of its own
	if len(a.Results) == 1 {
		id += shown(a.Results[0].Subject) + "/"
	}
	run := sarifRun{
		AutomationDetails: sarifAutomation{id}, Invocations: []sarifInvocation{{ExecutionSuccessful: true}}, Artifacts: b.artifacts,
		Results: b.results, RedactionTokens: []string{container.Redacted}, ColumnKind: "utf16CodeUnits",
		Properties: map[string]any{
			"catalogue": audit.Version, "standard": a.Standard.Name, "standardDigest": a.Standard.Digest(), "failOn": a.FailOn.String(), "subjects": b.subjects,
		},
	}
	for _, n := range b.notices {
		run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, b.notification(n))
	}
	run.Tool.Driver = sarifDriver{Name: "zlaunch", Version: a.Tool, InformationURI: "https://github.com/zlaunch/zlaunch", Rules: b.rules.rules,
		SupportedTaxonomies: b.rules.components()}
	run.Taxonomies = b.rules.taxonomies
	return run
}

// properties are what SARIF has no place for.
func (r Result) properties() map[string]any {
	out := map[string]any{
		"subject": shown(r.Subject), "exposure": json.Number(tenths(audit.Score(r.Findings, false))), "exposureWithoutWaivers": json.Number(tenths(audit.Score(r.Findings, true))),
		"band": r.band(), "kind": r.Kind, "unread": r.Unread,
	}
	for key, v := range map[string]string{"engine": r.Engine, "identity": r.Identity} {
		if v != "" {
			out[key] = shown(v)
		}
	}
	return out
}

// notification says what evidence is missing, once for all subjects that lack it.
func (b *sarifBuilder) notification(n notice) sarifNotification {
	i := b.rules.index(n.control)
	text := n.message
	if many := b.told[n]; many > 1 {
		text += fmt.Sprintf(" (in %d subjects)", many)
	}
	return sarifNotification{Level: "note", Message: sarifText{Text: text}, AssociatedRule: &sarifReference{ID: n.control.ID, Index: &i}}
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
		BaselineState: string(f.State), Rank: rankOf(f.Severity),
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
