package plan

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/policy"
)

// planPolicy reads the policy, before anything can be permitted by it. One that cannot be
// used is the end of every plan.
func planPolicy(pl *Planner, p *Plan) error {
	if pl.Policy == nil {
		return nil
	}
	set, err := pl.Policy()
	if err != nil {
		return err
	}
	p.policy = set
	for _, w := range set.Waivers() {
		if !w.Expired(pl.now()) && w.Allowed(pl.now()) == nil {
			p.permits = append(p.permits, w)
		}
	}
	return nil
}

// policyProblems are what the policy forbids of the run, as it is finished; nothing
// waives them.
func policyProblems(pl *Planner, p *Plan) (out []audit.Problem) {
	if len(p.policy) == 0 {
		return nil
	}
	run := subjectOf(pl, p)
	found := p.policy.Forbid(run, pl.now())
	known := len(found)
	if !pl.early {
		found = append(found, slices.DeleteFunc(p.policy.Judge(run, pl.now()), func(f audit.Finding) bool {
			return f.Verdict != audit.Fail || slices.ContainsFunc(found, func(g audit.Finding) bool { return f.Message == g.Message && f.At == g.At })
		})...)
	}
	for i, f := range found {
		pr := audit.Problem{Control: f.Control.ID, Setting: f.At, Message: f.Message, Hint: f.Fix, Fatal: true, Judged: true, Grave: true}
		if i >= known && p.Image == nil {
			pr.Hint = "the image may tell, and is not here: " + toGet(p) + "\n" + f.Fix
		}
		out = append(out, pr)
	}
	return out
}

// subjectOf is all that a policy judges of a plan.
func subjectOf(pl *Planner, p *Plan) policy.Subject {
	run := p.Run(pl.Engine)
	run.Spec = pl.Judged(p)
	if pl.early && len(p.Profile.Gateway) > 0 {
		run.Gateway = true // it can be run behind one, and is judged again when it is run
	}
	for _, d := range p.Dropped { // the engine's own default will not hold either
		if d.Path.Key == container.PidsLimit.Key() {
			container.PidsLimit.Set(run.Spec, 0, d.Mark)
		}
	}
	run.Findings = audit.Waive(pl.Findings(p, run.Spec), p.Waivers, pl.now())
	return run
}

// Run is what a policy judges of a plan beside its spec and its findings; e is the engine
// that launches it, nil for none.
func (p *Plan) Run(e Engine) policy.Subject {
	out := policy.Subject{Profile: p.Profile.Name, Layer: p.Profile.Near, Rung: Rung(e), Scanned: p.scanned, Prisoner: p.Options.Scanning != nil, Trial: p.Options.trial}
	if in := p.Options.InStack; in != nil {
		out.Gateway = in.Gateway != nil
	}
	out.Models = heldModels(p)
	who := &policy.Signers{}
	for _, b := range p.Profile.Bundles {
		if b.Signer == nil {
			return out
		}
		who.Bundles = append(who.Bundles, b.Signer.Names())
		if b == p.Profile.Bundle {
			who.Profile = b.Signer.Names()
		}
	}
	out.Signers = who
	return out
}

// Rung is the rung up to which a launch by an engine proves a run, or removes it: the
// kernel's own record, or, where the engine is another host's, what inspect claims.
func Rung(e Engine) container.Evidence {
	switch {
	case e == nil:
		return container.Unknown
	case !e.Local():
		return container.Inspected
	}
	return container.Kernel
}

// permit is the waiver that permits a problem; nil where none does. One of the policy is
// noted among the plan's own then.
func (p *Plan) permit(pr audit.Problem) *audit.Waiver {
	if !pr.Grave {
		if w := p.Waiver(pr.Control, pr.Setting); w != nil {
			return w
		}
	}
	for i := range p.permits {
		if w := &p.permits[i]; w.Covers(pr.Control, pr.Setting) {
			if p.Waiver(w.Control, pr.Setting) == nil {
				p.Waivers = append(p.Waivers, *w)
			}
			return w
		}
	}
	return nil
}
