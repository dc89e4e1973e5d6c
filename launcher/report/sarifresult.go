package report

import (
	"cmp"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// message is what a finding says, as SARIF reads it.
func message(f audit.Finding) string {
	return literal(cmp.Or(shown(f.Message), titled(f.Control)))
}

var sarifKinds = [...]string{audit.Fail: "fail", audit.Review: "review", audit.Open: "open", audit.Waived: "fail",
	audit.NotApplicable: "notApplicable", audit.Pass: "pass"}

func (r Result) sarifResult(f audit.Finding, text *source) sarifResult {
	out := sarifResult{
		RuleID: f.Control.ID, Message: sarifText{Text: message(f)}, Locations: text.locations(f),
		PartialFingerprints: map[string]string{"zlaunch/v1": audit.Fingerprint(r.Subject, f)}, BaselineState: string(f.State),
		Properties: r.said(f),
	}
	graded := f.Severity != f.Control.Severity
	if kind := sarifKinds[f.Verdict]; kind != "fail" {
		out.Kind, out.Level = kind, "none"
	} else if graded {
		out.Level = levelOf(f.Severity)
	}
	if graded {
		rank := rankOf(f.Severity)
		out.Rank, out.Properties["severity"] = &rank, f.Severity.String()
	}
	if w := f.Waiver; f.Verdict == audit.Waived && w != nil {
		out.Suppressions = []sarifSuppression{suppression(w)}
	}
	return out
}

// said is what a finding says that neither its rule nor its place does. Where no word
// and no origin is told, the engine decided.
func (r Result) said(f audit.Finding) map[string]any {
	out := map[string]any{}
	if f.Evidence > container.Planned {
		out["evidence"] = f.Evidence.String()
	}
	if at := shown(f.At.String()); at != settingOf(f.Control) {
		out["setting"] = at // "" is the whole subject
	}
	if len(f.Origin) > 0 && f.Origin[0].Layer != container.LayerEngine && len(r.wordsOf(f)) == 0 {
		out["origin"] = shown(f.Origin[0].String())
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
func (r Result) absent() (out []sarifResult, of []*audit.Control) {
	for _, k := range r.Absent {
		c := audit.ByID(k.Control)
		if c == nil {
			continue
		}
		out = append(out, sarifResult{
			RuleID: c.ID, Message: sarifText{Text: literal(strings.TrimSpace("no longer found " + shown(k.Setting)))},
			PartialFingerprints: map[string]string{"zlaunch/v1": shown(k.Fingerprint)}, BaselineState: string(audit.Absent),
		})
		of = append(of, c)
	}
	return out, of
}
