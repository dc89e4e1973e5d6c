package launcher

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/seccomp"
)

// Proved is a setting that was seen to hold, and the highest rung that shows it.
type Proved struct {
	Setting  container.Path     `json:"setting"`
	Evidence container.Evidence `json:"evidence"`
}

// Unproved is a setting of the plan that no rung within reach shows.
type Unproved struct {
	Setting container.Path `json:"setting"`
	Why     string         `json:"why"`
}

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
		fmt.Fprintf(&b, "\n  %s: planned %s, effective %s, evidence %s", d.Path, told(d.Planned), told(d.Got), d.Evidence)
		if d.By != "" {
			fmt.Fprintf(&b, " of %s", d.By)
		}
	}
	for _, n := range e.Notes {
		fmt.Fprintf(&b, "\n  %s", n)
	}
	return b.String()
}

func told(v any) string {
	if v == nil {
		return "nothing"
	}
	return fmt.Sprintf("%+v", v)
}

// evidence is what every rung within reach shows of one container.
type evidence struct {
	rungs []*container.Spec // lowest first
	notes []string
	blind string            // why the higher rungs are out of reach; "" they are not
	open  map[string]string // why a tmpfs is not proved, by target; see [observe.UnprovedTmpfs]
}

// prove holds the initialised container against the plan, rung by rung, before
// the workload's first instruction.
func (la *launch) prove(ctx context.Context) error {
	c, err := la.Engine.Inspect(ctx, la.run.ID)
	if err != nil {
		return err
	}
	la.run.ImageID, la.run.Image, la.run.pid = c.ImageID, c.Image, c.State.Pid
	if la.plan.Image != nil && c.ImageID != la.plan.Image.ID {
		d := container.Difference{Path: container.Path{Key: "image"}, Planned: la.plan.Image.ID, Got: c.ImageID, Evidence: container.Inspected}
		return hint.Wrap(&MismatchError{Profile: la.plan.Profile.Name, Differences: []container.Difference{d}},
			"the name was given to another image meanwhile; run it again to plan with that one")
	}
	ev, err := la.gather(ctx, c, false)
	if err != nil {
		return fmt.Errorf("proving %s: %w", la.plan.Profile.Name, err)
	}
	if err := la.compare(ev, false); err != nil {
		return err
	}
	if err := la.held(ctx, c.State.Pid); err != nil {
		return err
	}
	la.waiting = ev
	la.run.Proof, la.run.Unproved = verdicts(la.plan.Effective, ev)
	la.run.URLs, la.run.Settings = urls(la.plan), settingsOf(la.plan)
	return la.run.keepPlan(la.plan, la.judged(la.plan))
}

// gather reads every rung. Where the engine is another host's, inspect is all
// there is, and that is said.
func (la *launch) gather(ctx context.Context, c *podman.Container, started bool) (ev *evidence, err error) {
	in := observe.Context{Planned: la.plan.Effective, ID: c.ID, Started: started}
	if in.VolumeDirs, err = la.volumeDirs(ctx); err != nil {
		return nil, err
	}
	inspected, err := observe.Inspect(c.Raw, in)
	if err != nil {
		return nil, err
	}
	ev = &evidence{rungs: []*container.Spec{inspected}}
	if !la.Engine.Local() {
		ev.blind = elsewhere
		return ev, nil
	}
	if in.Self, err = podman.KernelRecord(os.Getpid()); err != nil {
		return nil, err
	}
	if !started { // the configuration does not change any more
		if err := la.gatherOCI(ctx, c, in, ev); err != nil {
			return nil, err
		}
	}
	record, err := la.Engine.Kernel(c)
	if err != nil {
		return nil, err
	}
	all := la.Engine.Processes(c, record)
	if !started && len(all.Unread) > 0 {
		return nil, fmt.Errorf("reading the kernel's record: %w: %s", podman.ErrNoEvidence, strings.Join(all.Unread, "; "))
	}
	kernel, err := observe.Container(record, all, in)
	if err != nil {
		return nil, err
	}
	ev.rungs, ev.open = append(ev.rungs, kernel), observe.UnprovedTmpfs(record, in.Planned)
	return ev, nil
}

