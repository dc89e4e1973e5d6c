package export

import "github.com/zlaunch/zlaunch/launcher/form/kube"

// kubernetes is the manifests that make the same run in a cluster, or by podman kube play.
var kubernetes = Form{
	Name: "kube", About: "manifests of Kubernetes, or of podman kube play", Away: true, Targets: kube.Targets,
	Says: kube.Says, Write: kube.Write,
}
