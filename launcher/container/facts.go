package container

// Facts is what surrounds a run and decides how it is judged: the engine, the
// host, the image, the data. They are rows like the settings, so that each says
// how it is known, and an audit of what is not known stays open.
type Facts struct {
	Subject string // what was read: plan, container, line or unit

	Engine        string // podman or docker
	EngineVersion string
	Rootless      bool
	EngineAPI     string // URL the engine listens on, where it is known

	SELinux           string // of the host: enforcing, permissive or off
	AppArmor          bool   // the host's kernel confines by AppArmor
	CgroupVersion     int64  // 1 or 2
	CgroupControllers []string
	HostArch          string // GOARCH

	ProfileKind  string   // server, job, notebook or shell
	ProfilePorts []string // the ports the profile serves on and means to publish, "8000/tcp"

	ImageUser    string // USER of the image; "" is root
	ImageVolumes []string
	ImageArch    string
	ImageLabels  map[string]string
	ImageSteers  []string // what of the image an engine obeys: "annotation[NAME]", "env[NAME]"
	ImageSecrets []string // names of the image's variables and labels that hold a secret
	ImageCurrent bool     // the container runs the image its reference names now

	Secrets        []string // where a secret stands in plain text: "env[HF_TOKEN]", "args"
	ProxySecrets   []string // proxy variables with a password in them
	EnvNames       []string // names of all variables, for controls that judge names alone
	Injections     []string // variables that load code, "NAME=path"
	Fetches        []string // what makes the workload fetch code: "args: pip install"
	SubMounts      []string // mounts that stay writable below a read-only volume
	HostMounts     []string // what mounts.conf of the host adds
	HostSteers     []string // what the host's configuration has the engine do unseen, "CONTROL: what"
	UnsafeSources  []string // volume sources whose path others can change, "TARGET: why"
	WeakFilter     []string // calls the resolved filter lets through that no default does
	FilterKnown    bool     // the filter is the engine's default or one of zlaunch's own
	MissingMasks   []string // default masked or read-only paths that are not
	LimitsInForce  []string // limits the kernel shows to hold, by row
	ExecPrivileged []string // exec sessions as root or privileged
	NetworkEgress  bool     // the networks reach beyond the host
	Isolated       bool     // the networks are isolated from each other
	WorkloadLevel  string   // SELinux level of the process
	WorkloadRole   string   // SELinux user and role of the process
	SignedBy       string   // what the host's policy demands of the image: reject, signed, anything
	Walked         []string // targets of the volumes whose tree was walked, and its findings brought
	ModelDigest    string   // what the models were held against; "" nothing
	PodKnown       bool     // what the pod of the container decides is in its settings
	OtherUsers     int64    // accounts of the host, beside the caller, that can log in
}

