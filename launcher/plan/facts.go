package plan

import (
	"bytes"
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/seccomp"
)

// Judged is what the controls see of a plan: its effective spec, completed by the
// engine's defaults, with the facts of engine, host, profile and image beside it.
func (pl *Planner) Judged(p *Plan) *container.Spec {
	s := container.Clone(p.Effective)
	from := func(layer container.Layer, key string) container.Mark {
		return container.From(container.Origin{Layer: layer, Key: key})
	}
	engine := from(container.LayerEngine, "podman")
	container.Subject.Set(s, "plan", engine)
	container.Engine.Set(s, "podman", engine)
	e := effective.Engine{Kind: "podman"}
	if pl.Engine != nil {
		e.Version = pl.Engine.Version()
		container.EngineVersion.Set(s, e.Version, engine)
	}
	prof := from(container.LayerDerived, "profile")
	container.ProfileKind.Set(s, p.Profile.Kind, prof)
	container.ProfilePorts.Set(s, profilePorts(p), prof)
	hosted := from(container.LayerHost, "host")
	if pl.Here(p) {
		SetHostFacts(s, pl.Host, hosted)
	}
	if pl.Engine != nil {
		container.EngineAPI.Set(s, pl.Engine.URL(), hosted)
	}
	ImageFacts(s, p.Image, from(container.LayerImage, "image"))
	if p.Seccomp != nil {
		container.WeakFilter.Set(s, p.weak, from(container.LayerDerived, "seccomp_profile"))
		container.FilterKnown.Set(s, ownFilter(p), from(container.LayerDerived, "seccomp_profile"))
	}
	if pl.Here(p) {
		dataFacts(p, s)
	}
	Backed(s, p.backing)
	if pl.Engine != nil && pl.Engine.Local() {
		follow(s, p.Sources)
	}
	return effective.Complete(s, e)
}

// ownFilter tells whether the run's seccomp profile is the engine's default or one
// of zlaunch's own.
func ownFilter(p *Plan) bool {
	path, _, _ := container.SeccompProfile.Get(p.Stated)
	return path == "" || bytes.Equal(p.Seccomp, seccomp.Inference())
}

// dataFacts tells what was looked at of the data: preflight brings what it found.
func dataFacts(p *Plan, s *container.Spec) {
	m := container.From(container.Origin{Layer: container.LayerDerived, Key: container.OptionModels})
	container.SubMounts.Set(s, nil, m)
	container.UnsafeSources.Set(s, nil, m)
	if p.Models == nil || p.Profile.Models == nil {
		return
	}
	container.Walked.Set(s, []string{p.Profile.Models.At}, m)
	if held := heldModels(p); held != nil {
		container.ModelDigest.Set(s, held.Digest, m)
	} else if p.modelsHeld { // against nothing; else others may be permitted
		container.ModelDigest.Set(s, "", m)
	}
}

// Here tells whether the plan is for the host zlaunch runs on.
func (pl *Planner) Here(p *Plan) bool {
	return pl.Host != nil && p.Profile.Arch == pl.Host.Arch && !pl.away()
}

// SetHostFacts adds what controls ask of a host.
func SetHostFacts(s *container.Spec, h *host.Facts, m container.Mark) {
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

func ImageFacts(s *container.Spec, img *effective.Image, m container.Mark) {
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
