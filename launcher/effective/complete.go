package effective

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/cdi"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Engine is whose defaults fill what nobody stated.
type Engine struct {
	Kind    string // podman, docker or [Kubernetes]
	Version string // "5.4.2"; "" takes the newest defaults
	// Observed tells that the spec was seen and not stated: what no rung showed
	// is not known then, and no default fills it.
	Observed bool
	// Open are the keys of the rows that were stated with something only a shell
	// could tell: no default fills them.
	Open []string
}

// Complete fills what a stated spec leaves to the engine with the engine's own
// defaults, works out what its options imply, and adds the facts that controls
// judge. It changes nothing that is known. The host's containers.conf may have
// other defaults; whoever read it states them first.
func Complete(s *container.Spec, e Engine) *container.Spec {
	s = container.Clone(s)
	if !e.Observed {
		if e.Kind == Kubernetes {
			byKubelet(s)
		} else {
			byDefault(s, e)
		}
		for _, key := range e.Open {
			container.ByKey(key).Doubt(s)
		}
		imply(s, e)
	}
	scan(s)
	return s
}

// byDefault gives every setting nobody stated the engine's default.
func byDefault(s *container.Spec, e Engine) {
	podman := e.Kind != "docker"
	m := container.From(container.Origin{Layer: container.LayerEngine, Key: e.name() + " default"})
	rootless(s, podman, m)
	unless(s, container.Pull, "missing", m)
	if user, um, ok := container.ImageUser.Get(s); ok {
		unless(s, container.User, user, um)
	}
	unless(s, container.Userns, "host", m)
	unless(s, container.ReadOnlyTmpfs, podman, m)
	unless(s, container.ImageVolume, "anonymous", m)
	unless(s, container.ShmSize, pick(podman, podmanShm, dockerShm), m)
	unless(s, container.Network, []string{defaultNetwork(s, podman)}, m)
	unless(s, container.Ipc, pick(podman, "shareable", "private"), m)
	unless(s, container.Pid, "private", m)
	unless(s, container.Uts, "private", m)
	unless(s, container.Cgroupns, "private", m)
	unless(s, container.PidsLimit, pick(podman, podmanPids, 0), m)
	unless(s, container.Restart, "no", m)
	unless(s, container.StopTimeout, 10, m)
	unless(s, container.Systemd, pick(podman, "true", "false"), m)
	unless(s, container.LogDriver, pick(podman, "journald", "json-file"), m)
	unless(s, container.Umask, "0022", m)
	unless(s, container.HttpProxy, podman, m)
	unless(s, container.TlsVerify, true, m)
	unless(s, container.Cgroups, "enabled", m)
	zeros(s, m)
}

// What Podman and Docker give a container that asks for nothing: containers.conf
// 5.8 ("65536k" is read as decimal, in 4.3.1 too, measured) and dockerd 28.
const (
	podmanShm  int64 = 65_536_000
	dockerShm  int64 = 64 << 20
	podmanPids int64 = 2048
)

// zeros makes every other setting that nobody stated nothing: off, none, or a
// collection without further elements.
func zeros(s *container.Spec, m container.Mark) {
	for _, b := range []container.Field[bool]{
		container.Privileged, container.NoNewPrivileges, container.ReadOnly, container.Rm, container.Init, container.NoHealthcheck,
		container.Interactive, container.Tty, container.RootfsOverlay, container.EnvHost, container.Detach, container.Replace,
		container.PublishAll, container.NoHosts, container.OomKillDisable,
	} {
		unless(s, b, false, m)
	}
	for _, l := range []container.Field[[]string]{
		container.GroupAdd, container.CapDrop, container.CapAdd, container.SecurityLabel, container.Mask, container.Unmask, container.Device,
		container.Prefix, container.RuntimeOpt, container.HooksDir, container.Modules, container.EngineOpts, container.EnvFile, container.EnvImport,
		container.UidMaps, container.GidMaps, container.SubIds, container.InjectedUsers, container.VolumesFrom, container.MountOther,
		container.DeviceCgroupRule, container.Gpus, container.Expose, container.AddHost, container.Dns, container.Other,
	} {
		unless(s, l, nil, m)
	}
	for _, t := range []container.Field[string]{
		container.SeccompProfile, container.Apparmor, container.Hostname, container.Remote, container.Runtime, container.Rootfs,
		container.Platform, container.SignaturePolicy, container.HealthCmd, container.HealthOnFailure, container.Sdnotify, container.SeccompPolicy,
		container.ProcOpts, container.Pod, container.CgroupParent, container.Cpuset,
	} {
		unless(s, t, "", m)
	}
	for _, n := range []container.Field[int64]{
		container.Memory, container.MemorySwap, container.Timeout, container.PreserveFds, container.CpuShares, container.OomScoreAdj,
	} {
		unless(s, n, 0, m)
	}
	unless(s, container.Cpus, 0, m)
	complete(s, m)
}

func complete(s *container.Spec, m container.Mark) {
	closed(s, container.Env, m)
	closed(s, container.SecretOf, m)
	closed(s, container.TmpfsAt, m)
	closed(s, container.VolumeAt, m)
	closed(s, container.Publish, m)
	closed(s, container.Sysctl, m)
	closed(s, container.UlimitOf, m)
	closed(s, container.LogOpt, m)
	closed(s, container.Labels, m)
	closed(s, container.Annotation, m)
	if devices, _, _ := container.Device.Get(s); !slices.ContainsFunc(devices, cdi.Named) { // else the host's files say
		closed(s, container.DeviceNodeAt, m)
		closed(s, container.HookAt, m)
	}
}

func closed[T any](s *container.Spec, row container.Map[T], m container.Mark) {
	if !row.Complete(s) {
		row.SetComplete(s, m)
	}
}

func unless[T any](s *container.Spec, row container.Field[T], v T, m container.Mark) {
	if _, _, known := row.Get(s); !known {
		row.Set(s, v, m)
	}
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

func (e Engine) name() string {
	if e.Kind == "" {
		return "podman"
	}
	return e.Kind
}

// rootless assumes that podman is called by an ordinary user unless something in
// front of it says otherwise. Of docker and of a remote engine nothing is assumed.
func rootless(s *container.Spec, podman bool, m container.Mark) {
	prefix, _, _ := container.Prefix.Get(s)
	remote, _, _ := container.Remote.Get(s)
	asRoot := slices.Contains(prefix, "sudo") || slices.Contains(prefix, "doas") || slices.Contains(prefix, "su")
	switch {
	case asRoot:
		unless(s, container.Rootless, false, m)
	case podman && remote == "":
		unless(s, container.Rootless, true, m)
	}
	unless(s, container.Engine, pick(podman, "podman", "docker"), m)
}

// defaultNetwork is what a run that names no network gets: a stack of its own
// where rootless, the shared bridge elsewhere.
func defaultNetwork(s *container.Spec, podman bool) string {
	if v, _, ok := container.Rootless.Get(s); podman && ok && v {
		return "private"
	}
	return "bridge"
}
