package audit

import (
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Case is one spec before one control. What the control says of it becomes
// findings; a case of which nothing is said has passed.
type Case struct {
	Spec    *container.Spec
	control *Control
	out     []Finding  // of all controls so far
	begin   int        // of this control
	mounts  []*mount   // of Spec, read once for all controls; see volumes
	paths   []hostPath // likewise; see hostPaths
}

// Fail says that the spec breaks the control at a setting, and how: the
// obligation, in the user's own words: "read_only must be true".
func (k *Case) Fail(at container.Path, format string, args ...any) {
	k.FailAs(k.control.Severity, at, format, args...)
}

// FailAs is [Case.Fail] for a failure that weighs more or less than the control.
func (k *Case) FailAs(s Severity, at container.Path, format string, args ...any) {
	k.say(Fail, s, at, format, args...)
}

// Open says that what the control must know of a setting is not known, and what
// would tell.
func (k *Case) Open(at container.Path, format string, args ...any) {
	k.say(Open, k.control.Severity, at, format, args...)
}

// Review says that no setting can tell and a person must look, and at what.
func (k *Case) Review(at container.Path, format string, args ...any) {
	k.say(Review, k.control.Severity, at, format, args...)
}

// NA says why the control does not apply to the spec at all.
func (k *Case) NA(format string, args ...any) {
	k.say(NotApplicable, k.control.Severity, container.Path{}, format, args...)
}

// silent tells whether the control has said nothing so far.
func (k *Case) silent() bool { return len(k.out) == k.begin }

func (k *Case) say(v Verdict, s Severity, at container.Path, format string, args ...any) {
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	k.out = append(k.out, Finding{Control: k.control, Verdict: v, Severity: s, At: at, Message: message})
}

// at is the path of a row.
func at(row container.Row) container.Path { return container.Path{Key: row.Key()} }

// elem is the path of an element of a row.
func elem(row container.Row, e string) container.Path { return container.Path{Key: row.Key(), Elem: e} }

// read returns the value of a row. Where it is not known the control is open
// there.
func read[T any](k *Case, row container.Field[T]) (v T, known bool) {
	v, _, known = row.Get(k.Spec)
	if !known {
		k.Open(at(row), "%s is not known", row.Key())
	}
	return v, known
}

// peek is [read] for a value the control can do without: nothing is said where it
// is not known.
func peek[T any](k *Case, row container.Field[T]) T {
	v, _, _ := row.Get(k.Spec)
	return v
}

// each calls f for every element of a collection, sorted. A collection that is
// not known to be complete is open beside what is known of it.
func each[T any](k *Case, row container.Map[T], f func(at container.Path, key string, v T, m container.Mark)) {
	for _, key := range row.Keys(k.Spec) {
		if v, m, ok := row.Get(k.Spec, key); ok {
			f(elem(row, key), key, v, m)
		}
	}
	if !row.Complete(k.Spec) {
		k.Open(at(row), "whether there is more in %s is not known", row.Key())
	}
}

// claims is a judge that demands one value of one row.
func claims[T comparable](row container.Field[T], want T, obligation string) func(*Case) {
	return func(k *Case) {
		if v, ok := read(k, row); ok && v != want {
			k.Fail(at(row), "%s", obligation)
		}
	}
}

// empty is a judge that demands an empty list.
func empty(row container.Field[[]string], obligation string) func(*Case) {
	return func(k *Case) {
		if v, ok := read(k, row); ok && len(v) > 0 {
			k.Fail(at(row), "%s, it holds %q", obligation, v)
		}
	}
}

// hostMade tells that the host's administrator added a setting to every
// container.
func hostMade(m container.Mark) bool {
	return len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerHost
}

// imageMade tells that a setting came with the image.
func imageMade(m container.Mark) bool {
	return len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerImage
}

// set is a Mend that gives a row one value.
func set[T any](row container.Field[T], v T) func(*container.Spec, container.Path) {
	return func(s *container.Spec, _ container.Path) { row.Set(s, v, mended) }
}

// mended marks what a Mend decides.
var mended = container.From(container.Origin{Layer: container.LayerDerived, Key: "zlaunch audit --fix"})
