package container

import "slices"

// One line per setting. The comment of a row says only what its type and
// podman-run(1) do not.
var (
	Image      = scalar("image", Inspected, func(s *Spec) *string { return &s.Image })
	Pull       = scalar("pull", Unknown, func(s *Spec) *string { return &s.Pull })
	Name       = scalar("name", Inspected, func(s *Spec) *string { return &s.Name })
	Entrypoint = masked(scalar("entrypoint", OCI, func(s *Spec) *[]string { return &s.Entrypoint }))
	Args       = masked(scalar("args", OCI, func(s *Spec) *[]string { return &s.Args }))
	Workdir    = scalar("workdir", OCI, func(s *Spec) *string { return &s.Workdir })
	Env        = secretMap("env", OCI, func(s *Spec) *map[string]string { return &s.Env })
	SecretOf   = keyed("secret", Inspected, func(s *Spec) *map[string]Secret { return &s.Secret })

	// User is settled by the kernel through the uid map.
	User     = scalar("user", OCI, func(s *Spec) *string { return &s.User })
	GroupAdd = list("group_add", Kernel, func(s *Spec) *[]string { return &s.GroupAdd })
	// Userns is settled through UidMap and GidMap, which the kernel shows.
	Userns = scalar("userns", Unknown, func(s *Spec) *string { return &s.Userns })

	// Privileged, CapDrop and CapAdd are settled through Capabilities.
	Privileged      = scalar("privileged", Inspected, func(s *Spec) *bool { return &s.Privileged })
	CapDrop         = list("cap_drop", Unknown, func(s *Spec) *[]string { return &s.CapDrop })
	CapAdd          = list("cap_add", Unknown, func(s *Spec) *[]string { return &s.CapAdd })
	NoNewPrivileges = scalar("no_new_privileges", Kernel, func(s *Spec) *bool { return &s.NoNewPrivileges })
	// SeccompProfile is settled through SeccompFilter.
	SeccompProfile = scalar("seccomp_profile", Unknown, func(s *Spec) *string { return &s.SeccompProfile })
	SecurityLabel  = list("security_label", Unknown, func(s *Spec) *[]string { return &s.SecurityLabel })
	Apparmor       = scalar("apparmor_profile", OCI, func(s *Spec) *string { return &s.Apparmor })
	Mask           = list("mask", OCI, func(s *Spec) *[]string { return &s.Mask })
	Unmask         = list("unmask", OCI, func(s *Spec) *[]string { return &s.Unmask })

	ReadOnly      = scalar("read_only", Kernel, func(s *Spec) *bool { return &s.ReadOnly })
	ReadOnlyTmpfs = scalar("read_only_tmpfs", Unknown, func(s *Spec) *bool { return &s.ReadOnlyTmpfs })
	TmpfsAt       = keyed("tmpfs", Kernel, func(s *Spec) *map[string]Tmpfs { return &s.Tmpfs })
	VolumeAt      = volumes("volume", Kernel, func(s *Spec) *map[string]Volume { return &s.Volume })
	ImageVolume   = scalar("image_volume", Unknown, func(s *Spec) *string { return &s.ImageVolume })
	ShmSize       = scalar("shm_size", Kernel, func(s *Spec) *int64 { return &s.ShmSize })
	Device        = list("device", OCI, func(s *Spec) *[]string { return &s.Device })

	Network  = list("network", Inspected, func(s *Spec) *[]string { return &s.Network })
	Publish  = keyed("publish", Inspected, func(s *Spec) *map[string]Port { return &s.Publish })
	Hostname = scalar("hostname", OCI, func(s *Spec) *string { return &s.Hostname })
	Ipc      = scalar("ipc", Kernel, func(s *Spec) *string { return &s.Ipc })
	Pid      = scalar("pid", Kernel, func(s *Spec) *string { return &s.Pid })
	Uts      = scalar("uts", Kernel, func(s *Spec) *string { return &s.Uts })
	Cgroupns = scalar("cgroupns", Kernel, func(s *Spec) *string { return &s.Cgroupns })
	Sysctl   = keyed("sysctl", OCI, func(s *Spec) *map[string]string { return &s.Sysctl })

	Memory     = scalar("memory", Kernel, func(s *Spec) *int64 { return &s.Memory })
	MemorySwap = scalar("memory_swap", Kernel, func(s *Spec) *int64 { return &s.MemorySwap })
	Cpus       = scalar("cpus", Kernel, func(s *Spec) *float64 { return &s.Cpus })
	PidsLimit  = scalar("pids_limit", Kernel, func(s *Spec) *int64 { return &s.PidsLimit })
	UlimitOf   = keyed("ulimit", Kernel, func(s *Spec) *map[string]Ulimit { return &s.Ulimit })

	Rm            = scalar("rm", Inspected, func(s *Spec) *bool { return &s.Rm })
	Restart       = scalar("restart", Inspected, func(s *Spec) *string { return &s.Restart })
	Init          = scalar("init", Inspected, func(s *Spec) *bool { return &s.Init })
	StopTimeout   = scalar("stop_timeout", Inspected, func(s *Spec) *int64 { return &s.StopTimeout })
	Systemd       = scalar("systemd", Inspected, func(s *Spec) *string { return &s.Systemd })
	NoHealthcheck = scalar("no_healthcheck", Inspected, func(s *Spec) *bool { return &s.NoHealthcheck })
	Interactive   = scalar("interactive", Inspected, func(s *Spec) *bool { return &s.Interactive })
	Tty           = scalar("tty", OCI, func(s *Spec) *bool { return &s.Tty })
	LogDriver     = scalar("log_driver", Inspected, func(s *Spec) *string { return &s.LogDriver })
	LogOpt        = maskedMap("log_opt", Inspected, func(s *Spec) *map[string]string { return &s.LogOpt })
	Umask         = scalar("umask", OCI, func(s *Spec) *string { return &s.Umask })
	HttpProxy     = scalar("http_proxy", Unknown, func(s *Spec) *bool { return &s.HttpProxy })
	Labels        = maskedMap("label", Inspected, func(s *Spec) *map[string]string { return &s.Labels })
	Annotation    = maskedMap("annotation", OCI, func(s *Spec) *map[string]string { return &s.Annotation })

	Capabilities  = derived(list("capabilities", Kernel, func(s *Spec) *[]string { return &s.Capabilities }))
	UidMap        = derived(scalar("uid_map", Kernel, func(s *Spec) *string { return &s.UidMap }))
	GidMap        = derived(scalar("gid_map", Kernel, func(s *Spec) *string { return &s.GidMap }))
	SeccompFilter = derived(scalar("seccomp_filter", OCI, func(s *Spec) *string { return &s.SeccompFilter }))
	ProcessLabel  = derived(scalar("process_label", Kernel, func(s *Spec) *string { return &s.ProcessLabel }))

	DeviceNodeAt = brought(keyed("device_node", Kernel, func(s *Spec) *map[string]DeviceNode { return &s.DeviceNode }))
	HookAt       = hooks("hook", OCI, func(s *Spec) *map[string]Hook { return &s.Hook })
)

