// Package kube writes a run as manifests of Kubernetes, and reads the manifests of others.
//
// A run is written as what a namespace needs for it: a ServiceAccount without a token, a
// claimVolume for the models, a NetworkPolicy, a Service, and the Deployment or Job itself. The
// target "podman" is the Pod that podman-kube-play(1) reads, which is a smaller language:
// what it ignores is lost there.
//
// One table (see [Says]) has an answer for each row of the spec, and the package is pure.
package kube

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Targets that are no version of Kubernetes.
const (
	Podman = "podman" // podman kube play
	KServe = "kserve" // what KServe makes a pod of: of the package kserve, and none of [Targets]
)

// Targets are the versions of Kubernetes that are written for, behind Podman.
var Targets = []string{Podman, "1.33", "1.34", "1.35", "1.36", "1.37"}

// dnsLabel is what most names of Kubernetes are (RFC 1123), of 63 characters at most.
var dnsLabel = lazyregexp.New(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Says is the table for a target.
func Says(target string) []form.Says {
	var out []form.Says
	for _, e := range table() {
		a := e.answer(target)
		out = append(out, form.Says{Row: e.row, Keys: a.keys, Nature: a.nature, Why: a.why, Moot: a.moot})
	}
	return out
}

// Write writes a run for a target.
func Write(r form.Run, target string) (*form.Document, error) { return write(table(), r, target) }

func write(table []entry, r form.Run, target string) (*form.Document, error) {
	w, err := newWriter(r, target)
	if err != nil {
		return nil, err
	}
	w.rows(table)
	return w.document(append(w.needs(), w.workload()...))
}

// Made is a run as a pod, for objects of others that make the pod.
type Made struct {
	Name  string   // of all objects
	Meta  Metadata // of the pod
	Pod   PodSpec  // with one container
	Needs []Object // what must be there before the pod
	// Claim is the one that has the models, and that none of the pod's volumes is; "" none.
	Claim  string
	Models string            // where it is to be mounted
	Labels map[string]string // of all objects
	w      *writer
}

// Make makes the pod of a run for a target.
func Make(r form.Run, target string) (*Made, error) {
	w, err := newWriter(r, target)
	if err != nil {
		return nil, err
	}
	w.rows(table())
	return &Made{w.name, w.meta, w.pod, w.needs(), w.byKServe, r.Models, labelsOf(w), w}, nil
}

// Note adds what whoever uses the objects must do or know.
func (m *Made) Note(why string, args ...any) { m.w.note(why, args...) }

// Document is what the pod needs and the objects that make it, as a file.
func (m *Made) Document(objects ...Object) (*form.Document, error) {
	return m.w.document(append(m.Needs, objects...))
}

func (w *writer) document(objects []Object) (*form.Document, error) {
	data, err := encode(head(w.run), objects)
	if err != nil {
		return nil, err
	}
	file := form.File{Name: w.name + ".yaml", Data: data}
	return &form.Document{Files: append([]form.File{file}, beside(w)...), Lost: w.lost, Notes: w.notes}, nil
}

// beside are the files of zlaunch's own that the run names.
func beside(w *writer) []form.File {
	var out []form.File
	for _, f := range w.run.Files {
		out = append(out, form.File{Name: path.Base(f.Name), Data: f.Data})
	}
	return out
}

// newWriter refuses what no manifest can hold.
func newWriter(r form.Run, target string) (*writer, error) {
	if err := podmanrun.Check(r.Spec); err != nil {
		return nil, err
	}
	name := strings.ToLower(strings.NewReplacer("/", "-", "_", "-", ".", "-").Replace(r.Name))
	if !dnsLabel().MatchString(name) {
		return nil, hint.Errorf("a name is at most 63 letters, digits and '-'", "naming the objects: %q is no name of Kubernetes", r.Name)
	}
	if image, _, _ := container.Image.Get(r.Spec); image == "" {
		return nil, fmt.Errorf("no image is named")
	}
	w := &writer{run: r, spec: r.Spec, target: target, name: name, ctr: Container{Name: name}}
	w.ctr.SecurityContext = &w.security
	w.meta.Labels, w.meta.Annotations = map[string]string{}, map[string]string{}
	return w, nil
}

// head says what the file is. Whatever it quotes is one line.
func head(r form.Run) string {
	about := strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == 0x85 || c == 0x2028 || c == 0x2029 || c == 0xfeff {
			return -1
		}
		return c
	}, r.About)
	text := "# " + r.Name
	if about != "" {
		text += ": " + about
	}
	return text + "\n# written by zlaunch export, which proved nothing of it: what a cluster makes of it, only the cluster shows\n"
}

// encode writes the objects as documents of one file.
func encode(head string, objects []Object) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(head)
	out := yaml.NewEncoder(&b)
	out.SetIndent(2)
	for _, o := range objects {
		var n yaml.Node
		if err := n.Encode(o); err != nil {
			return nil, err
		}
		quote(&n)
		if err := out.Encode(&n); err != nil {
			return nil, err
		}
	}
	if err := out.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// quote puts a text that stands for a merge of mappings in quotes, which the library
// forgets.
func quote(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!merge" {
		n.Tag, n.Style = "!!str", yaml.DoubleQuotedStyle
	}
	for _, c := range n.Content {
		quote(c)
	}
}
