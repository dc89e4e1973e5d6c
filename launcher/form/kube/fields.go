package kube

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Every field of what describes a pod has an answer below: the API of Kubernetes 1.37.

const (
	ownReading = "each is read by itself"
	scheduling = "it decides on which node the pod runs, and when"
	lifetime   = "it decides how long, or how often"
	records    = "it is what a cluster notes"
)

// podFields are those of PodSpec. The containers are read one by one.
var podFields = map[string]reads{
	"containers": idles(ownReading), "initContainers": idles(ownReading), "ephemeralContainers": idles(ownReading),

	"securityContext":               says(readPodSecurity),
	"volumes":                       says(readVolumes),
	"hostUsers":                     says(readHostUsers),
	"hostNetwork":                   says(readHostNetwork),
	"hostPID":                       says(readHost(container.Pid)),
	"hostIPC":                       says(readHost(container.Ipc)),
	"shareProcessNamespace":         says(readShared),
	"hostname":                      says(readText(container.Hostname)),
	"hostnameOverride":              says(readText(container.Hostname)),
	"hostAliases":                   says(readAliases),
	"dnsConfig":                     says(readDNS),
	"restartPolicy":                 says(readRestart),
	"terminationGracePeriodSeconds": says(readSeconds(container.StopTimeout)),
	"activeDeadlineSeconds":         says(readSeconds(container.Timeout)),
	"runtimeClassName":              says(readText(container.Runtime)),
	"automountServiceAccountToken":  says(readToken),
	"resources":                     says(readPodResources),
	"resourceClaims":                says(leaves("a driver of the node decides which devices a claim gives", container.Device)),
	"os":                            says(readOS),

	"serviceAccountName": idles("what it may is said elsewhere"), "serviceAccount": idles("what it may is said elsewhere"),
	"imagePullSecrets": idles("the kubelet has them, and no container"),
	"dnsPolicy":        idles("a name server of the cluster's, or of the node's"), "subdomain": idles("a name"), "setHostnameAsFQDN": idles("a name"),
	"enableServiceLinks": idles("addresses of services, as variables"),
	"nodeName":           idles(scheduling), "nodeSelector": idles(scheduling), "affinity": idles(scheduling), "tolerations": idles(scheduling),
	"schedulerName": idles(scheduling), "priorityClassName": idles(scheduling), "priority": idles(scheduling), "preemptionPolicy": idles(scheduling),
	"topologySpreadConstraints": idles(scheduling), "schedulingGates": idles(scheduling), "schedulingGroup": idles(scheduling), "workloadRef": idles(scheduling),
	"overhead": idles(scheduling), "readinessGates": idles(lifetime), "evictionResponders": idles(lifetime),
}

// containerFields are those of Container, and of EphemeralContainer.
var containerFields = map[string]reads{
	"name":            says(readText(container.Name)),
	"image":           says(readText(container.Image)),
	"imagePullPolicy": says(readPull),
	"command":         says(readWords(container.Entrypoint)),
	"args":            says(readWords(container.Args)),
	"workingDir":      says(readText(container.Workdir)),
	"env":             says(readEnv),
	"envFrom":         says(readEnvFrom),
	"ports":           says(readPorts),
	"resources":       says(readResources),
	"securityContext": says(readSecurity),
	"volumeMounts":    says(readMounts),
	"volumeDevices":   says(readBlockDevices),
	"stdin":           says(readFlag(container.Interactive)),
	"tty":             says(readFlag(container.Tty)),
	"livenessProbe":   says(readLiveness), "readinessProbe": says(readProbe), "startupProbe": says(readProbe),
	"lifecycle":     says(readLifecycle),
	"restartPolicy": says(readRestart),

	"restartPolicyRules": idles(lifetime), "resizePolicy": idles(lifetime), "stdinOnce": idles(lifetime),
	"terminationMessagePath": idles(records), "terminationMessagePolicy": idles(records), "targetContainerName": says(readTarget),
}

// podSecurityFields are those of PodSecurityContext.
var podSecurityFields = map[string]reads{
	"runAsUser": says(readUser), "runAsGroup": says(readGroup), "runAsNonRoot": says(readNonRoot),
	"supplementalGroups": says(readGroups), "fsGroup": says(readFSGroup),
	"sysctls":        says(readSysctls),
	"seccompProfile": says(readSeccomp), "appArmorProfile": says(readAppArmor), "seLinuxOptions": says(readSELinux),
	"windowsOptions": says(leaves("options of Windows are not judged", container.Privileged)),

	"supplementalGroupsPolicy": idles("whether the groups that /etc/group of the image gives the user count too"),
	"fsGroupChangePolicy":      idles("how volumes are given to fsGroup"), "seLinuxChangePolicy": idles("how volumes are labelled"),
}

// securityFields are those of SecurityContext. What both contexts have, counts here.
var securityFields = map[string]reads{
	"runAsUser": says(readUser), "runAsGroup": says(readGroup), "runAsNonRoot": says(readNonRoot),
	"privileged":               says(readPrivileged),
	"allowPrivilegeEscalation": says(readEscalation),
	"capabilities":             says(readCapabilities),
	"readOnlyRootFilesystem":   says(readFlag(container.ReadOnly)),
	"procMount":                says(readProcMount),
	"seccompProfile":           says(readSeccomp), "appArmorProfile": says(readAppArmor), "seLinuxOptions": says(readSELinux),
	"windowsOptions": says(leaves("options of Windows are not judged", container.Privileged)),
}

// mountFields are those of VolumeMount, which readMount reads.
var mountFields = map[string]reads{
	"name": {}, "mountPath": {}, "readOnly": {}, "recursiveReadOnly": {}, "subPath": {}, "subPathExpr": {}, "mountPropagation": {}, "bindMountOptions": {},
}
