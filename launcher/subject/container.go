package subject

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// Observed is what a container of the engine really is, as far as the evidence
// within reach shows it.
type Observed struct {
	Name, ID, Image, ImageID string
	Profile, Launch          string // what its labels claim; "" nothing
	State                    string // created, running, exited …
	Time                     time.Time

	// Spec is the best evidence of every setting, and the facts controls ask for.
	// What no rung shows is not marked: nothing is assumed.
	Spec *container.Spec
	// Plan is what its launch record says was planned; nil without one.
	Plan     *container.Spec
	Drift    []container.Difference // plan against reality (ZL-002)
	Disagree []container.Difference // what a lower rung claims and a higher one refutes

	Notes []string
	Blind string // why the kernel's record is out of reach; "" it is not

	Processes int      // how many of its processes the kernel showed; 0 nobody could look
	Unread    []string // why not all of them could be read: then no wall is known to hold

	Engine   string // "podman 4.3.1 rootless"
	Identity string // "uid 1000 in the container = uid 1001 (you) on the host"

	// What [Auditor.Complete] adds for a record.
	Runtime, Kernel string
	Models          []ModelDigest

	record  *record.Record
	doubt   string   // why the record may not be what its launch wrote; "" it is
	claims  []string // labels of zlaunch's that the record does not bear out
	unasked []string // what runs and no setting can hold, such as a hook
	labels  map[string]string

	unreadable error // why there is a launch record and nobody can read it
	texts      *observe.Texts
	made       *container.Spec // what the command says that made it; nil: it is not known
	proof      *observe.Proof  // of Plan

	imageDigest string
}

// AllContainers lists every container of the engine by name, whoever made it, in
// the order of their creation.
func (au *Auditor) AllContainers(ctx context.Context) ([]string, error) {
	list, err := au.Engine.Containers.List(ctx, nil)
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, len(list))
	for _, c := range list {
		out = append(out, c.Name())
	}
	return out, nil
}

// AuditContainers judges containers of the engine, by name or id, as many at a time as
// there are processors, and has take told what came of each, in the order of names. The
// first error that take returns ends it all.
func (au *Auditor) AuditContainers(ctx context.Context, names []string, take func(name string, a *Audited, err error) error) error {
	return inOrder(ctx, len(names), func(i int) func() error {
		a, err := au.AuditContainer(ctx, names[i])
		return func() error { return take(names[i], a, err) }
	})
}

// AuditContainer judges a container of the engine, by name or id, by every control
// of the catalogue.
func (au *Auditor) AuditContainer(ctx context.Context, name string) (*Audited, error) {
	o, err := au.Observe(ctx, name)
	if err != nil {
		return nil, err
	}
	a := &Audited{Subject: o.Name, Kind: "container", Engine: o.Engine, Identity: o.Identity, Spec: o.Spec, Drift: o.Drift, Notes: o.notes(), Observed: o}
	if r := o.trusted(); r != nil {
		a.Waivers = r.Waivers
	}
	a.Findings = withoutLimits(o.Spec, appliedLimitsWaiver(o.Spec, a.Waivers), DriftFindings(o))
	if !au.Engine.Local() {
		a.Findings = audit.OnlyWord(a.Findings, o.Blind)
	}
	if len(o.Unread) > 0 {
		a.Findings = audit.Doubt(a.Findings, observe.WallKeys())
	}
	a.Waivers = slices.Concat(a.Waivers, decided(o, a.Findings, au.now()))
	return a, nil
}

// appliedLimitsWaiver is the waiver under which s goes without its limits; nil
// where the host enforces all there are, and no limit was left out.
func appliedLimitsWaiver(s *container.Spec, in []audit.Waiver) *audit.Waiver {
	version, _, _ := container.CgroupVersion.Get(s)
	controllers, _, _ := container.CgroupControllers.Get(s)
	for _, c := range []string{"cpu", "memory", "pids"} {
		if version < 2 || !slices.Contains(controllers, c) {
			return limitsWaiver(in)
		}
	}
	return nil
}

// notes are what a report says of the observation as a whole.
func (o *Observed) notes() []string {
	out := slices.Clone(o.Notes)
	if o.Blind != "" {
		out = append(out, "no evidence of the kernel: "+o.Blind)
	}
	if o.Processes > 0 {
		out = append(out, fmt.Sprintf("judged by the worst of %d processes and of what the runtime was told to grant", o.Processes))
	}
	for _, why := range o.Unread {
		out = append(out, "not all processes could be read: "+why)
	}
	for _, d := range o.Disagree {
		out = append(out, fmt.Sprintf("%s: a lower rung claims %s, the %s shows %s", d.Path, observe.Told(d.Planned), d.Evidence, observe.Told(d.Got)))
	}
	return out
}

