package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The control of pods, and what a pod decides of other controls.

var podUnderstood = &Control{
	ID: "ZL-609", Name: "pod-understood", Severity: Low,
	Title:  "Pod sharing is understood",
	Why:    "containers of a pod share network, ipc and host name: what fails for the infra container fails for all",
	Fix:    "let the file that makes the pod be audited with it, or leave --pod away",
	Breaks: "containers that reach each other at localhost",
	Refs:   []string{"IBM L11-14", "CIS 5.10", "CIS 5.16", "CIS 5.17", "CIS 5.21"},
	Reads:  []container.Row{container.Pod},
	Judge:  judgePodUnderstood,
	Mend:   set(container.Pod, ""),
}

// judgePodUnderstood: what a container of a pod shares stands in its pod, not in its own
// options.
func judgePodUnderstood(k *Case) {
	pod, m, ok := container.Pod.Get(k.Spec)
	switch {
	case !ok:
		k.Open(at(container.Pod), "%s is not known", container.Pod.Key())
	case pod != "" && m.Why == "" && !peek(k, container.PodKnown):
		k.Open(at(container.Pod), "what the pod %s decides is not known", strings.TrimSpace(pod))
	}
}

// inPod opens what passed by a row that a pod decides, where what the pod says is
// not known.
func inPod(s *container.Spec, in []Finding) []Finding {
	pod, _, _ := container.Pod.Get(s)
	if known, _, _ := container.PodKnown.Get(s); pod == "" || known {
		return in
	}
	for i := range in {
		f := &in[i]
		for _, r := range f.Control.Reads {
			if f.Verdict == Pass && decidedByPod[r.Key()] {
				f.Verdict, f.At, f.Message = Open, at(container.Pod), "the pod "+strings.TrimSpace(pod)+" decides "+r.Key()+" too"
			}
		}
	}
	return in
}

var decidedByPod = func() map[string]bool {
	out := map[string]bool{}
	for _, r := range container.PodRows {
		out[r.Key()] = true
	}
	return out
}()

// OfPod leaves of the findings on a pod those of controls that read what a pod
// decides: what every pod does, and what this one states. The others do not apply:
// its containers are judged themselves, and no option of a pod says how its infra
// container runs, which does nothing but wait.
func OfPod(in []Finding, stated []container.Row) []Finding {
	decided := map[string]bool{}
	for _, r := range slices.Concat(everyPods, stated) {
		decided[r.Key()] = true
	}
	for i := range in {
		f := &in[i]
		reads := f.Control.Reads
		if len(reads) == 0 || slices.ContainsFunc(reads, func(r container.Row) bool { return decided[r.Key()] }) {
			continue
		}
		f.Verdict, f.At = NotApplicable, container.Path{}
		f.Message = "a pod decides nothing of it; its containers are judged themselves"
	}
	return in
}

// LeftByPod are the keys of the rows that a pod leaves to its containers, which are judged
// themselves: all but those that every pod decides, and this one does, or may.
func LeftByPod(stated []container.Row) (out []string) {
	decided := slices.Concat(everyPods, stated)
	for _, row := range container.All() {
		if !slices.ContainsFunc(decided, func(r container.Row) bool { return r.Key() == row.Key() }) {
			out = append(out, row.Key())
		}
	}
	return out
}

// everyPods are the rows that every pod decides, also where it does not state them:
// those of the engine that makes it, and of the namespaces that its members share.
var everyPods = []container.Row{
	container.Prefix, container.Remote, container.Modules, container.Runtime, container.RuntimeOpt, container.HooksDir,
	container.EngineOpts, container.Rootless, container.Network, container.Publish, container.Ipc, container.Uts, container.Userns,
}
