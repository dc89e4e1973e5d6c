package compose

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// service is one service while it is made a line.
type service struct {
	*reader
	name  string
	at    *source // that is read
	dir   string  // of it, seen from the directory of the main file
	out   *form.Reading
	words map[*yaml.Node]int
	args  []argument

	image     *argument
	built     *argument // build:
	entry     []argument
	command   []argument
	entrySaid bool
	network   bool // something is said of the network
}

// argument is one word of the line, and that of the file which says it; -1: Compose does.
type argument struct {
	filled
	word int
}

// layer is one mapping of keys of a service. What comes later has the last say.
type layer struct {
	at   *source
	dir  string
	keys []pair
}

// service reads one service.
func (r *reader) service(name string) *form.Reading {
	s := &service{reader: r, name: name, words: map[*yaml.Node]int{}, at: r.layers[0]}
	s.out = &form.Reading{File: r.name, Subject: r.name, Name: shown(name), Engine: r.engine, Form: "compose"}
	var layers []layer
	for _, l := range r.layers {
		for _, p := range r.pairs(r.field(l.top, "services"), nil) {
			if p.key.Value == name {
				s.at = l
				s.word(name, p.key)
				layers = append(layers, s.extended(l, p.value, nil)...)
			}
		}
	}
	for i, l := range layers {
		s.at, s.dir = l.at, l.dir
		for _, p := range l.keys {
			if !slices.ContainsFunc(layers[i+1:], func(later layer) bool { return later.replaces(p.key.Value) }) {
				s.key("", p)
			}
		}
	}
	s.read()
	return s.out
}

// replaces tells whether a layer says !reset or !override of a key.
func (l layer) replaces(key string) bool {
	return slices.ContainsFunc(l.keys, func(p pair) bool {
		return p.key.Value == key && (p.value.Tag == "!reset" || p.value.Tag == "!override")
	})
}

// maxExtends bounds how far one service extends another.
const maxExtends = 10

// extended are the layers of a service, those that it extends first.
func (s *service) extended(at *source, n *yaml.Node, through []*yaml.Node) []layer {
	s.at = at
	n = resolved(n)
	if n == nil || n.Kind != yaml.MappingNode {
		if !isNull(n) {
			s.leave(s.word(s.name, n), container.Path{}, "a service is a mapping")
		}
		return nil
	}
	own := layer{at: at, dir: s.below(at), keys: s.pairs(n, func(k *yaml.Node) {
		s.leave(s.word(k.Value, k), container.Path{}, "%s stands twice", shown(k.Value))
	})}
	i := slices.IndexFunc(own.keys, func(p pair) bool { return p.key.Value == "extends" })
	if i < 0 {
		return []layer{own}
	}
	e := own.keys[i]
	own.keys = slices.Delete(own.keys, i, i+1)
	base, from, err := s.base(at, e.value)
	if err == nil && (len(through) >= maxExtends || slices.Contains(through, base)) {
		err = fmt.Errorf("it extends itself, or goes through more than %d", maxExtends)
	}
	if err != nil {
		s.leave(s.word("extends", e.key), container.Path{}, "extends: %v", err)
		return []layer{own}
	}
	return append(s.extended(from, base, append(through, base)), own)
}

// below is the directory of a file, seen from that of the main one.
func (s *service) below(at *source) string {
	rel, _ := strings.CutPrefix(path.Clean(at.name), path.Dir(s.reader.name)+"/")
	return path.Dir(rel)
}

