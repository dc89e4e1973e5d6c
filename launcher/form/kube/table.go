package kube

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

// answer is how one row is said.
type answer struct {
	keys   string
	nature string // see [form.Says]
	why    string
	moot   bool
	// holds sets what an element of the row is where nothing is written, if that is known.
	holds func(s *container.Spec, elem string, m container.Mark)
	put   func(*writer) // nil where nothing is written
}

// entry is the answers for one row.
type entry struct {
	row            container.Row
	kube           answer
	podman, kserve *answer // nil: as kube
}

func (e entry) answer(target string) answer {
	if target == Podman && e.podman != nil {
		return *e.podman
	}
	if target == KServe && e.kserve != nil {
		return *e.kserve
	}
	return e.kube
}

func key(keys string, put func(*writer)) answer { return answer{keys: keys, put: put} }
func never(why string) answer                   { return answer{why: why} }
func nature(value, why string) answer           { return answer{nature: value, why: why} }

func same(row container.Row, a answer) entry { return entry{row: row, kube: a} }
func either(row container.Row, kube, play answer) entry {
	return entry{row: row, kube: kube, podman: &play}
}

func (e entry) forKServe(a answer) entry { e.kserve = &a; return e }

// none is what holds of a list that is not written.
func none(f container.Field[[]string]) func(*container.Spec, string, container.Mark) {
	return func(s *container.Spec, _ string, m container.Mark) { f.Set(s, nil, m) }
}

// kubeletLog is what a kubelet does of options of a log, as launcher/effective has it.
func kubeletLog(s *container.Spec, elem string, m container.Mark) {
	container.LogOpt.Delete(s, elem)
	container.LogOpt.Set(s, "max-size", "10m", m)
}

const (
	inContainer = "spec.containers[]."
	inSecurity  = "spec.containers[].securityContext."
	noDevices   = "devices come from a device plugin or a ResourceClaim, by a name of the cluster's"
)

