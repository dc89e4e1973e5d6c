package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// use is what becomes of a path of the host that a run names.
type use uint8

const (
	mounted use = iota // the workload sees it, and writes it unless it is read-only
	readIn             // the engine reads it, and the workload gets what is in it
	obeyed             // the engine reads it and does as it says
	logged             // the engine writes there what the workload prints or sends
	kept               // the engine writes there what it says itself: an id, its state
	ran                // the engine runs it, or takes the names of programs from it
	joined             // a namespace that the workload enters
	printed            // a shell or a service manager writes there what the workload prints
	fed                // and gives the workload what stands there to read
	sentTo             // a socket to which the engine sends what the workload prints
)

// hostPath is a path of the host that a run reads, writes or runs, whatever setting
// it stands in. Every control of paths judges these, and nothing but these.
type hostPath struct {
	source
	at    container.Path // the setting that findings name
	what  string         // the setting in words: "volume /models", "log_opt path"
	use   use
	why   string // why whoever set it says it is so; "" nothing
	mount *mount // that brings it in; nil where the engine opens it
}

// writable tells whether what the workload says or does changes what is there.
func (p *hostPath) writable() bool {
	return p.use == logged || p.use == printed || p.use == mounted && (p.kept || p.mount.written())
}

// holder is the answer of one row to the question which paths of the host it holds:
// it gathers them, or says why there are none.
type holder struct {
	row   container.Row
	paths func(k *Case) []hostPath
	none  string
}

