package subject

import (
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// Gate says what findings count, and which of them stop.
type Gate struct {
	Standard   audit.Standard
	FailOn     audit.Severity
	FailOnOpen bool
	Waivers    []audit.Waiver // the caller's, for all but plans, which have read them
	NoWaivers  bool           // waived findings count as failures
	Baseline   Baseline       // nil: none is compared
}

// Apply applies waivers, standard and baseline to the findings of a subject, and sorts
// them for a reader.
func (g *Gate) Apply(a *Audited, now time.Time) {
	waivers := a.Waivers
	if a.Kind != "plan" {
		waivers = append(waivers[:len(waivers):len(waivers)], g.Waivers...)
	}
	for i := range a.Findings { // limits that a run goes without came waived, by whatever its launch had
		if f := &a.Findings[i]; f.Verdict == audit.Waived && (g.NoWaivers || f.Waiver.Allowed(now) != nil || f.Waiver.Expired(now)) {
			f.Verdict, f.Waiver = audit.Fail, nil
		}
	}
	if !g.NoWaivers {
		a.Findings = audit.Waive(a.Findings, waivers, now)
	}
	a.Findings = g.Standard.Select(a.Findings)
	if g.Baseline != nil {
		a.Absent = audit.Compare(a.Subject, a.Findings, g.Baseline[a.Subject])
	}
	audit.Sort(a.Findings)
}

// Outcome is how an audit ends.
type Outcome uint8

// The outcomes; of several subjects the last counts.
const (
	Passed     Outcome = iota
	Incomplete         // evidence is missing, and that counts
	Stopped            // a failure reaches the threshold, and is new
)

// Outcome is how a subject ends, once the gate was applied.
func (g *Gate) Outcome(a *Audited) Outcome {
	out := Passed
	for _, f := range a.Findings {
		switch {
		case f.Verdict == audit.Fail && f.Severity >= g.FailOn && f.State != audit.Unchanged:
			return Stopped
		case f.Verdict == audit.Open && g.FailOnOpen:
			out = Incomplete
		}
	}
	return out
}
