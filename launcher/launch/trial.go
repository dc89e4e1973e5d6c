package launch

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/author"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// Bounds on what is looked at in a trial: a workload can listen on every port, and write
// as much as it likes.
const (
	trialListens = 64
	trialEntries = 10_000 // files of a directory that are counted
	trialLog     = 200    // last lines
	trialLogSize = 256 << 10
	trialLook    = time.Minute            // that adding up sizes may take
	trialPause   = 250 * time.Millisecond // between two looks at what is in use
	settleTime   = 2 * time.Second        // that a server gets behind its first answer
)

// Tried is what a trial run came to.
type Tried struct {
	Ready    bool // it served
	Running  bool // it had to be stopped
	ExitCode int
	Seen     author.Seen
}

// trial is one under way.
type trial struct {
	r      *Runner
	run    *Run
	out    *Tried
	mounts []string                 // targets in the root
	memory []string                 // those that are file systems in memory
	filled map[string]podman.Filled // the most of each
}

// Trial carries out a plan that [plan.Trial] made the options of, looks at what runs,
// stops it and takes it away. It runs for long where that is more than 0, else until it
// serves or most is over.
func Trial(ctx context.Context, r *Runner, p *plan.Plan, long, most time.Duration) (*Tried, error) {
	t := &trial{r: r, out: &Tried{}, filled: map[string]podman.Filled{}, memory: append(container.TmpfsAt.Keys(p.Effective), shmAt)}
	t.mounts = append(append(slices.Clone(t.memory), container.VolumeAt.Keys(p.Effective)...), secretsAt(p.Effective)...)
	err := try(ctx, r, p, func(ctx context.Context, r *Run) error {
		t.run = r
		for _, step := range []func(context.Context) error{
			func(ctx context.Context) error { return t.watch(ctx, long, most) },
			t.stop, t.log, t.written, t.denied,
		} {
			if err := step(ctx); err != nil {
				return fmt.Errorf("trying %s: %w", p.Profile.Name, err)
			}
		}
		return nil
	})
	return t.out, err
}

const shmAt = "/dev/shm"

func secretsAt(s *container.Spec) (out []string) {
	for _, name := range container.SecretOf.Keys(s) {
		if v, _, _ := container.SecretOf.Get(s, name); strings.HasPrefix(v.Target, "/") {
			out = append(out, v.Target)
		}
	}
	return out
}

// watch looks at what is in use until the time is over, or there is no need for more.
func (t *trial) watch(ctx context.Context, long, most time.Duration) error {
	over, cancel := context.WithTimeout(ctx, cmp.Or(long, most))
	defer cancel()
	served := make(chan bool, 1)
	go func() { served <- t.run.Ready(over) }()
	t.r.passing(fmt.Sprintf("trying %s for at most %s", t.run.Plan.Profile.Name, cmp.Or(long, most)))
	for pause := time.NewTicker(trialPause); ; {
		if ends := t.sample(ctx); ends {
			return ctx.Err()
		}
		select {
		case t.out.Ready = <-served:
			served = nil
			if t.out.Ready && long == 0 {
				cancel()
				over, cancel = context.WithTimeout(ctx, settleTime)
				defer cancel()
			}
		case <-over.Done():
			pause.Stop()
			t.sample(ctx)
			return ctx.Err()
		case <-pause.C:
		}
	}
}

// sample looks once; ends tells that the container runs no more.
func (t *trial) sample(ctx context.Context) (ends bool) {
	c, err := t.r.Engine.Containers.Inspect(ctx, t.run.ID)
	if err != nil || c.State.Status != "running" {
		return true
	}
	now := t.r.Engine.Evidence.Sample(c, t.memory)
	for _, at := range append(observe.Listening(now.TCP, trialListens), observe.Listening(now.TCP6, trialListens)...) {
		if !slices.Contains(t.out.Seen.Listens, at) && len(t.out.Seen.Listens) < trialListens {
			t.out.Seen.Listens = append(t.out.Seen.Listens, at)
		}
	}
	slices.SortFunc(t.out.Seen.Listens, netip.AddrPort.Compare)
	for at, f := range now.Filled {
		if f.Used >= t.filled[at].Used {
			t.filled[at] = f
		}
	}
	return false
}

