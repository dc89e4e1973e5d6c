package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Which rows of a spec hold paths of the host, and which do not.

// rowPaths is the answer of one row to the question which paths of the host it holds:
// it gathers them, or says why there are none.
type rowPaths struct {
	row   container.Row
	paths func(k *Case) []hostPath
	none  string
}

// pathsByRow answer for every row of a spec, in any order; a test fails on a row without
// an answer.
var pathsByRow = slices.Concat([]rowPaths{
	{row: container.VolumeAt, paths: mountedPaths(container.VolumeAt)},
	{row: container.MountOther, paths: mountedPaths(container.MountOther)},
	{row: container.Rootfs, paths: rootPaths},
	{row: container.Image, paths: fromValue(container.Image, imagePath)},
	{row: container.LogOpt, paths: logPaths},
	{row: container.Annotation, paths: annotationPaths},
	{row: container.SeccompProfile, paths: fromValue(container.SeccompProfile, onlyPath(obeyed))},
	{row: container.SignaturePolicy, paths: fromValue(container.SignaturePolicy, anyValue(obeyed))},
	{row: container.Runtime, paths: fromValue(container.Runtime, onlyPath(ran))},
	{row: container.EnvFile, paths: fromList(container.EnvFile, anyValue(readIn))},
	{row: container.HooksDir, paths: fromList(container.HooksDir, anyValue(ran))},
	{row: container.Modules, paths: fromList(container.Modules, onlyPath(obeyed))},
	{row: container.RuntimeOpt, paths: fromList(container.RuntimeOpt, optionValue(kept))},
	{row: container.EngineOpts, paths: fromList(container.EngineOpts, optionValue(kept))},
	{row: container.Network, paths: networkPaths},
	{row: container.HostFiles, paths: optionPaths},
	{row: container.HookAt, paths: hookPaths},
}, namespacePaths(container.Userns, container.Ipc, container.Pid, container.Uts, container.Cgroupns),
	noPathsIn("it holds words and numbers, and names of things in the engine",
		container.Pull, container.Name, container.SecretOf, container.User, container.GroupAdd, container.Privileged, container.CapDrop,
		container.CapAdd, container.NoNewPrivileges, container.SecurityLabel, container.Apparmor, container.ReadOnly, container.ReadOnlyTmpfs,
		container.ImageVolume, container.ShmSize, container.Publish, container.Hostname, container.Sysctl, container.Memory,
		container.MemorySwap, container.Cpus, container.PidsLimit, container.UlimitOf, container.Rm, container.Restart, container.Init,
		container.StopTimeout, container.Systemd, container.NoHealthcheck, container.Interactive, container.Tty, container.LogDriver,
		container.Umask, container.HttpProxy, container.Labels, container.Platform, container.TlsVerify, container.EnvHost,
		container.HealthOnFailure, container.Detach, container.Replace, container.Timeout, container.PreserveFds, container.Sdnotify,
		container.UidMaps, container.GidMaps, container.SubIds, container.InjectedUsers, container.DeviceCgroupRule, container.Gpus,
		container.SeccompPolicy, container.ProcOpts, container.PublishAll, container.Expose, container.AddHost, container.Dns,
		container.NoHosts, container.Pod, container.Cgroups, container.CpuShares, container.Cpuset, container.OomKillDisable,
		container.OomScoreAdj, container.RootfsOverlay),
	noPathsIn("its paths are the container's",
		container.Entrypoint, container.Args, container.Workdir, container.Env, container.EnvImport, container.HealthCmd, container.Mask,
		container.Unmask, container.TmpfsAt),
	noPathsIn("its devices are judged by ZL-605 and ZL-606, which clean their paths", container.Device, container.DeviceNodeAt),
	noPathsIn("it is a path of the cgroup tree and no file", container.CgroupParent),
	noPathsIn("what another container mounts is not known here: ZL-102 and ZL-519 say so", container.VolumesFrom),
	noPathsIn("what stands before the command is judged by ZL-101 and ZL-107", container.Prefix),
	noPathsIn("it is the engine's own socket, and ZL-103 judges it", container.Remote, container.EngineAPI),
	noPathsIn("only what the table of options declares harmless is left there", container.Other),
	noPathsIn("the engine works it out of the settings above",
		container.Capabilities, container.UidMap, container.GidMap, container.SeccompFilter, container.ProcessLabel),
	noPathsIn("it is a fact and no setting", slices.DeleteFunc(slices.Clone(container.FactRows),
		func(r container.Row) bool { return r.Key() == container.EngineAPI.Key() })...),
)

// imagePath finds the file or directory of an image that comes from no registry.
func imagePath(v string) (string, use, bool) {
	kind, rest, _ := strings.Cut(v, ":")
	name, _, _ := strings.Cut(rest, ":")
	return name, readIn, slices.Contains(transports, kind) && looksLikePath(name)
}

func onlyPath(u use) finder {
	return func(v string) (string, use, bool) { return v, u, looksLikePath(v) }
}

// finder finds the path in one value of a row.
type finder func(value string) (said string, u use, ok bool)

func anyValue(u use) finder {
	return func(v string) (string, use, bool) { return v, u, v != "" }
}

// optionValue finds the path that an option ends with: --log=/tmp/x.
func optionValue(u use) finder {
	return func(v string) (string, use, bool) {
		if _, value, has := strings.Cut(v, "="); has {
			v = value
		}
		return v, u, looksLikePath(v)
	}
}

// namespacePaths gather what ns:PATH joins.
func namespacePaths(rows ...container.Field[string]) (out []rowPaths) {
	for _, r := range rows {
		out = append(out, rowPaths{row: r, paths: fromValue(r, func(v string) (string, use, bool) {
			said, ok := strings.CutPrefix(v, "ns:")
			return said, joined, ok
		})})
	}
	return out
}

// noPathsIn answers for rows that hold no path of the host.
func noPathsIn(why string, rows ...container.Row) []rowPaths {
	out := make([]rowPaths, len(rows))
	for i, r := range rows {
		out[i] = rowPaths{row: r, none: why}
	}
	return out
}

// fromValue gathers from a row of one value, many from a list.
func fromValue(row container.Field[string], find finder) func(*Case) []hostPath {
	return func(k *Case) []hostPath {
		v, m, _ := row.Get(k.Spec)
		return hostPathsIn(row, m, find, v)
	}
}

func hostPathsIn(row container.Row, m container.Mark, find finder, values ...string) (out []hostPath) {
	for _, v := range values {
		if said, u, ok := find(v); ok {
			out = append(out, hostPath{source: pathOf(said), at: at(row), what: row.Key(), use: u, why: m.Why})
		}
	}
	return out
}

func fromList(row container.Field[[]string], find finder) func(*Case) []hostPath {
	return func(k *Case) []hostPath {
		v, m, _ := row.Get(k.Spec)
		return hostPathsIn(row, m, find, v...)
	}
}
