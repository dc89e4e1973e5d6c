package preflight

import "github.com/zlaunch/zlaunch/launcher/container"

// Unenforceable lists the rows of the plan whose limits this host would drop:
// what ZL-104 is about.
func Unenforceable(s Subject) []container.Row {
	var out []container.Row
	for _, l := range askedLimits(s.Plan) {
		if !s.enforces(l.controller) {
			out = append(out, l.row)
		}
	}
	return out
}
