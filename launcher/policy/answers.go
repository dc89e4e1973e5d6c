package policy

import (
	"cmp"
	"slices"
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
	for _, r := range roads() {
		for _, key := range r.to {
			for _, t := range r.asked {
				with(out[key], t, r.closed)
			}
		}
	}
	return out
})

// Why no check may be asked.
const (
	workloads = "it is the workload's own words"
	asWritten = "it is as somebody wrote it; ask of what it comes to, or require controls"
	byOthers  = "of a run that is planned, a control says what was found: require controls"
)

func rowAnswers() []answer {
	return append(planAnswers(), append(foreignAnswers(), factAnswers()...)...)
}

// planAnswers are those of [container.Rows], in that order.
func planAnswers() []answer {
	return []answer{
		word(container.Image), word(container.Pull), word(container.Name),
		none(container.Entrypoint, workloads), none(container.Args, workloads), word(container.Workdir),
		env(), keyed(container.SecretOf),
		word(container.User), list(container.GroupAdd, same), word(container.Userns), word(container.UidMap), word(container.GidMap),
		flag(container.Privileged), capDrop(), list(container.CapAdd, same),
		list(container.Capabilities, same), flag(container.NoNewPrivileges), seccomp(), word(container.SeccompFilter),
		list(container.SecurityLabel, same), word(container.ProcessLabel), word(container.Apparmor), list(container.Mask, same), list(container.Unmask, same),
		flag(container.ReadOnly), flag(container.ReadOnlyTmpfs), tmpfs(), keyed(container.VolumeAt),
		word(container.ImageVolume), amount(container.ShmSize, size, zeroEndless), device(), keyed(container.DeviceNodeAt), keyed(container.HookAt),
		network(), keyed(container.Publish), word(container.Hostname), word(container.Ipc), word(container.Pid), word(container.Uts),
		word(container.Cgroupns), keyed(container.Sysctl),
		amount(container.Memory, size, zeroEndless), amount(container.MemorySwap, size, zeroEndless),
		amount(container.Cpus, count, zeroEndless), amount(container.PidsLimit, count, zeroEndless), keyed(container.UlimitOf),
		flag(container.Rm), word(container.Restart), flag(container.Init), amount(container.StopTimeout, count, belowEndless), word(container.Systemd),
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
		with(amount(container.CpuShares, count, zeroEndless), atLeast, value(container.CpuShares, func(v int64) bool { return v > 0 })), word(container.Cpuset), flag(container.OomKillDisable),
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
		list(container.Secrets, same), list(container.ProxySecrets, same), none(container.EnvNames, "ask of env"), list(container.Injections, same),
		list(container.Fetches, same), none(container.SubMounts, byOthers), list(container.HostMounts, same), list(container.HostSteers, same),
		none(container.UnsafeSources, byOthers), list(container.WeakFilter, same), flag(container.FilterKnown), list(container.MissingMasks, same),
		list(container.LimitsInForce, same), list(container.ExecPrivileged, same), flag(container.NetworkEgress), flag(container.NetworkIsolated),
		word(container.WorkloadLevel), word(container.WorkloadRole), word(container.SignedBy), list(container.Walked, same), word(container.ModelDigest),
		amount(container.OtherUsers, count, neverEndless), flag(container.PodKnown),
	}
}

// device judges the host's side of what a line names.
func device() answer {
	host := func(v string) []string {
		if strings.HasPrefix(v, "/") {
			v, _, _ = strings.Cut(v, ":")
		}
		return []string{v}
	}
	return list(container.Device, host)
}

// network judges every network of a list; none at all would be the engine's choice.
func network() answer {
	parts := func(v string) []string { return strings.Split(v, ",") }
	named := value(container.Network, func(v []string) bool { return len(v) > 0 })
	return with(list(container.Network, parts), only, named)
}

// env judges the names of all variables, also of those that secrets are.
func env() answer {
	return namedBy(container.Env.Key(), func(s *Subject) ([]string, bool) {
		names, known := elements(s, container.Env)
		secrets, also := elements(s, container.SecretOf)
		for _, name := range secrets {
			if v, _, _ := container.SecretOf.Get(s.Spec, name); v.Type == "env" {
				names = append(names, cmp.Or(v.Target, name))
			}
		}
		return names, known && also
	})
}

// seccomp judges the profile in the words of a profile: default, inference, unconfined or a
// path. What inference is called on a host, nobody can write down.
func seccomp() answer {
	f := container.SeccompProfile
	return answer{key: f.Key(), asks: words(func(s *Subject) ([]string, bool) {
		v, _, known := f.Get(s.Spec)
		ours, _, _ := container.FilterKnown.Get(s.Spec)
		switch {
		case v == "":
			v = "default"
		case ours && v != "unconfined":
			v = "inference"
		}
		return single(v, known)
	}, f.Key())}
}

// capDrop judges what stays dropped: "all" is every one, and one that is added again is not.
func capDrop() answer {
	a := list(container.CapDrop, same)
	a.asks[include] = func(want any) (judge, error) {
		names, err := atLeastOne(want)
		return func(s *Subject) (out []violation) {
			drop, _, known := container.CapDrop.Get(s.Spec)
			add, _, also := container.CapAdd.Get(s.Spec)
			if !also { // of a container that was seen there is what it has
				add, _, also = container.Capabilities.Get(s.Spec)
			}
			has := func(in []string, n string) bool { return slices.Contains(in, n) || slices.Contains(in, "all") }
			for _, n := range names {
				switch {
				case !known || !also:
					out = append(out, unknown(at(a.key, ""), notKnown))
				case !has(drop, n):
					out = append(out, broken(at(a.key, ""), "it lacks "+quoted(n)))
				case has(add, n):
					out = append(out, broken(at(a.key, ""), "cap_add has it again"))
				}
			}
			return out
		}, err
	}
	return a
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
