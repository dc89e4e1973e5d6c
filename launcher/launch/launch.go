package launch

import (
	"context"
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// launch is one plan under way.
type launch struct {
	r    *Runner
	tx   *transaction
	plan *plan.Plan
	run  *Run

	own    map[string]bool // networks that the stack has made, which has none of others; nil: it is of no stack
	box    *box
	prover *prover
}

// Run is a container that was proved and started, or is about to be started by
// [Run.Attach].
type Run struct {
	record.Record
	Plan *plan.Plan
	l    *launch
	pid  int
}

// Launch creates the container of p, proves it, and, for a detached plan, starts
// it and waits until it serves. An attached run is left for [Run.Attach] to start.
// On an error, the end of ctx included, everything it made is gone again.
func (l *Runner) Launch(ctx context.Context, p *plan.Plan) (*Run, error) {
	if err := p.Refusal(); err != nil {
		return nil, err
	}
	tx := &transaction{}
	la := l.newLaunch(p, tx)
	if err := carryOut(ctx, la.steps()...); err != nil {
		return nil, tx.abandon(ctx, err)
	}
	if p.Options.Detach {
		tx.done() // an attached run ends it
	}
	return la.run, nil
}

// step is a part of a launch.
type step func(context.Context) error

// carryOut does steps in their order, up to the first that fails or the end of ctx.
func carryOut(ctx context.Context, steps ...step) error {
	for _, do := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (la *launch) steps() []step {
	steps := []step{la.begin, la.pull, la.networks, la.box.place, la.prover.prove}
	if la.plan.Options.Detach {
		steps = append(steps, la.start, la.serve, la.record)
	}
	return steps
}

// newLaunch is a launch of p that has not begun, as a part of tx. It goes on with a
// plan of its own: what is settled on the way is no matter of the caller's.
func (l *Runner) newLaunch(p *plan.Plan, tx *transaction) *launch {
	p = p.Clone()
	run := &Run{Plan: p}
	run.l = &launch{r: l, tx: tx, plan: p, run: run,
		box:    &box{r: l, tx: tx, plan: p, run: run, refused: map[string]bool{}, ports: &reservation{locks: l.Dirs.Locks(), engine: l.Engine, tell: l.tell}},
		prover: &prover{r: l, plan: p, run: run}}
	return run.l
}

// begin draws a launch id, which is the token of what the launch will claim; the
// label carries it to the container.
func (la *launch) begin(context.Context) error {
	name := claim.NewToken()
	k, err := la.r.Dirs.Locks().Try("launch-" + name)
	if err != nil {
		return err
	}
	la.tx.holds(k.Release)
	if err := la.plan.WriteFiles(); err != nil {
		return err
	}
	from := container.From(container.Origin{Layer: container.LayerDerived, Key: "zlaunch"})
	container.Labels.Set(la.plan.Stated, plan.LabelLaunch, name, from)
	run := la.plan.Run(la.r.Engine)
	la.run.Record = record.Record{
		Schema: record.Schema, Launch: name, Profile: run.Profile, Layer: run.Layer, Signers: (*record.Signers)(run.Signers), Plan: la.plan.Hash,
		User: la.r.Host.Username, Time: la.r.now().UTC(), Engine: "podman " + la.r.Engine.Version(), Version: la.r.Version,
		Network: plan.OwnNetwork(la.plan), Waivers: la.plan.Waivers, Models: plan.ModelTree(la.plan),
	}
	if in := la.plan.Options.InStack; in != nil {
		la.run.Stack, la.run.Member = in.Stack, in.Member
	}
	la.run.Record.Options, err = la.plan.Options.Recorded()
	return err
}

// pull fetches an absent image, and then works out what only the image can tell.
func (la *launch) pull(ctx context.Context) error {
	p := la.plan
	ref, _, _ := container.Image.Get(p.Stated)
	policy, _, _ := container.Pull.Get(p.Stated)
	if p.Image != nil && policy != "always" && policy != "newer" {
		return nil
	}
	if err := la.r.Pull(ctx, ref, policy); err != nil {
		return err
	}
	return la.replan(ctx)
}

// replan works the plan out again with the image at hand, and refuses what that
// brought to light.
func (la *launch) replan(ctx context.Context) error {
	launchID, _, _ := container.Labels.Get(la.plan.Stated, plan.LabelLaunch)
	fresh, err := la.r.Planner.Plan(ctx, la.plan.Options)
	if err != nil {
		return err
	}
	if err := fresh.Refusal(); err != nil {
		return err
	}
	from := container.From(container.Origin{Layer: container.LayerDerived, Key: "zlaunch"})
	container.Labels.Set(fresh.Stated, plan.LabelLaunch, launchID, from)
	*la.plan = *fresh
	la.run.Record.Plan, la.run.Record.Waivers = fresh.Hash, fresh.Waivers
	return nil
}

// networks makes the named networks that are not there. The first is claimed by the launch,
// and each further one by a token of its own.
func (la *launch) networks(ctx context.Context) error {
	token := la.run.Launch
	for _, want := range la.plan.Networks {
		n := &network{r: la.r, tx: la.tx, plan: la.plan, want: want, token: token, own: la.own}
		if err := n.make(ctx); err != nil {
			return err
		}
		token = claim.NewToken()
	}
	return nil
}

func (la *launch) start(ctx context.Context) error {
	if err := la.r.Engine.Containers.Start(context.WithoutCancel(ctx), la.run.ID); err != nil {
		return fmt.Errorf("starting the container of %s: %w", la.plan.Profile.Name, err)
	}
	return nil
}

// finish records the launch and ends its transaction.
func (la *launch) finish(ctx context.Context) error {
	if err := la.record(ctx); err != nil {
		return err
	}
	la.tx.done()
	return nil
}

// record records the launch, which from then on owns its container.
func (la *launch) record(context.Context) error {
	for _, n := range la.plan.Networks {
		claims, err := la.r.networks().claims(n.Name)
		if err != nil {
			return err
		}
		la.run.Claims = append(la.run.Claims, claims...)
	}
	if err := la.r.Dirs.Save(&la.run.Record); err != nil {
		return err
	}
	la.box.claim.Kept = true
	if err := la.r.Dirs.Claims().Put(la.box.claim); err != nil {
		_ = la.r.Dirs.Forget(la.run.Launch) // a launch that fails leaves no record
		return record.WritingTo(la.r.Dirs.Runtime, err)
	}
	la.tx.undo(func(context.Context) error { return la.r.Dirs.Forget(la.run.Launch) })
	return nil
}
