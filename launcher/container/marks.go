package container

import (
	"maps"
	"slices"
	"sync/atomic"
)

// marks holds who decided every known flag. Rows are numbered, so that the mark of
// one is found without hashing: an audit asks for some hundreds of them. Rows that
// were marked alike one after the other share their mark, which is never changed.
type marks struct {
	rows  []*Mark // by the row's number, nil of an unknown one; nil before the first
	last  *Mark   // the one made last
	elems map[Path]Mark
}

// numbered counts the rows as they are made, before anything runs.
var numbered atomic.Int32

func nextNumber() int { return int(numbered.Add(1)) - 1 }

func (m *marks) row(n int) (Mark, bool) {
	if n >= len(m.rows) || m.rows[n] == nil {
		return Mark{}, false
	}
	return *m.rows[n], true
}

func (m *marks) setRow(n int, mark Mark) {
	if m.rows == nil {
		m.rows = make([]*Mark, numbered.Load())
	}
	if m.last == nil || !alike(m.last, &mark) {
		one := mark // so that only this one is made on the heap
		m.last = &one
	}
	m.rows[n] = m.last
}

// alike tells whether two marks are one: the same origins, not like ones.
func alike(a, b *Mark) bool {
	return a.Evidence == b.Evidence && a.Why == b.Why && a.By == b.By && len(a.Origin) == len(b.Origin) && (len(a.Origin) == 0 || &a.Origin[0] == &b.Origin[0])
}

func (m *marks) clearRow(n int) {
	if n < len(m.rows) {
		m.rows[n] = nil
	}
}

func (m *marks) clone() marks {
	return marks{rows: slices.Clone(m.rows), elems: maps.Clone(m.elems)}
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
