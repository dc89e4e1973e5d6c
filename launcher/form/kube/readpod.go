package kube

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The functions below read one field each.

func readText(f container.Field[string]) func(*reader, *yaml.Node) {
	return func(r *reader, n *yaml.Node) {
		if v, ok := r.text(n, at(f)); ok {
			f.Set(r.spec, v, r.mark)
			r.decides(f)
		}
	}
}

func readFlag(f container.Field[bool]) func(*reader, *yaml.Node) {
	return func(r *reader, n *yaml.Node) {
		if v, ok := r.truth(n, at(f)); ok {
			f.Set(r.spec, v, r.mark)
			r.decides(f)
		}
	}
}

func readSeconds(f container.Field[int64]) func(*reader, *yaml.Node) {
	return func(r *reader, n *yaml.Node) {
		if v, ok := r.number(n, at(f)); ok {
			f.Set(r.spec, v, r.mark)
			r.decides(f)
		}
	}
}

// leaves opens settings, whatever the field says.
func leaves(why string, rows ...container.Row) func(*reader, *yaml.Node) {
	return func(r *reader, _ *yaml.Node) {
		for _, row := range rows {
			r.note(at(row), "%s", why)
		}
	}
}

// text sets a row to what a field means rather than says.
func meant(r *reader, f container.Field[string], v string) {
	f.Set(r.spec, v, r.mark)
	r.decides(f)
}

func readHostUsers(r *reader, n *yaml.Node) {
	if v, ok := r.truth(n, at(container.Userns)); ok {
		meant(r, container.Userns, map[bool]string{true: "host", false: "auto"}[v])
	}
}

// readHostNetwork: the pod has the node's host name too.
func readHostNetwork(r *reader, n *yaml.Node) {
	v, ok := r.truth(n, at(container.Network))
	if !ok {
		r.note(at(container.Uts), "whether the pod is in the node's network is not known")
	}
	if ok && v {
		container.Network.Set(r.spec, []string{"host"}, r.mark)
		r.decides(container.Network)
		meant(r, container.Uts, "host")
	}
}

func readHost(f container.Field[string]) func(*reader, *yaml.Node) {
	return func(r *reader, n *yaml.Node) {
		if v, ok := r.truth(n, at(f)); ok && v {
			meant(r, f, "host")
		}
	}
}

// readShared: the containers of a pod see each other's processes. Where there is one, the
// pause process reaps what it leaves, as an init would.
func readShared(r *reader, n *yaml.Node) {
	v, ok := r.truth(n, at(container.Pid))
	host, _, _ := container.Pid.Get(r.spec)
	switch {
	case !ok || !v:
	case r.alone:
		container.Init.Set(r.spec, true, r.mark)
		r.decides(container.Init)
	case host != "host":
		r.note(at(container.Pid), "the other containers of the pod have the same processes in sight")
	}
}

func readTarget(r *reader, n *yaml.Node) {
	if n.Value != "" {
		r.note(at(container.Pid), "it has the processes of the container %s in sight", clip(n.Value))
	}
}

func readAliases(r *reader, n *yaml.Node) {
	var out []string
	for _, alias := range r.list(n) {
		for _, name := range r.list(field(alias, "hostnames")) {
			out = append(out, name.Value+":"+scalarAt(alias, "ip"))
		}
	}
	container.AddHost.Set(r.spec, out, r.mark)
	r.decides(container.AddHost)
}

func readDNS(r *reader, n *yaml.Node) {
	var out []string
	for _, s := range r.list(field(n, "nameservers")) {
		out = append(out, s.Value)
	}
	container.Dns.Set(r.spec, out, r.mark)
	r.decides(container.Dns)
}

// restarts are the policies of Kubernetes, and Podman's words.
var restarts = map[string]string{"Always": "always", "OnFailure": "on-failure", "Never": "no"}

func readRestart(r *reader, n *yaml.Node) {
	v, ok := r.text(n, at(container.Restart))
	if !ok {
		return
	}
	if restarts[v] == "" {
		r.wrongAt(n, at(container.Restart), "%s is no restart policy", clip(v))
		return
	}
	meant(r, container.Restart, restarts[v])
}

