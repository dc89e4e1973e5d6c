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
// findings of controls that are judged elsewhere, where their facts are, alone or
// also; a control that is judged only there and has none is open.
func Judge(s *container.Spec, brought ...Finding) []Finding {
	from := map[*Control][]Finding{}
	for _, f := range brought {
		from[f.Control] = append(from[f.Control], f)
	}
	k := Case{Spec: s, out: make([]Finding, 0, len(catalogue())+32)}
	for _, c := range catalogue() {
		k.control, k.begin = c, len(k.out)
		if c.Judge != nil {
			c.Judge(&k)
		}
		if more := from[c]; len(more) > 0 {
			k.out = append(k.out[:k.begin], merge(slices.Clone(k.out[k.begin:]), more)...)
		}
		if k.silent() {
			k.out = append(k.out, silence(c))
		}
		for i := k.begin; i < len(k.out); i++ {
			evident(s, &k.out[i])
		}
	}
	return inPod(s, k.out)
}

// merge joins what a control says with what was brought for it, which is known
// closer to the facts: it takes the place of a control that does not apply, and of
// two failures of one setting the graver one stays.
func merge(own, brought []Finding) []Finding {
	if len(brought) == 0 {
		return own
	}
	graver := func(f Finding, than []Finding, orAlike bool) bool {
		return slices.ContainsFunc(than, func(o Finding) bool {
			return f.Verdict == Fail && o.Verdict == Fail && o.At == f.At && (o.Severity > f.Severity || orAlike && o.Severity == f.Severity)
		})
	}
	out := slices.DeleteFunc(slices.Clone(own), func(f Finding) bool {
		return f.Verdict == NotApplicable || graver(f, brought, true)
	})
	for _, f := range brought {
		if !graver(f, own, false) && !(f.Verdict == Pass && len(out) > 0) {
			out = append(out, f)
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
func evident(s *container.Spec, f *Finding) {
	if f.Evidence != container.Unknown || f.Verdict == NotApplicable {
		return
	}
	if by := shownBy(s, f); by != "" {
		f.Message += "; seen of " + by
	}
	if f.At.Key != "" {
		if m, ok := s.MarkOf(f.At); ok {
			f.Evidence, f.Origin = m.Evidence, m.Origin
			return
		}
	}
	f.Evidence = rests(s, f.Control.Reads)
}

// shownBy names the process that a failure is about, where it is not the first.
func shownBy(s *container.Spec, f *Finding) string {
	if f.Verdict != Fail {
		return ""
	}
	if m, ok := s.MarkOf(f.At); ok && m.By != "" {
		return m.By
	}
	for _, r := range f.Control.Reads {
		if m, ok := s.Mark(r); ok && m.By != "" {
			return m.By
		}
	}
	return ""
}

// rests is how well the least known of the rows is known, among those that any
// evidence can settle where there are such: cap_drop is settled by capabilities.
func rests(s *container.Spec, rows []container.Row) container.Evidence {
	var settled, least container.Evidence
	for _, r := range rows {
		m, ok := s.Mark(r)
		if !ok {
			continue
		}
		if least == container.Unknown || m.Evidence < least {
			least = m.Evidence
		}
		if r.Proof() != container.Unknown && (settled == container.Unknown || m.Evidence < settled) {
			settled = m.Evidence
		}
	}
	if settled != container.Unknown {
		return settled
	}
	return least
}

// Doubt opens what passed by a row of which something is not known, named by its
// key: what was not understood might be the opposite.
func Doubt(in []Finding, open []string) []Finding {
	if len(open) == 0 {
		return in
	}
	for i := range in {
		f := &in[i]
		if f.Verdict != Pass {
			continue
		}
		for _, r := range f.Control.Reads {
			if slices.Contains(open, r.Key()) {
				f.Verdict, f.At, f.Message = Open, at(r), "not all that is stated of "+r.Key()+" can be known"
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
