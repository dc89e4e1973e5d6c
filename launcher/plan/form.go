package plan

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// Written is the plan as the writers of forms see it; judged is what the controls see of
// it, see [Planner.Judged].
func (p *Plan) Written(judged *container.Spec) form.Run {
	r := form.Run{
		Name: strings.ReplaceAll(p.Profile.Name, "_", "-"), Profile: p.Profile.Name, About: p.Profile.About, Kind: p.Profile.Kind, Arch: p.Profile.Arch,
		Spec: p.Stated, Judged: judged, Attached: !p.Options.Detach,
	}
	for _, n := range p.Networks {
		r.Networks = append(r.Networks, n.form(p))
	}
	if in := p.Options.InStack; in != nil {
		r.Name, r.Stack = in.Container, in.Stack
		for _, other := range in.After {
			r.After = append(r.After, strings.TrimSuffix(in.Container, in.Member)+other)
		}
	}
	for _, port := range p.Profile.Ports {
		r.Ports = append(r.Ports, form.Port{Name: port.Name, Number: port.Number})
		if ready := p.Profile.Ready; ready != nil && ready.Port == port.Name {
			r.Ready = &form.Ready{Port: r.Ports[len(r.Ports)-1], Path: ready.Path, Within: int64(ready.Within.Seconds())}
		}
	}
	if m := p.Profile.Models; m != nil && p.Models != nil {
		r.Models = m.At
	}
	if p.ownSeccomp != "" {
		r.Files = append(r.Files, form.File{Name: p.ownSeccomp, Data: p.Seccomp})
	}
	return r
}

// form is a network as the writers see it. That of a stack is no profile's.
func (n Network) form(p *Plan) form.Network {
	out := form.Network{Name: n.Name, Internal: n.Internal, NoDNS: n.NoDNS}
	if p.Options.InStack == nil {
		out.Labels = map[string]string{LabelProfile: p.Profile.Name}
	}
	return out
}