// tokenDir is where the kubelet mounts what a pod shows the API server.
const tokenDir = "/var/run/secrets/kubernetes.io/serviceaccount"

func readToken(r *reader, n *yaml.Node) {
	if v, ok := r.truth(n, at(container.VolumeAt)); ok && !v {
		container.VolumeAt.Delete(r.spec, tokenDir)
	}
}

func readOS(r *reader, n *yaml.Node) {
	if scalarAt(n, "name") != "linux" {
		r.note(container.Path{}, "a pod of another system than Linux is not judged")
	}
}

func readPodResources(r *reader, n *yaml.Node) {
	for _, row := range []container.Row{container.Memory, container.MemorySwap, container.Cpus} {
		r.note(at(row), "the limits of the pod are shared among its containers")
	}
}

// byKind are what holds where the manifest says nothing, as far as the kind of its
// object decides it.
func byKind(r *reader) {
	r.mark = container.From(container.Origin{Layer: container.LayerEngine, Key: "kubernetes default"})
	container.Restart.Set(r.spec, "always", r.mark)
	if !r.play {
		container.VolumeAt.Set(r.spec, tokenDir, container.Volume{Source: tokenDir, ReadOnly: true}, r.mark)
	}
	if !r.alone {
		container.Ipc.Set(r.spec, "shareable", r.mark) // the pod's, which its containers join
	}
}

// readMetadata reads labels and annotations.
func readMetadata(r *reader, n *yaml.Node) {
	for _, e := range entries(field(n, "labels")) {
		r.begin(e)
		if v, ok := r.text(e.value, at(container.Labels, e.key.Value)); ok {
			container.Labels.Set(r.spec, e.key.Value, v, r.mark)
			r.decides(container.Labels, e.key.Value)
		}
	}
	for _, e := range entries(field(n, "annotations")) {
		r.begin(e)
		if v, ok := r.text(e.value, at(container.Annotation, e.key.Value)); ok {
			readAnnotation(r, e.key.Value, v)
		}
	}
}

// Obeyed are the ends of domains whose annotations something of a node or a cluster acts
// on: a runtime, a network plugin, what adds containers to a pod. Treat it as a constant.
var Obeyed = strings.Fields("kubernetes.io k8s.io cncf.io io.kubernetes.cri-o istio.io hashicorp.com linkerd.io dapr.io kata-containers.io openshift.io run.oci crun kserve.io")

// Noted are annotations of such domains by which nothing is asked: what kubectl and the
// cluster itself write down. Treat it as a constant.
var Noted = strings.Fields(`kubectl.kubernetes.io/default-container kubectl.kubernetes.io/last-applied-configuration kubectl.kubernetes.io/restartedAt
	kubernetes.io/limit-ranger batch.kubernetes.io/job-completion-index`)

// AppArmor is how the annotation begins that says the AppArmor profile of a container, whose
// name follows.
const AppArmor = "container.apparmor.security.beta.kubernetes.io/"

func readAnnotation(r *reader, k, v string) {
	if readPlayed(r, k, v) {
		return
	}
	row, end := container.Annotation, ""
	if strings.HasPrefix(k, ours) {
		row = container.Labels
	}
	row.Set(r.spec, k, v, r.mark)
	r.decides(row, k)
	domain, name, _ := strings.Cut(k, "/")
	for _, d := range Obeyed {
		if domain == d || strings.HasSuffix(domain, "."+d) || strings.HasPrefix(domain, d+".") {
			end = d
		}
	}
	switch {
	case strings.HasPrefix(k, AppArmor):
		if name == r.name && v == "unconfined" {
			meant(r, container.Apparmor, "unconfined")
		} else if name == r.name && v != "runtime/default" {
			r.note(at(container.Apparmor), "whether the AppArmor profile %s is on the node is not known", clip(v))
		}
	case slices.Contains(Noted, k), strings.HasSuffix(domain, "prometheus.io"):
	case strings.HasPrefix(k, playSeccompKey): // of Podman: Kubernetes reads it no more since 1.27
	case k == "serving.kserve.io/deploymentMode" && contains("Standard RawDeployment", v): // a Deployment, and no more
	case end != "":
		r.note(container.Path{}, "what the annotation %s asks for is not judged", clip(k))
	}
}
