package compose

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// Bounds of what is read. A node takes some fifty times what its text does, and an alias
// stands for as much as it names.
const (
	maxFile  = 4 << 20
	maxNodes = 200_000 // that are looked at, those behind aliases each time
	maxDepth = 40
)

// source is one file.
type source struct {
	name  string // as a person knows it
	lines []string
	top   *yaml.Node // nil: an empty document
}

// parse reads the one document of a file.
func parse(name string, text []byte) (s *source, err error) {
	if len(text) > maxFile {
		return nil, fmt.Errorf("it is larger than %d MiB", maxFile>>20)
	}
	defer func() {
		if r := recover(); r != nil { // of which a parser of a hostile text may have one more
			s, err = nil, fmt.Errorf("reading YAML: %v", r)
		}
	}()
	in := yaml.NewDecoder(strings.NewReader(string(text)))
	var n, more yaml.Node
	if err := in.Decode(&n); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	s = &source{name: name, lines: strings.Split(string(text), "\n")}
	if len(n.Content) == 1 {
		s.top = n.Content[0]
	}
	if err := in.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("it holds several documents, and Compose reads one")
	}
	return s, nil
}

// pair is a key and its value in a mapping.
type pair struct {
	key   *yaml.Node
	value *yaml.Node
}

// resolved follows an alias.
func resolved(n *yaml.Node) *yaml.Node {
	for i := 0; n != nil && n.Kind == yaml.AliasNode && i < maxDepth; i++ {
		n = n.Alias
	}
	return n
}

// pairs are those of a mapping, what it merges in behind its own, as YAML 1.1 has it. A key
// that stands twice is told to twice.
func (r *reader) pairs(n *yaml.Node, twice func(*yaml.Node)) []pair {
	var out []pair
	seen := map[string]bool{}
	r.gather(n, 0, func(p pair, own bool) {
		switch {
		case !seen[p.key.Value]:
			seen[p.key.Value] = true
			out = append(out, p)
		case own && twice != nil:
			twice(p.key)
		}
	})
	return out
}

// gather calls f for what stands in a mapping itself, and then for what is merged in.
func (r *reader) gather(n *yaml.Node, depth int, f func(p pair, own bool)) {
	n = resolved(n)
	if n == nil || depth > maxDepth {
		return
	}
	if n.Kind == yaml.SequenceNode && depth > 0 { // << takes a list of mappings
		for _, c := range n.Content {
			r.gather(c, depth+1, f)
		}
		return
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if r.visited++; r.visited > maxNodes {
			return
		}
		if k := n.Content[i]; k.Value == "<<" && k.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0 {
			merged = append(merged, n.Content[i+1])
		} else {
			f(pair{k, n.Content[i+1]}, depth == 0)
		}
	}
	for _, m := range merged {
		r.gather(m, depth+1, f)
	}
}

// items are those of a sequence, or the one value that stands in its place.
func (r *reader) items(n *yaml.Node) []*yaml.Node {
	n = resolved(n)
	if n == nil || n.Kind != yaml.SequenceNode {
		return []*yaml.Node{n}
	}
	if r.visited += len(n.Content); r.visited > maxNodes {
		return nil
	}
	return n.Content
}

// field is a value of a mapping; nil: it has none.
func (r *reader) field(n *yaml.Node, name string) *yaml.Node {
	for _, p := range r.pairs(n, nil) {
		if p.key.Value == name {
			return p.value
		}
	}
	return nil
}

func isNull(n *yaml.Node) bool { return n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// word is the place of a node in the words of the reading, as KEY: VALUE.
func (r *service) word(key string, n *yaml.Node) int {
	n = resolved(n)
	if at, had := r.words[n]; had {
		return at
	}
	w := form.Word{Text: key, Line: n.Line, Col: n.Column}
	if n.Kind == yaml.ScalarNode && n.Value != key {
		w.Text = key + ": " + n.Value
	}
	if r.at.name != r.out.File {
		w.File = r.at.name
	}
	if n.Line >= 1 && n.Line <= len(r.at.lines) {
		w.Col, w.Raw = written(r.at.lines[n.Line-1], n)
	}
	r.out.Words = append(r.out.Words, w)
	r.words[n] = len(r.out.Words) - 1
	return r.words[n]
}

// written is where a node begins in its line, in bytes from 1, and how it stands there.
func written(line string, n *yaml.Node) (int, string) {
	at := 0
	for range n.Column - 1 {
		_, size := utf8.DecodeRuneInString(line[at:])
		at += size
	}
	rest := line[at:]
	for _, raw := range []string{n.Value, `"` + n.Value + `"`, "'" + n.Value + "'"} {
		if n.Kind == yaml.ScalarNode && strings.HasPrefix(rest, raw) {
			return at + 1, raw
		}
	}
	return at + 1, ""
}
