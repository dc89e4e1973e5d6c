package audit

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

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

// stated tells that somebody wrote the setting: not the image, and no observation.
func stated(m container.Mark) bool {
	return m.Evidence <= container.Created && !(len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerImage)
}

// byEngine tells that nobody stated a value, and the engine's default holds.
func byEngine(m container.Mark) bool {
	return len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerEngine
}

func planned(k *Case) bool { return peek(k, container.Subject) == "plan" }

// beforeHost tells that the case is a text, which no host runs yet.
func beforeHost(k *Case) bool { return textOf(k) != "" }

// textOf is what the text is in which a case stands; "" it stands in none.
func textOf(k *Case) string {
	switch s := peek(k, container.Subject); s {
	case "line", "unit":
		return s
	case "compose":
		return "Compose file"
	}
	return ""
}

// needsHost says of a control that asks a fact of the host: of a line or a unit it
// does not apply, of anything else it is open.
func needsHost(k *Case, row container.Row, what string) {
	if beforeHost(k) {
		k.NA("%s needs the host that runs it", what)
		return
	}
	k.Open(at(row), "%s is not known", what)
}

// set is a Mend that gives a row one value.
func set[T any](row container.Field[T], v T) func(*container.Spec, container.Path) {
	return func(s *container.Spec, _ container.Path) { row.Set(s, v, mended) }
}

// unstate is a Mend that leaves a setting to the engine's default.
func unstate(row container.Row) func(*container.Spec, container.Path) {
	return func(s *container.Spec, _ container.Path) { row.Clear(s) }
}

// dropElement is a Mend that takes the element away.
func dropElement[T any](row container.Map[T]) func(*container.Spec, container.Path) {
	return func(s *container.Spec, at container.Path) { row.Delete(s, at.Elem) }
}

// mended marks what a Mend decides.
var mended = container.From(container.Origin{Layer: container.LayerDerived, Key: "zlaunch audit --fix"})

// firstFew lists the first of many.
func firstFew(in []string) string {
	const most = 5
	if len(in) > most {
		return strings.Join(in[:most], ", ") + ", …"
	}
	return strings.Join(in, ", ")
}

func quoted(v []string) string { return fmt.Sprintf("%q", v) }
