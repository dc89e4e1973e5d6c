package subject

import (
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/plan"
)

// Rejudge judges the recorded settings by this zlaunch's catalogue. Findings that
// were brought from elsewhere stay as they were recorded, without waivers. notes
// say what is not as it was.
func (e *Evidence) Rejudge() (s *container.Spec, findings []audit.Finding, notes []string, err error) {
	if s, err = container.Decode(e.Settings); err != nil {
		return nil, nil, nil, fmt.Errorf("reading the evidence: %w", err)
	}
	if e.Catalogue != audit.Version {
		notes = append(notes, fmt.Sprintf("recorded under catalogue %s, judged under %s", e.Catalogue, audit.Version))
	}
	var brought []audit.Finding
	for _, f := range e.Findings {
		c := audit.ByID(f.Control)
		switch {
		case c == nil:
			notes = append(notes, fmt.Sprintf("control %q of the record is not in this catalogue", f.Control))
			continue
		case !f.Brought:
			continue
		}
		b := audit.Finding{Control: c, Verdict: f.Verdict, Severity: f.Severity, At: f.Setting, Message: f.Message, Evidence: f.Evidence}
		if b.Verdict == audit.Waived {
			b.Verdict = audit.Fail
		}
		brought = append(brought, b)
	}
	brought = append(brought, e.missed(s)...)
	slices.Sort(notes)
	return s, plan.WithoutLimits(s, appliedLimitsWaiver(s, e.Waivers), brought), slices.Compact(notes), nil
}

// missed tells of a record of this catalogue that its settings do not give the verdicts
// that were recorded of them any more: some were taken out, or added.
func (e *Evidence) missed(s *container.Spec) []audit.Finding {
	type name struct {
		control string
		verdict audit.Verdict
		at      container.Path
	}
	given := map[name]bool{}
	for _, f := range audit.Judge(s) {
		given[name{f.Control.ID, f.Verdict, f.At}] = true
	}
	for _, f := range e.Findings {
		if f.Verdict == audit.Waived {
			f.Verdict = audit.Fail
		}
		if e.Catalogue == audit.Version && !f.Brought && f.Control != audit.WaiversAlive.ID && !given[name{f.Control, f.Verdict, f.Setting}] {
			return []audit.Finding{{Control: audit.InputUnderstood, Verdict: audit.Open, Severity: audit.InputUnderstood.Severity, At: f.Setting,
				Message: fmt.Sprintf("the record is not whole: its settings do not give its verdict %s of %s at %q", f.Verdict, f.Control, f.Setting)}}
		}
	}
	return nil
}

// recorded lists findings as a record keeps them. Those that the settings alone do
// not give were brought from where their facts are, and stay as they are when the
// record is judged again.
func recorded(s *container.Spec, findings []audit.Finding) []EvidenceFinding {
	type name struct {
		control string
		verdict audit.Verdict
		at      container.Path
		message string
	}
	nameOf := func(f audit.Finding) name {
		if f.Verdict == audit.Waived {
			f.Verdict = audit.Fail
		}
		return name{f.Control.ID, f.Verdict, f.At, f.Message}
	}
	own := map[name]bool{}
	for _, f := range audit.Judge(s) {
		own[nameOf(f)] = true
	}
	out := make([]EvidenceFinding, 0, len(findings))
	for _, f := range findings {
		brought := !own[nameOf(f)] && f.Control != audit.WaiversAlive
		out = append(out, EvidenceFinding{f.Control.ID, f.Verdict, f.Severity, f.At, f.Message, f.Evidence, brought, f.Waiver})
	}
	return out
}
