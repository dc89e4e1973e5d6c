package plan

import (
	"context"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
)

// LabelUnit is what Podman calls the unit that runs a container: it gives every one that
// is started with the variable of that name this label (libpod, pkg/systemd/define).
const LabelUnit = "PODMAN_SYSTEMD_UNIT"

// Unit is the unit of a service called name.
func Unit(name string) string { return name + ".service" }

// planService makes of a run the one that a unit starts: under the service's name, on a
// network of its own, gone when it ends, and with its output in the journal, which keeps it
// longer than that.
func planService(_ context.Context, p *Plan) error {
	s, name := p.Stated, p.Options.Service
	if name == "" {
		return nil
	}
	m := container.From(container.Origin{Layer: container.LayerDerived, Key: "of a service"})
	container.Name.Set(s, name, m)
	container.Rm.Set(s, true, m)
	container.Labels.Set(s, LabelUnit, Unit(name), m)
	if _, of, _ := container.Network.Get(s); len(p.Networks) > 0 && len(of.Origin) > 0 && of.Origin[0].Layer == container.LayerDerived {
		p.Networks = []Network{{Name: "zlaunch-service-" + name}} // else a run of the profile would share it
		container.Network.Set(s, []string{p.Networks[0].Name}, m)
	}
	container.LogDriver.Set(s, "journald", m)
	for _, opt := range container.LogOpt.Keys(s) {
		container.LogOpt.Delete(s, opt)
	}
	return nil
}

// pinService names the image of a service by digest, and has nothing fetched at a start:
// what was planned is what every start runs. One that is yet to be fetched keeps its name.
func pinService(_ context.Context, p *Plan) error {
	if p.Options.Service == "" || p.Image == nil || Fetches(p.Options.Pull) {
		return nil
	}
	m := container.From(container.Origin{Layer: container.LayerDerived, Key: "of a service"})
	ref, was, _ := container.Image.Get(p.Stated)
	m.Origin = append(m.Origin, was.Origin...)
	container.Image.Set(p.Stated, p.Image.ByDigest(ref), m)
	container.Pull.Set(p.Stated, "never", m)
	return nil
}

// Fetches tells the policies of --pull that ask for an image that is here already.
func Fetches(policy string) bool { return policy == "always" || policy == "newer" }

// Serve names the launch that a service's containers are of.
func Serve(pl *Planner, p *Plan, launch string) {
	m := container.From(container.Origin{Layer: container.LayerDerived, Key: "of a service"})
	container.Labels.Set(p.Stated, LabelLaunch, launch, m)
	p.Effective = effectiveOf(pl, p)
}

// effectiveOf is what the engine makes of a plan. A unit's own line has Podman write down
// the container's id.
func effectiveOf(pl *Planner, p *Plan) *container.Spec {
	s := effective.Of(p.Stated, pl.Defaults(p))
	if name := p.Options.Service; name != "" {
		m := container.From(container.Origin{Layer: container.LayerDerived, Key: "of a service"})
		container.HostFiles.Set(s, "--cidfile", container.HostFile{Path: filepath.Join(pl.Host.RuntimeDir.Path, name+".cid"), Use: "write"}, m)
	}
	return s
}