// holders answer for every row of a spec, in the order of [container.All]; a test
// fails on a row without an answer.
var holders = slices.Concat([]holder{
	{row: container.VolumeAt, paths: mountedPaths(container.VolumeAt)},
	{row: container.MountOther, paths: mountedPaths(container.MountOther)},
	{row: container.Rootfs, paths: rootPaths},
	{row: container.Image, paths: one(container.Image, imagePath)},
	{row: container.LogOpt, paths: logPaths},
	{row: container.Annotation, paths: annotationPaths},
	{row: container.SeccompProfile, paths: one(container.SeccompProfile, absolutely(obeyed))},
	{row: container.SignaturePolicy, paths: one(container.SignaturePolicy, always(obeyed))},
	{row: container.Runtime, paths: one(container.Runtime, absolutely(ran))},
	{row: container.EnvFile, paths: many(container.EnvFile, always(readIn))},
	{row: container.HooksDir, paths: many(container.HooksDir, always(ran))},
	{row: container.Modules, paths: many(container.Modules, absolutely(obeyed))},
	{row: container.RuntimeOpt, paths: many(container.RuntimeOpt, optionValue(kept))},
	{row: container.EngineOpts, paths: many(container.EngineOpts, optionValue(kept))},
	{row: container.Network, paths: networkPaths},
	{row: container.HostFiles, paths: optionPaths},
}, namespacePaths(container.Userns, container.Ipc, container.Pid, container.Uts, container.Cgroupns),
	without("it holds words and numbers, and names of things in the engine",
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
	without("its paths are the container's",
		container.Entrypoint, container.Args, container.Workdir, container.Env, container.EnvImport, container.HealthCmd, container.Mask,
		container.Unmask, container.TmpfsAt),
	without("its devices are judged by ZL-605 and ZL-606, which clean their paths", container.Device),
	without("it is a path of the cgroup tree and no file", container.CgroupParent),
	without("what another container mounts is not known here: ZL-102 and ZL-519 say so", container.VolumesFrom),
	without("what stands before the command is judged by ZL-101 and ZL-107", container.Prefix),
	without("it is the engine's own socket, and ZL-103 judges it", container.Remote, container.EngineAPI),
	without("only what the table of options declares harmless is left there", container.Other),
	without("the engine works it out of the settings above",
		container.Capabilities, container.UidMap, container.GidMap, container.SeccompFilter, container.ProcessLabel),
	without("it is a fact and no setting", slices.DeleteFunc(slices.Clone(container.FactRows),
		func(r container.Row) bool { return r.Key() == container.EngineAPI.Key() })...),
)

// without answers for rows that hold no path of the host.
func without(why string, rows ...container.Row) []holder {
	out := make([]holder, len(rows))
	for i, r := range rows {
		out[i] = holder{row: r, none: why}
	}
	return out
}

// hostPaths are the paths of the host that the run of a case names, gathered once
// for all controls.
func hostPaths(k *Case) []hostPath {
	if k.paths == nil {
		k.paths = []hostPath{}
		for _, h := range holders {
			if h.paths != nil {
				k.paths = append(k.paths, h.paths(k)...)
			}
		}
	}
	return k.paths
}

// mountedPaths are what the mounts of one row bring in.
func mountedPaths(row container.Row) func(*Case) []hostPath {
	return func(k *Case) (out []hostPath) {
		for _, m := range allMounts(k) {
			if m.at.Key != row.Key() {
				continue
			}
			for _, s := range m.sources {
				out = append(out, hostPath{source: s, at: m.at, what: m.String(), use: mounted, why: m.mark.Why, mount: m})
			}
			for _, s := range m.aids {
				out = append(out, hostPath{source: s, at: m.at, what: m.String(), use: readIn, why: m.mark.Why})
			}
		}
		return out
	}
}

func rootPaths(k *Case) []hostPath {
	m := bareRoot(k)
	if m == nil {
		return nil
	}
	return []hostPath{{source: m.sources[0], at: m.at, what: m.String(), use: mounted, why: m.mark.Why, mount: m}}
}

// finder finds the path in one value of a row.
type finder func(value string) (said string, u use, ok bool)

// logPaths are those of the log options: the file into which k8s-file and json-file
// write what the workload prints, a driver's socket, and the keys and certificates of
// Docker's other drivers. Any value that is a path counts, whatever its name.
func logPaths(k *Case) (out []hostPath) {
	for _, key := range container.LogOpt.Keys(k.Spec) {
		v, m, _ := container.LogOpt.Get(k.Spec, key)
		p := hostPath{at: elem(container.LogOpt, key), what: container.LogOpt.Key() + " " + key, use: obeyed, why: m.Why}
		scheme, rest, socket := strings.Cut(v, "://")
		switch {
		case key == "path":
			p.use = logged
		case socket && strings.HasPrefix(scheme, "unix"):
			p.use, v = sentTo, rest
		case !looksLikePath(v):
			continue
		}
		if v != "" {
			p.source = pathOf(v)
			out = append(out, p)
		}
	}
	return out
}

// runtimeWrites are the annotations by which crun and Podman write or remove a file
// (crun.1; libpod, define/annotations.go).
var runtimeWrites = []string{"run.oci.hooks.stdout", "run.oci.hooks.stderr", "io.podman.annotations.cid-file"}

// obeyedPrefixes begin the annotations that an engine or a runtime obeys.
var obeyedPrefixes = []string{"run.oci.", "io.crun.", "krun.", "io.podman.annotations.", "io.katacontainers."}

func annotationPaths(k *Case) (out []hostPath) {
	for _, key := range container.Annotation.Keys(k.Spec) {
		v, m, _ := container.Annotation.Get(k.Spec, key)
		if !looksLikePath(v) || !slices.ContainsFunc(obeyedPrefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			continue
		}
		p := hostPath{source: pathOf(v), at: elem(container.Annotation, key), what: "annotation " + key, use: obeyed, why: m.Why}
		if slices.Contains(runtimeWrites, key) {
			p.use = kept
		}
		out = append(out, p)
	}
	return out
}

// namespacePaths gather what ns:PATH joins.
func namespacePaths(rows ...container.Field[string]) (out []holder) {
	for _, r := range rows {
		out = append(out, holder{row: r, paths: one(r, func(v string) (string, use, bool) {
			said, ok := strings.CutPrefix(v, "ns:")
			return said, joined, ok
		})})
	}
	return out
}

// networkPaths are the namespaces that a container joins, and what pasta writes: its
// capture holds what the workload sends, byte for byte.
func networkPaths(k *Case) (out []hostPath) {
	nets, m, _ := container.Network.Get(k.Spec)
	for _, n := range nets {
		mode, options, _ := strings.Cut(n, ":")
		p := hostPath{at: at(container.Network), what: container.Network.Key() + " " + mode, use: logged, why: m.Why}
		files := attachment{mode, options}.files()
		if mode == "ns" {
			p.use, files = joined, []string{options}
		}
		for _, f := range files {
			p.source = pathOf(f)
			out = append(out, p)
		}
	}
	return out
}

// fileUses are what the options of [container.HostFiles] do with their files.
var fileUses = map[string]use{"read": readIn, "write": kept, "run": ran, "log": logged, "print": printed, "feed": fed}

// optionPaths are the files that options name. One whose use nobody said is taken for
// one that the workload fills.
func optionPaths(k *Case) (out []hostPath) {
	for _, name := range container.HostFiles.Keys(k.Spec) {
		f, m, _ := container.HostFiles.Get(k.Spec, name)
		u, ok := fileUses[f.Use]
		if !ok {
			u = logged
		}
		s := pathOf(f.Path)
		if f.Open {
			s = located(f.Path, true)
		}
		out = append(out, hostPath{source: s, at: elem(container.HostFiles, name), what: name, use: u, why: m.Why})
	}
	return out
}

// unstable tells whether a path lies where anybody may put a file first, or depends on
// the directory that the engine is started in.
func (s source) unstable() bool {
	return s.path != "" && inShared(s.path) || s.path == "" && !strings.ContainsAny(s.said, expanded)
}
