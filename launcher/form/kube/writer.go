package kube

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// writer fills a pod, row by row.
type writer struct {
	run    form.Run
	spec   *container.Spec
	target string
	name   string // of all objects

	meta     Metadata // of the pod
	pod      PodSpec
	groups   podSecurity
	ctr      Container
	security securityContext
	ports    []servicePort
	claims   []Object
	byKServe string         // the claim with the models, which KServe mounts; "" none
	policy   *networkPolicy // nil: the pod is in the network of its node

	policyName string

	lost  []form.Loss
	notes []string
}

// rows writes all rows, and what no row says.
func (w *writer) rows(table []entry) {
	for _, e := range table {
		w.row(e)
	}
	finish(w)
}

// row writes one row, or says what of it is lost.
func (w *writer) row(e entry) {
	a := e.answer(w.target)
	if a.put != nil {
		if len(e.row.Settings(w.spec)) > 0 {
			a.put(w)
		}
		return
	}
	for _, s := range e.row.Settings(w.spec) {
		if !a.moot && !a.nothing(s.Value) {
			w.lose(s.Path, "%s", a.why)
			w.lost[len(w.lost)-1].Instead = a.instead(e.row, s.Path.Elem)
		}
	}
}

// instead sets what holds where nothing is written: the nature of the form, or what the answer
// says; nil: that is not known.
func (a answer) instead(row container.Row, elem string) func(*container.Spec) {
	if a.holds != nil {
		return func(s *container.Spec) { a.holds(s, elem, markOf(s, row)) }
	}
	switch f := row.(type) {
	case container.Field[bool]:
		if a.nature != "" {
			return func(s *container.Spec) { f.Set(s, a.nature == "true", markOf(s, row)) }
		}
	case container.Field[string]:
		if a.nature != "" {
			return func(s *container.Spec) { f.Set(s, a.nature, markOf(s, row)) }
		}
	}
	return nil
}

// markOf is the mark that a setting had: who asked for it has what the form says instead.
func markOf(s *container.Spec, row container.Row, elem ...string) container.Mark {
	m, _ := s.MarkOf(at(row, elem...))
	return m
}

// nothing tells a value that needs no key: an empty one, or the form's own.
func (a answer) nothing(v any) bool {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.String, reflect.Slice:
		return r.Len() == 0 || fmt.Sprint(v) == a.nature
	case reflect.Struct: // a limit of zero is one
		return false
	default:
		return a.nature == "" && r.IsZero() || fmt.Sprint(v) == a.nature
	}
}

func (w *writer) lose(at container.Path, why string, args ...any) {
	w.lost = append(w.lost, form.Loss{At: at, Why: fmt.Sprintf(why, args...)})
}

// becomes lists a setting that is written, or holds, as something else.
func (w *writer) becomes(at container.Path, set func(*container.Spec, container.Mark), why string, args ...any) {
	w.lose(at, why, args...)
	w.lost[len(w.lost)-1].Instead = func(s *container.Spec) {
		m, _ := s.MarkOf(at)
		set(s, m)
	}
}

func (w *writer) note(why string, args ...any) {
	if text := fmt.Sprintf(why, args...); !slices.Contains(w.notes, text) {
		w.notes = append(w.notes, text)
	}
}

func (w *writer) play() bool { return w.target == Podman }

func at(row container.Row, elem ...string) container.Path {
	return container.Path{Key: row.Key(), Elem: strings.Join(elem, "")}
}

// flag writes a truth value, false too.
func flag(f container.Field[bool], at func(*writer) **bool) func(*writer) {
	return func(w *writer) {
		v, _, _ := f.Get(w.spec)
		*at(w) = &v
	}
}

// plainFlag writes a truth value that is false where nothing is said.
func plainFlag(f container.Field[bool], at func(*writer) *bool) func(*writer) {
	return func(w *writer) { *at(w), _, _ = f.Get(w.spec) }
}

func text(f container.Field[string], at func(*writer) *string) func(*writer) {
	return func(w *writer) { *at(w), _, _ = f.Get(w.spec) }
}

// host writes a namespace that is the node's or, without a key, the pod's own.
func host(f container.Field[string], at func(*writer) *bool) func(*writer) {
	return func(w *writer) {
		switch v, _, _ := f.Get(w.spec); v {
		case "host":
			*at(w) = true
		case "private", "":
		default:
			w.lose(container.Path{Key: f.Key()}, "a pod has a namespace of its own, or the node's")
		}
	}
}

func ptr[T any](v T) *T { return &v }
