package preflight

import (
	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Unenforceable lists the rows of the plan whose limits this host would drop:
// what ZL-104 is about.
func Unenforceable(s Subject) []container.Row {
	var out []container.Row
	for _, l := range audit.AskedLimits(s.Plan) {
		if !s.enforces(l.Controller) {
			out = append(out, l.Row)
		}
	}
	return out
}