// The rows of [Facts].
var (
	Subject           = scalar("subject", Unknown, func(s *Spec) *string { return &s.Facts.Subject })
	Engine            = scalar("engine", Unknown, func(s *Spec) *string { return &s.Facts.Engine })
	EngineVersion     = scalar("engine_version", Unknown, func(s *Spec) *string { return &s.Facts.EngineVersion })
	Rootless          = scalar("rootless", Unknown, func(s *Spec) *bool { return &s.Facts.Rootless })
	EngineAPI         = scalar("engine_api", Unknown, func(s *Spec) *string { return &s.Facts.EngineAPI })
	SELinux           = scalar("host_selinux", Unknown, func(s *Spec) *string { return &s.Facts.SELinux })
	AppArmorHost      = scalar("host_apparmor", Unknown, func(s *Spec) *bool { return &s.Facts.AppArmor })
	CgroupVersion     = scalar("cgroup_version", Unknown, func(s *Spec) *int64 { return &s.Facts.CgroupVersion })
	CgroupControllers = list("cgroup_controllers", Unknown, func(s *Spec) *[]string { return &s.Facts.CgroupControllers })
	HostArch          = scalar("host_arch", Unknown, func(s *Spec) *string { return &s.Facts.HostArch })
	ProfileKind       = scalar("profile_kind", Unknown, func(s *Spec) *string { return &s.Facts.ProfileKind })
	ProfilePorts      = list("profile_ports", Unknown, func(s *Spec) *[]string { return &s.Facts.ProfilePorts })
	ImageUser         = scalar("image_user", Unknown, func(s *Spec) *string { return &s.Facts.ImageUser })
	ImageVolumes      = list("image_volumes", Unknown, func(s *Spec) *[]string { return &s.Facts.ImageVolumes })
	ImageArch         = scalar("image_arch", Unknown, func(s *Spec) *string { return &s.Facts.ImageArch })
	ImageLabels       = maskedMap("image_label", Unknown, func(s *Spec) *map[string]string { return &s.Facts.ImageLabels })
	ImageSteers       = list("image_steers", Unknown, func(s *Spec) *[]string { return &s.Facts.ImageSteers })
	ImageSecrets      = list("image_secrets", Unknown, func(s *Spec) *[]string { return &s.Facts.ImageSecrets })
	ImageCurrent      = scalar("image_current", Unknown, func(s *Spec) *bool { return &s.Facts.ImageCurrent })
	Secrets           = list("plain_secrets", Unknown, func(s *Spec) *[]string { return &s.Facts.Secrets })
	ProxySecrets      = list("proxy_secrets", Unknown, func(s *Spec) *[]string { return &s.Facts.ProxySecrets })
	EnvNames          = list("env_names", Unknown, func(s *Spec) *[]string { return &s.Facts.EnvNames })
	Injections        = list("code_variables", Unknown, func(s *Spec) *[]string { return &s.Facts.Injections })
	Fetches           = list("code_fetches", Unknown, func(s *Spec) *[]string { return &s.Facts.Fetches })
	SubMounts         = list("writable_submounts", Unknown, func(s *Spec) *[]string { return &s.Facts.SubMounts })
	HostMounts        = list("host_mounts", Unknown, func(s *Spec) *[]string { return &s.Facts.HostMounts })
	HostSteers        = list("host_steers", Unknown, func(s *Spec) *[]string { return &s.Facts.HostSteers })
	UnsafeSources     = list("unsafe_sources", Unknown, func(s *Spec) *[]string { return &s.Facts.UnsafeSources })
	WeakFilter        = list("weak_filter", Unknown, func(s *Spec) *[]string { return &s.Facts.WeakFilter })
	FilterKnown       = scalar("filter_known", Unknown, func(s *Spec) *bool { return &s.Facts.FilterKnown })
	MissingMasks      = list("missing_masks", Unknown, func(s *Spec) *[]string { return &s.Facts.MissingMasks })
	LimitsInForce     = list("limits_in_force", Unknown, func(s *Spec) *[]string { return &s.Facts.LimitsInForce })
	ExecPrivileged    = list("privileged_execs", Unknown, func(s *Spec) *[]string { return &s.Facts.ExecPrivileged })
	NetworkEgress     = scalar("network_egress", Unknown, func(s *Spec) *bool { return &s.Facts.NetworkEgress })
	NetworkIsolated   = scalar("network_isolated", Unknown, func(s *Spec) *bool { return &s.Facts.Isolated })
	WorkloadLevel     = scalar("selinux_level", Unknown, func(s *Spec) *string { return &s.Facts.WorkloadLevel })
	WorkloadRole      = scalar("selinux_role", Unknown, func(s *Spec) *string { return &s.Facts.WorkloadRole })
	SignedBy          = scalar("signature_demand", Unknown, func(s *Spec) *string { return &s.Facts.SignedBy })
	Walked            = list("walked_volumes", Unknown, func(s *Spec) *[]string { return &s.Facts.Walked })
	ModelDigest       = scalar("model_digest", Unknown, func(s *Spec) *string { return &s.Facts.ModelDigest })
	PodKnown          = scalar("pod_known", Unknown, func(s *Spec) *bool { return &s.Facts.PodKnown })
	OtherUsers        = scalar("other_users", Unknown, func(s *Spec) *int64 { return &s.Facts.OtherUsers })
)

// FactRows are the rows of [Facts] in reading order. Treat it as a constant.
var FactRows = []Row{
	Subject, Engine, EngineVersion, Rootless, EngineAPI, SELinux, AppArmorHost, CgroupVersion, CgroupControllers, HostArch,
	ProfileKind, ProfilePorts, ImageUser, ImageVolumes, ImageArch, ImageLabels, ImageSteers, ImageSecrets, ImageCurrent,
	Secrets, ProxySecrets, EnvNames, Injections, Fetches, SubMounts, HostMounts, HostSteers, UnsafeSources,
	WeakFilter, FilterKnown, MissingMasks, LimitsInForce, ExecPrivileged, NetworkEgress, NetworkIsolated,
	WorkloadLevel, WorkloadRole, SignedBy, Walked, ModelDigest, OtherUsers, PodKnown,
}
