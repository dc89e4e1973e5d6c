package kube

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// mergeKeys are the fields of a pod whose items have names, and where these stand: items of
// one name are merged, as a strategic merge patch does.
var mergeKeys = map[string]string{
	"containers": "name", "initContainers": "name", "volumes": "name", "env": "name", "imagePullSecrets": "name",
	"volumeMounts": "mountPath", "ports": "containerPort",
}

// merged lays a mapping over another. Neither is changed. What is empty says nothing, for KServe
// writes it out as a patch without it.
func (p *pod) merged(base, over *yaml.Node) *yaml.Node {
	out := *base
	out.Content = slices.Clone(base.Content)
	for _, e := range entries(over) {
		if null(e.value) || e.value.Kind == yaml.ScalarNode && e.value.Value == "" {
			continue
		}
		i := 0
		for i < len(out.Content) && out.Content[i].Value != e.key.Value {
			i += 2
		}
		if i >= len(out.Content) {
			out.Content = append(out.Content, e.key, e.value)
			continue
		}
		out.Content[i+1] = p.mergedField(e, out.Content[i+1])
	}
	return &out
}

func (p *pod) mergedField(e written, base *yaml.Node) *yaml.Node {
	by := mergeKeys[e.key.Value]
	switch {
	case base.Kind == yaml.MappingNode && e.value.Kind == yaml.MappingNode:
		return p.merged(base, e.value)
	case base.Kind != yaml.SequenceNode || e.value.Kind != yaml.SequenceNode:
		return e.value
	case by == "":
		p.doubt(e.key, "the runtime and the service both say "+clip(e.key.Value)+", which versions of KServe join otherwise")
		return e.value
	}
	out := *base
	out.Content = slices.Clone(base.Content)
	for _, item := range e.value.Content {
		i := slices.IndexFunc(out.Content, func(n *yaml.Node) bool { return scalarAt(n, by) != "" && scalarAt(n, by) == scalarAt(item, by) })
		if i < 0 {
			out.Content = append(out.Content, item)
		} else {
			out.Content[i] = p.merged(out.Content[i], item)
		}
	}
	return &out
}

// like is a node that stands where another does.
func like(at *yaml.Node, kind yaml.Kind, content ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: kind, Line: at.Line, Column: at.Column, Content: content}
}

func scalar(at *yaml.Node, v string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v, Line: at.Line, Column: at.Column}
}

// mapped is a mapping of keys and texts.
func mapped(at *yaml.Node, words ...string) *yaml.Node {
	out := like(at, yaml.MappingNode)
	for _, w := range words {
		out.Content = append(out.Content, scalar(at, w))
	}
	return out
}
