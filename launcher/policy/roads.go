package policy

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// road is another road to what a check is about: an option beside the row that is asked
// of. It has to be known, and closed.
type road struct {
	to     []string // the keys of the answers that it leads around
	asked  []table  // how they are asked then
	closed judge
}

// tighter are the tables whose checks say that there is no more than something.
var tighter = []table{require, atMost, only}

// roads are all of them. Whoever adds a row asks which other option does the same.
func roads() []road {
	keys := func(rows ...container.Row) (out []string) {
		for _, r := range rows {
			out = append(out, r.Key())
		}
		return out
	}
	limits := keys(container.Memory, container.MemorySwap, container.Cpus, container.PidsLimit, container.CpuShares, container.Cpuset)
	variables := keys(container.Env, container.Secrets, container.ProxySecrets, container.Injections)
	published := append(keys(container.Publish), "publish_address")
	mounted := append(keys(container.VolumeAt), "mount_root")
	return []road{
		{append(keys(container.PodRows...), "publish_address", "mount_root"), tables, ownPod},
		{keys(container.CapDrop, container.CapAdd, container.SecurityLabel, container.Apparmor, container.SeccompProfile, container.Mask,
			container.Unmask, container.Device), tables, off(container.Privileged)},
		{keys(container.Mask, container.Unmask), tables, noMountOf("/proc", "/sys")},
		{keys(container.SeccompProfile), tables, value(container.SeccompPolicy, func(v string) bool { return v != "image" })},
		{append(keys(container.Image), "registry"), tighter, noRootfs},
		{variables, tighter, all([]judge{empty(container.EnvFile), empty(container.EnvImport), off(container.EnvHost), off(container.HttpProxy)})},
		{slices.Concat(variables, keys(container.Labels, container.Annotation)), tighter, imageKnown},
		{keys(container.Injections), tighter, noSecretVariables},
		{keys(container.Rootless), tighter, asSeen},
		{keys(container.GroupAdd), tighter, keepsNoGroups},
		{slices.Concat(mounted, keys(container.Device)), tighter, all([]judge{empty(container.VolumesFrom), noRootfs})},
		{mounted, tighter, empty(container.MountOther)},
		{slices.Concat(mounted, variables), tighter, broughtKnown},
		{keys(container.VolumeAt), tighter, imageVolumes},
		{keys(container.TmpfsAt), tighter, all([]judge{empty(container.MountOther), noTmpfsByImage, noTmpfsByRoot, noTmpfsBySystemd})},
		{keys(container.ShmSize), tables, all([]judge{ownShm, notCovered("/dev/shm")})},
		{keys(container.Dns), tighter, notCovered("/etc/resolv.conf")},
		{keys(container.AddHost, container.NoHosts), tighter, notCovered("/etc/hosts")},
		{keys(container.Device), tighter, all([]judge{empty(container.Gpus), empty(container.DeviceCgroupRule), noMountOf("/dev")})},
		{keys(container.HookAt), tighter, empty(container.HooksDir)},
		{published, tighter, all([]judge{off(container.PublishAll), ownNetwork})},
		{limits, tighter, value(container.Cgroups, func(v string) bool { return v != "disabled" })},
	}
}

func empty(f container.Field[[]string]) judge {
	return value(f, func(v []string) bool { return len(v) == 0 })
}

func off(f container.Field[bool]) judge { return value(f, func(v bool) bool { return !v }) }

var noRootfs = value(container.Rootfs, func(v string) bool { return v == "" })

// ownPod is met by a container in no pod, or in one whose part in it is known.
func ownPod(s *Subject) []violation {
	if known, _, ok := container.PodKnown.Get(s.Spec); ok && known {
		return nil
	}
	return value(container.Pod, func(v string) bool { return v == "" })(s)
}

// ownNetwork is broken by a container that listens where the host, or another container,
// does, and by pasta, where it publishes by itself.
var ownNetwork = value(container.Network, func(nets []string) bool {
	return !slices.ContainsFunc(nets, func(n string) bool {
		mode, _, _ := strings.Cut(n, ":")
		return mode == "host" || mode == "ns" || mode == "container" || audit.OpensPorts(n)
	})
})

// asSeen is broken by an assumption of what nobody said: who calls the engine.
func asSeen(s *Subject) []violation {
	if m, known := s.Spec.Mark(container.Rootless); known && len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerEngine {
		return []violation{unknown(at(container.Rootless.Key(), ""), "it is assumed")}
	}
	return nil
}

// noSecretVariables is met where no secret is a variable, whose value nobody sees.
func noSecretVariables(s *Subject) (out []violation) {
	for _, name := range container.SecretOf.Keys(s.Spec) {
		if v, _, _ := container.SecretOf.Get(s.Spec, name); v.Type == "env" {
			out = append(out, unknown(at(container.SecretOf.Key(), name), "it is a variable"))
		}
	}
	return append(out, complete(s, container.SecretOf)...)
}

// imageKnown is met where what the image adds is known, or what there is was seen.
func imageKnown(s *Subject) []violation {
	seen, _ := s.Spec.Mark(container.Env)
	if container.ImageLabels.Complete(s.Spec) || seen.Evidence >= container.Inspected {
		return nil
	}
	return []violation{unknown(at(container.Image.Key(), ""), "it is not known, and adds its own")}
}

