package container

// Difference is one setting on which a plan and an observation disagree.
type Difference struct {
	Path     Path     `json:"setting"`
	Planned  any      `json:"planned"`  // nil: not planned
	Got      any      `json:"got"`      // nil: not there
	Evidence Evidence `json:"evidence"` // the rung that shows it

	By string `json:"by,omitempty"` // the process that shows it, where it is not the first one
}

// Diff lists where got disagrees with planned, in row order. A row that got
// does not mark is not compared: it was not seen. In a keyed row that got marks
// as complete, a planned element got lacks is a difference, and so is one the
// plan lacks wherever got has it. Values in the result are redacted.
func Diff(planned, got *Spec) []Difference {
	var out []Difference
	planned, got = Alike(planned, got)
	for _, r := range all {
		out = append(out, diffRow(r, planned, got)...)
	}
	return out
}

func diffRow(r Row, planned, got *Spec) []Difference {
	want, have := r.raw(planned), r.raw(got)
	shownWant, shownHave := byPath(r.Settings(planned)), byPath(r.Settings(got))
	wanted, had := byPath(want), byPath(have)
	var out []Difference
	for _, g := range have {
		w, ok := wanted[g.Path]
		if !ok && g.Path.Elem == "" {
			continue // a scalar the plan leaves open
		}
		if ok && r.same(w.Value, g.Value) {
			continue
		}
		out = append(out, Difference{g.Path, shownWant[g.Path].Value, shownHave[g.Path].Value, g.Mark.Evidence, g.Mark.By})
	}
	complete, isComplete := got.MarkOf(Path{Key: r.Key()})
	for _, w := range want {
		if _, ok := had[w.Path]; !ok && isComplete && w.Path.Elem != "" {
			out = append(out, Difference{w.Path, shownWant[w.Path].Value, nil, complete.Evidence, complete.By})
		}
	}
	return out
}

func byPath(in []Setting) map[Path]Setting {
	out := make(map[Path]Setting, len(in))
	for _, s := range in {
		out[s.Path] = s
	}
	return out
}

// Settings lists every known setting of s in row order, redacted.
func Settings(s *Spec) []Setting {
	var out []Setting
	for _, r := range all {
		out = append(out, r.Settings(s)...)
	}
	return out
}

// CountEvidence counts the known settings of s by the rung that shows them.
func CountEvidence(s *Spec) (n [Kernel + 1]int) {
	for _, r := range all {
		for _, set := range r.raw(s) {
			n[min(set.Mark.Evidence, Kernel)]++
		}
	}
	return n
}

// Clone copies s, marks included. Lists are shared: nobody changes one in place.
func Clone(s *Spec) *Spec {
	c := *s
	c.marks = s.marks.clone()
	for _, r := range all {
		r.part(&c)
	}
	return &c
}
