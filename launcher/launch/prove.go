package launch

import (
	"context"
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/seccomp"
)

// MismatchError is a container that is not what was planned. It never ran its
// workload, or was killed, and is gone.
type MismatchError struct {
	Profile     string
	Differences []container.Difference
	Notes       []string // what no row can hold, such as a hook
	Started     bool     // the difference showed only after the start
}

func (e *MismatchError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "proving %s: what would run is not what was planned", e.Profile)
	if e.Started {
		b.Reset()
		fmt.Fprintf(&b, "proving %s: what runs is not what was planned", e.Profile)
	}
	for _, d := range e.Differences {
		fmt.Fprintf(&b, "\n  %s: planned %s, effective %s, evidence %s", d.Path, observe.Told(d.Planned), observe.Told(d.Got), d.Evidence)
		if d.By != "" {
			fmt.Fprintf(&b, " of %s", d.By)
		}
	}
	for _, n := range e.Notes {
		fmt.Fprintf(&b, "\n  %s", n)
	}
	return b.String()
}

// prover holds one container against its plan.
type prover struct {
	r       *Runner
	plan    *plan.Plan
	run     *Run
	waiting *observe.Proof // what was seen before the start
}

// prove holds the initialised container against the plan, rung by rung, before
// the workload's first instruction.
func (pr *prover) prove(ctx context.Context) error {
	c, err := pr.r.Engine.Containers.Inspect(ctx, pr.run.ID)
	if err != nil {
		return err
	}
	pr.run.ImageID, pr.run.Image, pr.run.pid = c.ImageID, c.Image, c.State.Pid
	if pr.plan.Image != nil && c.ImageID != pr.plan.Image.ID {
		d := container.Difference{Path: container.Path{Key: "image"}, Planned: pr.plan.Image.ID, Got: c.ImageID, Evidence: container.Inspected}
		return hint.Wrap(&MismatchError{Profile: pr.plan.Profile.Name, Differences: []container.Difference{d}},
			"the name was given to another image meanwhile; run it again to plan with that one")
	}
	ev, err := pr.look(ctx, c, false)
	if err != nil {
		return fmt.Errorf("proving %s: %w", pr.plan.Profile.Name, err)
	}
	if err := pr.compare(ev, false); err != nil {
		return err
	}
	if err := pr.held(ctx, c.State.Pid); err != nil {
		return err
	}
	pr.waiting = ev
	pr.run.Proof, pr.run.Unproved = ev.Verdicts(pr.plan.Effective)
	pr.run.URLs, pr.run.Settings = pr.plan.URLs(), container.Settings(pr.plan.Effective)
	return pr.run.Keep(pr.plan.Effective, pr.r.Planner.Judged(pr.plan))
}

// look reads the evidence of the container.
func (pr *prover) look(ctx context.Context, c *podman.Container, started bool) (*observe.Proof, error) {
	if pr.r.look != nil {
		return pr.r.look(ctx, c, started)
	}
	return pr.gather(ctx, c, started)
}

// gather reads every rung, and after the start what may have changed since. Where the
// engine is another host's, inspect is all there is, and that is said; anywhere else
// nothing may be out of reach.
func (pr *prover) gather(ctx context.Context, c *podman.Container, started bool) (*observe.Proof, error) {
	fetch := pr.r.Engine.Evidence.Texts
	if started { // the configuration does not change any more
		fetch = func(_ context.Context, c *podman.Container) (*observe.Texts, error) {
			return pr.r.Engine.Evidence.Live(c)
		}
	}
	t, err := fetch(ctx, c)
	if err != nil {
		return nil, err
	}
	if t.Missing != nil {
		return nil, t.Missing
	}
	if !started && len(t.Others.Unread) > 0 {
		return nil, fmt.Errorf("reading the kernel's record: %w: %s", podman.ErrNoEvidence, strings.Join(t.Others.Unread, "; "))
	}
	t.Context.Started = started
	if t.Context.VolumeDirs, err = pr.volumeDirs(ctx); err != nil {
		return nil, err
	}
	proof, err := t.Prove(pr.plan.Effective)
	if err == nil {
		proof.Notes = append(proof.Notes, pr.belowFloor(t)...)
	}
	return proof, err
}

// volumeDirs asks where named volumes lie, for a plan that has one.
func (pr *prover) volumeDirs(ctx context.Context) ([]string, error) {
	for _, at := range container.VolumeAt.Keys(pr.plan.Stated) {
		if v, _, _ := container.VolumeAt.Get(pr.plan.Stated, at); !strings.HasPrefix(v.Source, "/") {
			info, err := pr.r.Engine.Info(ctx)
			if err != nil {
				return nil, err
			}
			return []string{info.VolumePath}, nil
		}
	}
	return nil, nil
}

// belowFloor judges the filter where the engine's own is compiled in and there is
// no file to hold it against: it must refuse by default, and what every default
// of Podman refuses.
func (pr *prover) belowFloor(t *observe.Texts) (notes []string) {
	if pr.plan.Filter != "" {
		return nil
	}
	caps, _, _ := container.Capabilities.Get(pr.plan.Effective)
	for _, filter := range t.Seccomp() {
		if low := seccomp.Floor(filter, caps); len(low) > 0 {
			notes = append(notes, "seccomp_filter: planned the engine's own, effective one that allows "+strings.Join(low, ", ")+", evidence oci")
		}
	}
	return notes
}

// compare is the gate: any difference on any rung, and any note, stops the run.
func (pr *prover) compare(p *observe.Proof, started bool) error {
	all := p.Differences(pr.plan.Effective)
	if len(all) == 0 && len(p.Notes) == 0 {
		return nil
	}
	err := &MismatchError{Profile: pr.plan.Profile.Name, Differences: all, Notes: p.Notes, Started: started}
	return hint.Wrap(err, "zlaunch doctor shows what this host adds to a run: containers.conf, mounts.conf, hooks, the runtime")
}
