package subject

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// drift holds a container that carries zlaunch's labels against the plan its
// launch record has, and says where the labels claim what no record bears out.
func (au *Auditor) drift(o *Observed) error {
	if !o.labelled() {
		return nil
	}
	if o.record = recordOf(o, au.Dirs); o.record == nil {
		o.claims = append(o.claims, "no launch record knows it: its labels are copied, or another user or host made it")
		return nil
	}
	if o.record.ID != o.ID {
		o.claims = append(o.claims, fmt.Sprintf("its label names the launch of container %.12s: somebody made a twin of that by hand", o.record.ID))
	}
	edited := o.record.Edited(o.Launch, o.labels[plan.LabelPlan])
	if edited != "" {
		o.claims = append(o.claims, edited)
	}
	o.doubt = cmp.Or(edited, o.record.Whole())
	planned, err := o.record.Planned()
	if err != nil || planned == nil {
		return err
	}
	o.Plan = planned
	o.Drift, o.proof, err = o.against(planned, o.record.Reveal)
	return err
}

// against holds all that o shows against a plan, read in the words of that plan: of
// what can be written in several ways the readers take the plan's (see
// [observe.Context]), and nothing else here knows of spellings. reveal gives a plan
// whose values are partly hidden those that are observed, where they are the planned.
func (o *Observed) against(plan *container.Spec, reveal func(plan, got *container.Spec)) ([]container.Difference, *observe.Proof, error) {
	r, _, err := o.texts.Read(plan)
	if err != nil {
		return nil, nil, err
	}
	settled, _ := observe.Settle(r.All()...)
	shown := append([]*container.Spec{settled}, r.Configs...)
	if o.made != nil {
		shown = append(shown, tracelessOf(o.made))
	}
	var drift []container.Difference
	for _, got := range shown {
		held := container.Clone(plan)
		reveal(held, got)
		drift = observe.AddDifferences(drift, container.Diff(held, got))
	}
	return drift, &observe.Proof{Rungs: []*container.Spec{settled}, Blind: o.Blind}, nil
}

// tracelessOf is what of the command no rung shows.
func tracelessOf(made *container.Spec) *container.Spec {
	out, all := &container.Spec{}, onlyMade(made)
	for _, row := range traceless {
		row.Copy(out, all)
	}
	return out
}

// trusted is the launch record of this very container where it is whole: what it
// permits counts. nil: there is none.
func (o *Observed) trusted() *record.Record {
	if o.doubt != "" {
		return nil
	}
	return o.own()
}

// labelled tells whether the container claims to be zlaunch's.
func (o *Observed) labelled() bool {
	for name := range o.labels {
		if slices.Contains([]string{plan.LabelProfile, plan.LabelPlan, plan.LabelLaunch}, name) {
			return true
		}
	}
	return false
}

// DriftFindings says of a container whether it is what was planned: one finding
// for each setting that is not.
func DriftFindings(o *Observed) []audit.Finding {
	c := audit.EqualsPlan
	if c == nil {
		return nil
	}
	label := container.Path{Key: container.Labels.Key(), Elem: plan.LabelLaunch}
	say := func(v audit.Verdict, at container.Path, e container.Evidence, message string) audit.Finding {
		return audit.Finding{Control: c, Verdict: v, Severity: c.Severity, At: at, Evidence: e, Message: message}
	}
	if !o.labelled() {
		return []audit.Finding{say(audit.NotApplicable, container.Path{}, container.Inspected, "it was not started by zlaunch")}
	}
	var out []audit.Finding
	for _, text := range o.claims {
		out = append(out, say(audit.Fail, label, container.Inspected, text))
	}
	for _, d := range o.Drift {
		out = append(out, say(audit.Fail, d.Path, d.Evidence, driftMessage(d)))
	}
	if o.Plan != nil {
		for _, text := range o.unasked {
			out = append(out, say(audit.Fail, container.Path{}, container.OCI, "nobody planned this: "+text))
		}
	}
	switch {
	case o.record != nil && o.Plan == nil:
		out = append(out, say(audit.Open, container.Path{}, container.Unknown, "its launch record, of an older zlaunch, does not hold the plan"))
	case o.doubt != "" && len(out) == 0:
		out = append(out, say(audit.Open, container.Path{}, container.Unknown, o.doubt))
	case o.record != nil && o.Blind != "":
		out = append(out, say(audit.Open, container.Path{}, container.Inspected, "only what inspect claims could be held against the plan: "+o.Blind))
	case len(out) == 0:
		out = append(out, say(audit.Pass, container.Path{}, container.OCI, ""))
	}
	return out
}

// driftMessage says both sides of a difference; a value that is not shown only
// that it is another one.
func driftMessage(d container.Difference) string {
	planned, got := observe.Told(d.Planned), observe.Told(d.Got)
	if planned == got {
		return fmt.Sprintf("%s must be as planned, it has another value", d.Path)
	}
	return fmt.Sprintf("%s must be as planned, %s; it is %s", d.Path, short(planned), short(got))
}

// mostTold bounds a value in a message, in bytes.
const mostTold = 400

func short(text string) string {
	if len(text) > mostTold {
		text = strings.ToValidUTF8(text[:mostTold], "") + "…"
	}
	return text
}
