package launcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/zlaunch/zlaunch/launcher/claim"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// launch is one launch under way. Each step that makes something pushes how to
// take it away; finish empties the list.
type launch struct {
	*Launcher
	plan  *Plan
	run   *Run
	undos []func(context.Context) error
	locks []*lock
	ports *reservation
	net   *lock
	claim claim.Claim // on the container; no token: there is nothing to claim yet

	waiting *evidence       // what was seen before the start
	lost    bool            // the answer to a create never came
	refused map[string]bool // names the engine would not give, though no container has them
}

// Run is a container that was proved and started, or is about to be started by
// [Run.Attach].
type Run struct {
	Record
	Plan *Plan
	l    *launch
	pid  int
}

// Launch creates the container of p, proves it, and, for a detached plan, starts
// it and waits until it serves. An attached run is left for [Run.Attach] to start.
// On an error, the end of ctx included, everything it made is gone again.
func (l *Launcher) Launch(ctx context.Context, p *Plan) (*Run, error) {
	if err := p.Refusal(); err != nil {
		return nil, err
	}
	la := &launch{Launcher: l, plan: p, refused: map[string]bool{}}
	steps := []func(context.Context) error{la.begin, la.pull, la.network, la.place, la.prove}
	if p.Options.Detach {
		steps = append(steps, la.start, la.serve, la.finish)
	}
	for _, step := range steps {
		err := ctx.Err()
		if err == nil {
			err = step(ctx)
		}
		if err != nil {
			return nil, la.abandon(ctx, err)
		}
	}
	return la.run, nil
}

// begin draws a launch id, which is the token of what the launch will claim; the
// label carries it to the container.
func (la *launch) begin(context.Context) error {
	name := claim.NewToken()
	k, err := la.tryLock("launch-" + name)
	if err != nil {
		return err
	}
	la.locks = append(la.locks, k)
	from := container.From(container.Origin{Layer: container.LayerDerived, Key: "zlaunch"})
	container.Labels.Set(la.plan.Stated, LabelLaunch, name, from)
	la.run = &Run{Plan: la.plan, l: la, Record: Record{
		Schema: recordSchema, Launch: name, Profile: la.plan.Profile.Name, Plan: la.plan.Hash,
		User: la.Host.Username, Time: la.now().UTC(), Engine: "podman " + la.Engine.Version(), Version: la.Version,
		Network: la.plan.Network, Waivers: la.plan.Waivers,
	}}
	return nil
}

// pull fetches an absent image, and then works out what only the image can tell.
func (la *launch) pull(ctx context.Context) error {
	p := la.plan
	ref, _, _ := container.Image.Get(p.Stated)
	policy, _, _ := container.Pull.Get(p.Stated)
	if p.Image != nil && policy != "always" && policy != "newer" {
		return nil
	}
	if err := la.Pull(ctx, ref, policy); err != nil {
		return err
	}
	return la.replan(ctx)
}

// replan works the plan out again with the image at hand, and refuses what that
// brought to light.
func (la *launch) replan(ctx context.Context) error {
	launchID, _, _ := container.Labels.Get(la.plan.Stated, LabelLaunch)
	fresh, err := la.Plan(ctx, la.plan.Options)
	if err != nil {
		return err
	}
	if err := fresh.Refusal(); err != nil {
		return err
	}
	from := container.From(container.Origin{Layer: container.LayerDerived, Key: "zlaunch"})
	container.Labels.Set(fresh.Stated, LabelLaunch, launchID, from)
	*la.plan = *fresh
	la.run.Record.Plan, la.run.Record.Waivers = fresh.Hash, fresh.Waivers
	return nil
}

// Pull fetches ref under policy and says so.
func (l *Launcher) Pull(ctx context.Context, ref, policy string) error {
	if policy == "never" {
		return hint.Errorf("zlaunch pull, or another --pull", "finding image %s: it is not here, and pull is never", ref)
	}
	l.tell("pulling " + ref)
	_, err := l.Engine.Pull(ctx, ref, podman.PullOptions{Policy: policy, Progress: l.Passing})
	return err
}

// network makes the run's own network where it is not there. The shared lock
// keeps a reaper from taking it away before the container holds it.
func (la *launch) network(ctx context.Context) (err error) {
	name := la.plan.Network
	if name == "" {
		return nil
	}
	if la.net, err = la.shareLock(ctx, "net-"+name); err != nil {
		return err
	}
	la.undos = append(la.undos, la.dropNetwork)
	created, err := la.ensureNetwork(context.WithoutCancel(ctx), name)
	if err != nil {
		return la.networkFailed(context.WithoutCancel(ctx), name, err)
	}
	if created {
		line, _ := podmanrun.Line(NetworkLine(la.plan)) // the engine took the name: it can be quoted
		la.tell("created network " + name + ": " + line)
	}
	return nil
}

// ensureNetwork claims the network before it is made, and takes the claim back where
// it was there.
func (la *launch) ensureNetwork(ctx context.Context, name string) (created bool, err error) {
	c := claim.Claim{Kind: claim.Network, Token: la.run.Launch, Engine: la.Engine.Place(), Name: name, Time: time.Now()}
	if err := la.claims().Put(c); err != nil {
		return false, writingTo(la.Dirs.Runtime, err)
	}
	labels := map[string]string{LabelProfile: la.plan.Profile.Name, LabelVersion: la.Version, LabelLaunch: c.Token}
	created, err = la.Engine.EnsureNetwork(ctx, podman.Network{Name: name, Labels: labels})
	if !created {
		if err == nil || podman.Answered(err) {
			err = errors.Join(err, la.claims().Drop(c.Kind, c.Token))
		}
		return false, err
	}
	made, err := la.Engine.Network(ctx, name)
	if c.ID = made.ID; err == nil && made.Labels[LabelLaunch] == c.Token {
		err = la.claims().Put(c)
	}
	return true, err
}

// NetworkLine is the podman command that makes the plan's network, nil when it
// needs none.
func NetworkLine(p *Plan) []string {
	if p.Network == "" {
		return nil
	}
	return []string{"podman", "network", "create", "--label", LabelProfile + "=" + p.Profile.Name, p.Network}
}

func (la *launch) start(ctx context.Context) error {
	if err := la.Engine.Start(context.WithoutCancel(ctx), la.run.ID); err != nil {
		return fmt.Errorf("starting the container of %s: %w", la.plan.Profile.Name, err)
	}
	return nil
}

// finish records the launch, which from then on owns its container.
func (la *launch) finish(context.Context) error {
	var err error
	if la.run.Claims, err = la.networkClaims(la.plan.Network); err != nil {
		return err
	}
	if err := la.save(&la.run.Record); err != nil {
		return err
	}
	la.claim.Kept = true
	if err := la.claims().Put(la.claim); err != nil {
		os.Remove(la.recordPath(la.run.Launch)) // a launch that fails leaves no record
		return writingTo(la.Dirs.Runtime, err)
	}
	la.undos = nil
	la.letGo()
	return nil
}

// RunLine is the podman command that does what the plan does, word by word.
func RunLine(p *Plan) ([]string, error) {
	args, err := podmanrun.Args(p.Stated)
	if err != nil {
		return nil, err
	}
	line := []string{"podman", "run"}
	if p.Options.Detach {
		line = append(line, "--detach")
	}
	return append(line, args...), nil
}
