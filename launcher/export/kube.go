package export

import "github.com/zlaunch/zlaunch/launcher/form/kube"

// kubernetes is the manifests that make the same run in a cluster, or by podman kube play.
var kubernetes = Form{
	Name: "kube", About: "manifests of Kubernetes, or of podman kube play", Away: true, Targets: kube.Targets,
	Models: kubeModels, Says: kube.Says, Write: kube.Write, Stack: kube.WriteStack, Engine: kubeEngine,
}

// kubeEngine: what podman kube play does by itself is not what podman run does.
func kubeEngine(target string) string {
	if target == kube.Podman {
		return ""
	}
	return kube.Engine
}

// kubeModels: nobody fills a claim for podman kube play, and images are not tried with it.
func kubeModels(target string) []string {
	if target == kube.Podman {
		return []string{"hostPath"}
	}
	return []string{"pvc", "hostPath", "image"}
}