// base is the service that is extended.
func (s *service) base(at *source, n *yaml.Node) (*yaml.Node, *source, error) {
	n = resolved(n)
	name, file := n, (*yaml.Node)(nil)
	if n.Kind == yaml.MappingNode {
		name, file = resolved(s.field(n, "service")), resolved(s.field(n, "file"))
	}
	if name == nil || name.Kind != yaml.ScalarNode || strings.Contains(name.Value, "$") {
		return nil, nil, fmt.Errorf("it names no service")
	}
	if file != nil {
		if file.Kind != yaml.ScalarNode || strings.Contains(file.Value, "$") {
			return nil, nil, fmt.Errorf("the file is not known")
		}
		l, err := s.load(path.Join(s.below(at), file.Value))
		if err != nil {
			return nil, nil, fmt.Errorf("%s is not read: %v", shown(file.Value), err)
		}
		at = l
	}
	base := s.field(s.field(at.top, "services"), name.Value)
	if base == nil {
		return nil, nil, fmt.Errorf("there is no service %s", shown(name.Value))
	}
	return resolved(base), at, nil
}

// leave lists what is open of the service.
func (s *service) leave(word int, at container.Path, format string, args ...any) {
	if len(s.out.Open) < maxOpen {
		s.out.Open = append(s.out.Open, form.Open{At: at, Word: word, Why: fmt.Sprintf(format, args...)})
	}
}

// aside lists what no setting holds.
func (s *service) aside(word int, at container.Path, format string, args ...any) {
	if len(s.out.Aside) < maxOpen {
		s.out.Aside = append(s.out.Aside, form.Open{At: at, Word: word, Why: fmt.Sprintf(format, args...)})
	}
}

// wrong lists what Compose would refuse, or zlaunch does not know.
func (s *service) wrong(word int, format string, args ...any) {
	s.leave(word, container.Path{}, format, args...)
	s.out.Open[len(s.out.Open)-1].Unknown = true
}

func shown(s string) string { return command.Clip(s) }

// key reads one key below those of prefix.
func (s *service) key(prefix string, p pair) {
	name := prefix + p.key.Value
	extension := strings.HasPrefix(p.key.Value, "x-") && (s.engine != "podman" || !strings.HasPrefix(name, "x-podman"))
	if p.value.Tag == "!reset" || isNull(resolved(p.value)) || extension {
		return
	}
	for _, table := range [][]key{keys, further} {
		if i := slices.IndexFunc(table, func(k key) bool { return k.name == name }); i >= 0 && table[i].as.read != nil {
			if l, lacks := table[i].not[Podman]; lacks && s.engine == "podman" {
				s.leave(s.word(name, p.key), container.Path{Key: table[i].row.Key()}, "%s", l.why)
				return
			}
			table[i].as.read(s, table[i], p)
			return
		}
	}
	n := resolved(p.value)
	deeper := slices.ContainsFunc(slices.Concat(keys, further), func(k key) bool { return strings.HasPrefix(k.name, name+".") })
	switch {
	case slices.Contains(idleKeys, name):
		s.aside(s.word(name, p.key), container.Path{}, "%s says nothing of the container", name)
	case deeper && n.Kind == yaml.MappingNode:
		for _, below := range s.pairs(n, func(k *yaml.Node) { s.wrong(s.word(k.Value, k), "%s stands twice", shown(k.Value)) }) {
			s.key(name+".", below)
		}
	default:
		s.wrong(s.word(name, p.key), "%s is no key of a service that zlaunch knows", shown(name))
	}
}

// option adds an option of the engine.
func (s *service) option(word int, name string, v filled) {
	s.args = append(s.args, argument{plain("--" + name + "=").and(v), word})
}

// scalar is the value of a node and its word; false: it has none that is one text.
func (s *service) scalar(key string, n *yaml.Node) (filled, int, bool) {
	n = resolved(n)
	if n == nil || n.Kind != yaml.ScalarNode {
		if n != nil {
			s.wrong(s.word(key, n), "%s is one value", shown(key))
		}
		return filled{}, -1, false
	}
	w := s.word(key, n)
	if tagged := n.Style&yaml.TaggedStyle != 0 && !slices.Contains(tags, n.Tag); tagged || strings.Contains(n.Value, "\x00") {
		s.wrong(w, "%s has a tag that nobody reads, or a NUL", shown(key))
	}
	return s.fill(n.Value), w, true
}

// tags are those that change nothing of a text, and Compose's own.
var tags = strings.Fields("!!str !!int !!float !!bool !!null !override !reset")
