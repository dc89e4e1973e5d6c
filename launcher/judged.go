package launcher

import (
	"fmt"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/host"
)

// threshold is the severity from which on a finding stops the run.
func (o Options) threshold() audit.Severity {
	if o.FailOn == 0 {
		return audit.High
	}
	return o.FailOn
}

// judged is what the controls see of a plan: its effective spec, completed by the
// engine's defaults, with the facts of engine, host, profile and image beside it.
func (l *Launcher) judged(p *Plan) *container.Spec {
	s := container.Clone(p.Effective)
	from := func(layer container.Layer, key string) container.Mark {
		return container.From(container.Origin{Layer: layer, Key: key})
	}
	engine := from(container.LayerEngine, "podman")
	container.Subject.Set(s, "plan", engine)
	container.Engine.Set(s, "podman", engine)
	e := effective.Engine{Kind: "podman"}
	if l.Engine != nil {
		e.Version = l.Engine.Version()
		container.EngineVersion.Set(s, e.Version, engine)
	}
	prof := from(container.LayerDerived, "profile")
	container.ProfileKind.Set(s, p.Profile.Kind, prof)
	container.ProfilePorts.Set(s, profilePorts(p), prof)
	l.hostFacts(p, s, from(container.LayerHost, "host"))
	imageFacts(s, p.Image, from(container.LayerImage, "image"))
	if p.Seccomp != nil {
		container.WeakFilter.Set(s, p.weak, from(container.LayerDerived, "seccomp_profile"))
		container.FilterKnown.Set(s, l.ownFilter(p), from(container.LayerDerived, "seccomp_profile"))
	}
	l.dataFacts(p, s)
	backed(s, p.backing)
	return effective.Complete(s, e)
}

// ownFilter tells whether the run's seccomp profile is the engine's default or one
// of zlaunch's own.
func (l *Launcher) ownFilter(p *Plan) bool {
	path, _, _ := container.SeccompProfile.Get(p.Stated)
	return path == "" || path == filepath.Join(l.Dirs.Data, "seccomp", filepath.Base(path))
}

// dataFacts tells what was looked at of the data: preflight brings what it found.
func (l *Launcher) dataFacts(p *Plan, s *container.Spec) {
	if !l.here(p) {
		return
	}
	m := container.From(container.Origin{Layer: container.LayerDerived, Key: "--models"})
	container.SubMounts.Set(s, nil, m)
	container.UnsafeSources.Set(s, nil, m)
	if p.Models == nil || p.Profile.Models == nil {
		return
	}
	container.Walked.Set(s, []string{p.Profile.Models.At}, m)
	container.ModelDigest.Set(s, p.Profile.Models.Digest, m)
}

// here tells whether the plan is for the host zlaunch runs on.
func (l *Launcher) here(p *Plan) bool {
	return l.Host != nil && p.Profile.Arch == l.Host.Arch && (l.Engine == nil || l.Engine.Local())
}

func (l *Launcher) hostFacts(p *Plan, s *container.Spec, m container.Mark) {
	if l.here(p) {
		setHostFacts(s, l.Host, m)
	}
	if l.Engine != nil {
		container.EngineAPI.Set(s, l.Engine.URL(), m)
	}
}

// setHostFacts adds what controls ask of a host.
func setHostFacts(s *container.Spec, h *host.Facts, m container.Mark) {
	container.Rootless.Set(s, h.EUID != 0, m)
	container.HostArch.Set(s, h.Arch, m)
	container.SELinux.Set(s, selinuxState(h.SELinux), m)
	container.AppArmorHost.Set(s, h.AppArmor, m)
	if h.Cgroup.Version != host.CgroupUnknown {
		container.CgroupVersion.Set(s, cgroupNumber(h.Cgroup.Version), m)
		container.CgroupControllers.Set(s, h.Cgroup.Controllers, m)
	}
	var mounts []string
	for _, mt := range h.Mounts {
		mounts = append(mounts, mt.Target)
	}
	container.HostMounts.Set(s, mounts, m)
}

// selinuxState is enforcing, permissive or off.
func selinuxState(s host.SELinux) string {
	if !s.Enabled {
		return "off"
	}
	return string(s.Mode)
}

func imageFacts(s *container.Spec, img *effective.Image, m container.Mark) {
	if img == nil {
		return
	}
	container.ImageUser.Set(s, img.User, m)
	container.ImageVolumes.Set(s, img.Volumes, m)
	container.ImageArch.Set(s, img.Arch, m)
	for k, v := range img.Labels {
		container.ImageLabels.Set(s, k, v, m)
	}
	container.ImageLabels.SetComplete(s, m)
	container.ImageSteers.Set(s, effective.ImageSteers(img), m)
	container.ImageSecrets.Set(s, effective.ImageSecrets(img), m)
}

func profilePorts(p *Plan) []string {
	var out []string
	for _, port := range p.Profile.Ports {
		out = append(out, fmt.Sprintf("%d/tcp", port.Number))
	}
	return out
}

func cgroupNumber(v host.CgroupVersion) int64 {
	if v == host.CgroupV2 {
		return 2
	}
	return 1
}
