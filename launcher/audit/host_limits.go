package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The control of whether the host enforces limits; the limits themselves stand in limits.go.

var LimitsEnforceable = &Control{
	ID: "ZL-104", Name: "limits-enforceable", Title: "Limits can be enforced", Severity: Medium,
	Why:    "a limit that is silently dropped is a denial of service waiting to happen",
	Fix:    "boot with cgroup v2, and delegate: Delegate=cpu cpuset io memory pids in a drop-in of user@.service",
	Breaks: "needs root on the host once",
	Refs:   []string{"CIS 5.11", "CIS 5.12", "CIS 5.29", "NIST 4.5", "CWE-770", "IBM L100"},
	Reads:  []container.Row{container.CgroupVersion, container.CgroupControllers},
	OfHost: true,
	Judge:  judgeLimitsEnforceable,
}

// judgeLimitsEnforceable asks for the limits somebody stated: the engine's own default
// is nobody's promise.
func judgeLimitsEnforceable(k *Case) {
	asked := AskedLimits(k.Spec)
	if len(asked) == 0 {
		k.NA("no limit is asked for")
		return
	}
	if peek(k, container.Cgroups) == "disabled" {
		k.Fail(at(container.Cgroups), "cgroups must not be disabled: without a cgroup no limit holds")
		return
	}
	rootless, ok := read(k, container.Rootless)
	if !ok || !rootless {
		return
	}
	version, ok := read(k, container.CgroupVersion)
	if !ok {
		return
	}
	controllers, ok := []string(nil), true
	if version >= 2 {
		controllers, ok = read(k, container.CgroupControllers)
	}
	var missing []string
	var first container.Path
	for _, l := range asked {
		if ok && !slices.Contains(controllers, l.Controller) {
			if missing == nil {
				first = at(l.Row)
			}
			missing = append(missing, l.Row.Key())
		}
	}
	if missing != nil {
		k.Fail(first, "%s cannot be enforced: %s", strings.Join(missing, ", "), whyNot(version))
	}
}

// AskedLimit is a limit that somebody states, and the cgroup controller that holds it.
type AskedLimit struct {
	Row        container.Row
	Controller string
}

// AskedLimits lists the limits that s states; what the engine sets by itself is nobody's
// promise.
func AskedLimits(s *container.Spec) []AskedLimit {
	var out []AskedLimit
	ask := func(row container.Row, m container.Mark, positive bool, controller string) {
		if byEngine := len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerEngine; positive && !byEngine {
			out = append(out, AskedLimit{row, controller})
		}
	}
	memory, m, _ := container.Memory.Get(s)
	ask(container.Memory, m, memory > 0, "memory")
	swap, m, _ := container.MemorySwap.Get(s)
	ask(container.MemorySwap, m, swap > 0, "memory")
	cpus, m, _ := container.Cpus.Get(s)
	ask(container.Cpus, m, cpus > 0, "cpu")
	pids, m, _ := container.PidsLimit.Get(s)
	ask(container.PidsLimit, m, pids > 0, "pids")
	return out
}

func whyNot(version int64) string {
	if version < 2 {
		return "with cgroup version 1 the limits of an ordinary user are ignored"
	}
	return "the cgroup controllers for it are not delegated"
}
