package container

// Explain gives every setting of got the reason and the origin that planned has
// for the same value: what was written down once holds where it is seen again.
func Explain(got, planned *Spec) {
	for _, r := range all {
		had := byPath(r.raw(got))
		for _, w := range r.raw(planned) {
			if g, ok := had[w.Path]; ok && r.same(w.Value, g.Value) {
				g.Mark.Why, g.Mark.Origin = w.Mark.Why, w.Mark.Origin
				got.mark(w.Path, g.Mark)
			}
		}
	}
}

// At returns a copy of s in which every setting is known at rung e.
func At(s *Spec, e Evidence) *Spec {
	c := Clone(s)
	for i, m := range c.marks.rows {
		if m != nil {
			at := *m
			at.Evidence = e
			c.marks.rows[i] = &at
		}
	}
	for p, m := range c.marks.elems {
		m.Evidence = e
		c.marks.elems[p] = m
	}
	return c
}
