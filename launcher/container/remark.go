package container

// Remark gives a known flag another mark; what is unknown stays unknown.
func (s *Spec) Remark(p Path, m Mark) {
	if _, known := s.MarkOf(p); known {
		s.mark(p, m)
	}
}