// Observe reads a container of the engine, by name or id, zlaunch's or not: the
// kernel's record, the configuration its runtime got, inspect, and the command it
// was made by, as far as each is within reach.
func (au *Auditor) Observe(ctx context.Context, name string) (*Observed, error) {
	c, err := au.Engine.Containers.Inspect(ctx, name)
	if errors.Is(err, podman.ErrNoContainer) {
		return nil, hint.Errorf("podman ps -a\nzlaunch ps", "auditing %q: %w", name, podman.ErrNoContainer)
	}
	if err != nil {
		return nil, err
	}
	o := &Observed{Name: c.Name, ID: c.ID, Image: c.Image, ImageID: c.ImageID, Profile: c.Labels[plan.LabelProfile],
		State: c.State.Status, Time: au.now().UTC(), labels: c.Labels}
	if record.IsLaunch(c.Labels[plan.LabelLaunch]) {
		o.Launch = c.Labels[plan.LabelLaunch]
	}
	t, err := au.Engine.Evidence.Texts(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("auditing %s: %w", c.Name, err)
	}
	t.Context.Audit = true
	o.Blind, o.Processes, o.Unread = t.Blind, t.Others.Seen, t.Others.Unread
	made, notes := madeBy(c)
	o.texts, o.made = t, made
	o.Notes = append(o.Notes, notes...)
	if err := o.settle(t, made, au.broughtWords(made)); err != nil {
		return nil, fmt.Errorf("auditing %s: %w", c.Name, err)
	}
	o.Notes = append(o.Notes, t.UnprovedTmpfs(o.Spec)...)
	if err := au.drift(o); err != nil {
		return nil, fmt.Errorf("auditing %s: %w", c.Name, err)
	}
	if err := au.surround(ctx, o, c, t); err != nil {
		return nil, fmt.Errorf("auditing %s: %w", c.Name, err)
	}
	o.Spec = effective.Complete(o.Spec, effective.Engine{Kind: "podman", Version: au.Engine.Version(), Observed: true})
	asWellKnown(o.Spec)
	if o.Plan != nil {
		container.Explain(o.Spec, o.Plan)
	}
	o.Engine, o.Identity = engineOf(o.Spec), plan.Identity(o.Spec, au.Host)
	return o, nil
}

// settle lays the rungs over each other, each read in the words of the one below.
func (o *Observed) settle(t *observe.Texts, made, brought *container.Spec) error {
	words := wordsOf(made)
	for _, row := range []container.Row{container.DeviceNodeAt, container.HookAt} {
		row.Copy(words, brought)
	}
	rungs, notes, err := t.Read(words)
	if err != nil {
		return err
	}
	o.unasked = notes
	settled, disagree := observe.Settle(rungs.All()...)
	for _, d := range disagree {
		if slices.ContainsFunc(container.FactRows, func(r container.Row) bool { return r.Key() == d.Path.Key }) {
			continue // worked out of each rung by itself
		}
		o.Disagree = append(o.Disagree, d)
	}
	o.Spec = settled
	container.Explain(settled, brought)
	subMounts(settled, rungs)
	fromHost(settled)
	if made != nil {
		o.Spec, _ = observe.Settle(onlyMade(made), settled)
		complement(o.Spec, made)
		asMade(o.Spec, made)
	}
	limitsInForce(o.Spec, rungs.Kernel)
	return nil
}

// asMade gives the volumes that the command tells of its origin: what is not said
// of their labels and owners was not asked for.
func asMade(s, made *container.Spec) {
	for _, at := range container.VolumeAt.Keys(made) {
		_, said, _ := container.VolumeAt.Get(made, at)
		if v, m, ok := container.VolumeAt.Get(s, path.Clean("/"+at)); ok && len(m.Origin) == 0 {
			m.Origin = said.Origin
			container.VolumeAt.Set(s, path.Clean("/"+at), v, m)
		}
	}
}

// recordOf finds the record of the launch a container's label names; nil where
// there is none. A label is a claim: the record may be of another container.
func recordOf(o *Observed, dirs record.Dirs) *record.Record {
	r, err := dirs.Load(o.Launch)
	switch {
	case err == nil:
		return r
	case !errors.Is(err, fs.ErrNotExist):
		o.unreadable = err
		o.Notes = append(o.Notes, err.Error())
	}
	return nil
}

// asWellKnown marks the facts that are worked out of other settings as they are
// known.
func asWellKnown(s *container.Spec) {
	env, ok := s.MarkOf(container.Path{Key: container.Env.Key()})
	if !ok {
		return
	}
	for _, row := range []container.Field[[]string]{container.Secrets, container.ProxySecrets, container.EnvNames, container.Injections, container.Fetches} {
		if v, m, ok := row.Get(s); ok {
			m.Evidence = env.Evidence
			row.Set(s, v, m)
		}
	}
}