// volumeDirs asks where named volumes lie, for a plan that has one.
func (la *launch) volumeDirs(ctx context.Context) ([]string, error) {
	for _, at := range container.VolumeAt.Keys(la.plan.Stated) {
		if v, _, _ := container.VolumeAt.Get(la.plan.Stated, at); !strings.HasPrefix(v.Source, "/") {
			info, err := la.Engine.Info(ctx)
			if err != nil {
				return nil, err
			}
			return []string{info.VolumePath}, nil
		}
	}
	return nil, nil
}

// gatherOCI reads the configuration Podman wrote and, where the runtime keeps a
// copy of what it was really given, that one too.
func (la *launch) gatherOCI(ctx context.Context, c *podman.Container, in observe.Context, ev *evidence) error {
	config, err := la.Engine.OCIConfig(ctx, c)
	if err != nil {
		return err
	}
	configs := [][]byte{config}
	if own, err := la.Engine.RuntimeConfig(ctx, c); err == nil {
		configs = append(configs, own)
	}
	for _, data := range configs {
		oci, notes, err := observe.OCI(data, in)
		if err != nil {
			return err
		}
		ev.rungs, ev.notes = append(ev.rungs, oci), append(ev.notes, notes...)
		ev.notes = append(ev.notes, la.belowFloor(data)...)
	}
	state, err := la.Engine.RuntimeState(ctx, c)
	if err != nil {
		return nil // not runc, or of an older one: what it set up the kernel shows
	}
	given, notes, err := observe.Runc(state, in)
	if err != nil {
		return err
	}
	ev.rungs, ev.notes = append(ev.rungs, given), append(ev.notes, notes...)
	return nil
}

// belowFloor judges the filter where the engine's own is compiled in and there is
// no file to hold it against: it must refuse by default, and what every default
// of Podman refuses.
func (la *launch) belowFloor(config []byte) []string {
	if la.plan.filter != "" {
		return nil
	}
	var c struct {
		Linux struct{ Seccomp *specs.LinuxSeccomp }
	}
	if err := json.Unmarshal(config, &c); err != nil {
		return []string{"seccomp_filter: not readable: " + err.Error()}
	}
	caps, _, _ := container.Capabilities.Get(la.plan.Effective)
	if low := seccomp.Floor(c.Linux.Seccomp, caps); len(low) > 0 {
		return []string{"seccomp_filter: planned the engine's own, effective one that allows " + strings.Join(low, ", ") + ", evidence oci"}
	}
	return nil
}

// compare is the gate: any difference on any rung, and any note, stops the run.
func (la *launch) compare(ev *evidence, started bool) error {
	var all []container.Difference
	for i := len(ev.rungs) - 1; i >= 0; i-- { // the strongest evidence of each difference
		for _, d := range container.Diff(la.plan.Effective, ev.rungs[i]) {
			if !contains(all, d.Path) {
				all = append(all, d)
			}
		}
	}
	if len(all) == 0 && len(ev.notes) == 0 {
		return nil
	}
	err := &MismatchError{Profile: la.plan.Profile.Name, Differences: all, Notes: ev.notes, Started: started}
	return hint.Wrap(err, "zlaunch doctor shows what this host adds to a run: containers.conf, mounts.conf, hooks, the runtime")
}

func contains(list []container.Difference, p container.Path) bool {
	for _, d := range list {
		if d.Path == p {
			return true
		}
	}
	return false
}

// verdicts lists for each setting of the plan the highest rung that shows it, or
// why none does.
func verdicts(plan *container.Spec, ev *evidence) ([]Proved, []Unproved) {
	var proved []Proved
	var open []Unproved
	for _, row := range container.Rows {
		for _, s := range row.Settings(plan) {
			why, unproved := ev.open[s.Path.Elem]
			switch best := highest(s.Path, ev.rungs); {
			case unproved && row.Key() == container.TmpfsAt.Key():
				open = append(open, Unproved{s.Path, why})
			case best != container.Unknown:
				proved = append(proved, Proved{s.Path, best})
			case row.Proof() >= container.OCI:
				why := "no rung shows it here"
				if ev.blind != "" {
					why = ev.blind
				}
				open = append(open, Unproved{s.Path, why})
			}
		}
	}
	return proved, open
}

func highest(p container.Path, rungs []*container.Spec) container.Evidence {
	best := container.Unknown
	for _, r := range rungs {
		if m, ok := r.MarkOf(p); ok && m.Evidence > best {
			best = m.Evidence
		}
	}
	return best
}
