package compose

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// shape is how the value of a key is written, and how it is read.
type shape struct {
	write func(*writer, key) error
	read  func(*service, key, pair)
}

var (
	// textual is one string.
	textual = shape{func(w *writer, k key) error { return w.options(k, func(o string) { w.put(k.name, value(o)) }) }, readOne}
	// literal is one number, or true or false.
	literal = shape{func(w *writer, k key) error { return w.options(k, func(o string) { w.put(k.name, word(o)) }) }, readTruth}
	// listed is a list of strings, to which several rows may add.
	listed = shape{func(w *writer, k key) error {
		return w.options(k, func(o string) {
			list := under(w.parent(k.name), last(k.name), yaml.SequenceNode)
			list.Content = append(list.Content, value(o))
		})
	}, readList}
)

// options calls f with the value of each option of the engine that states a row, and loses
// what the engine has no option for.
func (w *writer) options(k key, f func(string)) error {
	part := &container.Spec{}
	k.row.Copy(part, w.run.Spec)
	values, err := podmanValues(part)
	if w.target == Docker {
		values, err = dockerValues(part)
		if err != nil {
			w.lose(container.Path{Key: k.row.Key()}, "%s", err)
			return nil
		}
	}
	for _, v := range values {
		f(v)
	}
	return err
}

func podmanValues(s *container.Spec) ([]string, error) {
	args, err := podmanrun.Args(s)
	var out []string
	for _, a := range args {
		_, v, has := strings.Cut(a, "=")
		out = append(out, valueOf(v, !has))
	}
	return out, err
}

func dockerValues(s *container.Spec) ([]string, error) {
	options, err := command.Write(s, "docker")
	var out []string
	for _, o := range options {
		out = append(out, valueOf(o.Value, o.Alone))
	}
	return out, err
}

// valueOf is that of an option, which alone is a switch that is on.
func valueOf(v string, alone bool) string {
	if alone {
		return "true"
	}
	return v
}

// parent is the mapping in which the last name of a key stands.
func (w *writer) parent(name string) node {
	m := w.service
	for {
		head, rest, deeper := strings.Cut(name, ".")
		if !deeper {
			return m
		}
		m, name = under(m, head, yaml.MappingNode), rest
	}
}

func last(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

func (w *writer) put(name string, n node) { put(w.parent(name), last(name), n) }

// sized is a number of bytes, in the largest unit that says it exactly.
func sized(row container.Field[int64]) shape {
	return shape{func(w *writer, k key) error {
		n, _, _ := row.Get(w.run.Spec)
		for i, unit := range []string{"g", "m", "k"} {
			if size := int64(1) << (30 - 10*i); n > 0 && n%size == 0 {
				w.put(k.name, text(strconv.FormatInt(n/size, 10)+unit))
				return nil
			}
		}
		w.put(k.name, text(strconv.FormatInt(n, 10)+"b"))
		return nil
	}, readOne}
}

// words is an argument vector.
func words(row container.Field[[]string]) shape {
	return shape{func(w *writer, k key) error {
		argv, _, _ := row.Get(w.run.Spec)
		list := sequence()
		for _, a := range argv {
			list.Content = append(list.Content, value(a))
		}
		if len(argv) > 0 || row.Key() == container.Entrypoint.Key() {
			w.put(k.name, list)
		}
		return nil
	}, readWords}
}

// seconds is a duration.
var seconds = shape{func(w *writer, k key) error {
	return w.options(k, func(o string) { w.put(k.name, text(o+"s")) })
}, readSeconds}

// noCheck turns the image's own check of its health off. podman-compose 1.0 does not know
// disable.
var noCheck = shape{func(w *writer, k key) error {
	if off, _, _ := container.NoHealthcheck.Get(w.run.Spec); off {
		w.put(k.name, sequence(text("NONE")))
	}
	return nil
}, readCheck}

// limits are those of a process, each with both of its numbers.
var limits = shape{func(w *writer, k key) error {
	for _, name := range container.UlimitOf.Keys(w.run.Spec) {
		u, _, _ := container.UlimitOf.Get(w.run.Spec, name)
		put(under(w.service, k.name, yaml.MappingNode), name,
			mapping(entry{"soft", word(strconv.FormatInt(u.Soft, 10))}, entry{"hard", word(strconv.FormatInt(u.Hard, 10))}))
	}
	return nil
}, readLimits}
