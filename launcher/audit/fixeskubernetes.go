package audit

const (
	ownDirClaim   = "a claim, or an image volume by its digest, instead of the hostPath"
	inContextOf   = "securityContext of the container: "
	inPodContext  = "spec of the pod: "
	nothingShared = "leave it away: a pod has its own"
)

// fixesInKubernetes is what mends a control in a manifest, in the words of its fields. A
// control that is not here says it in podman-run's, as [Control.Fix].
var fixesInKubernetes = map[string]string{
	"ZL-102": "leave the hostPath of the socket, and of any directory that holds one, away",
	"ZL-201": "leave privileged: true away",
	"ZL-202": "leave what stands for privileged, part by part, away",
	"ZL-203": inContextOf + "capabilities: {drop: [ALL]}",
	"ZL-204": "leave capabilities.add of it away",
	"ZL-205": inContextOf + "capabilities: {drop: [ALL]}",
	"ZL-206": "leave capabilities.add away, or waive this control with the reason",
	"ZL-207": inContextOf + "allowPrivilegeEscalation: false",
	"ZL-208": "securityContext: seccompProfile: {type: RuntimeDefault}",
	"ZL-210": "securityContext: seccompProfile: {type: Localhost, localhostProfile: zlaunch/inference.json}, with the file on each node",
	"ZL-211": "leave procMount: Unmasked and privileged: true away",
	"ZL-213": "leave securityContext.sysctls of it away",
	"ZL-301": "securityContext: runAsUser: UID, runAsGroup: GID and runAsNonRoot: true, of the image's own user",
	"ZL-302": "securityContext: runAsUser and runAsGroup with the numbers of the image's own user",
	"ZL-303": inPodContext + "hostUsers: false",
	"ZL-307": "leave supplementalGroups, and fsGroup, of it away",
	"ZL-309": inPodContext + "hostUsers: false, or runAsUser above 10000",
	"ZL-401": "leave privileged, hostPID and hostIPC away, which imply it",
	"ZL-402": "leave seLinuxOptions.type away, or name container_t",
	"ZL-407": "leave appArmorProfile: {type: Unconfined}, its annotation, and privileged: true away",
	"ZL-501": inContextOf + "readOnlyRootFilesystem: true, and an emptyDir with a sizeLimit for each place the workload writes to",
	"ZL-503": "emptyDir: {medium: Memory, sizeLimit: 256Mi}; noexec only by bindMountOptions, which are alpha in 1.37",
	"ZL-505": "volumeMounts[].readOnly: true, with recursiveReadOnly: IfPossible",
	"ZL-506": ownDirClaim + "; of the token of the API server: automountServiceAccountToken: false",
	"ZL-507": ownDirClaim,
	"ZL-508": ownDirClaim,
	"ZL-509": ownDirClaim,
	"ZL-514": "leave mountPropagation away",
	"ZL-515": "mountOptions of the PersistentVolume: [nosuid, nodev]",
	"ZL-520": "another mountPath; of the token of the API server: automountServiceAccountToken: false",
	"ZL-601": "hostPID and shareProcessNamespace: " + nothingShared,
	"ZL-602": "hostIPC: " + nothingShared,
	"ZL-603": "hostNetwork: " + nothingShared,
	"ZL-701": "leave hostNetwork: true away; a Service leads to the ports that are needed",
	"ZL-703": "a NetworkPolicy beside it that selects the pod, with policyTypes: [Ingress, Egress] and the ports that are needed",
	"ZL-705": "a NetworkPolicy beside it that selects the pod, with policyTypes: [Ingress, Egress] and no egress",
	"ZL-708": "leave hostPort away, and type: NodePort and LoadBalancer of its Service; kubectl port-forward reaches it",
	"ZL-801": "resources: limits: {memory: 8Gi}, weights, emptyDirs of memory and batches together",
	"ZL-804": "resources: limits: {cpu: 4}",
	"ZL-809": "a Job with a backoffLimit, or waive it: a Deployment starts again what ended",
	"ZL-811": "livenessProbe and readinessProbe",
	"ZL-814": inPodContext + "shareProcessNamespace: true where it has one container: the pause process reaps",
	"ZL-907": "imagePullPolicy: IfNotPresent with a digest, or Never",
	"ZL-921": "env: valueFrom: secretKeyRef, or a Secret that is mounted",
	"ZL-925": "a Secret as a volume, with defaultMode: 0400",
}
