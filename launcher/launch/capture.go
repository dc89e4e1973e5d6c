package launch

import (
	"context"
	"errors"
	"io"

	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// Captured is how a captured run ended.
type Captured struct {
	Code int  // of its workload
	OOM  bool // the kernel ended it, for it took more memory than it may
}

// Capture carries a detached plan out as [Runner.Launch] does, gives out what its workload
// writes, waits for its end, and takes everything away again, whatever became of it. It
// goes on as fast as the writers take it, and no longer than they do: their error ends the
// workload, and so does the end of ctx. Nothing is written to a disk but the container's
// log, which its profile bounds.
func Capture(ctx context.Context, l *Runner, p *plan.Plan, stdout, stderr io.Writer) (*Captured, error) {
	if err := p.Refusal(); err != nil {
		return nil, err
	}
	tx := &transaction{}
	la := l.newLaunch(p, tx)
	c := &capture{la: la, stdout: stdout, stderr: stderr}
	steps := []step{la.begin, la.pull, la.networks, la.box.place, la.prover.prove, la.record, c.attach, la.start, c.watch}
	err := tx.abandon(ctx, carryOut(ctx, steps...))
	return c.ended, err
}

// capture is one on its way.
type capture struct {
	la             *launch
	stdout, stderr io.Writer
	output         *podman.Stream
	ended          *Captured
}

func (c *capture) attach(ctx context.Context) (err error) {
	if c.output, err = podman.Listen(ctx, c.la.r.Engine.Containers, c.la.run.ID); err == nil {
		c.la.tx.holds(func() { _ = c.output.Close() })
	}
	return err
}

// watch copies what the workload writes while it is looked at once more, and learns how it
// ended.
func (c *capture) watch(ctx context.Context) error {
	copied := make(chan error, 1)
	go func() { copied <- c.output.Copy(c.stdout, c.stderr) }()
	if err := c.la.prover.proveStarted(ctx); err != nil {
		return err
	}
	if err := <-copied; err != nil {
		return errors.Join(ctx.Err(), err)
	}
	id, containers := c.la.run.ID, c.la.r.Engine.Containers
	code, err := containers.Wait(ctx, id)
	if err != nil {
		return err
	}
	last, err := containers.Inspect(ctx, id)
	if err == nil {
		c.ended = &Captured{Code: code, OOM: last.State.OOMKilled}
	}
	return err
}
