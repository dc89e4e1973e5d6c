package policy

import (
	"strings"
	"sync"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// answers say of every row of a spec which checks may be asked of it; a test fails on a
// row without its line, and there is no default. They stand here and not with the rows:
// what is a bound, and what of a device's words counts, is a matter of policy, of which
// the hub knows nothing.
var answers = sync.OnceValue(func() map[string]answer {
	out := map[string]answer{}
	for _, a := range append(rowAnswers(), derived()...) {
		out[a.key] = a
	}
	return out
})

// Why no check may be asked.
const (
	workloads = "it is the workload's own words"
	asWritten = "it is as somebody wrote it; ask of what it comes to, or require controls"
)

func rowAnswers() []answer {
	return append(planAnswers(), append(foreignAnswers(), factAnswers()...)...)
}

// planAnswers are those of [container.Rows], in that order.
func planAnswers() []answer {
	limited := value(container.Cgroups, func(v string) bool { return v != "disabled" })
	limit := func(a answer) answer { return with(a, atMost, limited) }
	return []answer{
		with(word(container.Image), only, noRootfs), word(container.Pull), word(container.Name),
		none(container.Entrypoint, workloads), none(container.Args, workloads), word(container.Workdir),
		with(keyed(container.Env), only, empty(container.EnvFile), empty(container.EnvImport), off(container.EnvHost)), keyed(container.SecretOf),
		word(container.User), list(container.GroupAdd, same), word(container.Userns), word(container.UidMap), word(container.GidMap),
		flag(container.Privileged), list(container.CapDrop, same), with(list(container.CapAdd, same), only, off(container.Privileged)),
		list(container.Capabilities, same), flag(container.NoNewPrivileges), word(container.SeccompProfile), word(container.SeccompFilter),
		list(container.SecurityLabel, same), word(container.ProcessLabel), word(container.Apparmor), list(container.Mask, same), list(container.Unmask, same),
		flag(container.ReadOnly), flag(container.ReadOnlyTmpfs), tmpfs(), with(keyed(container.VolumeAt), only, noOtherMounts...),
		word(container.ImageVolume), amount(container.ShmSize, size, zeroEndless), device(), keyed(container.DeviceNodeAt), keyed(container.HookAt),
		network(), keyed(container.Publish), word(container.Hostname), word(container.Ipc), word(container.Pid), word(container.Uts),
		word(container.Cgroupns), keyed(container.Sysctl),
		limit(amount(container.Memory, size, zeroEndless)), limit(amount(container.MemorySwap, size, zeroEndless)),
		limit(amount(container.Cpus, count, zeroEndless)), limit(amount(container.PidsLimit, count, zeroEndless)), keyed(container.UlimitOf),
		flag(container.Rm), word(container.Restart), flag(container.Init), amount(container.StopTimeout, count, neverEndless), word(container.Systemd),
		flag(container.NoHealthcheck), flag(container.Interactive), flag(container.Tty),
		word(container.LogDriver), keyed(container.LogOpt), word(container.Umask), flag(container.HttpProxy), keyed(container.Labels), keyed(container.Annotation),
	}
}

// foreignAnswers are those of [container.ForeignRows], in that order.
func foreignAnswers() []answer {
	return []answer{
		none(container.Prefix, asWritten), word(container.Remote), word(container.Runtime), none(container.RuntimeOpt, asWritten),
		list(container.HooksDir, same), list(container.Modules, same), none(container.EngineOpts, asWritten),
		word(container.Rootfs), flag(container.RootfsOverlay), word(container.Platform), word(container.SignaturePolicy), flag(container.TlsVerify),
		list(container.EnvFile, same), flag(container.EnvHost), list(container.EnvImport, same),
		none(container.HealthCmd, workloads), word(container.HealthOnFailure), flag(container.Detach), flag(container.Replace),
		amount(container.Timeout, count, zeroEndless), amount(container.PreserveFds, count, neverEndless), word(container.Sdnotify),
		none(container.UidMaps, asWritten), none(container.GidMaps, asWritten), list(container.SubIds, same), list(container.InjectedUsers, same),
		list(container.VolumesFrom, same), none(container.MountOther, asWritten), list(container.DeviceCgroupRule, same), list(container.Gpus, same),
		word(container.SeccompPolicy), word(container.ProcOpts),
		flag(container.PublishAll), list(container.Expose, same), list(container.AddHost, same), list(container.Dns, same), flag(container.NoHosts),
		word(container.Pod), word(container.Cgroups), word(container.CgroupParent),
		amount(container.CpuShares, count, neverEndless), word(container.Cpuset), flag(container.OomKillDisable),
		amount(container.OomScoreAdj, count, neverEndless), keyed(container.HostFiles), none(container.Other, asWritten),
	}
}

// factAnswers are those of [container.FactRows], in that order.
func factAnswers() []answer {
	return []answer{
		word(container.Subject), word(container.Engine), word(container.EngineVersion), flag(container.Rootless), word(container.EngineAPI),
		word(container.SELinux), flag(container.AppArmorHost), amount(container.CgroupVersion, count, neverEndless), list(container.CgroupControllers, same),
		word(container.HostArch), word(container.ProfileKind), list(container.ProfilePorts, same), word(container.ImageUser),
		list(container.ImageVolumes, same), word(container.ImageArch), keyed(container.ImageLabels), list(container.ImageSteers, same),
		list(container.ImageSecrets, same), flag(container.ImageCurrent),
		list(container.Secrets, same), list(container.ProxySecrets, same), list(container.EnvNames, same), list(container.Injections, same),
		list(container.Fetches, same), list(container.SubMounts, same), list(container.HostMounts, same), list(container.HostSteers, same),
		list(container.UnsafeSources, same), list(container.WeakFilter, same), flag(container.FilterKnown), list(container.MissingMasks, same),
		list(container.LimitsInForce, same), list(container.ExecPrivileged, same), flag(container.NetworkEgress), flag(container.NetworkIsolated),
		word(container.WorkloadLevel), word(container.WorkloadRole), word(container.SignedBy), list(container.Walked, same), word(container.ModelDigest),
		amount(container.OtherUsers, count, neverEndless), flag(container.PodKnown),
	}
}

// What leads to the same as a checked row, and has to be closed beside it.
var (
	noRootfs      = value(container.Rootfs, func(v string) bool { return v == "" })
	noOtherMounts = []judge{empty(container.VolumesFrom), empty(container.MountOther), noRootfs}
)

func empty(f container.Field[[]string]) judge {
	return value(f, func(v []string) bool { return len(v) == 0 })
}

func off(f container.Field[bool]) judge { return value(f, func(v bool) bool { return !v }) }

// ownPod is met by a container in no pod, or in one whose part in it is known.
func ownPod(s *Subject) []violation {
	if known, _, ok := container.PodKnown.Get(s.Spec); ok && known {
		return nil
	}
	return value(container.Pod, func(v string) bool { return v == "" })(s)
}

// device judges the host's side of what a line names; --privileged gives every device.
func device() answer {
	host := func(v string) []string {
		if strings.HasPrefix(v, "/") {
			v, _, _ = strings.Cut(v, ":")
		}
		return []string{v}
	}
	return with(list(container.Device, host), only, empty(container.Gpus), empty(container.DeviceCgroupRule), off(container.Privileged))
}

// network judges every network of a list; none at all would be the engine's choice.
func network() answer {
	parts := func(v string) []string { return strings.Split(v, ",") }
	named := value(container.Network, func(v []string) bool { return len(v) > 0 })
	return with(list(container.Network, parts), only, named, ownPod)
}

// tmpfs can be bounded in size, each of them.
func tmpfs() answer {
	a := keyed(container.TmpfsAt)
	a.asks[atMost] = func(want any) (judge, error) {
		most, err := size(want)
		return func(s *Subject) []violation { return tmpfsAbove(s, most) }, err
	}
	return a
}

func tmpfsAbove(s *Subject, most float64) (out []violation) {
	m := container.TmpfsAt
	for _, target := range m.Keys(s.Spec) {
		switch v, _, known := m.Get(s.Spec, target); {
		case !known:
			out = append(out, unknown(at(m.Key(), target), notKnown))
		case v.Size <= 0 || float64(v.Size) > most:
			out = append(out, broken(at(m.Key(), target), quoted(target)+" has "+tmpfsSize(v.Size)))
		}
	}
	if !m.Complete(s.Spec) {
		out = append(out, unknown(at(m.Key(), ""), "whether there are more is not known"))
	}
	return out
}

func tmpfsSize(n int64) string {
	if n <= 0 {
		return "no bound"
	}
	return shownValue("memory", n)
}
