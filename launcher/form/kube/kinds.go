package kube

// templates are where the pod of a kind stands: what is read of its spec beside that is
// how often it runs, and none of it is judged.
var templates = map[string][]string{
	"v1 Pod":                        {},
	"v1 PodTemplate":                {"template"},
	"v1 ReplicationController":      {"spec", "template"},
	"apps/v1 Deployment":            {"spec", "template"},
	"apps/v1 StatefulSet":           {"spec", "template"},
	"apps/v1 DaemonSet":             {"spec", "template"},
	"apps/v1 ReplicaSet":            {"spec", "template"},
	"batch/v1 Job":                  {"spec", "template"},
	"batch/v1 CronJob":              {"spec", "jobTemplate", "spec", "template"},
	"batch/v1beta1 CronJob":         {"spec", "jobTemplate", "spec", "template"},
	"extensions/v1beta1 Deployment": {"spec", "template"},
	"extensions/v1beta1 DaemonSet":  {"spec", "template"},
	"extensions/v1beta1 ReplicaSet": {"spec", "template"},
	"apps/v1beta1 Deployment":       {"spec", "template"},
	"apps/v1beta1 StatefulSet":      {"spec", "template"},
	"apps/v1beta2 Deployment":       {"spec", "template"},
	"apps/v1beta2 StatefulSet":      {"spec", "template"},
	"apps/v1beta2 DaemonSet":        {"spec", "template"},
	"apps/v1beta2 ReplicaSet":       {"spec", "template"},
}

// idle are the groups and kinds of Kubernetes' own that start no container.
var idle = map[string]string{
	"v1":   "ConfigMap Secret Service Endpoints Namespace ServiceAccount PersistentVolume PersistentVolumeClaim ResourceQuota LimitRange Event Node",
	"apps": "ControllerRevision", "rbac.authorization.k8s.io": "Role RoleBinding ClusterRole ClusterRoleBinding",
	"networking.k8s.io": "NetworkPolicy Ingress IngressClass IPAddress ServiceCIDR", "storage.k8s.io": "StorageClass VolumeAttachment CSIDriver CSINode CSIStorageCapacity VolumeAttributesClass",
	"policy": "PodDisruptionBudget", "scheduling.k8s.io": "PriorityClass", "autoscaling": "HorizontalPodAutoscaler",
	"apiextensions.k8s.io": "CustomResourceDefinition", "discovery.k8s.io": "EndpointSlice", "node.k8s.io": "RuntimeClass",
	"coordination.k8s.io": "Lease", "kustomize.config.k8s.io": "Kustomization Component", "certificates.k8s.io": "CertificateSigningRequest",
	"gateway.networking.k8s.io": "Gateway GatewayClass HTTPRoute GRPCRoute TCPRoute TLSRoute UDPRoute ReferenceGrant BackendTLSPolicy",
}
