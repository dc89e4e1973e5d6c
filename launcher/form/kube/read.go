package kube

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// Engine is what [form.Reading.Engine] is of a manifest.
const Engine = "kubernetes"

// Source is a text of YAML that was parsed.
type Source struct {
	File string
	Base int // how many lines of the file stand before the text
	// Play tells that it is for podman kube play, and for no cluster: what Podman alone obeys
	// counts. Who does not know it leaves it false, for a kubelet obeys nothing of that.
	Play bool
	Docs []*yaml.Node
}

// Reading is what manifests hold.
type Reading struct {
	Runs []*form.Reading
	Open []Open
	// Read are the documents, by their place in the source, that are objects of
	// Kubernetes: nothing in them is left to others.
	Read map[int]bool
}

// Open is something of a manifest that no run holds, and that is not read.
type Open struct {
	Line int
	Why  string
}

// Read reads each container of each pod that the objects of a source describe. Nothing of
// it is an error: what is wrong, or only a cluster could tell, is open.
func Read(src Source) Reading {
	d := &documents{src: src, out: Reading{Read: map[int]bool{}}}
	for i, n := range src.Docs {
		for _, root := range n.Content {
			if isObject(root) {
				d.out.Read[i] = true
				d.whole(root)
			}
		}
	}
	d.serve()
	for _, p := range d.pods {
		d.out.Runs = append(d.out.Runs, d.read(p)...)
	}
	return d.out
}

// isObject tells an object of Kubernetes, and a list of them.
func isObject(n *yaml.Node) bool {
	return scalarAt(n, "apiVersion") != "" && scalarAt(n, "kind") != ""
}

// documents are the objects of one source.
type documents struct {
	src      Source
	out      Reading
	pods     []pod
	policies []*yaml.Node
	services []*yaml.Node
	runtimes []*yaml.Node // of KServe, and its services
	served   []*yaml.Node
	seen     int // objects, which are bounded
}

// pod is a pod, or the template of one.
type pod struct {
	owner     string     // "Deployment/web"
	meta, at  *yaml.Node // its metadata, nil where there are none, and its spec
	namespace string
	doubts    []doubt
	around    []written // what its object says around it
}

// Bounds of what is read of one source: a file of 4 MiB has fewer objects than that.
const (
	maxObjects = 10_000
	maxNesting = 20
)

// whole reads a document once its aliases are gone. A key that stands twice, and a bomb,
// spoil it.
func (d *documents) whole(root *yaml.Node) {
	plain := resolver{left: maxNodes}
	n := plain.node(root, 0)
	if plain.why != "" {
		d.open(plain.at, "%s, and the document is not read", plain.why)
		return
	}
	d.object(n, 0)
}

// object reads one object, or those of a list.
func (d *documents) object(n *yaml.Node, depth int) {
	version, kind := scalarAt(n, "apiVersion"), scalarAt(n, "kind")
	at := field(n, "kind")
	if d.seen++; d.seen > maxObjects || depth > maxNesting {
		d.open(at, "more than %d objects, or lists in lists, are not read", maxObjects)
		return
	}
	path, runs := templates[version+" "+kind]
	group, _, grouped := strings.Cut(version, "/")
	switch {
	case version == "v1" && kind == "List", strings.HasSuffix(kind, "List") && field(n, "items") != nil:
		for _, item := range items(field(n, "items")) {
			if !isObject(item) {
				d.open(item, "an item of %s is no object that is read", clip(kind))
				continue
			}
			d.object(item, depth+1)
		}
	case runs:
		d.pod(n, kind, path)
	case group == kserveGroup && d.kserve(n, kind):
	case !grouped && version != "v1", !contains(idle[group], kind):
		d.open(at, "%s of %s is not read", clip(kind), clip(version))
	case kind == "NetworkPolicy":
		d.policies = append(d.policies, n)
	case kind == "Service":
		d.services = append(d.services, n)
	}
}

func contains(words, word string) bool {
	for _, w := range strings.Fields(words) {
		if w == word {
			return true
		}
	}
	return false
}

// pod finds the pod of an object.
func (d *documents) pod(n *yaml.Node, kind string, path []string) {
	at := n
	var around []written
	for _, key := range path {
		around = append(around, entries(at)...)
		if next := field(at, key); next != nil {
			at = next
			continue
		}
		d.open(field(n, "kind"), "%s has no %s", kind, strings.Join(path, "."))
		return
	}
	spec := field(at, "spec")
	if spec == nil || spec.Kind != yaml.MappingNode {
		d.open(field(n, "kind"), "%s describes no pod", kind)
		return
	}
	d.keep(pod{owner: ownerOf(n), meta: field(at, "metadata"), at: spec, namespace: scalarAt(field(n, "metadata"), "namespace"), around: around})
}

func (d *documents) keep(p pod) {
	if len(d.pods) < maxObjects {
		d.pods = append(d.pods, p)
	}
}

// ownerOf is an object as people call it.
func ownerOf(n *yaml.Node) string {
	meta := field(n, "metadata")
	name := scalarAt(meta, "name")
	if name == "" {
		name = scalarAt(meta, "generateName")
	}
	if name == "" {
		return clip(scalarAt(n, "kind"))
	}
	return clip(scalarAt(n, "kind")) + "/" + clip(name)
}

// lists are the keys of a pod's spec whose items are containers, and what each is called.
var lists = []struct{ key, called string }{
	{"initContainers", "init container "}, {"containers", ""}, {"ephemeralContainers", "ephemeral container "},
}

// read gives a reading for each container of a pod.
func (d *documents) read(p pod) []*form.Reading {
	var out []*form.Reading
	total := 0
	for _, l := range lists {
		total += len(items(field(p.at, l.key)))
	}
	for _, l := range lists {
		for _, c := range items(field(p.at, l.key)) {
			out = append(out, d.container(p, l.called, c, total))
		}
	}
	if len(out) == 0 {
		d.open(p.at, "%s has no containers", p.owner)
	}
	return out
}

func (d *documents) open(n *yaml.Node, why string, args ...any) {
	line := 1
	if n != nil {
		line = n.Line
	}
	d.out.Open = append(d.out.Open, Open{d.src.Base + line, sprintf(why, args)})
}

// container reads one container: first what its pod says of all, then what it says itself.
func (d *documents) container(p pod, called string, c *yaml.Node, total int) *form.Reading {
	r := &reader{
		out:  &form.Reading{File: d.src.File, Engine: Engine, Spec: &container.Spec{}, At: map[container.Path][]int{}},
		base: d.src.Base, pod: p, alone: total == 1, play: d.src.Play,
	}
	r.spec = r.out.Spec
	r.name = scalarAt(c, "name")
	r.out.Subject = d.src.File + "#" + p.owner
	if called+r.name != "" {
		r.out.Subject += "/" + called + clip(r.name)
	}
	byKind(r)
	readMetadata(r, p.meta)
	r.fields(p.at, podFields, "spec")
	r.fields(c, containerFields, "container")
	join(r)
	for _, o := range p.doubts {
		r.at(o.at)
		if o.rows == nil {
			r.note(container.Path{}, "%s", o.why)
		}
		for _, row := range o.rows {
			r.note(at(row), "%s", o.why)
		}
	}
	d.network(r)
	r.asides(c)
	return r.out
}
