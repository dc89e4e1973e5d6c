package launch

import (
	"context"

	"github.com/zlaunch/zlaunch/launcher/plan"
)

// try carries a detached plan out as [Runner.Launch] does, but for the wait until it
// serves, lets watch look at what runs, and takes everything away again, whatever became
// of it. While it runs the launch record owns it: where this program is killed, it is a
// run like any other, for ps and stop.
func try(ctx context.Context, l *Runner, p *plan.Plan, watch func(ctx context.Context, r *Run) error) error {
	if err := p.Refusal(); err != nil {
		return err
	}
	tx := &transaction{}
	la := l.newLaunch(p, tx)
	steps := append([]step{la.begin, la.pull, la.networks, la.box.place, la.prover.prove, la.record, la.start, la.prover.proveStarted},
		func(ctx context.Context) error { return watch(ctx, la.run) })
	return tx.abandon(ctx, carryOut(ctx, steps...))
}

// Ready waits until a run serves, or has ended; it says neither. Without an endpoint it
// waits for the end, and with ctx.
func (r *Run) Ready(ctx context.Context) (serves bool) {
	watch, cancel := context.WithCancel(ctx)
	defer cancel()
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_, _ = r.l.r.Engine.Containers.Wait(watch, r.ID)
	}()
	if r.Plan.ReadyURL() != "" {
		return r.waitReady(ctx, exited) == nil
	}
	<-exited
	return false
}
