package subject

import (
	"cmp"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// everyRow stands for the keys of all rows, in [Audited.Doubted].
const everyRow = "*"

// doubting is s without what is doubted: what was read of it meets no check of a policy, as
// no control passes by it.
func doubting(s *container.Spec, keys []string) *container.Spec {
	if len(keys) == 0 {
		return s
	}
	s = container.Clone(s)
	for _, row := range container.All() {
		if slices.Contains(keys, row.Key()) || slices.Contains(keys, everyRow) {
			row.Doubt(s)
		}
	}
	return s
}

// rowsOf are the rows that are doubted of a pod.
func rowsOf(keys []string) (out []container.Row) {
	if slices.Contains(keys, everyRow) {
		return container.PodRows
	}
	for _, key := range keys {
		out = append(out, container.ByKey(key))
	}
	return out
}

// settledBelow are the keys of the rows that the kernel or the runtime's configuration
// settles, of which the word of an engine is a claim.
func settledBelow() (out []string) {
	for _, row := range container.All() {
		if row.Proof() > container.Inspected {
			out = append(out, row.Key())
		}
	}
	return out
}

// doubted are the keys of the rows that a record has, and knows less of. One of an older
// zlaunch says so by its findings alone.
func (e *Evidence) doubted() []string {
	out := slices.Clone(e.Doubted)
	for _, f := range e.Findings {
		written := e.Subject.Kind != "plan" && e.Subject.Kind != "container"
		if written && f.Control == audit.InputUnderstood.ID && f.Verdict == audit.Open && f.Setting.Elem == "" {
			out = append(out, cmp.Or(f.Setting.Key, everyRow))
		}
	}
	return out
}
