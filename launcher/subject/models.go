package subject

import (
	"context"
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// heldModels reads the models of a container that its launch held against a digest or a
// signature, and says whether they are still those. Of other containers nobody reads any:
// the launch did not ask either.
func (au *Auditor) heldModels(ctx context.Context, o *Observed, r *record.Record) ([]audit.Finding, error) {
	was := r.Models
	if was == nil {
		return nil, nil
	}
	say := func(v audit.Verdict, message string) []audit.Finding {
		return []audit.Finding{{Control: audit.ModelDigest, Verdict: v, Severity: audit.ModelDigest.Severity, At: container.Path{Key: container.VolumeAt.Key(), Elem: was.Target}, Evidence: container.Planned, Message: message}}
	}
	v, _, known := container.VolumeAt.Get(o.Spec, was.Target)
	switch {
	case !au.Engine.Local():
		return say(audit.Open, "the models were held against a digest when it was launched, and nobody can read them from here"), nil
	case !known || !v.Bind():
		o.otherModels = fmt.Sprintf("the models at %s were %s, and no directory of the host is mounted there", was.Target, was.Digest)
		return say(audit.Fail, o.otherModels), nil
	}
	digest, err := au.digestMounted(ctx, o, was.Target, v.Source)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		o.otherModels = fmt.Sprintf("the models at %s were %s, and are not to be read as that any more: %v", was.Target, was.Digest, err)
		return say(audit.Fail, o.otherModels), nil
	}
	o.Models = append(o.Models, ModelDigest{was.Target, digest})
	if digest != was.Digest {
		o.otherModels = fmt.Sprintf("the models at %s are %s, and were %s when it was launched", was.Target, digest, was.Digest)
		return say(audit.Fail, o.otherModels), nil
	}
	m := container.From(container.Origin{Layer: container.LayerDerived, Key: container.OptionModels})
	container.ModelDigest.Set(o.Spec, digest, m)
	return nil, nil
}

// digested tells whether the tree at target was read already.
func (o *Observed) digested(target string) bool {
	return slices.ContainsFunc(o.Models, func(m ModelDigest) bool { return m.Target == target })
}