// Rows are all settings that a plan can have, in reading order. Treat it as a
// constant.
var Rows = []Row{
	Image, Pull, Name, Entrypoint, Args, Workdir, Env, SecretOf,
	User, GroupAdd, Userns, UidMap, GidMap,
	Privileged, CapDrop, CapAdd, Capabilities, NoNewPrivileges, SeccompProfile, SeccompFilter,
	SecurityLabel, ProcessLabel, Apparmor, Mask, Unmask,
	ReadOnly, ReadOnlyTmpfs, TmpfsAt, VolumeAt, ImageVolume, ShmSize, Device, DeviceNodeAt, HookAt,
	Network, Publish, Hostname, Ipc, Pid, Uts, Cgroupns, Sysctl,
	Memory, MemorySwap, Cpus, PidsLimit, UlimitOf,
	Rm, Restart, Init, StopTimeout, Systemd, NoHealthcheck, Interactive, Tty,
	LogDriver, LogOpt, Umask, HttpProxy, Labels, Annotation,
}

// all are the rows of a spec: what is planned, what is foreign, what surrounds it.
var all = slices.Concat(Rows, ForeignRows, FactRows)

// All lists every row of a spec, [Rows] first.
func All() []Row { return slices.Clone(all) }

// ByKey finds a row by its key; nil when there is none.
func ByKey(key string) Row { return byKey[key] }

var byKey = func() map[string]Row {
	out := make(map[string]Row, len(all))
	for _, r := range all {
		out[r.Key()] = r
	}
	return out
}()
