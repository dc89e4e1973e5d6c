// Package yamledit changes a text of YAML where it stands: what is not changed keeps its
// lines, comments and layout.
//
// It knows block mappings and sequences, and lists in brackets on one line. Whatever else
// would have to change is an error, and the caller reads what came of it again: nothing here
// is trusted to say what it should.
package yamledit

import (
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Place is where a node begins: its line and column, from 1.
type Place struct{ Line, Col int }

// Of is the place of a node.
func Of(n *yaml.Node) Place { return Place{n.Line, n.Column} }

func (p Place) before(q Place) bool { return p.Line < q.Line || p.Line == q.Line && p.Col < q.Col }

// Text is a text and how it changes.
type Text struct {
	lines []string
	edits []edit
}

// edit puts lines in the place of some, which are counted from 0.
type edit struct {
	from, to int
	lines    []string
}

// New is a text as it is.
func New(lines []string) *Text { return &Text{lines: lines} }

// Change says what becomes of a mapping of the text.
type Change struct {
	With *yaml.Node           // a mapping whose keys it has then; of sequences the items that are not there
	Gone []Place              // entries, by their key or their value, and items of sequences, by any place in them
	Swap map[Place]*yaml.Node // scalars by what stands there instead
}

// Change changes a mapping. What is to go must be in it.
func (t *Text) Change(into *yaml.Node, c Change) error {
	for _, p := range c.Gone {
		if At(into, p) == nil {
			return errors.New("what has to go is put together elsewhere")
		}
	}
	_, err := t.mapping(into, c)
	return err
}

// At is the node below n that begins at a place, the outermost; nil: there is none.
func At(n *yaml.Node, p Place) *yaml.Node {
	for _, c := range n.Content {
		if Of(c) == p {
			return c
		}
		if below := At(c, p); below != nil {
			return below
		}
	}
	return nil
}

var (
	errBraces = errors.New("it stands in braces, or for something else")
	errFirst  = errors.New("it stands on the line of its item")
)

// mapping changes one mapping; empty tells that nothing of it is left.
func (t *Text) mapping(n *yaml.Node, c Change) (empty bool, err error) {
	if n.Kind != yaml.MappingNode || n.Style&yaml.FlowStyle != 0 || len(n.Content) == 0 {
		return false, errBraces
	}
	left := len(n.Content) / 2
	for i := 0; i < len(n.Content); i += 2 {
		gone, err := t.entry(n, i, Change{With: value(c.With, n.Content[i].Value), Gone: within(c.Gone, n, i), Swap: c.Swap})
		if err != nil {
			return false, err
		}
		if gone {
			left--
		}
	}
	added := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; c.With != nil && i < len(c.With.Content); i += 2 {
		if value(n, c.With.Content[i].Value) == nil {
			added.Content = append(added.Content, c.With.Content[i:i+2]...)
		}
	}
	if len(added.Content) == 0 {
		return left == 0, nil
	}
	last := len(n.Content) - 2
	_, end := t.extent(n.Content[last].Column, n.Content[last].Line, n.Content[last+1])
	return false, t.put(end, end, n.Content[0].Column-1, added, "")
}

// value is that of a key of a mapping; nil: it has none.
func value(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n != nil && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// within are the places that lie in entry i of a mapping, or item i of a sequence.
func within(places []Place, n *yaml.Node, i int) []Place {
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	return slices.DeleteFunc(slices.Clone(places), func(p Place) bool {
		after := i+step < len(n.Content) && !p.before(Of(n.Content[i+step]))
		return p.before(Of(n.Content[i])) || after
	})
}

// entry changes one entry of a mapping; gone tells that it is taken away.
func (t *Text) entry(n *yaml.Node, i int, c Change) (gone bool, err error) {
	k, v := n.Content[i], n.Content[i+1]
	if c.With == nil && len(c.Gone) == 0 && !t.swaps(v, c.Swap) {
		return false, nil
	}
	block, before := v.Style&yaml.FlowStyle == 0, len(t.edits)
	switch own := slices.Contains(c.Gone, Of(k)); {
	case v.Kind == yaml.AliasNode:
		return false, errBraces
	case !own && v.Kind == yaml.MappingNode && (c.With == nil || c.With.Kind == v.Kind):
		gone, err = t.mapping(v, c)
	case !own && v.Kind == yaml.SequenceNode && (c.With == nil || c.With.Kind == v.Kind) && block:
		gone, err = t.items(v, c)
	case v.Kind == yaml.SequenceNode && !block && (c.With == nil || c.With.Kind == v.Kind):
		if own {
			c.Gone = append(c.Gone, placesOf(v)...)
		}
		gone, err = t.flow(v, c)
	case c.With == nil && c.Swap[Of(v)] != nil:
		return false, t.scalar(v, c.Swap[Of(v)])
	case c.With == nil:
		gone = true
	case v.Kind == yaml.ScalarNode && c.With.Kind == yaml.ScalarNode && v.Line == k.Line && v.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0:
		return false, t.scalar(v, c.With)
	default:
		from, to := t.extent(k.Column, k.Line, v)
		return false, t.put(from, to, k.Column-1, &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{k, c.With}}, t.lines[from][:k.Column-1])
	}
	if gone && err == nil {
		t.edits = t.edits[:before] // of what is in it
		err = t.remove(k, v)
	}
	return gone, err
}

func placesOf(n *yaml.Node) []Place {
	var out []Place
	for _, c := range n.Content {
		out = append(out, Of(c))
	}
	return out
}

// swaps tells whether something below a node is swapped.
func (t *Text) swaps(n *yaml.Node, swap map[Place]*yaml.Node) bool {
	return swap[Of(n)] != nil || slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return t.swaps(c, swap) })
}

// remove takes an entry away.
func (t *Text) remove(k, v *yaml.Node) error {
	from, to := t.extent(k.Column, k.Line, v)
	if strings.TrimSpace(t.lines[from][:k.Column-1]) != "" {
		return errFirst
	}
	t.edits = append(t.edits, edit{from, to, nil})
	return nil
}

// Lines is the text changed. Two edits of one place that are not the same are an error.
func (t *Text) Lines() ([]string, error) {
	edits := slices.Clone(t.edits)
	slices.SortStableFunc(edits, func(a, b edit) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return a.to - b.to
	})
	edits = slices.CompactFunc(edits, func(a, b edit) bool { return a.from == b.from && a.to == b.to && slices.Equal(a.lines, b.lines) })
	var out []string
	at := 0
	for _, e := range edits {
		if e.from < at {
			return nil, errors.New("two changes are of one place")
		}
		out = append(append(out, t.lines[at:e.from]...), e.lines...)
		at = e.to
	}
	return append(out, t.lines[at:]...), nil
}
