package podman

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/zlaunch/zlaunch/launcher/observe"
)

// Elsewhere says why nothing of an engine's kernel is seen.
const Elsewhere = "the engine runs on another host, or is another user's"

// Texts fetches the evidence of c that is within reach. A container without a process
// has nothing but what inspect says.
func (ev *Evidence) Texts(ctx context.Context, c *Container) (*observe.Texts, error) {
	t, err := ev.Live(c)
	if err != nil || !ev.local || !hasProcess(c) {
		return t, err
	}
	config, err := ev.OCIConfig(ctx, c)
	switch {
	case err == nil:
		t.Configs = [][]byte{config}
		if own, err := ev.RuntimeConfig(ctx, c); err == nil {
			t.Configs = append(t.Configs, own)
		}
	case errors.Is(err, ErrNoEvidence):
		t.Missing = errors.Join(err, t.Missing)
	default:
		return nil, err
	}
	if state, err := ev.RuntimeState(ctx, c); err == nil {
		t.State = state
	}
	return t, nil
}

// Live fetches what of the evidence changes while c runs: what inspect says and the
// kernel's record of its processes.
func (ev *Evidence) Live(c *Container) (t *observe.Texts, err error) {
	t = &observe.Texts{Inspect: c.Raw, Context: observe.Context{ID: c.ID, VolumeDirs: observe.VolumeDirs(c.Raw), Joined: observe.Joined(c.Raw)}}
	switch {
	case !ev.local:
		t.Blind = Elsewhere
		return t, nil
	case !hasProcess(c):
		t.Blind = "the container is " + c.State.Status + " and has no process"
		t.Missing = fmt.Errorf("looking at container %s: %w: %s", short(c.ID), ErrNoEvidence, t.Blind)
		return t, nil
	}
	t.Context.Started = c.State.Status != "initialized"
	if t.Context.Self, err = KernelRecord(os.Getpid()); err != nil {
		return nil, err
	}
	record, err := ev.Kernel(c)
	if err != nil {
		t.Blind, t.Missing, t.Others.Unread = err.Error(), err, []string{"the first cannot be looked at"}
		return t, nil
	}
	t.Kernel, t.Others = &record, ev.Processes(c, record)
	return t, nil
}

// hasProcess tells whether c has processes, be it that they wait: running, paused or
// being stopped.
func hasProcess(c *Container) bool { return c.State.Status == "initialized" || c.State.Pid > 0 }
