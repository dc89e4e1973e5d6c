package audit

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Verdict is what a control says of a spec.
type Verdict uint8

// The verdicts, in the order reports list them.
const (
	Fail          Verdict = iota
	Review                // no evidence can tell, a person must look
	Open                  // evidence is missing
	Waived                // fails, and is permitted
	NotApplicable         // cannot apply, with the reason
	Pass
)

func (v Verdict) String() string { return verdictNames[v] }

var verdictNames = [...]string{"fail", "review", "open", "waived", "notApplicable", "pass"}

// MarshalText makes a Verdict a JSON string.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (v *Verdict) UnmarshalText(text []byte) error {
	i := slices.Index(verdictNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("reading verdict %q: no such verdict", text)
	}
	*v = Verdict(i)
	return nil
}

// Finding is a control's verdict on one setting of a spec, or on the whole of it.
type Finding struct {
	Control  *Control
	Verdict  Verdict
	Severity Severity       // the control's, unless the failure is graded
	At       container.Path // the setting; zero: the whole
	Message  string         // fail: the obligation; open: what would tell; notApplicable: why
	Fix      string         // what to change, in the subject's own words
	Evidence container.Evidence
	Origin   []container.Origin // who decided the setting, the deciding one first
	Waiver   *Waiver            // of a waived one
	State    State              // beside a baseline
}

// Failures are the findings of s that fail.
func Failures(s *container.Spec) []Finding {
	return slices.DeleteFunc(Judge(s), func(f Finding) bool { return f.Verdict != Fail })
}

// Sort orders findings for a reader: by verdict, the gravest first, then by id and
// setting.
func Sort(in []Finding) { slices.SortStableFunc(in, order) }

// Sorted are findings as [Sort] orders them; in itself, where it is in order, else a copy.
func Sorted(in []Finding) []Finding {
	if slices.IsSortedFunc(in, order) {
		return in
	}
	out := slices.Clone(in)
	Sort(out)
	return out
}

func order(a, b Finding) int {
	first := cmp.Or(cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Control.ID, b.Control.ID))
	if first != 0 || a.At == b.At {
		return first
	}
	return cmp.Compare(a.At.String(), b.At.String())
}

// Worst is the gravest severity among the findings of a verdict; ok tells whether
// there are any.
func Worst(in []Finding, v Verdict) (worst Severity, ok bool) {
	for _, f := range in {
		if f.Verdict == v {
			worst, ok = max(worst, f.Severity), true
		}
	}
	return worst, ok
}
