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
	places := map[string]int{}
	for i := 0; i+1 < len(out.Content); i += 2 {
		places[out.Content[i].Value] = i + 1
	}
	for _, e := range entries(over) {
		i, there := places[e.key.Value]
		switch {
		case null(e.value) || e.value.Kind == yaml.ScalarNode && e.value.Value == "":
		case there:
			out.Content[i] = p.mergedField(e, out.Content[i])
		default:
			places[e.key.Value] = len(out.Content) + 1
			out.Content = append(out.Content, e.key, e.value)
		}
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
	places := map[string]int{}
	for i, n := range out.Content {
		if name := scalarAt(n, by); name != "" {
			places[name] = i
		}
	}
	for _, item := range e.value.Content {
		if i, there := places[scalarAt(item, by)]; there {
			out.Content[i] = p.merged(out.Content[i], item)
		} else {
			out.Content = append(out.Content, item)
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
