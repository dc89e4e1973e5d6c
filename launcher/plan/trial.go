package plan

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
)

// Trial makes options those of a trial run: detached, under a name of its own, and with a
// root file system that can be written to. That is waived, and with it that on a host
// without SELinux and AppArmor it makes up for them in part no longer: plan the options as
// they are first, for what else is refused.
func Trial(o Options) Options {
	o.Detach = true
	o.Name = "zlaunch-trial-" + strings.ReplaceAll(o.Profile, "/", "-") + "-" + claim.NewToken()[:8]
	o.PodmanArgs = append(slices.Clip(o.PodmanArgs), "--read-only=false")
	for _, c := range []*audit.Control{audit.ReadOnlyRoot, audit.SomeMAC} {
		o.Waive = append(slices.Clip(o.Waive), c.ID+"=a trial, to see what is written to the root")
	}
	return o
}
