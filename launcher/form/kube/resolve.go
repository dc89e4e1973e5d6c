package kube

import (
	"go.yaml.in/yaml/v3"
)

// maxNodes bounds what a document is without its aliases, which make a tree of any size
// of a few words; maxDepth how deep it is.
const (
	maxNodes = 200_000
	maxDepth = 200
)

// resolver makes a tree without aliases and merges of one that has them.
type resolver struct {
	left int
	why  string // the document cannot be read
	at   *yaml.Node
}

func (r *resolver) spoil(n *yaml.Node, why string) {
	if r.why == "" {
		r.why, r.at = why, n
	}
}

// node is a copy of a tree in which each alias is what it stands for. Lines are those of
// what is said, and not of where it is asked for.
func (r *resolver) node(n *yaml.Node, depth int) *yaml.Node {
	if r.left--; r.left < 0 || depth > maxDepth {
		r.spoil(n, "it is too large or too deep")
	}
	if r.why != "" {
		return n
	}
	switch n.Kind {
	case yaml.AliasNode:
		return r.node(n.Alias, depth+1)
	case yaml.SequenceNode:
		out := *n
		out.Content = make([]*yaml.Node, len(n.Content))
		for i, c := range n.Content {
			out.Content[i] = r.node(c, depth+1)
		}
		return &out
	case yaml.MappingNode:
		return r.mapping(n, depth)
	}
	return n
}

// mapping puts what << merges behind a mapping's own keys, which count more.
func (r *resolver) mapping(n *yaml.Node, depth int) *yaml.Node {
	out := *n
	out.Content = nil
	seen := map[string]bool{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := r.node(n.Content[i], depth+1), r.node(n.Content[i+1], depth+1)
		switch {
		case k.Tag == "!!merge":
			merged = append(merged, v)
			continue
		case k.Kind != yaml.ScalarNode:
			r.spoil(k, "a key is no text")
		case seen[k.Value]:
			r.spoil(k, "a key stands twice: "+clip(k.Value))
		}
		seen[k.Value] = true
		out.Content = append(out.Content, k, v)
	}
	for _, m := range merged {
		for _, of := range list(m) {
			for _, e := range entries(of) {
				if !seen[e.key.Value] {
					seen[e.key.Value] = true
					out.Content = append(out.Content, e.key, e.value)
				}
			}
		}
	}
	return &out
}
