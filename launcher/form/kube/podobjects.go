package kube

// PodSpec is a pod.
type PodSpec struct {
	ServiceAccountName    string            `yaml:"serviceAccountName,omitempty"`
	Automount             *bool             `yaml:"automountServiceAccountToken,omitempty"`
	EnableServiceLinks    *bool             `yaml:"enableServiceLinks,omitempty"`
	HostUsers             *bool             `yaml:"hostUsers,omitempty"`
	HostNetwork           bool              `yaml:"hostNetwork,omitempty"`
	HostPID               bool              `yaml:"hostPID,omitempty"`
	HostIPC               bool              `yaml:"hostIPC,omitempty"`
	ShareProcessNamespace bool              `yaml:"shareProcessNamespace,omitempty"`
	Hostname              string            `yaml:"hostname,omitempty"`
	NodeSelector          map[string]string `yaml:"nodeSelector,omitempty"`
	RestartPolicy         string            `yaml:"restartPolicy,omitempty"`
	Grace                 *int64            `yaml:"terminationGracePeriodSeconds,omitempty"`
	SecurityContext       *podSecurity      `yaml:"securityContext,omitempty"`
	Containers            []Container       `yaml:"containers,omitempty"`
	Volumes               []Volume          `yaml:"volumes,omitempty"`
}

type podSecurity struct {
	SupplementalGroups []int64 `yaml:"supplementalGroups,omitempty,flow"`
	Sysctls            []pair  `yaml:"sysctls,omitempty"`
}

type pair struct {
	Name  string `yaml:"name"`
	Value string `yaml:"value"`
}

// Container is a container of a pod.
type Container struct {
	Name            string           `yaml:"name"`
	Image           string           `yaml:"image"`
	ImagePullPolicy string           `yaml:"imagePullPolicy,omitempty"`
	Command         []string         `yaml:"command,omitempty"`
	Args            []string         `yaml:"args,omitempty"`
	WorkingDir      string           `yaml:"workingDir,omitempty"`
	Env             []variable       `yaml:"env,omitempty"`
	Stdin           bool             `yaml:"stdin,omitempty"`
	TTY             bool             `yaml:"tty,omitempty"`
	Ports           []ctrPort        `yaml:"ports,omitempty"`
	SecurityContext *securityContext `yaml:"securityContext,omitempty"`
	Resources       *resources       `yaml:"resources,omitempty"`
	StartupProbe    *probe           `yaml:"startupProbe,omitempty"`
	ReadinessProbe  *probe           `yaml:"readinessProbe,omitempty"`
	LivenessProbe   *probe           `yaml:"livenessProbe,omitempty"`
	VolumeMounts    []volumeMount    `yaml:"volumeMounts,omitempty"`
}

type variable struct {
	Name      string     `yaml:"name"`
	Value     *string    `yaml:"value,omitempty"`
	ValueFrom *valueFrom `yaml:"valueFrom,omitempty"`
}

type valueFrom struct {
	SecretKeyRef secretKey `yaml:"secretKeyRef"`
}

type secretKey struct {
	Name string `yaml:"name"`
	Key  string `yaml:"key"`
}

type ctrPort struct {
	Name          string `yaml:"name,omitempty"`
	ContainerPort int    `yaml:"containerPort"`
	HostPort      int    `yaml:"hostPort,omitempty"`
	HostIP        string `yaml:"hostIP,omitempty"`
	Protocol      string `yaml:"protocol"`
}

type securityContext struct {
	RunAsUser                *int64          `yaml:"runAsUser,omitempty"`
	RunAsGroup               *int64          `yaml:"runAsGroup,omitempty"`
	RunAsNonRoot             *bool           `yaml:"runAsNonRoot,omitempty"`
	Privileged               *bool           `yaml:"privileged,omitempty"`
	AllowPrivilegeEscalation *bool           `yaml:"allowPrivilegeEscalation,omitempty"`
	Capabilities             *capabilities   `yaml:"capabilities,omitempty"`
	ReadOnlyRootFilesystem   *bool           `yaml:"readOnlyRootFilesystem,omitempty"`
	SeccompProfile           *confinement    `yaml:"seccompProfile,omitempty"`
	AppArmorProfile          *confinement    `yaml:"appArmorProfile,omitempty"`
	SeLinuxOptions           *seLinuxOptions `yaml:"seLinuxOptions,omitempty"`
	ProcMount                string          `yaml:"procMount,omitempty"`
}

type capabilities struct {
	Drop []string `yaml:"drop,omitempty,flow"`
	Add  []string `yaml:"add,omitempty,flow"`
}

// confinement is a profile of seccomp or AppArmor: RuntimeDefault, Unconfined, Localhost.
type confinement struct {
	Type             string `yaml:"type"`
	LocalhostProfile string `yaml:"localhostProfile,omitempty"`
}

type seLinuxOptions struct {
	User  string `yaml:"user,omitempty"`
	Role  string `yaml:"role,omitempty"`
	Type  string `yaml:"type,omitempty"`
	Level string `yaml:"level,omitempty"`
}

type resources struct {
	Requests map[string]string `yaml:"requests"`
	Limits   map[string]string `yaml:"limits"`
}

type probe struct {
	HTTPGet          httpGet `yaml:"httpGet"`
	PeriodSeconds    int64   `yaml:"periodSeconds"`
	TimeoutSeconds   int64   `yaml:"timeoutSeconds"`
	FailureThreshold int64   `yaml:"failureThreshold"`
}

type httpGet struct {
	Path string `yaml:"path"`
	Port int    `yaml:"port"`
}

type volumeMount struct {
	Name              string `yaml:"name"`
	MountPath         string `yaml:"mountPath"`
	SubPath           string `yaml:"subPath,omitempty"`
	ReadOnly          bool   `yaml:"readOnly,omitempty"`
	RecursiveReadOnly string `yaml:"recursiveReadOnly,omitempty"`
}

// Volume is a volume of a pod.
type Volume struct {
	Name     string       `yaml:"name"`
	EmptyDir *emptyDir    `yaml:"emptyDir,omitempty"`
	HostPath *hostPath    `yaml:"hostPath,omitempty"`
	Claim    *claimRef    `yaml:"persistentVolumeClaim,omitempty"`
	Secret   *secretFiles `yaml:"secret,omitempty"`
	Image    *imageVolume `yaml:"image,omitempty"`
}

type emptyDir struct {
	Medium    string `yaml:"medium,omitempty"`
	SizeLimit string `yaml:"sizeLimit,omitempty"`
}

type hostPath struct {
	Path string `yaml:"path"`
}

type claimRef struct {
	ClaimName string `yaml:"claimName"`
	ReadOnly  bool   `yaml:"readOnly,omitempty"`
}

type secretFiles struct {
	SecretName  string       `yaml:"secretName"`
	DefaultMode *uint32      `yaml:"defaultMode,omitempty"`
	Items       []secretItem `yaml:"items"`
}

type secretItem struct {
	Key  string `yaml:"key"`
	Path string `yaml:"path"`
}

type imageVolume struct {
	Reference  string `yaml:"reference"`
	PullPolicy string `yaml:"pullPolicy,omitempty"`
}
