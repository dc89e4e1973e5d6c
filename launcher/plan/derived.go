package plan

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/claim"
)

// Derived makes options those of a run of another image than the profile's, beside whatever
// runs of it: detached, and under a name of its own. image is "" for the profile's own. A policy
// asks for no scan of either: what mends findings is held against what has them.
func Derived(o Options, image string) Options {
	o.Detach, o.Image, o.trial = true, image, true
	o.Name = "zlaunch-derive-" + strings.ReplaceAll(o.Profile, "/", "-") + "-" + claim.NewToken()[:8]
	if image != "" {
		o.Pull = "never"
	}
	return o
}
