package subject

import (
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/policy"
)

// Gate says what findings count, and which of them stop.
type Gate struct {
	Standard   audit.Standard
	FailOn     audit.Severity
	FailOnOpen bool
	Policy     policy.Set
	Waivers    []audit.Waiver // the caller's, for all but plans, which have read them
	NoWaivers  bool           // waived findings count as failures
	Baseline   Baseline       // nil: none is compared
}

// Apply applies waivers, standard and baseline to the findings of a subject, and sorts
// them for a reader.
func (g *Gate) Apply(a *Audited, now time.Time) {
	g.permit(a, now)
	a.Findings = g.judge(a, now)
	a.Findings = g.Standard.Select(a.Findings)
	if g.Baseline != nil {
		a.Absent = audit.Compare(a.Subject, a.Findings, g.Baseline[a.Subject])
	}
	audit.Sort(a.Findings)
}

// permit applies the waivers.
func (g *Gate) permit(a *Audited, now time.Time) {
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
		a.Findings = audit.Waive(a.Findings, append(waivers[:len(waivers):len(waivers)], g.permits(a.Findings, now)...), now)
	}
}

// Broken are the checks of the policy that a subject breaks, once waivers were applied.
func (g *Gate) Broken(a *Audited, now time.Time) []policy.Check {
	g.permit(a, now)
	return g.Policy.Broken(a.told(), false, now)
}

// told is what a policy is told of a subject.
func (a *Audited) told() policy.Subject {
	run := a.Run
	run.Spec, run.Findings = a.Spec, a.Findings
	if run.Spec == nil {
		run.Spec = &container.Spec{} // nothing of it is known
	}
	run.Spec = doubting(run.Spec, a.Doubted)
	return run
}

// judge adds what the policy says of a subject, once the waivers were applied, and which
// policy that was.
func (g *Gate) judge(a *Audited, now time.Time) []audit.Finding {
	if len(g.Policy) == 0 {
		return a.Findings
	}
	a.Policy = g.Policy.Digest()
	out := slices.DeleteFunc(slices.Clone(a.Findings), func(f audit.Finding) bool { return f.Control == audit.PolicyMet })
	return append(out, g.Policy.Judge(a.told(), now)...)
}

// permits are the waivers of the policy that are of use here; another is about other
// runs.
func (g *Gate) permits(in []audit.Finding, now time.Time) (out []audit.Waiver) {
	for _, w := range g.Policy.Waivers() {
		covers := func(f audit.Finding) bool { return f.Verdict == audit.Fail && w.Covers(f.Control.ID, f.At) }
		if !w.Expired(now) && slices.ContainsFunc(in, covers) {
			out = append(out, w)
		}
	}
	return out
}

// Outcome is how an audit ends.
type Outcome uint8

// The outcomes; of several subjects the last counts.
const (
	Passed     Outcome = iota
	Incomplete         // evidence is missing, and that counts
	Stopped            // a failure reaches the threshold, and is new
)

// Outcome is how a subject ends, once the gate was applied. A baseline is its caller's and takes
// nothing from a policy.
func (g *Gate) Outcome(a *Audited) Outcome {
	out := Passed
	for _, f := range a.Findings {
		switch {
		case f.Verdict == audit.Fail && f.Severity >= g.FailOn && (f.State != audit.Unchanged || f.Control == audit.PolicyMet):
			return Stopped
		case f.Verdict == audit.Open && g.FailOnOpen:
			out = Incomplete
		}
	}
	return out
}