// table has each row that an option of podman-run states, in the order of the rows.
func table() []entry {
	return []entry{
		same(container.Image, key(inContainer+"image", putImage)),
		same(container.Pull, key(inContainer+"imagePullPolicy", putPull)),
		same(container.Name, key(inContainer+"name", putName)).
			forKServe(answer{moot: true, why: "KServe calls the container kserve-container, and the pod after the InferenceService"}),
		same(container.Entrypoint, key(inContainer+"command", putEntrypoint)),
		same(container.Args, key(inContainer+"args", putArgs)),
		same(container.Workdir, key(inContainer+"workingDir", text(container.Workdir, func(w *writer) *string { return &w.ctr.WorkingDir }))),
		same(container.Env, key(inContainer+"env[].value", putEnv)),
		same(container.SecretOf, key(inContainer+"env[].valueFrom.secretKeyRef, spec.volumes[].secret", putSecrets)),

		same(container.User, key(inSecurity+"runAsUser, runAsGroup, runAsNonRoot", putUser)),
		same(container.GroupAdd, key("spec.securityContext.supplementalGroups", putGroups)),
		either(container.Userns, key("spec.hostUsers", putUserns), key("annotations: io.podman.annotations.userns", playUserns)),

		same(container.Privileged, key(inSecurity+"privileged", flag(container.Privileged, func(w *writer) **bool { return &w.security.Privileged }))),
		same(container.CapDrop, key(inSecurity+"capabilities.drop", putDrop)),
		same(container.CapAdd, key(inSecurity+"capabilities.add", putAdd)),
		same(container.NoNewPrivileges, key(inSecurity+"allowPrivilegeEscalation", putNoNewPrivileges)),
		either(container.SeccompProfile, key(inSecurity+"seccompProfile", putSeccomp),
			key("annotations: container.seccomp.security.alpha.kubernetes.io/NAME", playSeccomp)),
		same(container.SecurityLabel, key(inSecurity+"seLinuxOptions", putLabels)),
		either(container.Apparmor, key(inSecurity+"appArmorProfile", putApparmor), never("podman kube play takes no AppArmor profile")),
		same(container.Mask, answer{why: "Kubernetes masks what its runtime does, and nothing else", holds: none(container.Mask)}),
		same(container.Unmask, key(inSecurity+"procMount", putUnmask)),

		same(container.ReadOnly, key(inSecurity+"readOnlyRootFilesystem", flag(container.ReadOnly, func(w *writer) **bool { return &w.security.ReadOnlyRootFilesystem }))),
		either(container.ReadOnlyTmpfs, nature("false", "Kubernetes mounts no tmpfs by itself"), nature("true", "podman kube play mounts them whatever is asked")),
		same(container.TmpfsAt, key("spec.volumes[].emptyDir", putTmpfs)),
		same(container.VolumeAt, key("spec.volumes[].persistentVolumeClaim, hostPath, "+inContainer+"volumeMounts[]", putVolumes)).
			forKServe(key("spec.predictor.storageUris[], spec.volumes[].hostPath, "+inContainer+"volumeMounts[]", putVolumes)),
		either(container.ImageVolume, never("the runtime of the node decides what becomes of a VOLUME of the image"), nature("anonymous", "podman kube play makes an anonymous volume of it")),
		either(container.ShmSize, key("spec.volumes[].emptyDir at /dev/shm", putShm), never("podman kube play leaves /dev/shm as it is")),
		same(container.Device, answer{why: noDevices, holds: none(container.Device)}),

		either(container.Network, key("NetworkPolicy, spec.hostNetwork", putNetwork), key("spec.hostNetwork", playNetwork)),
		either(container.Publish, key("Service: spec.ports[], "+inContainer+"ports[]", putPublish), key(inContainer+"ports[].hostPort", playPublish)).
			forKServe(key(inContainer+"ports[]", kservePublish)),
		same(container.Hostname, key("spec.hostname", putHostname)),
		same(container.Ipc, key("spec.hostIPC", host(container.Ipc, func(w *writer) *bool { return &w.pod.HostIPC }))),
		same(container.Pid, key("spec.hostPID", host(container.Pid, func(w *writer) *bool { return &w.pod.HostPID }))),
		same(container.Uts, nature("private", "a pod has a host name of its own")),
		same(container.Cgroupns, nature("private", "a node with cgroup version 2 gives each container its own")),
		same(container.Sysctl, key("spec.securityContext.sysctls", putSysctls)),

		same(container.Memory, key(inContainer+"resources.limits.memory", putMemory)),
		same(container.MemorySwap, key(inContainer+"resources.limits.memory", putSwap)),
		same(container.Cpus, key(inContainer+"resources.limits.cpu", putCpus)),
		either(container.PidsLimit, never("podPidsLimit of the kubelet bounds them, for every pod of the node"),
			key("annotations: io.podman.annotations.pids-limit/NAME", playPids)),
		either(container.UlimitOf, never("Kubernetes has no ulimits: they are those of the node's runtime"),
			key("annotations: io.podman.annotations.ulimit", playUlimits)),

		either(container.Rm, nature("true", "a pod is removed with its containers, and their logs with them"), key("annotations: io.podman.annotations.autoremove/NAME", playRm)),
		either(container.Restart, key("spec.restartPolicy", putRestart), key("spec.restartPolicy", playRestart)),
		either(container.Init, key("spec.shareProcessNamespace", putInit), key("annotations: io.podman.annotations.init/NAME", playInit)),
		same(container.StopTimeout, key("spec.terminationGracePeriodSeconds", putGrace)),
		either(container.Systemd, nature("false", "Kubernetes has no systemd mode"), nature("true", "podman kube play leaves it to what the command is called")),
		same(container.NoHealthcheck, nature("true", "the HEALTHCHECK of an image is not read")),
		same(container.Interactive, key(inContainer+"stdin", plainFlag(container.Interactive, func(w *writer) *bool { return &w.ctr.Stdin }))),
		same(container.Tty, key(inContainer+"tty", plainFlag(container.Tty, func(w *writer) *bool { return &w.ctr.TTY }))),
		either(container.LogDriver, nature("k8s-file", "the kubelet writes files"), never("--log-driver of podman kube play says it")),
		either(container.LogOpt, answer{why: "containerLogMaxSize of the kubelet bounds them, for every container of the node, and is 10Mi by itself", holds: kubeletLog}, never("--log-opt of podman kube play says it")),
		either(container.Umask, nature("0022", "the umask is that of the node's runtime"), never("podman kube play takes none, and Podman 4.3 has 0000 then")),
		same(container.HttpProxy, nature("false", "no variable of the node is handed on")),
		same(container.Labels, key("metadata.labels", putLabelsOf)),
		same(container.Annotation, key("metadata.annotations", putAnnotations)),
	}
}
