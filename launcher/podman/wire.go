package podman

import "github.com/opencontainers/runtime-spec/specs-go"

// createBody is the body of POST /libpod/containers/create: those fields of
// Podman's SpecGenerator that a container spec can state, in the spelling of
// pkg/specgen. A field that Podman's own client always sends has no omitempty.
// The engine drops a field it does not know without a word, so each name here
// is proved against Podman's client (docs/parity.md).
type createBody struct {
	Name                   string            `json:"name,omitempty"`
	Image                  string            `json:"image"`
	RawImageName           string            `json:"raw_image_name,omitempty"`
	ImageVolumeMode        string            `json:"image_volume_mode,omitempty"`
	Entrypoint             []string          `json:"entrypoint,omitempty"`
	Command                []string          `json:"command,omitempty"`
	WorkDir                string            `json:"work_dir,omitempty"`
	Env                    map[string]string `json:"env,omitempty"`
	Secrets                []wireSecret      `json:"secrets,omitempty"`
	EnvSecrets             map[string]string `json:"secret_env,omitempty"`
	HTTPProxy              *bool             `json:"httpproxy,omitempty"`
	Labels                 map[string]string `json:"labels,omitempty"`
	Annotations            map[string]string `json:"annotations,omitempty"`
	ContainerCreateCommand []string          `json:"containerCreateCommand,omitempty"`

	User       string         `json:"user,omitempty"`
	Groups     []string       `json:"groups,omitempty"`
	UserNS     wireNamespace  `json:"userns"`
	IDMappings wireIDMappings `json:"idmappings"`
	Passwd     bool           `json:"manage_password"`

	Privileged         *bool    `json:"privileged,omitempty"`
	CapAdd             []string `json:"cap_add,omitempty"`
	CapDrop            []string `json:"cap_drop,omitempty"`
	NoNewPrivileges    *bool    `json:"no_new_privileges,omitempty"`
	SeccompPolicy      string   `json:"seccomp_policy"`
	SeccompProfilePath string   `json:"seccomp_profile_path,omitempty"`
	SelinuxOpts        []string `json:"selinux_opts,omitempty"`
	ApparmorProfile    string   `json:"apparmor_profile,omitempty"`
	Mask               []string `json:"mask,omitempty"`
	Unmask             []string `json:"unmask,omitempty"`
	Umask              string   `json:"umask,omitempty"`

	ReadOnlyFilesystem *bool               `json:"read_only_filesystem,omitempty"`
	ReadWriteTmpfs     *bool               `json:"read_write_tmpfs,omitempty"` // since 4.6
	Mounts             []specs.Mount       `json:"mounts,omitempty"`
	Volumes            []wireVolume        `json:"volumes,omitempty"`
	ShmSize            *int64              `json:"shm_size,omitempty"`
	Devices            []specs.LinuxDevice `json:"devices,omitempty"`

	NetNS         wireNamespace          `json:"netns"`
	Networks      map[string]wireNetwork `json:"Networks"`
	PortMappings  []wirePort             `json:"portmappings,omitempty"`
	Hostname      string                 `json:"hostname,omitempty"`
	UseImageHosts bool                   `json:"use_image_hosts"`
	IpcNS         wireNamespace          `json:"ipcns"`
	PidNS         wireNamespace          `json:"pidns"`
	UtsNS         wireNamespace          `json:"utsns"`
	CgroupNS      wireNamespace          `json:"cgroupns"`
	CgroupsMode   string                 `json:"cgroups_mode"`
	Sysctl        map[string]string      `json:"sysctl,omitempty"`

	ResourceLimits *specs.LinuxResources `json:"resource_limits,omitempty"`
	Rlimits        []wireRlimit          `json:"r_limits,omitempty"`

	Remove            *bool       `json:"remove,omitempty"`
	Volatile          *bool       `json:"volatile,omitempty"`
	RestartPolicy     string      `json:"restart_policy,omitempty"`
	RestartRetries    *uint       `json:"restart_tries,omitempty"`
	Init              *bool       `json:"init,omitempty"`
	InitContainerType string      `json:"init_container_type"`
	StopTimeout       *uint       `json:"stop_timeout,omitempty"`
	Systemd           string      `json:"systemd,omitempty"`
	SdNotifyMode      string      `json:"sdnotifyMode"`
	HealthConfig      *wireHealth `json:"healthconfig,omitempty"`
	Stdin             *bool       `json:"stdin,omitempty"`
	Terminal          *bool       `json:"terminal,omitempty"`
	LogConfiguration  wireLog     `json:"log_configuration"`
}

type wireNamespace struct {
	NSMode string `json:"nsmode,omitempty"`
	Value  string `json:"value,omitempty"`
}

// wireIDMappings must say AutoUserNs beside the namespace's mode: "auto" alone
// is taken for the default mapping, without a warning.
type wireIDMappings struct {
	HostUIDMapping bool           `json:"HostUIDMapping"`
	HostGIDMapping bool           `json:"HostGIDMapping"`
	UIDMap         []struct{}     `json:"UIDMap"`
	GIDMap         []struct{}     `json:"GIDMap"`
	AutoUserNs     bool           `json:"AutoUserNs"`
	AutoUserNsOpts wireAutoUserNs `json:"AutoUserNsOpts"`
}

type wireAutoUserNs struct {
	Size                  uint32     `json:"Size"`
	InitialSize           uint32     `json:"InitialSize"`
	PasswdFile            string     `json:"PasswdFile"`
	GroupFile             string     `json:"GroupFile"`
	AdditionalUIDMappings []struct{} `json:"AdditionalUIDMappings"`
	AdditionalGIDMappings []struct{} `json:"AdditionalGIDMappings"`
}

// wireVolume is a named or anonymous volume; Podman gives its fields no tags.
type wireVolume struct {
	Name        string   `json:"Name"`
	Dest        string   `json:"Dest"`
	Options     []string `json:"Options"`
	IsAnonymous bool     `json:"IsAnonymous"`
}

type wireSecret struct {
	Source string `json:"Source"`
	Target string `json:"Target"`
	UID    uint32 `json:"UID"`
	GID    uint32 `json:"GID"`
	Mode   uint32 `json:"Mode"`
}

type wireNetwork struct {
	InterfaceName string `json:"interface_name"`
}

type wirePort struct {
	HostIP        string `json:"host_ip"`
	HostPort      uint16 `json:"host_port"`
	ContainerPort uint16 `json:"container_port"`
	Range         uint16 `json:"range"`
	Protocol      string `json:"protocol"`
}

// wireRlimit: the type is "nofile", not "RLIMIT_NOFILE", which the engine would
// prefix once more.
type wireRlimit struct {
	Type string `json:"type"`
	Hard uint64 `json:"hard"`
	Soft uint64 `json:"soft"`
}

type wireHealth struct {
	Test []string `json:"Test"`
}

type wireLog struct {
	Driver  string            `json:"driver,omitempty"`
	Path    string            `json:"path,omitempty"`
	Size    int64             `json:"size,omitempty"`
	Options map[string]string `json:"options,omitempty"`
}
