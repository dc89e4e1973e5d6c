package audit

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// everyPods are the rows that every pod decides, also where it does not state them:
// those of the engine that makes it, and of the namespaces that its members share.
var everyPods = []container.Row{
	container.Prefix, container.Remote, container.Modules, container.Runtime, container.RuntimeOpt, container.HooksDir,
	container.EngineOpts, container.Rootless, container.Network, container.Publish, container.Ipc, container.Uts, container.Userns,
}

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
