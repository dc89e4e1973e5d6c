package subject

import (
	"path"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// madeBy reads the command a container was made by, as the engine keeps it. It is
// a claim of whoever made it, and the only thing that tells of options that leave
// no other trace. nil: there is none, or it is no command line of a run.
func madeBy(c *podman.Container) (*container.Spec, []string) {
	if len(c.Command) == 0 {
		return nil, []string{"the engine keeps no command that made it: options that leave no other trace are not known"}
	}
	r, err := command.Read(c.Command)
	if err != nil {
		return nil, []string{"the command that made it is not understood: " + container.MaskText(err.Error())}
	}
	var notes []string
	for _, o := range r.Open {
		notes = append(notes, "of the command that made it: "+container.MaskText(o.Why))
	}
	return container.At(r.Spec, container.Created), notes
}

// wordsOf is what of the command the rungs are read in: names that the texts do
// not have, of facts that they show. Values that hold an environment's secret are
// then known as one.
func wordsOf(made *container.Spec) *container.Spec {
	words := &container.Spec{}
	if made == nil {
		return words
	}
	for _, row := range []container.Row{container.SecretOf, container.UlimitOf, container.Mask, container.Unmask, container.Device} {
		row.Copy(words, made)
	}
	if ipc, m, ok := container.Ipc.Get(made); ok && ipc == "private" {
		container.Ipc.Set(words, ipc, m)
	}
	if userns, m, ok := container.Userns.Get(made); ok && userns != "" {
		container.Userns.Set(words, userns, m)
	}
	for _, at := range container.VolumeAt.Keys(made) {
		if v, m, ok := container.VolumeAt.Get(made, at); ok && v.Overlay {
			container.VolumeAt.Set(words, path.Clean("/"+at), v, m)
		}
	}
	return words
}

// broughtWords are what this host's specifications have for the devices that the
// command names: what a container has of them is seen as theirs.
func (au *Auditor) broughtWords(made *container.Spec) *container.Spec {
	words := &container.Spec{}
	if made == nil || au.Host == nil || !au.Engine.Local() {
		return words
	}
	devices, _, _ := container.Device.Get(made)
	if parts := plan.Brought(au.Host, au.Engine.Version(), devices); len(parts) > 0 {
		effective.Inject(words, parts)
	}
	return words
}

// traceless are the options that only the command tells of; left away there they
// were not given.
var traceless = []container.Row{
	container.EnvHost, container.EnvImport, container.EnvFile, container.InjectedUsers, container.Gpus, container.NoHosts,
	container.SeccompPolicy, container.UidMaps, container.GidMaps, container.SubIds, container.MountOther, container.PreserveFds,
	container.RuntimeOpt, container.HooksDir, container.Modules, container.EngineOpts, container.Prefix, container.SignaturePolicy,
}

// claimed are those that are taken from the command where nothing better shows
// them.
var claimed = []container.Row{
	container.Pull, container.CapDrop, container.CapAdd, container.SeccompProfile, container.Mask, container.Unmask, container.ReadOnlyTmpfs,
	container.ImageVolume, container.HttpProxy, container.Device, container.DeviceCgroupRule, container.Sysctl, container.Platform,
	container.TlsVerify, container.Sdnotify, container.Other, container.Userns, container.Systemd, container.HostFiles,
}

// onlyMade is what the command says, without the claim that its collections are
// complete: image and host add to them.
func onlyMade(made *container.Spec) *container.Spec {
	out, stated := &container.Spec{}, &container.Spec{}
	m := container.Mark{Evidence: container.Created}
	absent(out, m)
	for _, row := range traceless {
		if len(row.Settings(made)) > 0 {
			row.Copy(out, made)
		}
	}
	for _, row := range claimed {
		row.Copy(stated, made)
	}
	container.Overlay(out, stated)
	return out
}

// absent states the options that were not given as such.
func absent(s *container.Spec, m container.Mark) {
	for _, row := range []container.Field[bool]{container.EnvHost, container.NoHosts} {
		row.Set(s, false, m)
	}
	for _, row := range []container.Field[[]string]{
		container.EnvImport, container.EnvFile, container.InjectedUsers, container.Gpus, container.UidMaps, container.GidMaps, container.SubIds,
		container.MountOther, container.RuntimeOpt, container.HooksDir, container.Modules, container.EngineOpts, container.Prefix,
	} {
		row.Set(s, nil, m)
	}
	container.SeccompPolicy.Set(s, "", m)
	container.SignaturePolicy.Set(s, "", m)
	container.PreserveFds.Set(s, 0, m)
}

// complement adds to settings that better evidence shows what only the command
// says of them: labels and owners of volumes, options of a network mode.
func complement(s, made *container.Spec) {
	for _, at := range container.VolumeAt.Keys(made) {
		said, _, _ := container.VolumeAt.Get(made, at)
		target := path.Clean("/" + at)
		v, m, ok := container.VolumeAt.Get(s, target)
		if !ok {
			continue
		}
		v.Relabel, v.Chown = said.Relabel, said.Chown
		v.Overlay = v.Overlay || said.Overlay
		container.VolumeAt.Set(s, target, v, m)
	}
	nets, m, ok := container.Network.Get(s)
	said, _, _ := container.Network.Get(made)
	for i, n := range nets {
		for _, full := range said {
			if mode, opts, has := strings.Cut(full, ":"); ok && has && mode == n && opts != "" && plan.ReservedNetwork(n) {
				nets[i] = full
				m.Evidence = min(m.Evidence, container.Created)
			}
		}
	}
	if ok {
		container.Network.Set(s, nets, m)
	}
}

// subMounts takes the mounts that lie below a read-only volume and that nobody
// asked for out of the volumes: they came with the host's tree, for :ro is not
// recursive.
func subMounts(s *container.Spec, r observe.Rungs) {
	if r.Kernel == nil || len(r.Configs) == 0 {
		return
	}
	writable := []string{}
	for _, at := range container.VolumeAt.Keys(r.Kernel) {
		v, _, _ := container.VolumeAt.Get(r.Kernel, at)
		if _, _, asked := container.VolumeAt.Get(r.Configs[len(r.Configs)-1], at); asked || !belowVolume(r.Kernel, at) {
			continue
		}
		if !v.ReadOnly {
			writable = append(writable, at)
		}
		container.VolumeAt.Delete(s, at)
	}
	container.SubMounts.Set(s, writable, container.Mark{Evidence: container.Kernel})
}

func belowVolume(s *container.Spec, at string) bool {
	for _, top := range container.VolumeAt.Keys(s) {
		if v, _, _ := container.VolumeAt.Get(s, top); v.ReadOnly && strings.HasPrefix(at, top+"/") {
			return true
		}
	}
	return false
}

// fromHost gives the mounts of the host's mounts.conf their origin.
func fromHost(s *container.Spec) {
	targets := []string{}
	for _, at := range container.VolumeAt.Keys(s) {
		v, m, _ := container.VolumeAt.Get(s, at)
		if v.Source == observe.MountsConf {
			m.Origin = []container.Origin{{Layer: container.LayerHost, File: observe.MountsConf}}
			container.VolumeAt.Set(s, at, v, m)
			targets = append(targets, at)
		}
	}
	if m, ok := s.MarkOf(container.Path{Key: container.VolumeAt.Key()}); ok {
		container.HostMounts.Set(s, targets, m)
	}
}

// limitsInForce lists the limits the kernel shows to hold.
func limitsInForce(s *container.Spec, kernel *container.Spec) {
	if kernel == nil {
		return
	}
	if _, _, read := container.PidsLimit.Get(kernel); !read {
		return
	}
	out := []string{}
	for _, row := range []container.Field[int64]{container.Memory, container.MemorySwap, container.PidsLimit} {
		if v, _, _ := row.Get(kernel); v > 0 {
			out = append(out, row.Key())
		}
	}
	if v, _, _ := container.Cpus.Get(kernel); v > 0 {
		out = append(out, container.Cpus.Key())
	}
	container.LimitsInForce.Set(s, out, container.Mark{Evidence: container.Kernel})
}
