package container

// Foreign are the options that only a foreign run can have: a command line, a
// unit or a container that zlaunch did not plan. No profile states them, and
// only the lines that an audit mends are written with them (launcher/form/command); it
// judges them.
type Foreign struct {
	// Before the verb, and around the command.
	Prefix     []string // sudo, env, nohup … in front of podman or docker
	Remote     string   // --url, --connection, --host, CONTAINER_HOST: "" is the local engine
	Runtime    string   // --runtime
	RuntimeOpt []string // --runtime-flag
	HooksDir   []string // --hooks-dir
	Modules    []string // --module: containers.conf modules
	EngineOpts []string // other global options, as written

	// What runs.
	Rootfs          string   // --rootfs instead of an image
	Platform        string   // --arch, --os, --platform, --variant: "linux/s390x"
	SignaturePolicy string   // --signature-policy
	TlsVerify       bool     // --tls-verify
	EnvFile         []string // --env-file
	EnvHost         bool     // --env-host
	EnvImport       []string // -e NAME and -e 'NAME_*': values of the caller
	HealthCmd       string   // --health-cmd
	HealthOnFailure string   // --health-on-failure
	Detach          bool
	Replace         bool
	Timeout         int64 // --timeout, seconds; 0 none
	PreserveFds     int64
	Sdnotify        string

	// Who.
	UidMaps       []string // --uidmap, as written
	GidMaps       []string
	SubIds        []string // --subuidname, --subgidname
	InjectedUsers []string // --passwd-entry, --group-entry, --hostuser, as written with their option

	// File systems and devices.
	VolumesFrom      []string
	MountOther       []string // --mount of a type no row holds, as written: image, glob, devpts …
	DeviceCgroupRule []string
	Gpus             []string
	RootfsOverlay    bool

	// Privilege.
	SeccompPolicy string // --seccomp-policy: "image" lets the image choose
	ProcOpts      string // --security-opt proc-opts=…

	// Network and namespaces.
	PublishAll   bool
	Expose       []string
	AddHost      []string
	Dns          []string // --dns, --dns-option, --dns-search
	NoHosts      bool
	Pod          string
	Cgroups      string // --cgroups: enabled, disabled, no-conmon, split
	CgroupParent string // --cgroup-parent

	// Resources.
	CpuShares      int64
	Cpuset         string
	OomKillDisable bool
	OomScoreAdj    int64

	HostFile map[string]HostFile // files of the host that options name, by the option's name
	Other    []string            // understood, and nothing the audit judges, as written
}

// HostFile is a file or a directory of the host that an option names, and which
// the engine, not the workload, opens: --init-path, --pidfile, --root.
type HostFile struct {
	Path string `json:"path"` // as it is written
	Use  string `json:"use"`  // read, write, run or log: what the engine does with it; print or feed: a shell does
	Open bool   `json:"open"` // Path holds what a shell would expand, and is not known
}

