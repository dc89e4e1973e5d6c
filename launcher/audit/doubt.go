package audit

import (
	"cmp"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Doubt opens what passed by a row of which something is not known, named by its
// key: what was not understood might be the opposite.
func Doubt(in []Finding, open []string) []Finding { return DoubtFor(in, open, "") }

// DoubtFor is [Doubt] for one reason, which every finding then names.
func DoubtFor(in []Finding, open []string, why string) []Finding {
	if len(open) == 0 {
		return in
	}
	for i := range in {
		f := &in[i]
		if f.Verdict == Open && why != "" && f.At.Elem == "" && slices.Contains(open, f.At.Key) {
			f.Message = why // rather than that it is not known
		}
		if f.Verdict != Pass {
			continue
		}
		for _, r := range f.Control.Reads {
			if slices.Contains(open, r.Key()) {
				f.Verdict, f.At, f.Message = Open, at(r), cmp.Or(why, "not all that is stated of "+r.Key()+" can be known")
				break
			}
		}
	}
	return in
}

// DoubtAll opens everything that passed, for a reason that may concern any setting.
func DoubtAll(in []Finding, why string) []Finding {
	for i := range in {
		if in[i].Verdict == Pass {
			in[i].Verdict, in[i].Message = Open, why
		}
	}
	return in
}

// OnlyWord opens what passes by the word of an engine alone, of a container whose
// kernel is not in sight: the controls of privilege, and those that read a setting
// which the kernel or the runtime's configuration settles. What the word itself admits to fail, fails. in is changed
// and returned.
func OnlyWord(in []Finding, why string) []Finding {
	for i := range in {
		f := &in[i]
		settled := slices.ContainsFunc(f.Control.Reads, func(r container.Row) bool { return r.Proof() > container.Inspected })
		if f.Verdict == Pass && (settled || f.Control.Group() == Privilege) {
			f.Verdict, f.Message = Open, "only the engine says that it holds: "+why
		}
	}
	return in
}
