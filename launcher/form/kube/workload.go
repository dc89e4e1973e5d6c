package kube

import (
	"reflect"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// labelsOf are those by which the objects find the pod.
func labelsOf(w *writer) map[string]string {
	return map[string]string{labelName: w.name, labelBy: "zlaunch"}
}

// The labels that Kubernetes recommends for every object.
const (
	labelName = "app.kubernetes.io/name"
	labelBy   = "app.kubernetes.io/managed-by"
)

// needs are the objects that a pod wants to be there before it.
func (w *writer) needs() []Object {
	if w.play() {
		return w.claims
	}
	head := Metadata{Name: w.name, Labels: labelsOf(w)}
	out := append([]Object{{APIVersion: "v1", Kind: "ServiceAccount", Metadata: head, Automount: ptr(false)}}, w.claims...)
	if w.policy != nil && (w.run.Stack == "" || len(w.policy.Ingress) > 0) {
		w.policy.PodSelector.MatchLabels = w.selector()
		closed := Metadata{Name: w.policyName, Labels: head.Labels}
		out = append(out, Object{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy", Metadata: closed, Spec: w.policy})
	}
	return out
}

func (w *writer) selector() map[string]string { return map[string]string{labelName: w.name} }

// workload are the objects that make the pod, and those that only lead to it.
func (w *writer) workload() []Object {
	head := Metadata{Name: w.name, Labels: labelsOf(w)}
	var out []Object
	if len(w.ports) > 0 {
		out = append(out, Object{APIVersion: "v1", Kind: "Service", Metadata: head, Spec: service{"ClusterIP", w.selector(), w.ports}})
	}
	if w.play() || isShell(w) {
		w.meta.Name = w.name
		return append(out, Object{APIVersion: "v1", Kind: "Pod", Metadata: w.meta, Spec: w.pod})
	}
	pod := template{w.meta, w.pod}
	if isJob(w) {
		return append(out, Object{APIVersion: "batch/v1", Kind: "Job", Metadata: head, Spec: job{0, pod}})
	}
	spec := deployment{1, Typed{"Recreate"}, selector{w.selector()}, pod}
	return append(out, Object{APIVersion: "apps/v1", Kind: "Deployment", Metadata: head, Spec: spec})
}

// isJob tells that the run ends by itself, which a Deployment would start again for ever: a
// job, and what somebody has a shell run.
func isJob(w *writer) bool { return w.run.Kind == "job" || w.run.Kind == "shell" && ownArgs(w) }

// isShell tells that somebody types into the run. A Deployment would start it again for ever,
// and a Job would count it as done or failed: it is a Pod, which kubectl attaches to
// (kubernetes.io/docs/reference/kubectl/generated/kubectl_attach).
func isShell(w *writer) bool { return w.run.Kind == "shell" && !ownArgs(w) }

func ownArgs(w *writer) bool {
	_, m, _ := container.Args.Get(w.spec)
	return typed(m)
}

// typed tells a value of the command line.
func typed(m container.Mark) bool {
	return len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerCommandLine
}

// shell lets somebody type into the run, who for Podman would say -it.
func shell(w *writer) {
	w.ctr.Stdin, w.ctr.TTY = true, true
	if w.play() {
		w.note("podman attach %s-%s gets to it", w.name, w.ctr.Name)
	} else {
		w.note("kubectl attach -it pod/%s gets to it, and its end is the pod's; -- COMMAND behind the profile makes a Job", w.name)
	}
}

// finish says what no row does.
func finish(w *writer) {
	probes(w)
	imageUser(w)
	forOthers(w)
	if isShell(w) {
		shell(w)
	}
	if !w.play() {
		w.pod.ServiceAccountName = w.name
	} else if _, _, said := container.Restart.Get(w.spec); !said { // which a Pod has for always
		w.pod.RestartPolicy = "Never"
	}
	w.pod.Automount, w.pod.EnableServiceLinks = ptr(false), ptr(false)
	for k, v := range labelsOf(w) {
		w.meta.Labels[k] = v
	}
	if w.run.Arch != "" && !w.play() {
		w.pod.NodeSelector = map[string]string{"kubernetes.io/arch": w.run.Arch}
	}
	if !reflect.ValueOf(w.groups).IsZero() {
		w.pod.SecurityContext = &w.groups
	}
	w.pod.Containers = []Container{w.ctr}
	if w.policy != nil {
		w.note("the NetworkPolicy holds where the cluster's network plugin enforces such policies")
	}
}

// probes asks what zlaunch asks once it has started a run. Whatever answers after that is
// asked on.
func probes(w *writer) {
	r := w.run.Ready
	switch {
	case r == nil:
	case w.play():
		w.note("podman kube play asks no readiness: %s on port %d answers once it serves", r.Path, r.Port.Number)
	default:
		get := httpGet{r.Path, int(r.Port.Number)}
		w.ctr.StartupProbe = &probe{get, probePeriod, probeTimeout, max(1, (r.Within+probePeriod-1)/probePeriod)}
		w.ctr.ReadinessProbe = &probe{get, 2 * probePeriod, probeTimeout, 3}
		w.ctr.LivenessProbe = &probe{get, 4 * probePeriod, 2 * probeTimeout, 6}
	}
}

// How often and how long is asked, in seconds. A server that computes answers late, and
// is ended after two minutes of silence only.
const (
	probePeriod  = 5
	probeTimeout = 5
)
