package subject

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/preflight"
)

// AuditHost judges engine and host once, for a run that states base, the settings
// all profiles share. Of an engine on another host nothing is judged.
func (au *Auditor) AuditHost(base *container.Spec) []audit.Finding {
	s := container.Clone(base)
	e := effective.Engine{Kind: "podman"}
	m := container.From(container.Origin{Layer: container.LayerHost, Key: "host"})
	container.Subject.Set(s, "plan", m)
	container.Engine.Set(s, "podman", m)
	if au.Engine != nil {
		if !au.Engine.Local() {
			return nil
		}
		e.Version = au.Engine.Version()
		container.EngineVersion.Set(s, e.Version, m)
		container.EngineAPI.Set(s, au.Engine.URL(), m)
	}
	plan.SetHostFacts(s, au.Host, m)
	container.HostSteers.Set(s, hostSteers(au.Host, s), m)
	return slices.DeleteFunc(audit.Judge(effective.Complete(s, e)), func(f audit.Finding) bool {
		return !f.Control.OfHost
	})
}

// hostSteers are what stops a launch here: programs that somebody may exchange, hooks,
// and defaults that no proof shows, each behind the control that it fails.
func hostSteers(h *host.Facts, run *container.Spec) []string {
	var out []string
	for _, p := range preflight.Check(preflight.Subject{Host: h, Plan: run}) {
		if p.Fatal && (p.Control == audit.HostDefaults.ID || p.Control == audit.RuntimeAndHooks.ID) {
			out = append(out, p.Control+": "+p.Message)
		}
	}
	return out
}
