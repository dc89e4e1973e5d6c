package plan

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// What this host lacks is asked of a run here, and not of one for another architecture.
func TestTreeNNPA(t *testing.T) {
	for arch, want := range map[string]string{"s390x": "no", "amd64": ""} {
		d := data{Plan: &Plan{Stated: &container.Spec{}, Profile: &profile.Profile{Arch: arch}}, host: &host.Facts{Arch: "s390x", NNPA: host.NNPA{State: host.NNPANo}}}
		if got := d.tree().NNPA; got != want {
			t.Errorf("for %s the tree is asked with NNPA %q, want %q", arch, got, want)
		}
	}
}
