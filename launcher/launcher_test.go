package launcher

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// What a launcher lacks for a call is an error of that call, with what to do.
func TestZeroValue(t *testing.T) {
	for _, l := range []*Launcher{{}, {Host: &host.Facts{}}, {Host: &host.Facts{}, Catalog: &profile.Catalog{}}} {
		ctx := t.Context()
		_, launched := l.Launch(ctx, &plan.Plan{Profile: &profile.Profile{}})
		_, listed := l.Runs(ctx)
		_, found := l.Find(ctx, "x")
		_, one := l.One(ctx, "x")
		_, serving := l.Serving(ctx, &plan.Plan{})
		_, audited := l.Audits().Container(ctx, "x")
		_, all := l.Audits().Names(ctx)
		for what, err := range map[string]error{
			"Launch": launched, "Runs": listed, "Find": found, "One": one, "Serving": serving, "AuditContainer": audited, "AllContainers": all,
			"Pull": l.Pull(ctx, "x", ""), "Stop": l.Stop(ctx, Running{}), "Reap": l.Reap(ctx), "Complete": l.Audits().Complete(ctx, &Observed{}),
		} {
			if err == nil || hint.Of(err) == "" {
				t.Errorf("%s: %v", what, err)
			}
		}
		if l.Catalog == nil {
			if _, err := l.Plan(ctx, Options{}); err == nil {
				t.Error("planned without a catalogue")
			}
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
