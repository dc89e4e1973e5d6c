package kube

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// writer fills a pod, row by row.
type writer struct {
	run    form.Run
	spec   *container.Spec
	target string
	name   string // of all objects

	meta     Metadata // of the pod
	pod      PodSpec
	groups   podSecurity
	ctr      Container
	security securityContext
	ports    []servicePort
	claims   []Object
	byKServe string         // the claim with the models, which KServe mounts; "" none
	policy   *networkPolicy // nil: the pod is in the network of its node

	policyName string

	lost  []form.Loss
	notes []string
}

// rows writes all rows, and what no row says.
func (w *writer) rows(table []entry) {
	for _, e := range table {
		w.row(e)
	}
	finish(w)
}

// row writes one row, or says what of it is lost.
func (w *writer) row(e entry) {
	a := e.answer(w.target)
	if a.put != nil {
		if len(e.row.Settings(w.spec)) > 0 {
			a.put(w)
		}
		return
	}
	for _, s := range e.row.Settings(w.spec) {
		if !a.moot && !a.nothing(s.Value) {
			w.lose(s.Path, "%s", a.why)
			w.lost[len(w.lost)-1].Instead = a.instead(e.row, s.Path.Elem)
		}
	}
}

// instead sets what holds where nothing is written: the nature of the form, or what the answer
// says; nil: that is not known.
func (a answer) instead(row container.Row, elem string) func(*container.Spec) {
	if a.holds != nil {
		return func(s *container.Spec) { a.holds(s, elem, markOf(s, row)) }
	}
	switch f := row.(type) {
	case container.Field[bool]:
		if a.nature != "" {
			return func(s *container.Spec) { f.Set(s, a.nature == "true", markOf(s, row)) }
		}
	case container.Field[string]:
		if a.nature != "" {
			return func(s *container.Spec) { f.Set(s, a.nature, markOf(s, row)) }
		}
	}
	return nil
}

// markOf is the mark that a setting had: who asked for it has what the form says instead.
func markOf(s *container.Spec, row container.Row, elem ...string) container.Mark {
	m, _ := s.MarkOf(at(row, elem...))
	return m
}

// nothing tells a value that needs no key: an empty one, or the form's own.
func (a answer) nothing(v any) bool {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.String, reflect.Slice:
		return r.Len() == 0 || fmt.Sprint(v) == a.nature
	case reflect.Struct: // a limit of zero is one
		return false
	default:
		return a.nature == "" && r.IsZero() || fmt.Sprint(v) == a.nature
	}
}

func (w *writer) lose(at container.Path, why string, args ...any) {
	w.lost = append(w.lost, form.Loss{At: at, Why: fmt.Sprintf(why, args...)})
}

// becomes lists a setting that is written, or holds, as something else.
func (w *writer) becomes(at container.Path, set func(*container.Spec, container.Mark), why string, args ...any) {
	w.lose(at, why, args...)
	w.lost[len(w.lost)-1].Instead = func(s *container.Spec) {
		m, _ := s.MarkOf(at)
		set(s, m)
	}
}

func (w *writer) note(why string, args ...any) {
	if text := fmt.Sprintf(why, args...); !slices.Contains(w.notes, text) {
		w.notes = append(w.notes, text)
	}
}

func (w *writer) play() bool { return w.target == Podman }

func at(row container.Row, elem ...string) container.Path {
	return container.Path{Key: row.Key(), Elem: strings.Join(elem, "")}
}

// flag writes a truth value, false too.
func flag(f container.Field[bool], at func(*writer) **bool) func(*writer) {
	return func(w *writer) {
		v, _, _ := f.Get(w.spec)
		*at(w) = &v
	}
}

// plainFlag writes a truth value that is false where nothing is said.
func plainFlag(f container.Field[bool], at func(*writer) *bool) func(*writer) {
	return func(w *writer) { *at(w), _, _ = f.Get(w.spec) }
}

func text(f container.Field[string], at func(*writer) *string) func(*writer) {
	return func(w *writer) { *at(w), _, _ = f.Get(w.spec) }
}

// host writes a namespace that is the node's or, without a key, the pod's own.
func host(f container.Field[string], at func(*writer) *bool) func(*writer) {
	return func(w *writer) {
		switch v, _, _ := f.Get(w.spec); v {
		case "host":
			*at(w) = true
		case "private", "":
		default:
			w.lose(container.Path{Key: f.Key()}, "a pod has a namespace of its own, or the node's")
		}
	}
}

func ptr[T any](v T) *T { return &v }

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
	if w.policy != nil {
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
