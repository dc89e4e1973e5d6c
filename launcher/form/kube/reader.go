package kube

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// reader takes down what the fields of one container and of its pod say.
type reader struct {
	out  *form.Reading
	base int
	spec *container.Spec
	pod  pod

	name  string // of the container
	alone bool   // there is no other in the pod
	play  bool   // Podman reads it

	mark container.Mark // of the field that is read
	word int            // its word

	user, group string // of runAsUser and runAsGroup; "" not said
	nonRoot     bool
	volumes     map[string]*yaml.Node // of the pod, by name
	vars        map[string]string     // whose value is known, for $(NAME)
}

// reads is what a field of Kubernetes is read as: by a function, or not at all.
type reads struct {
	read func(*reader, *yaml.Node)
	why  string // nothing is judged of it; why it need not be
}

func says(read func(*reader, *yaml.Node)) reads { return reads{read: read} }
func idles(why string) reads                    { return reads{why: why} }

// written is a field of a mapping as it is written.
type written struct{ key, value *yaml.Node }

// entries lists the fields of a mapping.
func entries(n *yaml.Node) []written {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	out := make([]written, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		out = append(out, written{n.Content[i], n.Content[i+1]})
	}
	return out
}

// list lists the items of a sequence; one thing that is no sequence is its only item.
func list(n *yaml.Node) []*yaml.Node {
	switch {
	case null(n):
		return nil
	case n.Kind != yaml.SequenceNode:
		return []*yaml.Node{n}
	}
	return n.Content
}

// list lists the items of a sequence. An API server takes nothing else for one.
func (r *reader) list(n *yaml.Node) []*yaml.Node {
	if !null(n) && n.Kind != yaml.SequenceNode {
		r.wrongAt(n, container.Path{}, "%s is no list", clip(n.Value))
		return nil
	}
	return items(n)
}

// null tells a value that says as much as none.
func null(n *yaml.Node) bool { return n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// fields reads the fields of a mapping by a table. One that the table does not have might
// say anything.
func (r *reader) fields(n *yaml.Node, table map[string]reads, what string) {
	if n.Kind != yaml.MappingNode {
		r.wrongAt(n, container.Path{}, "%s is no mapping", what)
	}
	for _, e := range entries(n) {
		f, known := table[e.key.Value]
		switch {
		case !known:
			r.wrongAt(e.key, container.Path{}, "%s is no field of %s that is known", clip(e.key.Value), what)
		case null(e.value):
		case f.read == nil:
			if !strings.HasPrefix(f.why, ownReading) {
				r.aside(e.key, container.Path{}, "%s of %s: %s", clip(e.key.Value), what, f.why)
			}
		default:
			r.begin(e)
			f.read(r, e.value)
		}
	}
}

// begin makes e the field that is read.
func (r *reader) begin(e written) {
	text := clip(e.key.Value) + ":"
	if e.value != nil && e.value.Kind == yaml.ScalarNode {
		text += " " + clip(e.value.Value)
	}
	r.word = len(r.out.Words)
	r.out.Words = append(r.out.Words, form.Word{Text: text, Raw: text, Line: r.base + e.key.Line, Col: e.key.Column})
	r.mark = container.From(container.Origin{Layer: container.LayerCommandLine, File: r.out.File, Key: clip(e.key.Value)})
}

// decides notes that the field that is read decides a setting.
func (r *reader) decides(row container.Row, elem ...string) {
	r.out.At[at(row, elem...)] = []int{r.word}
}

func (r *reader) note(p container.Path, why string, args ...any) {
	r.out.Open = append(r.out.Open, form.Open{At: p, Word: r.word, Why: sprintf(why, args)})
}

// openAt notes what stands at a node, and is not known.
func (r *reader) openAt(n *yaml.Node, p container.Path, why string, args ...any) {
	r.at(n)
	r.note(p, why, args...)
}

// aside notes what no control asks for, and no setting holds.
func (r *reader) aside(n *yaml.Node, p container.Path, why string, args ...any) {
	word, mark := r.word, r.mark
	r.at(n)
	r.out.Aside = append(r.out.Aside, form.Open{At: p, Word: r.word, Why: sprintf(why, args)})
	r.word, r.mark = word, mark
}

// asides notes what stands around the pod, and beside the container in it.
func (r *reader) asides(c *yaml.Node) {
	for _, e := range r.pod.around {
		if !contains("apiVersion kind metadata status spec template jobTemplate selector", e.key.Value) {
			r.aside(e.key, container.Path{}, "%s of %s: %s", clip(e.key.Value), r.pod.owner, lifetime)
		}
	}
	if !r.alone {
		r.aside(field(c, "name"), at(container.Network), "the other containers of %s are in the same network, and at localhost", r.pod.owner)
	}
}

// wrongAt notes what an API server would refuse, or take for something else.
func (r *reader) wrongAt(n *yaml.Node, p container.Path, why string, args ...any) {
	r.openAt(n, p, why, args...)
	r.out.Open[len(r.out.Open)-1].Unknown = true
}

// at makes a node the word that is read.
func (r *reader) at(n *yaml.Node) {
	if n == nil {
		return
	}
	r.begin(written{key: n})
	r.out.Words[r.word].Text = clip(n.Value)
	r.out.Words[r.word].Raw = clip(n.Value)
}

// field is the value of a key of a mapping; nil: there is none.
func field(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func scalarAt(n *yaml.Node, key string) string {
	if v := field(n, key); v != nil && v.Kind == yaml.ScalarNode {
		return v.Value
	}
	return ""
}

func items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// clip bounds a text of a file, and takes what no name has out of it.
func clip(v string) string {
	v = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return '?'
		}
		return c
	}, v)
	const most = 60
	if runes := []rune(v); len(runes) > most {
		v = string(runes[:most]) + "…"
	}
	return v
}

func sprintf(format string, args []any) string { return fmt.Sprintf(format, args...) }

// templated tells a text that a program still fills: Helm, envsubst, kustomize.
func templated(v string) bool {
	return strings.Contains(v, "{{") || strings.Contains(v, "${") || strings.Contains(v, "$(")
}

// The values of Kubernetes. YAML 1.1 is what an API server reads: yes and on are true.
var (
	yeses = strings.Fields("true True TRUE yes Yes YES on On ON y Y")
	noes  = strings.Fields("false False FALSE no No NO off Off OFF n N")
)

// truth reads a truth value for a setting; known is false where it is open.
func (r *reader) truth(n *yaml.Node, p container.Path) (v, known bool) {
	plain := n.Kind == yaml.ScalarNode && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	switch {
	case plain && slices.Contains(yeses, n.Value):
		return true, true
	case plain && slices.Contains(noes, n.Value):
		return false, true
	}
	r.wrongAt(n, p, "%s is neither true nor false", clip(n.Value))
	return false, false
}

// text reads a text for a setting.
func (r *reader) text(n *yaml.Node, p container.Path) (v string, known bool) {
	switch {
	case n.Kind != yaml.ScalarNode || n.Tag != "!!str":
		r.wrongAt(n, p, "%s is no text", clip(n.Value))
	case templated(n.Value):
		r.openAt(n, p, "%s is filled in before a cluster sees it", clip(n.Value))
	case strings.Contains(n.Value, "\x00"):
		r.wrongAt(n, p, "a text holds a NUL")
	default:
		return n.Value, true
	}
	return "", false
}
