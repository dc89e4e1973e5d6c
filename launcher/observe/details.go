package observe

import (
	"slices"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// details is what an audit reads of podman inspect beside [inspected]. It is read
// for nothing else: a field that another version writes otherwise stops no launch.
type details struct {
	ID string `json:"Id"`

	Path, Pod, Rootfs, OCIRuntime, AppArmorProfile, ProcessLabel, PidFile, ConmonPidFile string

	Args, EffectiveCaps, BoundingCaps []string
	Mounts                            []inspectedMount
	Config                            struct {
		User, Umask, WorkingDir, Hostname, HealthcheckOnFailureAction string

		Env          []string
		Tty          bool
		Timeout      int64
		ExposedPorts map[string]any
		Healthcheck  *struct{ Test []string }
	}
	HostConfig struct {
		ContainerIDFile string

		IpcMode, PidMode, UTSMode, CgroupMode, UsernsMode, Cgroups, CgroupParent, CpusetCpus string

		VolumesFrom, ExtraHosts, Dns, DnsOptions, DnsSearch, SecurityOpt []string

		ReadonlyRootfs, PublishAllPorts, OomKillDisable               bool
		ShmSize, Memory, MemorySwap, NanoCpus, PidsLimit, OomScoreAdj int64
		CpuShares, CpuQuota, CpuPeriod                                int64
		Tmpfs                                                         map[string]string
	}
}

type inspectedMount struct {
	Type, Name, Source, Destination, Propagation string
	Options                                      []string
	RW                                           bool
}

// fillDetails sets what inspect claims of everything else, where it claims
// anything: the environment without what Podman adds, limits that may not be in
// force, mounts without overlays and devices.
func fillDetails(s *container.Spec, raw []byte, in *Context) error {
	d, err := decodeOne[details](raw)
	if err != nil {
		return err
	}
	d.fillProcess(s, in)
	d.fillConfinement(s, in)
	d.fillMounts(s)
	d.fillLimits(s)
	d.fillForeign(s, in)
	d.fillFiles(s)
	return nil
}

// fillFiles sets the files that the engine writes for the container where whoever made
// it chose them.
func (d *details) fillFiles(s *container.Spec) {
	for _, f := range []struct{ option, name string }{
		{"--cidfile", d.HostConfig.ContainerIDFile}, {"--conmon-pidfile", d.ConmonPidFile}, {"--pidfile", d.PidFile},
	} {
		if f.name != "" && !enginesFile(f.name, d.ID) {
			container.HostFiles.Set(s, f.option, container.HostFile{Path: f.name, Use: "write"}, seen(container.Inspected))
		}
	}
}

// initPaths are where Podman mounts its init.
var initPaths = at(`/dev/init|/run/podman-init`)

var numericUser = lazyregexp.New(`^\d{1,10}:\d{1,10}$`)

func (d *details) fillProcess(s *container.Spec, in *Context) {
	mark := seen(container.Inspected)
	if d.Path != "" {
		argv := append([]string{d.Path}, d.Args...)
		if len(argv) > 2 && argv[1] == "--" && initPaths().MatchString(d.Path) {
			argv = argv[2:]
		}
		entrypoint, args := split(argv, in)
		container.Entrypoint.Set(s, entrypoint, mark)
		container.Args.Set(s, args, mark)
	}
	if numericUser().MatchString(d.Config.User) {
		container.User.Set(s, d.Config.User, mark)
	}
	known := map[string]bool{}
	for _, name := range container.SecretOf.Keys(s) {
		v, _, _ := container.SecretOf.Get(s, name)
		known[name], known[v.Target] = v.Type == "env", v.Type == "env"
	}
	for _, kv := range d.Config.Env {
		name, value, _ := strings.Cut(kv, "=")
		its, engines := enginesEnv[name]
		_, ours := plannedAt(in, container.Env, name)
		if !ours && engines && its(value, &specs.Spec{Hostname: d.Config.Hostname}) || known[name] || isSecretEnv(name, in) {
			continue
		}
		container.Env.Set(s, name, value, mark)
	}
	container.Env.SetComplete(s, mark)
	text(s, container.Umask, d.Config.Umask)
	text(s, container.Workdir, d.Config.WorkingDir)
	if d.Config.Hostname != "" {
		container.Hostname.Set(s, hostname(d.Config.Hostname, d.ID, in), mark)
	}
	container.Tty.Set(s, d.Config.Tty, mark)
}

// hostname is "" for the name the engine gives, the beginning of the id, where the plan
// leaves that to it.
func hostname(name, id string, in *Context) string {
	if want, known := planned(in, container.Hostname); known && want == "" && len(id) >= 12 && name == id[:12] {
		return want
	}
	return name
}

func text(s *container.Spec, row container.Field[string], v string) {
	if v != "" {
		row.Set(s, v, seen(container.Inspected))
	}
}

// fillConfinement sets what inspect claims of the walls. Only what was typed
// stands in SecurityOpt.
func (d *details) fillConfinement(s *container.Spec, in *Context) {
	mark, h := seen(container.Inspected), &d.HostConfig
	caps := []string{}
	for _, c := range slices.Concat(d.EffectiveCaps, d.BoundingCaps) {
		caps = append(caps, strings.TrimPrefix(strings.ToLower(c), "cap_"))
	}
	slices.Sort(caps)
	container.Capabilities.Set(s, slices.Compact(caps), mark)
	var labels []string
	nnp := false
	for _, o := range h.SecurityOpt {
		switch key, value, _ := strings.Cut(o, "="); key {
		case "no-new-privileges":
			nnp = value != "false"
		case "label":
			labels = append(labels, value)
		case "seccomp":
			container.SeccompProfile.Set(s, value, mark)
		}
	}
	container.NoNewPrivileges.Set(s, nnp, mark)
	container.SecurityLabel.Set(s, labels, mark)
	container.Apparmor.Set(s, d.AppArmorProfile, mark)
	container.ProcessLabel.Set(s, labelType(d.ProcessLabel), mark)
	container.ReadOnly.Set(s, h.ReadonlyRootfs, mark)
	ipc := h.IpcMode
	if want, _ := planned(in, container.Ipc); ipc == "shareable" && want == "private" {
		ipc = want // Podman 4.3 says shareable of both
	}
	text(s, container.Ipc, ipc)
	text(s, container.Pid, h.PidMode)
	text(s, container.Uts, h.UTSMode)
	text(s, container.Cgroupns, h.CgroupMode)
	if foreignNamespace(h.UsernsMode) {
		container.Userns.Set(s, h.UsernsMode, mark)
	}
}

// foreignNamespace tells a mode that joins somebody else's namespace.
func foreignNamespace(mode string) bool {
	return strings.HasPrefix(mode, "ns:") || strings.HasPrefix(mode, "container:")
}

// fillMounts sets volumes and tmpfs; neither is complete here, since overlays and
// devices do not show.
func (d *details) fillMounts(s *container.Spec) {
	mark := seen(container.Inspected)
	for _, m := range d.Mounts {
		has := func(o string) bool { return slices.Contains(m.Options, o) }
		v := container.Volume{Source: m.Source, ReadOnly: !m.RW, NoSuid: has("nosuid"), NoDev: has("nodev"), NoExec: has("noexec")}
		if m.Type == "volume" {
			v.Source = m.Name
		}
		v.Propagation = propagation([]string{m.Propagation})
		if strings.Contains(m.Source, "/userdata/overlay/") {
			continue // the upper side of O, whose lower tree is not shown
		}
		if m.Destination != "" && (m.Type == "volume" || m.Type == "bind") {
			container.VolumeAt.Set(s, cleanTarget(m.Destination), v, mark)
		}
	}
	for target, options := range d.HostConfig.Tmpfs {
		if cleanTarget(target) == "/dev/shm" {
			continue // shm_size tells of it
		}
		opts := strings.Split(options, ",")
		has := func(o string) bool { return slices.Contains(opts, o) }
		t := container.Tmpfs{Exec: !has("noexec"), Suid: has("suid"), Dev: has("dev"), ReadOnly: has("ro")}
		if v, ok := option(opts, "size"); ok {
			t.Size = readSize(v)
		}
		if v, ok := option(opts, "mode"); ok {
			t.Mode = readMode(v)
		}
		container.TmpfsAt.Set(s, cleanTarget(target), t, mark)
	}
}

// VolumeDirs lists the directories that hold the named volumes of a container, as
// podman inspect shows them; see [Context].
func VolumeDirs(raw []byte) []string {
	if len(raw) > maxText {
		return nil
	}
	d, err := decodeOne[details](raw)
	if err != nil {
		return nil
	}
	var out []string
	for _, m := range d.Mounts {
		if dir, ok := strings.CutSuffix(m.Source, "/"+m.Name+"/_data"); ok && m.Type == "volume" && m.Name != "" && !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	return out
}
