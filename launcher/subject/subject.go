// Package subject judges whatever can be audited: plans, containers of an engine, its
// host, lines and units, and records of earlier audits. All give one container.Spec,
// which the controls judge and nothing else.
package subject

import (
	"slices"
	"sync"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/seccomp"
)

// Auditor judges whatever can be: plans, containers, engine and host, and, without
// any of its inputs, lines and records.
type Auditor struct {
	Planner *plan.Planner // what a plan is judged by
	Engine  *podman.Engine
	Host    *host.Facts
	Dirs    record.Dirs
	Now     func() time.Time // nil: time.Now

	filters sync.Once
	known   []*seccomp.Profile // see knownFilters
}

func (au *Auditor) now() time.Time {
	if au.Now != nil {
		return au.Now()
	}
	return time.Now()
}

// Audited is one subject, judged by every control of the catalogue.
type Audited struct {
	Subject  string // as a baseline names it
	Kind     string // plan, container, line, unit or record
	File     string
	Engine   string // "podman 5.4.2 rootless"
	Identity string // "uid 1000 in the container = uid 1001 (you) on the host"; "" not known
	Spec     *container.Spec
	Findings []audit.Finding
	Waivers  []audit.Waiver // those of the subject itself, not applied yet
	Run      policy.Subject // what a policy has to know beside Spec and Findings
	Policy   string         // digest of the policy that was applied; "" none
	Drift    []container.Difference
	Observed *Observed // of a container: what its evidence shows
	Reading  *form.Reading
	Notes    []string
	Absent   []audit.Known // of a baseline, and gone
	Doubted  []string      // keys of rows of which Spec holds what was read, and more may be so; [everyRow]: of all
	Unread   bool          // something runs there that nobody can read
	Beside   bool          // a part of its file is unread
}

// AuditPlan judges a plan: the same findings that stop its run, and those that do
// not.
func (au *Auditor) AuditPlan(p *plan.Plan) *Audited {
	s := au.Planner.Judged(p)
	a := &Audited{Subject: p.Profile.Name, Kind: "plan", File: p.Profile.File, Engine: engineOf(s), Spec: s, Waivers: p.Waivers}
	a.Identity = plan.Identity(p.Effective, au.Host)
	a.Findings = au.Planner.Findings(p, s)
	a.Run = p.Run(au.Planner.Engine)
	return a
}

// limitsWaiver is the waiver under which a run goes without its limits; nil where
// there is none.
func limitsWaiver(in []audit.Waiver) *audit.Waiver {
	i := slices.IndexFunc(in, func(w audit.Waiver) bool { return w.Control == audit.LimitsEnforceable.ID })
	if i < 0 {
		return nil
	}
	return &in[i]
}

// engineOf names an engine for the head of a report.
func engineOf(s *container.Spec) string {
	name, _, _ := container.Engine.Get(s)
	if v, _, ok := container.EngineVersion.Get(s); ok && v != "" {
		name += " " + v
	}
	switch rootless, _, ok := container.Rootless.Get(s); {
	case ok && rootless:
		name += " rootless"
	case ok:
		name += " as root"
	}
	return name
}

// Stated are the failures of a stated spec as far as that alone tells: by the engine's own
// defaults, on no host and with no image looked at.
func Stated(s *container.Spec) []audit.Finding {
	return audit.Failures(effective.Complete(s, effective.Engine{Kind: "podman"}))
}
