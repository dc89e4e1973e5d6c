package subject

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

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
	return called(ctx, ahead(slices.Values(names), func(name string) func() error {
		a, err := au.AuditContainer(ctx, name)
		return func() error { return take(name, a, err) }
	}))
}

// AuditContainer judges a container of the engine, by name or id, by every control
// of the catalogue.
func (au *Auditor) AuditContainer(ctx context.Context, name string) (*Audited, error) {
	o, err := au.Observe(ctx, name)
	if err != nil {
		return nil, err
	}
	a := &Audited{Subject: o.Name, Kind: "container", Engine: o.Engine, Identity: o.Identity, Spec: o.Spec, Drift: o.Drift, Notes: o.notes(), Observed: o}
	var models []audit.Finding
	if r := o.trusted(); r != nil {
		if models, err = au.heldModels(ctx, o, r); err != nil {
			return nil, err
		}
		a.Waivers, a.Run = r.Waivers, launched(o, r)
	}
	var inspection plan.Inspection
	if au.Planner != nil {
		inspection = plan.Inspected(au.Planner.Dirs, scannedImage(o))
		a.Run.Scanned = plan.Scanned(au.Planner.Dirs, scannedImage(o))
		a.Run.Scanned.Waivers = a.Waivers
	}
	brought := slices.Concat(DriftFindings(o), models, plan.ScanFindings(a.Run.Scanned, au.now()), plan.AgeFindings(o.image, au.now()), plan.InspectionFindings(inspection))
	a.Findings = plan.WithoutLimits(o.Spec, appliedLimitsWaiver(o.Spec, a.Waivers), brought)
	if !au.Engine.Local() {
		a.Findings = audit.OnlyWord(a.Findings, o.Blind)
		a.Doubted = settledBelow()
	}
	if len(o.Unread) > 0 {
		a.Doubted = append(a.Doubted, observe.WallKeys()...)
		a.Findings = audit.Doubt(a.Findings, observe.WallKeys())
	}
	a.Waivers = slices.Concat(a.Waivers, decided(o, a.Findings, au.now()))
	return a, nil
}

// scannedImage is which image a container was made of, by all digests that are known.
func scannedImage(o *Observed) scan.Image {
	if o.image == nil {
		return scan.ImageOf(o.ImageID)
	}
	return plan.ImageOf(o.image)
}

// launched is what a policy is told of a run by the record of its launch. A container that
// is not as planned any more is proved by nothing.
func launched(o *Observed, r *record.Record) policy.Subject {
	out := policy.Subject{Profile: r.Profile, Layer: r.Layer, Signers: (*policy.Signers)(r.Signers)}
	if r.Models != nil && o.otherModels == "" && len(o.Models) > 0 {
		out.Models = &policy.Models{Digest: r.Models.Digest, Signers: r.Models.Signers}
	}
	if o, err := plan.Again(r.Options); err == nil && o.InStack != nil {
		out.Gateway = o.InStack.Gateway != nil
	}
	for _, p := range r.Proof {
		if len(o.Drift) == 0 {
			out.Rung = max(out.Rung, p.Evidence)
		}
	}
	return out
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