// stop ends the workload as zlaunch-stop does: what it writes at its end it needs, too.
func (t *trial) stop(ctx context.Context) error {
	c, err := t.r.Engine.Containers.Inspect(ctx, t.run.ID)
	if err != nil {
		return err
	}
	grace, _, _ := container.StopTimeout.Get(t.run.Plan.Effective)
	if t.out.Running = c.State.Status == "running"; t.out.Running {
		if err := t.r.Engine.Containers.Stop(ctx, t.run.ID, time.Duration(grace)*time.Second); err != nil {
			return err
		}
	}
	t.out.ExitCode = c.State.ExitCode
	for _, at := range t.memory {
		if f, ok := t.filled[at]; ok {
			t.out.Seen.Filled = append(t.out.Seen.Filled, author.Filled{At: at, Used: f.Used, Size: f.Size})
		}
	}
	return nil
}

func (t *trial) log(ctx context.Context) error {
	var buf bytes.Buffer
	w := &bounded{&buf, trialLogSize}
	err := t.r.Engine.Containers.Logs(ctx, t.run.ID, podman.LogOptions{Tail: trialLog}, w, w)
	t.out.Seen.Refused = author.Refused(buf.String())
	return err
}

// written finds where the root was written to, and what is there.
func (t *trial) written(ctx context.Context) error {
	list, cut, err := t.r.Engine.Roots.Changes(ctx, t.run.ID, author.MaxChanges)
	if err != nil {
		return err
	}
	var changes []author.Change
	for _, c := range list {
		if c.Kind != podman.Deleted {
			changes = append(changes, author.Change{Path: c.Path, Added: c.Kind == podman.Added})
		}
	}
	seen := &t.out.Seen
	seen.Places, seen.Odd, seen.More = author.PlacesOf(changes, t.mounts)
	if cut {
		seen.More++
	}
	added := map[string]bool{}
	for _, c := range changes {
		added[c.Path] = c.Added
	}
	t.sizes(ctx, seen.Places)
	return t.inImage(ctx, seen.Places)
}

// sizes adds up what is new. What cannot be looked at in trialLook has no size.
func (t *trial) sizes(ctx context.Context, places []*author.Place) {
	ctx, cancel := context.WithTimeout(ctx, trialLook)
	defer cancel()
	for _, p := range places {
		for _, name := range p.New() {
			entries, _ := t.r.Engine.Roots.Tree(ctx, t.run.ID, name, trialEntries)
			for _, e := range entries {
				p.Bytes += e.Size
			}
		}
	}
}

// inImage asks what the image has where a workload wrote.
func (t *trial) inImage(ctx context.Context, places []*author.Place) error {
	if t.run.Plan.Image == nil || len(places) == 0 {
		return nil
	}
	var dirs []string
	for _, p := range places {
		if p.Dir != "/" {
			dirs = append(dirs, p.Dir)
		}
		p.Content = true // unless it is seen to have none
	}
	trees, err := t.r.Engine.Roots.Trees(ctx, t.run.Plan.Image.ID, dirs, imageEntries)
	for _, p := range places {
		if tree := trees[p.Dir]; p.Dir != "/" {
			p.Content = len(tree) == imageEntries || slices.ContainsFunc(tree, func(e podman.Entry) bool { return !e.Dir })
		}
	}
	return err
}

// imageEntries are how many entries of a directory of the image are looked at for a file.
const imageEntries = 64

// denied asks whose home the directories are in that the workload was kept from.
func (t *trial) denied(ctx context.Context) error {
	for _, dir := range author.DeniedDirs(t.out.Seen.Refused) {
		t.out.Seen.Denied = append(t.out.Seen.Denied, &author.Place{Dir: dir})
	}
	if len(t.out.Seen.Denied) == 0 || t.run.Plan.Image == nil {
		return nil
	}
	passwd, err := t.r.Engine.Roots.Passwd(ctx, t.run.Plan.Image.ID)
	if err != nil {
		return err
	}
	for _, d := range t.out.Seen.Denied {
		d.Owner = author.HomeOf(string(passwd), d.Dir)
	}
	return t.inImage(ctx, t.out.Seen.Denied)
}
