package subject

import (
	"cmp"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// decided are waivers of what the launch of a container makes up for, where its profile
// decided the setting and it is as planned: of a control that says what a launch does in
// its place, and for the profile's own reason. The record is the reference, not the
// labels. What a profile may not waive stays a failure, so no project decides anything,
// and nothing above medium is.
func decided(o *Observed, in []audit.Finding, now time.Time) []audit.Waiver {
	if o.Plan == nil || o.trusted() == nil {
		return nil
	}
	var out []audit.Waiver
	for _, f := range in {
		m, planned := o.Plan.MarkOf(f.At)
		drifted := slices.ContainsFunc(o.Drift, func(d container.Difference) bool { return d.Path == f.At })
		if f.Verdict != audit.Fail || f.Control.Launch == "" || f.Severity > audit.Medium || !planned || drifted || len(m.Origin) == 0 || !byProfile(m) {
			continue
		}
		w := audit.Waiver{Control: f.Control.ID, At: f.At.String(), Reason: cmp.Or(m.Why, f.Control.Launch), Origin: m.Origin[0], Decided: true}
		if w.Allowed(now) == nil {
			out = append(out, w)
		}
	}
	return out
}

// byProfile tells that a profile, or a launch for it, decided a setting: neither the
// command line, nor the image, nor the host.
func byProfile(m container.Mark) bool {
	return slices.Contains([]container.Layer{container.LayerBuiltIn, container.LayerSystem, container.LayerBundle, container.LayerUser, container.LayerDerived}, m.Origin[0].Layer)
}
