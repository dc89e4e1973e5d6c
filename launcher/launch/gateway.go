package launch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/haproxy"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// Gateways gives proxies their configuration.
type Gateways struct{ r *Runner }

// Gateways is where a runner configures proxies.
func (l *Runner) Gateways() Gateways { return Gateways{l} }

// rehearse has the proxy of a member that is a gateway check its configuration before any
// member starts. Of any other it is a step that does nothing, and so is configure.
func (la *launch) rehearse(ctx context.Context) error {
	in := la.plan.Options.InStack
	if in == nil || in.Gateway == nil {
		return nil
	}
	gs := la.r.Gateways()
	if err := gs.write(in.Gateway, unplaced); err != nil {
		return err
	}
	return gs.check(ctx, la.plan.Options)
}

// unplaced stands for a backend that does not run yet (RFC 5737).
const unplaced = "192.0.2.1"

// configure writes where the backend is, which only one that runs can tell.
func (la *launch) configure(ctx context.Context) error {
	in := la.plan.Options.InStack
	if in == nil || in.Gateway == nil {
		return nil
	}
	address, err := la.r.Gateways().backend(ctx, in.Gateway)
	if err != nil {
		return err
	}
	return la.r.Gateways().write(in.Gateway, address)
}

// backend is the address of what a gateway is in front of.
func (gs Gateways) backend(ctx context.Context, g *plan.Gateway) (string, error) {
	address, err := podman.Address(ctx, gs.r.Engine.Containers, g.Backend, g.Network)
	if err != nil {
		return "", fmt.Errorf("looking for what the gateway is in front of: %w", err)
	}
	return address, nil
}

// write writes the configuration of a gateway whose backend is at an address.
func (gs Gateways) write(g *plan.Gateway, address string) error {
	front := g.Front
	front.Backends = slices.Clone(front.Backends)
	for i := range front.Backends {
		front.Backends[i].Host = address
	}
	text, err := haproxy.Config(&front)
	if err == nil {
		err = record.WriteFile(filepath.Join(g.Files, gateway.ConfigFile), text)
	}
	if err != nil {
		return record.WritingTo(g.Files, fmt.Errorf("configuring the gateway: %w", err))
	}
	return nil
}

// check has the proxy read its files in a container that is thrown away: the same one, but
// for its networks, of which it has none.
func (gs Gateways) check(ctx context.Context, o plan.Options) error {
	in := *o.InStack
	in.Container, in.Networks = in.Container+"-check", nil
	o.InStack, o.Publish, o.Args = &in, nil, append(slices.Clone(o.Args), "-c")
	p, err := gs.r.Planner.Plan(ctx, o)
	if err != nil {
		return err
	}
	if err := p.Refusal(); err != nil {
		return err
	}
	tx := &transaction{}
	la := gs.r.newLaunch(p, tx)
	la.box.stack = claim.NewToken() // of no stack that will be: whatever is left of it goes
	return tx.abandon(ctx, carryOut(ctx, la.begin, la.pull, la.box.place, la.prover.prove, la.start, la.checked))
}

// checked waits for the verdict of the proxy on its files.
func (la *launch) checked(ctx context.Context) error {
	code, err := la.r.Engine.Containers.Wait(ctx, la.run.ID)
	if err != nil || code == 0 {
		return err
	}
	said, err := la.r.Gateways().said(ctx, la.run.ID, time.Time{})
	return errors.Join(fmt.Errorf("the gateway refuses its configuration, status %d: %s", code, said), err)
}

// said are the last lines of a proxy's log since a time.
func (gs Gateways) said(ctx context.Context, id string, since time.Time) (string, error) {
	var buf bytes.Buffer
	w := &bounded{&buf, trialLogSize}
	err := gs.r.Engine.Containers.Logs(ctx, id, podman.LogOptions{Tail: trialLog, Since: since}, w, w)
	return strings.TrimSpace(buf.String()), err
}

// What HAProxy's master says of a reload, on the standard error of its container: since
// 2.6, and at a failure "Failed to load worker" or "Reload failed" by release.
var (
	reloaded = []string{"Loading success"}
	unloaded = []string{"Reload failed", "Failed to load worker", "failed to parse the configuration", "wait-only mode"}
)

// reloadTime is how long a proxy may take to read its files anew: 64 MB of memory and one
// processor did it in half a second under load.
const reloadTime = 30 * time.Second

// Reload has the gateway of a stack read its configuration, certificates and tokens anew.
// Connections that are open stay with the process that has them until they end.
func (gs Gateways) Reload(ctx context.Context, stack string) error {
	lock, err := gs.r.Stacks().lock(stack)
	if err != nil {
		return err
	}
	defer lock.Release()
	id, o, err := gs.find(ctx, stack)
	if err != nil {
		return err
	}
	address, err := gs.backend(ctx, o.InStack.Gateway)
	for _, do := range []func() error{
		func() error { return err },
		func() error { return gs.write(o.InStack.Gateway, address) },
		func() error { return gs.check(ctx, o) },
	} {
		if err := do(); err != nil {
			return err
		}
	}
	began := gs.r.now()
	if err := podman.Signal(ctx, gs.r.Engine.Containers, id, "USR2"); err != nil {
		return err
	}
	return gs.settled(ctx, id, began)
}

// ErrNoGateway: no gateway of that name runs.
var ErrNoGateway = errors.New("no gateway of that name runs")

// find is the container of a stack's gateway, and what it was launched by.
func (gs Gateways) find(ctx context.Context, stack string) (id string, o plan.Options, err error) {
	s, err := gs.r.Stacks().find(stack)
	if s == nil {
		return "", o, errors.Join(err, ErrNoGateway)
	}
	for _, m := range s.Members {
		rec, err := gs.r.Dirs.Load(m.Launch)
		if err != nil {
			return "", o, err
		}
		if o, err = plan.Again(rec.Options); err != nil {
			return "", o, err
		}
		if o.InStack == nil || o.InStack.Gateway == nil {
			continue
		}
		c, err := gs.r.Engine.Containers.Inspect(ctx, m.ID)
		if errors.Is(err, podman.ErrNoContainer) || err == nil && c.State.Status != "running" {
			return "", o, ErrNoGateway
		}
		return m.ID, o, err
	}
	return "", o, ErrNoGateway
}

// settled waits until a proxy has read its files, or says that it did not.
func (gs Gateways) settled(ctx context.Context, id string, since time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, reloadTime)
	defer cancel()
	for pause := pollFirst; ; pause = min(2*pause, pollMost) {
		said, err := gs.said(ctx, id, since)
		if err != nil {
			return err
		}
		has := func(word string) bool { return strings.Contains(said, word) }
		switch {
		case slices.ContainsFunc(unloaded, has):
			return fmt.Errorf("the gateway goes on as before, since it does not take what it read: %s", said)
		case slices.ContainsFunc(reloaded, has):
			return nil
		}
		select {
		case <-ctx.Done():
			return hint.Errorf("zlaunch logs CONTAINER", "waiting for the gateway to read its files: %w", ctx.Err())
		case <-time.After(pause):
		}
	}
}
