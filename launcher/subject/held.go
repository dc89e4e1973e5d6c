package subject

import (
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// Held is a running container held against a plan: what of it is not as planned, and
// how well the rest is known.
type Held struct {
	Profile  string    // that was planned
	Launched time.Time // when its launch record was written; zero: the plan is one of today
	Drift    []container.Difference
	Also     []string // sentences: what is not as planned and no setting can hold
	Open     []string // sentences: why no more can be known; none: all evidence was in reach
	Proof    []observe.Proved
	Unproved []observe.Unproved
}

// Held holds a container against its own launch record. The error says why there is
// nothing to hold it against.
func (a *Audited) Held() (*Held, error) {
	o := a.Observed
	against := "zlaunch diff PROFILE container:" + o.Name
	switch {
	case !o.labelled():
		return nil, hint.Errorf("zlaunch ps lists the runs of zlaunch; to hold it against a profile: "+against,
			"comparing %s with its launch: it was not started by zlaunch", o.Name)
	case o.unreadable != nil:
		return nil, hint.Errorf("zlaunch stop "+o.Name+", and run it again; or as it would be planned today: "+against,
			"comparing %s with its launch: %w", o.Name, o.unreadable)
	case o.record == nil:
		return nil, hint.Errorf("zlaunch ps lists the runs of zlaunch; to hold it against a profile: "+against,
			"comparing %s with its launch: %s", o.Name, o.claims[0])
	case o.Plan == nil:
		return nil, hint.Errorf("zlaunch stop "+o.Name+", and run it again; or as it would be planned today: "+against,
			"comparing %s with its launch: the record, of an older zlaunch, does not hold the plan", o.Name)
	}
	h := &Held{Profile: o.record.Profile, Launched: o.record.Time, Drift: o.Drift, Also: slices.Clone(o.claims)}
	if why := o.record.Whole(); why != "" {
		h.Open = append(h.Open, why)
	}
	return h.of(o, o.Plan, o.proof)
}

// of adds what is said of the container, whatever it is held against.
func (h *Held) of(o *Observed, plan *container.Spec, proof *observe.Proof) (*Held, error) {
	if o.State != "running" && o.State != "paused" {
		return nil, hint.Errorf("zlaunch logs "+o.Name+"; zlaunch stop "+o.Name+", and run it again",
			"comparing %s with its plan: it is %s, and only what runs can be held against a plan", o.Name, o.State)
	}
	for _, text := range o.unasked {
		h.Also = append(h.Also, "nobody planned this: "+text)
	}
	if o.otherModels != "" {
		h.Also = append(h.Also, o.otherModels)
	}
	if o.Blind != "" {
		h.Open = append(h.Open, "only what inspect claims could be held against the plan: "+o.Blind)
	}
	for _, why := range o.Unread {
		h.Open = append(h.Open, "not all processes could be read: "+why)
	}
	h.Proof, h.Unproved = proof.Verdicts(plan)
	return h, nil
}

// HoldTo holds an audited container against a plan of today.
func (au *Auditor) HoldTo(a *Audited, p *plan.Plan) (*Held, error) {
	o := a.Observed
	planned := record.Held(p.Effective, au.Planner.Judged(p))
	o.sameLaunch(planned)
	reveal := func(_, _ *container.Spec) {}
	if r := o.own(); r != nil {
		reveal = r.Reveal
	}
	drift, proof, err := o.against(planned, reveal)
	if err != nil {
		return nil, err
	}
	h := &Held{Profile: p.Profile.Name, Drift: drift}
	return h.of(o, planned, proof)
}

// spelled are the rows that a container and a line may write in several ways.
var spelled = []container.Row{container.Entrypoint, container.Args, container.Network, container.Hostname, container.LogOpt, container.Runtime}

// InWordsOf is an audited container with its settings as another subject writes them,
// by the readers that know of spellings: the split of argv, sizes, what is left to the
// engine. Any other subject stays as it is.
func (a *Audited) InWordsOf(other *container.Spec) (*Audited, error) {
	if a.Observed == nil || other == nil {
		return a, nil
	}
	r, _, err := a.Observed.texts.Read(other)
	if err != nil {
		return nil, err
	}
	settled, _ := observe.Settle(r.All()...)
	out := *a
	out.Spec = container.Clone(a.Spec)
	for _, row := range spelled {
		if _, known := settled.Mark(row); known {
			row.Copy(out.Spec, settled)
		}
	}
	return &out, nil
}

// Options are what the command line of the container's launch said; none where it is no
// run of that profile, or its record does not tell. Hidden values stay so.
func (o *Observed) Options(profile string) plan.Options {
	if o.own() == nil || o.record.Profile != profile || len(o.record.Options) == 0 {
		return plan.Options{}
	}
	options, err := plan.Again(o.record.Options)
	if err != nil {
		o.Notes = append(o.Notes, "its launch record does not tell the options it was started with: "+err.Error())
	}
	return options
}

// own is the launch record of this very container; nil: there is none.
func (o *Observed) own() *record.Record {
	if o.record == nil || o.record.ID != o.ID {
		return nil
	}
	return o.record
}

// sameLaunch gives a plan what is of one launch and says nothing of how it runs: the
// labels that name it, its name, and ports chosen since the planned ones were taken.
func (o *Observed) sameLaunch(planned *container.Spec) {
	for _, label := range []string{plan.LabelProfile, plan.LabelPlan, plan.LabelVersion, plan.LabelLaunch} {
		_, m, _ := container.Labels.Get(planned, label)
		container.Labels.Delete(planned, label)
		if v, ok := o.labels[label]; ok {
			container.Labels.Set(planned, label, v, m)
		}
	}
	if o.own() == nil || o.Plan == nil {
		_, m, _ := container.Name.Get(planned)
		container.Name.Set(planned, o.Name, m)
		return
	}
	container.Name.Copy(planned, o.Plan)
	for _, key := range container.Publish.Keys(planned) {
		_, m, _ := container.Publish.Get(planned, key)
		if p, was, ok := container.Publish.Get(o.Plan, key); ok && len(was.Origin) > 0 && was.Origin[0].Key == plan.TakenPort {
			container.Publish.Set(planned, key, p, m)
		}
	}
}