// The rows of [Foreign].
var (
	Prefix           = masked(scalar("prefix", Unknown, func(s *Spec) *[]string { return &s.Foreign.Prefix }))
	Remote           = masked(scalar("remote", Unknown, func(s *Spec) *string { return &s.Foreign.Remote }))
	Runtime          = scalar("runtime", Inspected, func(s *Spec) *string { return &s.Foreign.Runtime })
	RuntimeOpt       = masked(scalar("runtime_flag", Unknown, func(s *Spec) *[]string { return &s.Foreign.RuntimeOpt }))
	HooksDir         = scalar("hooks_dir", Unknown, func(s *Spec) *[]string { return &s.Foreign.HooksDir })
	Modules          = scalar("module", Unknown, func(s *Spec) *[]string { return &s.Foreign.Modules })
	EngineOpts       = masked(scalar("engine_options", Unknown, func(s *Spec) *[]string { return &s.Foreign.EngineOpts }))
	Rootfs           = scalar("rootfs", Inspected, func(s *Spec) *string { return &s.Foreign.Rootfs })
	RootfsOverlay    = scalar("rootfs_overlay", Unknown, func(s *Spec) *bool { return &s.Foreign.RootfsOverlay })
	Platform         = scalar("platform", Unknown, func(s *Spec) *string { return &s.Foreign.Platform })
	SignaturePolicy  = scalar("signature_policy", Unknown, func(s *Spec) *string { return &s.Foreign.SignaturePolicy })
	TlsVerify        = scalar("tls_verify", Unknown, func(s *Spec) *bool { return &s.Foreign.TlsVerify })
	EnvFile          = scalar("env_file", Created, func(s *Spec) *[]string { return &s.Foreign.EnvFile })
	EnvHost          = scalar("env_host", Created, func(s *Spec) *bool { return &s.Foreign.EnvHost })
	EnvImport        = masked(scalar("env_import", Created, func(s *Spec) *[]string { return &s.Foreign.EnvImport }))
	HealthCmd        = masked(scalar("health_cmd", Inspected, func(s *Spec) *string { return &s.Foreign.HealthCmd }))
	HealthOnFailure  = scalar("health_on_failure", Inspected, func(s *Spec) *string { return &s.Foreign.HealthOnFailure })
	Detach           = scalar("detach", Unknown, func(s *Spec) *bool { return &s.Foreign.Detach })
	Replace          = scalar("replace", Unknown, func(s *Spec) *bool { return &s.Foreign.Replace })
	Timeout          = scalar("timeout", Inspected, func(s *Spec) *int64 { return &s.Foreign.Timeout })
	PreserveFds      = scalar("preserve_fds", Unknown, func(s *Spec) *int64 { return &s.Foreign.PreserveFds })
	Sdnotify         = scalar("sdnotify", Unknown, func(s *Spec) *string { return &s.Foreign.Sdnotify })
	UidMaps          = scalar("uidmap", Inspected, func(s *Spec) *[]string { return &s.Foreign.UidMaps })
	GidMaps          = scalar("gidmap", Inspected, func(s *Spec) *[]string { return &s.Foreign.GidMaps })
	SubIds           = scalar("subidname", Unknown, func(s *Spec) *[]string { return &s.Foreign.SubIds })
	InjectedUsers    = scalar("injected_users", Created, func(s *Spec) *[]string { return &s.Foreign.InjectedUsers })
	VolumesFrom      = scalar("volumes_from", Inspected, func(s *Spec) *[]string { return &s.Foreign.VolumesFrom })
	MountOther       = masked(scalar("mount", Unknown, func(s *Spec) *[]string { return &s.Foreign.MountOther }))
	DeviceCgroupRule = scalar("device_cgroup_rule", OCI, func(s *Spec) *[]string { return &s.Foreign.DeviceCgroupRule })
	Gpus             = scalar("gpus", Created, func(s *Spec) *[]string { return &s.Foreign.Gpus })
	SeccompPolicy    = scalar("seccomp_policy", Unknown, func(s *Spec) *string { return &s.Foreign.SeccompPolicy })
	ProcOpts         = scalar("proc_opts", OCI, func(s *Spec) *string { return &s.Foreign.ProcOpts })
	PublishAll       = scalar("publish_all", Inspected, func(s *Spec) *bool { return &s.Foreign.PublishAll })
	Expose           = scalar("expose", Inspected, func(s *Spec) *[]string { return &s.Foreign.Expose })
	AddHost          = scalar("add_host", Inspected, func(s *Spec) *[]string { return &s.Foreign.AddHost })
	Dns              = scalar("dns", Inspected, func(s *Spec) *[]string { return &s.Foreign.Dns })
	NoHosts          = scalar("no_hosts", Created, func(s *Spec) *bool { return &s.Foreign.NoHosts })
	Pod              = scalar("pod", Inspected, func(s *Spec) *string { return &s.Foreign.Pod })
	Cgroups          = scalar("cgroups", Inspected, func(s *Spec) *string { return &s.Foreign.Cgroups })
	CgroupParent     = scalar("cgroup_parent", Inspected, func(s *Spec) *string { return &s.Foreign.CgroupParent })
	CpuShares        = scalar("cpu_shares", Inspected, func(s *Spec) *int64 { return &s.Foreign.CpuShares })
	Cpuset           = scalar("cpuset_cpus", Inspected, func(s *Spec) *string { return &s.Foreign.Cpuset })
	OomKillDisable   = scalar("oom_kill_disable", Inspected, func(s *Spec) *bool { return &s.Foreign.OomKillDisable })
	OomScoreAdj      = scalar("oom_score_adj", Inspected, func(s *Spec) *int64 { return &s.Foreign.OomScoreAdj })
	HostFiles        = keyed("host_file", Created, func(s *Spec) *map[string]HostFile { return &s.Foreign.HostFile })
	Other            = masked(scalar("other", Unknown, func(s *Spec) *[]string { return &s.Foreign.Other }))
)

// ForeignRows are the rows of [Foreign] in reading order. Treat it as a constant.
var ForeignRows = []Row{
	Prefix, Remote, Runtime, RuntimeOpt, HooksDir, Modules, EngineOpts,
	Rootfs, RootfsOverlay, Platform, SignaturePolicy, TlsVerify, EnvFile, EnvHost, EnvImport,
	HealthCmd, HealthOnFailure, Detach, Replace, Timeout, PreserveFds, Sdnotify,
	UidMaps, GidMaps, SubIds, InjectedUsers,
	VolumesFrom, MountOther, DeviceCgroupRule, Gpus, SeccompPolicy, ProcOpts,
	PublishAll, Expose, AddHost, Dns, NoHosts, Pod, Cgroups, CgroupParent,
	CpuShares, Cpuset, OomKillDisable, OomScoreAdj, HostFiles, Other,
}