// broughtKnown is met where what devices bring is known: mounts and variables as well. Those
// of a path bring nothing.
func broughtKnown(s *Subject) []violation {
	devices, _, known := container.Device.Get(s.Spec)
	named := slices.ContainsFunc(devices, func(d string) bool { return !strings.HasPrefix(d, "/") })
	if !container.DeviceNodeAt.Complete(s.Spec) && (!known || named) {
		return []violation{unknown(at(container.Device.Key(), ""), "it brings what is not known")}
	}
	return empty(container.Gpus)(s)
}

// keepsNoGroups is broken by the annotation that does what --group-add keep-groups does.
func keepsNoGroups(s *Subject) []violation {
	for _, key := range audit.KeepGroups {
		if _, _, ok := container.Annotation.Get(s.Spec, key); ok {
			return []violation{broken(at(container.Annotation.Key(), key), "it keeps the caller's groups")}
		}
	}
	return complete(s, container.Annotation)
}

func complete[T any](s *Subject, m container.Map[T]) []violation {
	if m.Complete(s.Spec) {
		return nil
	}
	return []violation{unknown(at(m.Key(), ""), "whether there is more is not known")}
}

// imageVolumes is met where the image brings no volume of its own.
func imageVolumes(s *Subject) []violation {
	if its, _, known := container.ImageVolumes.Get(s.Spec); known && len(its) == 0 {
		return nil
	}
	return value(container.ImageVolume, func(v string) bool { return v == "ignore" || v == "tmpfs" })(s)
}

func noTmpfsByImage(s *Subject) []violation {
	if its, _, known := container.ImageVolumes.Get(s.Spec); known && len(its) == 0 {
		return nil
	}
	return value(container.ImageVolume, func(v string) bool { return v != "tmpfs" })(s)
}

// noTmpfsByRoot is broken by what --read-only-tmpfs adds to a read-only root, without bounds.
func noTmpfsByRoot(s *Subject) []violation {
	if ro, _, known := container.ReadOnly.Get(s.Spec); known && !ro {
		return nil
	}
	return off(container.ReadOnlyTmpfs)(s)
}

// noTmpfsBySystemd is broken by the mode in which Podman mounts /run and /tmp for an init:
// always, or by the command's name (libpod and specgen: shouldUseSystemd).
func noTmpfsBySystemd(s *Subject) []violation {
	mode, _, known := container.Systemd.Get(s.Spec)
	entrypoint, _, entered := container.Entrypoint.Get(s.Spec)
	args, _, given := container.Args.Get(s.Spec)
	command := slices.Concat(entrypoint, args)
	switch {
	case known && mode == "false":
		return nil
	case !known || mode == "true" && (!entered || len(entrypoint) == 0 && !given):
		return []violation{unknown(at(container.Systemd.Key(), ""), "whether an init is run is not known")}
	case mode == "true" && (len(command) == 0 || !isInit(command[0])):
		return nil
	}
	return []violation{broken(at(container.Systemd.Key(), ""), "it is "+quoted(mode))}
}

func isInit(command string) bool {
	return slices.Contains([]string{"/sbin/init", "/usr/sbin/init", "/usr/local/sbin/init"}, command) || path.Base(command) == "systemd"
}

// ownShm is met by a container that has a /dev/shm of its own, or none.
var ownShm = value(container.Ipc, func(v string) bool { return v == "private" || v == "shareable" || v == "none" })

// notCovered is met where nothing else is mounted at a path of the container's, or above it.
func notCovered(target string) judge {
	return func(s *Subject) []violation {
		for _, key := range slices.Concat(container.VolumeAt.Keys(s.Spec), container.TmpfsAt.Keys(s.Spec)) {
			if key = path.Clean(key); key == target || key == path.Dir(target) {
				return []violation{broken(at(container.VolumeAt.Key(), ""), "it covers "+target)}
			}
		}
		for _, key := range container.SecretOf.Keys(s.Spec) {
			if v, _, _ := container.SecretOf.Get(s.Spec, key); v.Type != "env" && path.Clean(v.Target) == target {
				return []violation{broken(at(container.SecretOf.Key(), key), "it covers "+target)}
			}
		}
		return slices.Concat(complete(s, container.VolumeAt), complete(s, container.TmpfsAt), complete(s, container.SecretOf), all([]judge{empty(container.VolumesFrom), empty(container.MountOther)})(s))
	}
}

// noMountOf is broken by a mount of a part of the host that holds what works there as well as
// in its own place: below one of the roots, or with all of it below. Nodes of devices do not
// work where a mount of /dev is nodev.
func noMountOf(roots ...string) judge {
	return func(s *Subject) (out []violation) {
		m := container.VolumeAt
		for _, target := range m.Keys(s.Spec) {
			v, _, known := m.Get(s.Spec, target)
			for _, source := range sources(v, known) {
				switch clean := path.Clean(source); {
				case source == "":
					out = append(out, unknown(at(m.Key(), target), "what is mounted is not known"))
				case clean == "/" || below(clean, roots) && !(v.NoDev && below(clean, []string{"/dev"})):
					out = append(out, broken(at(m.Key(), target), quoted(source)+" is mounted"))
				}
			}
		}
		return append(out, complete(s, m)...)
	}
}
