package audit

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
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

var verdictNames = [...]string{"fail", "review", "open", "waived", "notApplicable", "pass"}

func (v Verdict) String() string { return verdictNames[v] }

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
	Evidence container.Evidence
	Origin   []container.Origin // who decided the setting, the deciding one first
	Waiver   *Waiver            // of a waived one
	State    State              // beside a baseline
}

// Judge judges s by every control of the catalogue and returns their findings in
// the order of the catalogue, one at least for each control. brought are the
// findings of controls that are judged elsewhere, where their facts are; such a
// control without any is open.
func Judge(s *container.Spec, brought ...Finding) []Finding {
	from := map[*Control][]Finding{}
	for _, f := range brought {
		from[f.Control] = append(from[f.Control], f)
	}
	out := make([]Finding, 0, len(catalogue())+8)
	k := Case{Spec: s}
	for _, c := range catalogue() {
		k.control, k.out = c, k.out[:0]
		if c.Judge != nil {
			c.Judge(&k)
		}
		k.out = append(k.out, from[c]...)
		if len(k.out) == 0 {
			k.out = append(k.out, silence(c))
		}
		for _, f := range k.out {
			out = append(out, evident(s, f))
		}
	}
	return out
}

// silence is the finding of a control that said nothing.
func silence(c *Control) Finding {
	f := Finding{Control: c, Verdict: Pass, Severity: c.Severity}
	if c.Judge == nil {
		f.Verdict, f.Message = Open, "it is judged on the host that runs it, before the run"
	}
	return f
}

// evident completes a finding by how its setting is known and who decided it. A
// pass is as well known as the least known row it rests on.
func evident(s *container.Spec, f Finding) Finding {
	if f.Evidence != container.Unknown || f.Verdict == NotApplicable {
		return f
	}
	if m, ok := s.MarkOf(f.At); ok {
		f.Evidence, f.Origin = m.Evidence, m.Origin
		return f
	}
	for _, r := range f.Control.Reads {
		if m, ok := s.MarkOf(at(r)); ok && (f.Evidence == container.Unknown || m.Evidence < f.Evidence) {
			f.Evidence = m.Evidence
		}
	}
	return f
}

// Failures are the findings of s that fail.
func Failures(s *container.Spec) []Finding {
	return slices.DeleteFunc(Judge(s), func(f Finding) bool { return f.Verdict != Fail })
}

// Sort orders findings for a reader: by verdict, the gravest first, then by id and
// setting.
func Sort(in []Finding) {
	slices.SortStableFunc(in, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(b.Severity, a.Severity),
			cmp.Compare(a.Control.ID, b.Control.ID), cmp.Compare(a.At.String(), b.At.String()))
	})
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

// ParseSeverity reads a severity by its name.
func ParseSeverity(name string) (Severity, error) {
	i := slices.Index(severityNames[:], name)
	if i < 0 {
		return 0, hint.Errorf("a severity is one of info, low, medium, high, critical", "reading severity %q: there is none", name)
	}
	return Severity(i), nil
}
