package kube

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

func putHostname(w *writer) {
	v, _, _ := container.Hostname.Get(w.spec)
	switch {
	case dnsLabel().MatchString(v):
		w.pod.Hostname = v
	case v != "":
		w.lose(at(container.Hostname), "the host name of a pod is at most 63 lower-case letters, digits and '-'")
	}
}

// safeSysctls are set without leave of the kubelet (kubernetes.io/docs/tasks/administer-
// cluster/sysctl-cluster, 1.37).
var safeSysctls = strings.Fields(`kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.tcp_syncookies net.ipv4.ping_group_range
	net.ipv4.ip_unprivileged_port_start net.ipv4.ip_local_reserved_ports net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout
	net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes net.ipv4.tcp_rmem net.ipv4.tcp_wmem`)

func putSysctls(w *writer) {
	for _, k := range container.Sysctl.Keys(w.spec) {
		v, _, _ := container.Sysctl.Get(w.spec, k)
		w.groups.Sysctls = append(w.groups.Sysctls, pair{k, v})
		if !slices.Contains(safeSysctls, k) && !w.play() {
			w.note("a kubelet sets %s only where its allowedUnsafeSysctls name it", k)
		}
	}
}

// size writes a size as people would, where that is exact.
func size(n int64) string {
	for _, u := range []struct {
		of   int64
		name string
	}{{1 << 30, "Gi"}, {1 << 20, "Mi"}, {1 << 10, "Ki"}} {
		if n >= u.of && n%u.of == 0 {
			return strconv.FormatInt(n/u.of, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}

// limit bounds a resource, and reserves as much: a pod gets all it may use.
func (w *writer) limit(name, quantity string) {
	if w.ctr.Resources == nil {
		w.ctr.Resources = &resources{map[string]string{}, map[string]string{}}
	}
	w.ctr.Resources.Limits[name], w.ctr.Resources.Requests[name] = quantity, quantity
}

func putMemory(w *writer) {
	if v, _, _ := container.Memory.Get(w.spec); v > 0 {
		w.limit("memory", size(v))
	}
}

// putSwap: a kubelet gives a container no swap, unless its node is set up to.
func putSwap(w *writer) {
	v, _, _ := container.MemorySwap.Get(w.spec)
	memory, _, _ := container.Memory.Get(w.spec)
	if w.play() && memory > 0 {
		w.lose(at(container.MemorySwap), "podman kube play limits memory alone, and gives as much swap again")
		return
	}
	if v != memory {
		w.becomes(at(container.MemorySwap), func(s *container.Spec, m container.Mark) { container.MemorySwap.Set(s, memory, m) }, "the kubelet decides of swap, and by itself gives none")
	}
}

// putCpus takes thousandths, as Kubernetes counts.
func putCpus(w *writer) {
	v, _, _ := container.Cpus.Get(w.spec)
	if v == 0 {
		return
	}
	milli := int64(math.Round(v * 1000))
	if math.Abs(v*1000-float64(milli)) > 1e-6 || milli == 0 {
		milli = max(1, int64(v*1000))
		w.becomes(at(container.Cpus), func(s *container.Spec, m container.Mark) { container.Cpus.Set(s, float64(milli)/1000, m) },
			"Kubernetes counts processors in thousandths")
	}
	if milli%1000 == 0 {
		w.limit("cpu", strconv.FormatInt(milli/1000, 10))
	} else {
		w.limit("cpu", fmt.Sprintf("%dm", milli))
	}
}

// putRestart: what is started again is decided by the kind of the object.
func putRestart(w *writer) {
	v, _, _ := container.Restart.Get(w.spec)
	once := isJob(w) || isShell(w)
	w.pod.RestartPolicy = map[bool]string{true: "Never", false: "Always"}[once]
	switch {
	case v == "", once && v == "no", !once && v == "always":
	case once:
		w.becomes(at(container.Restart), restarted("no"), "a Job or a Pod that is written starts once")
	default:
		w.becomes(at(container.Restart), restarted("always"), "a Deployment starts again what ended")
	}
}

func restarted(policy string) func(*container.Spec, container.Mark) {
	return func(s *container.Spec, m container.Mark) { container.Restart.Set(s, policy, m) }
}

// putInit: the pause process of the pod reaps then, and the workload is not process 1.
func putInit(w *writer) { w.pod.ShareProcessNamespace, _, _ = container.Init.Get(w.spec) }

func putGrace(w *writer) {
	v, _, _ := container.StopTimeout.Get(w.spec)
	w.pod.Grace = &v
}

// The grammar of what names and labels are: apimachinery, pkg/util/validation.
func isLabelKey(k string) bool {
	prefix, name, prefixed := strings.Cut(k, "/")
	if !prefixed {
		prefix, name = "", k
	}
	return len(name) <= 63 && labelWord().MatchString(name) && (!prefixed || isSubdomain(prefix))
}

func isLabelValue(v string) bool { return v == "" || len(v) <= 63 && labelWord().MatchString(v) }

// ours is how the names of zlaunch's own labels begin. Their values are no labels of
// Kubernetes, and so they are annotations there.
const ours = "io.zlaunch."

func putLabelsOf(w *writer) {
	for _, k := range container.Labels.Keys(w.spec) {
		v, _, _ := container.Labels.Get(w.spec, k)
		switch {
		case k == labelName, k == labelBy:
			w.lose(at(container.Labels, k), "the objects find their pod by a label of that name")
		case w.play() && strings.HasPrefix(k, ours) && len(v) > maxPlayed:
			w.lose(at(container.Labels, k), tooLong)
		case isLabelKey(k) && strings.HasPrefix(k, ours):
			w.meta.Annotations[k] = v
		case isLabelKey(k) && isLabelValue(v):
			w.meta.Labels[k] = v
		default:
			w.lose(at(container.Labels, k), "a label of Kubernetes is at most 63 letters, digits, '-', '_' and '.'")
		}
	}
}

func putAnnotations(w *writer) {
	for _, k := range container.Annotation.Keys(w.spec) {
		v, _, _ := container.Annotation.Get(w.spec, k)
		switch {
		case !isLabelKey(strings.ToLower(k)) || strings.HasPrefix(k, ours):
			w.lose(at(container.Annotation, k), "the name of an annotation is at most 63 letters, digits, '-', '_' and '.', behind the name of a domain and '/'")
		case w.play() && len(v) > maxPlayed:
			w.lose(at(container.Annotation, k), tooLong)
		case steers(k):
			w.lose(at(container.Annotation, k), "what that annotation would ask of a cluster is not known")
		default:
			w.meta.Annotations[k] = v
		}
	}
}

// steers tells an annotation that a part of Kubernetes acts on.
func steers(k string) bool {
	prefix, _, _ := strings.Cut(k, "/")
	return prefix == "kubernetes.io" || strings.HasSuffix(prefix, ".kubernetes.io") || prefix == "k8s.io" || strings.HasSuffix(prefix, ".k8s.io")
}
