package container

import (
	"reflect"
	"slices"
)

// Row is one setting seen by a loop, its type erased. The rows are [Field] and
// [Map] values; see [Rows].
type Row interface {
	// Key is podman's name of the option, '-' written as '_'.
	Key() string
	// Settings lists the marked values of the row in s, elements sorted, values
	// redacted. An unmarked row gives none.
	Settings(s *Spec) []Setting
	// Proof is the lowest rung of evidence that settles the row; Unknown means
	// that nothing can, and reports say so.
	Proof() Evidence
	// Derived tells that no option of podman-run states the row.
	Derived() bool
	// Copy sets the row of dst, marks included, to that of src.
	Copy(dst, src *Spec)
	// Clear makes the row unknown.
	Clear(s *Spec)
	// Doubt makes a value unknown; a collection keeps its elements and is no
	// longer complete.
	Doubt(s *Spec)

	raw(s *Spec) []Setting // as Settings, not redacted
	same(planned, got any) bool
	overlay(s, near *Spec)
	number() int
	part(s *Spec) // gives s a collection of its own
	keyed() bool  // a collection: each element is a flag of its own
	decode(s *Spec, e Encoded) error
}

// Equal tells whether a row holds the same in both specs, secrets included. Who decided it
// does not matter.
func Equal(r Row, a, b *Spec) bool {
	return slices.EqualFunc(r.raw(a), r.raw(b), func(x, y Setting) bool { return x.Path == y.Path && reflect.DeepEqual(x.Value, y.Value) })
}

// Setting is one line of a plan, a diff or a report.
type Setting struct {
	Path  Path `json:"setting"`
	Value any  `json:"value"`
	Mark  Mark `json:"-"`
}

// facts is what a row says of itself, whatever its type.
type facts struct {
	n       int // place of the row among all, see [marks]
	key     string
	proof   Evidence
	derived bool
	redact  func(any) any

	redactAt func(elem string, v any) any // for a keyed row
}

func (f facts) Key() string     { return f.key }
func (f facts) number() int     { return f.n }
func (f facts) Proof() Evidence { return f.proof }
func (f facts) Derived() bool   { return f.derived }

func (f facts) shown(in []Setting) []Setting {
	if f.redact != nil {
		for i := range in {
			in[i].Value = f.redact(in[i].Value)
		}
	}
	if f.redactAt != nil {
		for i := range in {
			in[i].Value = f.redactAt(in[i].Path.Elem, in[i].Value)
		}
	}
	return in
}

// equality tells when two values of a row are the same; nil: deep equality.
type equality[T any] func(planned, got T) bool

func (e equality[T]) same(planned, got any) bool {
	p, g := planned.(T), got.(T)
	if e != nil {
		return e(p, g)
	}
	return reflect.DeepEqual(p, g)
}

// Field is the row of one value: a scalar or a list.
type Field[T any] struct {
	facts
	equality[T]
	at func(*Spec) *T
}

// Set gives s the value v and its mark.
func (f Field[T]) Set(s *Spec, v T, m Mark) { *f.at(s) = v; s.marks.setRow(f.n, m) }

// Get returns the value, its mark, and whether it is known.
func (f Field[T]) Get(s *Spec) (v T, m Mark, known bool) {
	m, known = s.marks.row(f.n)
	return *f.at(s), m, known
}

// Clear makes the row unknown.
func (f Field[T]) Clear(s *Spec) {
	var zero T
	*f.at(s) = zero
	s.marks.clearRow(f.n)
}

// Doubt makes the row unknown.
func (f Field[T]) Doubt(s *Spec) { f.Clear(s) }

// Copy sets the row of dst to that of src.
func (f Field[T]) Copy(dst, src *Spec) {
	f.Clear(dst)
	if v, m, ok := f.Get(src); ok {
		f.Set(dst, v, m)
	}
}

func (f Field[T]) raw(s *Spec) []Setting {
	v, m, ok := f.Get(s)
	if !ok {
		return nil
	}
	return []Setting{{Path{Key: f.key}, v, m}}
}

// Settings implements [Row].
func (f Field[T]) Settings(s *Spec) []Setting { return f.shown(f.raw(s)) }

func (f Field[T]) part(*Spec) {}

// Overlay lays every marked setting of near over s: a scalar or list replaces,
// an element of a collection replaces its like. Origins of what is replaced are
// kept behind the new ones.
func Overlay(s, near *Spec) {
	for _, r := range all {
		r.overlay(s, near)
	}
}

func (f Field[T]) overlay(s, near *Spec) {
	if v, m, ok := f.Get(near); ok {
		_, was, _ := f.Get(s)
		m.Origin = append(slices.Clone(m.Origin), was.Origin...)
		f.Set(s, v, m)
	}
}
