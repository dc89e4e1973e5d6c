package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/host"
)

// limits is ZL-104: a limit that the engine would drop, with no more than one line of
// warning, is not sent at all.
func limits(s Subject) []audit.Problem {
	asked := audit.AskedLimits(s.Plan)
	var missing, controllers []string
	var first container.Path
	for _, l := range asked {
		if s.enforces(l.Controller) {
			continue
		}
		if missing == nil {
			first = at(l.Row)
		}
		missing = append(missing, l.Row.Key())
		if !slices.Contains(controllers, l.Controller) {
			controllers = append(controllers, l.Controller)
		}
	}
	if missing == nil || s.Engine.CgroupVersion == "" && !s.local() {
		return nil
	}
	p := audit.Problem{Control: audit.LimitsEnforceable.ID, Setting: first, Fatal: true, Fix: FixDelegate,
		Message: fmt.Sprintf("%s cannot be enforced here: %s", strings.Join(missing, ", "), s.whyNot(controllers)),
		Hint:    askRoot + "; or run without these limits: --waive ZL-104=\"reason\""}
	if !s.cgroup2() {
		p.Fix = FixCgroup2
	}
	return []audit.Problem{p}
}

// enforces tells whether limits of controller take effect. The engine knows what
// its own cgroup has, which helps only who may divide that; systemd hands a
// container also what the user's service manager has been given.
func (s Subject) enforces(controller string) bool {
	if s.rootful() {
		return true
	}
	if !s.cgroup2() {
		return false
	}
	if slices.Contains(s.Engine.Controllers, controller) {
		return s.bySystemd() || !s.local() || s.Host.Cgroup.Divisible
	}
	return s.local() && s.Host.Cgroup.Has(controller) && (s.bySystemd() || s.Engine.CgroupManager == "" && s.Host.Cgroup.Divisible)
}

// bySystemd tells whether systemd makes the containers' cgroups. Where the engine
// was not asked, that is Podman's choice while the user has a service manager;
// without one it falls back to cgroupfs.
func (s Subject) bySystemd() bool {
	if s.Engine.CgroupManager == "" {
		return !s.local() || s.Host.UserSystemd
	}
	return s.Engine.CgroupManager == "systemd"
}

func (s Subject) rootful() bool {
	if s.Engine.Version != "" {
		return !s.Engine.Rootless
	}
	return s.local() && s.Host.EUID == 0
}

func (s Subject) cgroup2() bool {
	if s.Engine.CgroupVersion != "" {
		return s.Engine.CgroupVersion == "v2"
	}
	return s.local() && s.Host.Cgroup.Version == host.CgroupV2
}

func (s Subject) whyNot(controllers []string) string {
	if !s.cgroup2() {
		return "with cgroup version 1 the limits of an ordinary user are ignored"
	}
	return fmt.Sprintf("the cgroup controllers %s are not delegated to you", strings.Join(controllers, ", "))
}
