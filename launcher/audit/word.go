package audit

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// OnlyWord opens what passes by the word of an engine alone, of a container whose
// kernel is not in sight: the controls of privilege, and those that read a setting
// which the kernel or the runtime's configuration settles. What the word itself admits to fail, fails. in is changed
// and returned.
func OnlyWord(in []Finding, why string) []Finding {
	for i := range in {
		f := &in[i]
		settled := slices.ContainsFunc(f.Control.Reads, func(r container.Row) bool { return r.Proof() > container.Inspected })
		if f.Verdict == Pass && (settled || slices.Contains(privilege, f.Control)) {
			f.Verdict, f.Message = Open, "only the engine says that it holds: "+why
		}
	}
	return in
}
