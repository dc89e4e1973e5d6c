package effective

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Kubernetes is the [Engine.Kind] of a container that a kubelet makes.
const Kubernetes = "kubernetes"

// kubernetesShm is what containerd and CRI-O give a pod.
const kubernetesShm int64 = 64 << 20

// byKubelet gives every setting that no manifest stated the default of the API, or of the
// kubelet where that has only one. What the configuration of a node decides stays unknown:
// how many processes, which ulimits, what becomes of a VOLUME of the image, how a registry
// is asked, whether the cgroup is the container's own, and who is root there. So do the ports: a
// Service or an Ingress that stands elsewhere may publish them.
func byKubelet(s *container.Spec) {
	m := container.From(container.Origin{Layer: container.LayerEngine, Key: "kubernetes default"})
	unless(s, container.Engine, Kubernetes, m)
	image, _, _ := container.Image.Get(s)
	unless(s, container.Pull, pick(movable(image), "always", "missing"), m)
	if user, um, ok := container.ImageUser.Get(s); ok {
		unless(s, container.User, user, um)
	}
	unless(s, container.Userns, "host", m)
	unless(s, container.SeccompProfile, "unconfined", m) // seccompDefault of a kubelet is off
	unless(s, container.ReadOnlyTmpfs, false, m)
	unless(s, container.ShmSize, kubernetesShm, m)
	unless(s, container.Network, []string{"bridge"}, m) // all pods of a cluster reach each other
	unless(s, container.Ipc, "private", m)
	unless(s, container.Pid, "private", m)
	unless(s, container.Uts, "private", m)
	unless(s, container.Restart, "always", m)
	unless(s, container.StopTimeout, 30, m)
	unless(s, container.Systemd, "false", m)
	unless(s, container.LogDriver, "k8s-file", m)
	unless(s, container.Umask, "0022", m)
	unless(s, container.HttpProxy, false, m)
	unless(s, container.Cgroups, "enabled", m)
	unless(s, container.NoHealthcheck, true, m)
	container.LogOpt.Set(s, "max-size", "10m", m) // containerLogMaxSize
	zeros(s, m)
	for _, row := range []container.Row{container.UlimitOf, container.Publish, container.Runtime, container.HooksDir} {
		if mark, _ := s.Mark(row); byEngineAlone(mark, m) {
			row.Doubt(s)
		}
	}
}

// byEngineAlone tells a mark that was set just now.
func byEngineAlone(mark, m container.Mark) bool {
	return len(mark.Origin) == 1 && mark.Origin[0] == m.Origin[0]
}

// movable tells a tag that a kubelet asks the registry for each time; a digest beside it
// changes nothing of that.
func movable(image string) bool {
	name, _, digest := strings.Cut(image[strings.LastIndex(image, "/")+1:], "@")
	return strings.HasSuffix(name, ":latest") || !digest && !strings.Contains(name, ":")
}
