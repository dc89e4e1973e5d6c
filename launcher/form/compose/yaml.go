package compose

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// node is a node of YAML that is written.
type node = *yaml.Node

// entry is a key of a mapping.
type entry struct {
	name  string
	value node
}

func mapping(entries ...entry) node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, e := range entries {
		put(n, e.name, e.value)
	}
	return n
}

// put adds a key to a mapping.
func put(m node, name string, value node) { m.Content = append(m.Content, text(name), value) }

// under is the value of a key of a mapping, which is made where it is not there.
func under(m node, name string, kind yaml.Kind) node {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == name {
			return m.Content[i+1]
		}
	}
	made := &yaml.Node{Kind: kind}
	put(m, name, made)
	return made
}

func sequence(items ...node) node { return &yaml.Node{Kind: yaml.SequenceNode, Content: items} }

// plainText is what no YAML, of 1.1 or 1.2, takes for anything but a string.
var (
	plainText = lazyregexp.New(`^[a-zA-Z/][a-zA-Z0-9_./@+-]*$`)
	otherType = lazyregexp.New(`(?i)^(y|n|yes|no|on|off|true|false|null|nan|inf)$`)
)

// text is a string, in quotes wherever anything might take it for something else.
func text(v string) node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v}
	if !plainText().MatchString(v) || otherType().MatchString(v) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// value is a string in which Compose fills nothing in.
func value(v string) node { return text(strings.ReplaceAll(v, "$", "$$")) }

// word is a number, or true or false.
func word(v string) node { return &yaml.Node{Kind: yaml.ScalarNode, Value: v} }

func encoded(n node) ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(n); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}
