package container

import "sync/atomic"

// marks holds who decided every known flag. Rows are numbered, so that the mark of
// one is found without hashing: an audit asks for some hundreds of them.
type marks struct {
	rows  []rowMark // by the row's number; nil before the first
	elems map[Path]Mark
}

type rowMark struct {
	Mark
	known bool
}

// numbered counts the rows as they are made, before anything runs.
var numbered atomic.Int32

func nextNumber() int { return int(numbered.Add(1)) - 1 }

func (m *marks) row(n int) (Mark, bool) {
	if n >= len(m.rows) {
		return Mark{}, false
	}
	return m.rows[n].Mark, m.rows[n].known
}

func (m *marks) setRow(n int, mark Mark) {
	if m.rows == nil {
		m.rows = make([]rowMark, numbered.Load())
	}
	m.rows[n] = rowMark{mark, true}
}

func (m *marks) clearRow(n int) {
	if n < len(m.rows) {
		m.rows[n] = rowMark{}
	}
}

func (m *marks) elem(p Path) (Mark, bool) { mark, ok := m.elems[p]; return mark, ok }

func (m *marks) setElem(p Path, mark Mark) {
	if m.elems == nil {
		m.elems = map[Path]Mark{}
	}
	m.elems[p] = mark
}

// MarkOf returns the mark at p, and whether the flag is known.
func (s *Spec) MarkOf(p Path) (Mark, bool) {
	if p.Elem != "" {
		return s.marks.elem(p)
	}
	r := byKey[p.Key]
	if r == nil {
		return Mark{}, false
	}
	return s.Mark(r)
}

// Mark returns the mark of a row itself: of its value, or that a collection is
// complete.
func (s *Spec) Mark(r Row) (Mark, bool) { return s.marks.row(r.number()) }

// set marks the flag at p.
func (s *Spec) mark(p Path, m Mark) {
	if p.Elem != "" {
		s.marks.setElem(p, m)
	} else if r := byKey[p.Key]; r != nil {
		s.marks.setRow(r.number(), m)
	}
}
