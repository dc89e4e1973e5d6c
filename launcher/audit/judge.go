package audit

import (
	"cmp"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

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
			k.out = append(k.out, passOrOpen(c))
		}
		for i := k.begin; i < len(k.out); i++ {
			addEvidence(s, &k.out[i])
			k.out[i].Fix = cmp.Or(k.out[i].Fix, FixOf(c, s))
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

// passOrOpen is the finding of a control that said nothing.
func passOrOpen(c *Control) Finding {
	f := Finding{Control: c, Verdict: Pass, Severity: c.Severity}
	if c.Judge == nil {
		f.Verdict, f.Message = Open, "it is judged on the host that runs it, before the run"
	}
	return f
}

// addEvidence completes a finding by how its setting is known and who decided it. A
// pass is as well known as the least known row it rests on.
func addEvidence(s *container.Spec, f *Finding) {
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
	f.Evidence = leastEvidence(s, f.Control.Reads)
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

// leastEvidence is how well the least known of the rows is known, among those that any
// evidence can settle where there are such: cap_drop is settled by capabilities.
func leastEvidence(s *container.Spec, rows []container.Row) container.Evidence {
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
