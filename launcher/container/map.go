package container

import (
	"maps"
	"slices"
)

// Map is the row of a keyed collection; each element is a flag of its own.
type Map[T any] struct {
	facts
	equality[T]
	at func(*Spec) *map[string]T
}

// Set gives the element at elem the value v and its mark.
func (f Map[T]) Set(s *Spec, elem string, v T, m Mark) {
	p := f.at(s)
	if *p == nil {
		*p = map[string]T{}
	}
	(*p)[elem] = v
	s.marks.setElem(Path{f.key, elem}, m)
}

// Get returns the element at elem, its mark, and whether it is known. One that is not
// there is not known, also where [Map.Complete] tells that it cannot be there.
func (f Map[T]) Get(s *Spec, elem string) (v T, m Mark, known bool) {
	m, known = s.marks.elem(Path{f.key, elem})
	return (*f.at(s))[elem], m, known
}

// Delete takes the element away.
func (f Map[T]) Delete(s *Spec, elem string) {
	delete(*f.at(s), elem)
	delete(s.marks.elems, Path{f.key, elem})
}

// Keys lists the elements, sorted.
func (f Map[T]) Keys(s *Spec) []string {
	m := *f.at(s)
	if len(m) == 0 {
		return nil
	}
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// SetComplete records that the collection holds all there is.
func (f Map[T]) SetComplete(s *Spec, m Mark) { s.marks.setRow(f.n, m) }

// Complete tells whether the collection is known to hold all there is.
func (f Map[T]) Complete(s *Spec) bool { _, ok := s.marks.row(f.n); return ok }

// Clear makes the row unknown.
func (f Map[T]) Clear(s *Spec) {
	for _, k := range f.Keys(s) {
		f.Delete(s, k)
	}
	*f.at(s) = nil
	s.marks.clearRow(f.n)
}

// Doubt makes the collection incomplete.
func (f Map[T]) Doubt(s *Spec) { s.marks.clearRow(f.n) }

// Copy sets the row of dst to that of src.
func (f Map[T]) Copy(dst, src *Spec) {
	f.Clear(dst)
	for _, k := range f.Keys(src) {
		v, m, _ := f.Get(src, k)
		f.Set(dst, k, v, m)
	}
	if m, ok := src.marks.row(f.n); ok {
		dst.marks.setRow(f.n, m)
	}
}

// Settings implements [Row].
func (f Map[T]) Settings(s *Spec) []Setting { return f.shown(f.raw(s)) }

func (f Map[T]) raw(s *Spec) []Setting {
	var out []Setting
	for _, k := range f.Keys(s) {
		if v, m, ok := f.Get(s, k); ok {
			out = append(out, Setting{Path{f.key, k}, v, m})
		}
	}
	return out
}

func (f Map[T]) overlay(s, near *Spec) {
	for _, k := range f.Keys(near) {
		v, m, ok := f.Get(near, k)
		if !ok {
			continue
		}
		_, was, _ := f.Get(s, k)
		m.Origin = append(slices.Clone(m.Origin), was.Origin...)
		f.Set(s, k, v, m)
	}
}

func (f Map[T]) part(s *Spec) { *f.at(s) = maps.Clone(*f.at(s)) }
