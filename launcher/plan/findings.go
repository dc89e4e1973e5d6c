package plan

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Findings are those of every control on a plan that is seen as s, see
// [Planner.Judged]: the same that stop its run, and those that do not.
func (pl *Planner) Findings(p *Plan, s *container.Spec) []audit.Finding {
	brought := preflightFindings(p, pl.Here(p))
	brought = append(brought, ScanFindings(p.scanned, pl.now())...)
	brought = append(brought, AgeFindings(p.Image, pl.now())...)
	brought = append(brought, InspectionFindings(Inspected(pl.Dirs, ImageOf(p.Image)))...)
	for _, o := range p.Open {
		brought = append(brought, audit.Finding{Control: audit.InputUnderstood, Verdict: audit.Open, Message: o})
	}
	return WithoutLimits(s, p.LimitsWaiver(), brought)
}

// WithoutLimits judges s. A run whose limits were left out under a waiver of the
// control of limits fails that one, waived, and the limits' own with it.
func WithoutLimits(s *container.Spec, waiver *audit.Waiver, brought []audit.Finding) []audit.Finding {
	if waiver == nil {
		return audit.Judge(s, brought...)
	}
	c := audit.LimitsEnforceable
	if !slices.ContainsFunc(brought, func(f audit.Finding) bool { return f.Control == c }) {
		brought = append(brought, audit.Finding{Control: c, Verdict: audit.Fail, Severity: c.Severity,
			Message: "this host cannot enforce limits that the profile states, and the run goes without them"})
	}
	out := audit.Judge(s, brought...)
	for i := range out {
		if f := &out[i]; f.Verdict == audit.Fail && f.Control.OfLimits {
			f.Verdict, f.Waiver = audit.Waived, waiver
		}
	}
	return out
}

// preflightFindings are what preflight, which sees the host and the data of a run that
// is for here, says for the controls: what it finds fatal, and what it alone judges. A
// control that only preflight judges, and of which it says nothing, holds where it
// looked.
func preflightFindings(p *Plan, here bool) []audit.Finding {
	said := map[string]bool{}
	var out []audit.Finding
	for _, pr := range p.Problems {
		c := audit.ByID(pr.Control)
		if c == nil || pr.Judged || !pr.Fatal && c.Judge != nil || !here && aboutHost(c) {
			continue
		}
		said[c.ID] = true
		severity := c.Severity
		if !pr.Fatal {
			severity = min(severity, audit.Low) // preflight only warns of it
		}
		out = append(out, audit.Finding{Control: c, Verdict: audit.Fail, Severity: severity, At: pr.Setting, Message: pr.Message})
	}
	for _, c := range audit.Catalogue() {
		if c.Judge == nil && !said[c.ID] && !ofRecords(c) {
			out = append(out, unsaid(c, here))
		}
	}
	return out
}

// ofRecords tells whether a control is about records of scans and inspections or the image's age, of
// which preflight knows nothing.
func ofRecords(c *audit.Control) bool {
	return slices.Contains([]*audit.Control{audit.ImageRecent, audit.ScanFresh, audit.ScanTolerance, audit.OneScanner, audit.Attested, audit.NoSetuidFiles}, c)
}

// aboutHost tells whether a control is of the engine and the host.
func aboutHost(c *audit.Control) bool { return c.Group() == audit.Host || c.Group() == audit.MAC }

// unsaid is the finding of a control that only preflight judges and that it passed
// over in silence.
func unsaid(c *audit.Control, here bool) audit.Finding {
	f := audit.Finding{Control: c, Verdict: audit.Pass, Severity: c.Severity, Evidence: container.Planned}
	if !here {
		f.Verdict, f.Message = audit.Open, "it is judged on the host that runs it"
	}
	return f
}
