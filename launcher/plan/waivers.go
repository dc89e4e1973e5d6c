package plan

import (
	"context"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/preflight"
)

// planWaivers reads and checks the waivers of the profile and the command line.
func planWaivers(p *Plan, now time.Time) error {
	p.Waivers = slices.Clone(p.Profile.Waivers)
	for _, arg := range p.Options.Waive {
		w, err := audit.ParseWaiver(arg)
		if err != nil {
			return err
		}
		p.Waivers = append(p.Waivers, w)
	}
	for _, w := range p.Waivers {
		if err := w.Check(now); err != nil {
			return err
		}
	}
	return nil
}

// Waiver finds the one that covers a failure, nil when there is none.
func (p *Plan) Waiver(control string, at container.Path) *audit.Waiver {
	for i := range p.Waivers {
		if p.Waivers[i].Covers(control, at) {
			return &p.Waivers[i]
		}
	}
	return nil
}

// planLimits takes out, under the waiver of ZL-104, the limits this host cannot
// enforce: what is sent to the engine is what will hold.
func (pl *Planner) planLimits(ctx context.Context, p *Plan) error {
	if !slices.ContainsFunc(p.Waivers, func(w audit.Waiver) bool { return w.Control == audit.LimitsEnforceable.ID }) {
		return nil // asking the engine takes longer than the rest of a plan
	}
	subject, err := pl.subject(ctx, p)
	if err != nil {
		return err
	}
	rows := preflight.Unenforceable(subject)
	if len(rows) == 0 || p.Waiver(audit.LimitsEnforceable.ID, container.Path{Key: rows[0].Key()}) == nil {
		return nil // the finding stands at the first
	}
	for _, row := range rows {
		p.Dropped = append(p.Dropped, row.Settings(p.Stated)...)
		row.Clear(p.Stated)
	}
	return nil
}

// LimitsWaiver is the one under which the run goes without limits; nil where it has
// them all.
func (p *Plan) LimitsWaiver() *audit.Waiver {
	if len(p.Dropped) == 0 {
		return nil
	}
	return p.Waiver(audit.LimitsEnforceable.ID, container.Path{Key: p.Dropped[0].Path.Key})
}

// readsAny tells whether a control fails only because limits were dropped under a
// waiver.
func readsAny(c *audit.Control, dropped []container.Setting) bool {
	for _, r := range c.Reads {
		for _, d := range dropped {
			if d.Path.Key == r.Key() {
				return true
			}
		}
	}
	return false
}
