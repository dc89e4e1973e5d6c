package launch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// startedTime bounds the wait for the runtime to hand over to the workload.
const startedTime = 10 * time.Second

// proveStarted looks at the kernel's record once more: crun loads the seccomp
// filter and takes the SELinux label only at the start. A workload that has
// already ended leaves nothing to look at; what was left open stays so.
func (pr *prover) proveStarted(ctx context.Context) error {
	if !pr.r.Engine.Local() {
		return nil
	}
	c, err := pr.r.Engine.Containers.Inspect(ctx, pr.run.ID)
	if errors.Is(err, podman.ErrNoContainer) {
		return nil
	}
	if err != nil || c.State.Status != "running" {
		return err
	}
	ev, err := pr.look(ctx, c, true)
	if err != nil {
		if errors.Is(err, podman.ErrEnded) || pr.over(ctx, c.State.Pid) {
			return nil
		}
		return fmt.Errorf("proving %s: %w", pr.plan.Profile.Name, err)
	}
	if err := pr.compare(ev, true); err != nil {
		return err
	}
	ev.Rungs, ev.Open = append(ev.Rungs, pr.waiting.Rungs...), pr.waiting.Open
	pr.run.Proof, pr.run.Unproved = ev.Verdicts(pr.plan.Effective)
	return pr.proveCommand(ctx, c)
}

// proveCommand holds what the first process shows of its command against what the
// engine wrote for the runtime, where a program that is not root's stood in between.
// What it does not bear out is not proved.
func (pr *prover) proveCommand(ctx context.Context, c *podman.Container) error {
	if len(pr.r.Host.Programs) == 0 {
		return nil
	}
	config, err := pr.r.Engine.Evidence.OCIConfig(ctx, c)
	if err != nil {
		if pr.over(ctx, c.State.Pid) { // the engine has removed it with its files
			return nil
		}
		return err
	}
	cmdline, environ := podman.CommandOf(c.State.Pid)
	args, env := observe.Started(config, cmdline, environ)
	for _, row := range []struct {
		key, why string
	}{{container.Entrypoint.Key(), args}, {container.Args.Key(), args}, {container.Env.Key(), env}} {
		if row.why != "" {
			pr.run.unprove(row.key, row.why)
		}
	}
	return nil
}

// unprove takes a row out of what was proved.
func (r *Run) unprove(key, why string) {
	r.Proof = slices.DeleteFunc(r.Proof, func(p observe.Proved) bool {
		if p.Setting.Key == key {
			r.Unproved = append(r.Unproved, observe.Unproved{Setting: p.Setting, Why: why})
		}
		return p.Setting.Key == key
	})
}

// over tells whether the workload has ended meanwhile, be it that the engine has not
// noticed yet.
func (pr *prover) over(ctx context.Context, pid int) bool {
	if podman.Ended(pid) {
		return true
	}
	c, err := pr.r.Engine.Containers.Inspect(ctx, pr.run.ID)
	return errors.Is(err, podman.ErrNoContainer) || err == nil && c.State.Status != "running"
}

// proveRunning is proveStarted for an attached run, which podman starts: it
// waits until the engine says that it runs.
func (pr *prover) proveRunning(ctx context.Context, exited <-chan struct{}) error {
	deadline := time.Now().Add(startedTime)
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, 200*time.Millisecond) {
		c, err := pr.r.Engine.Containers.Inspect(ctx, pr.run.ID)
		switch {
		case errors.Is(err, podman.ErrNoContainer):
			return errExited
		case err != nil:
			return err
		case c.State.Status == "running":
			return pr.proveStarted(ctx)
		case time.Now().After(deadline):
			return fmt.Errorf("waiting for %s to start: it is still %s after %s", pr.plan.Profile.Name, c.State.Status, startedTime)
		}
		select {
		case <-exited:
			return errExited
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}
