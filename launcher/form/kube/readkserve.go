package kube

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// KServe makes the pod of a predictor of two objects: the InferenceService, and the runtime
// that its model names. What the service says counts more (pkg/controller/v1beta1/inferenceservice/utils,
// MergePodSpec and MergeRuntimeContainers).

const kserveGroup = "serving.kserve.io"

// kserve keeps an object of KServe for later; false: it is none that is read.
func (d *documents) kserve(n *yaml.Node, kind string) bool {
	switch kind {
	case "ServingRuntime", "ClusterServingRuntime":
		d.runtimes = append(d.runtimes, n)
	case "InferenceService":
		d.served = append(d.served, n)
	default:
		return false
	}
	return true
}

// The fields beside those of a pod that say nothing of its containers, or are read by
// themselves.
const (
	runtimeFields   = "supportedModelFormats multiModel disabled protocolVersions replicas"
	componentFields = "model storageUris name minReplicas maxReplicas scaleTarget scaleMetric scaleMetricType containerConcurrency timeout canaryTrafficPercent deploymentStrategy autoScaling"
	modelFields     = "modelFormat runtime protocolVersion storageUri"
)

// doubt is what of a pod nobody can tell from its source.
type doubt struct {
	at   *yaml.Node
	why  string
	rows []container.Row // nil: it might be any setting
}

func (p *pod) doubt(at *yaml.Node, why string, rows ...container.Row) {
	p.doubts = append(p.doubts, doubt{at, why, rows})
}

// offered are the runtimes of a source.
type offered struct {
	named map[string][]*yaml.Node
	used  map[*yaml.Node]bool
	left  int // nodes: each further use of a runtime makes as much of the same words again
}

// serve finds the pods of all services, and those of runtimes that none of them names.
func (d *documents) serve() {
	all := &offered{map[string][]*yaml.Node{}, map[*yaml.Node]bool{}, maxNodes}
	for _, n := range d.runtimes {
		name := scalarAt(field(n, "metadata"), "name")
		all.named[name] = append(all.named[name], n)
	}
	for _, n := range d.served {
		for _, e := range entries(field(n, "spec")) {
			if !contains("predictor transformer explainer", e.key.Value) {
				d.open(e.key, "%s is no component of an InferenceService that is read", clip(e.key.Value))
				continue
			}
			d.keep(component(n, e.value, all))
		}
	}
	for _, n := range d.runtimes {
		if !all.used[n] {
			p := parted(n, field(n, "spec"), runtimeFields)
			p.doubt(field(n, "kind"), "what an InferenceService says of the pod stands elsewhere")
			d.keep(p)
		}
	}
}

// parted is the part of a pod that stands among the fields of an object of KServe.
func parted(n, at *yaml.Node, others string) pod {
	p := pod{owner: ownerOf(n), namespace: scalarAt(field(n, "metadata"), "namespace"), at: like(n, yaml.MappingNode), meta: like(n, yaml.MappingNode)}
	for _, e := range entries(at) {
		switch key := e.key.Value; {
		case key == "labels" || key == "annotations":
			p.meta.Content = append(p.meta.Content, e.key, e.value)
		case contains(others, key):
		default:
			p.take(p.at, e, podFields)
		}
	}
	return p
}

// take adds a field to a pod or a container, which the table of its fields has.
func (p *pod) take(to *yaml.Node, e written, table map[string]reads) {
	if _, known := table[e.key.Value]; !known {
		p.doubt(e.key, "what KServe makes of "+clip(e.key.Value)+" is not read")
		return
	}
	to.Content = append(to.Content, e.key, e.value)
}

// component is the pod of a component of a service.
func component(n, at *yaml.Node, all *offered) pod {
	p := parted(n, at, componentFields)
	meta := like(n, yaml.MappingNode)
	for _, e := range entries(field(n, "metadata")) {
		if contains("labels annotations", e.key.Value) {
			meta.Content = append(meta.Content, e.key, e.value)
		}
	}
	p.meta = p.merged(meta, p.meta)
	m := field(at, "model")
	if m != nil {
		p.model(m, all)
	}
	var brought stored
	for _, s := range list(field(at, "storageUris")) {
		target := scalarAt(s, "mountPath")
		if target == "" {
			target = modelDir
		}
		p.storage(&brought, s, scalarAt(s, "uri"), target)
	}
	if uri := field(m, "storageUri"); uri != nil {
		p.storage(&brought, uri, uri.Value, modelDir)
	}
	p.at = p.merged(p.at, brought.pod(at))
	return p
}

// model lays what a model says, as the container that serves it, over its runtime.
func (p *pod) model(m *yaml.Node, all *offered) {
	c := mapped(m, "name", servingContainer)
	for _, e := range entries(m) {
		if !contains(modelFields+" name", e.key.Value) {
			p.take(c, e, containerFields)
		}
	}
	over := like(m, yaml.MappingNode, scalar(m, "containers"), like(m, yaml.SequenceNode, c))
	r, why := all.runtime(scalarAt(m, "runtime"), p.namespace)
	if r == nil {
		p.at = p.merged(over, p.at)
		p.doubt(m, why)
		return
	}
	base := parted(r, field(r, "spec"), runtimeFields)
	p.doubts = append(p.doubts, base.doubts...)
	p.meta = p.merged(base.meta, p.meta)
	p.at = p.merged(p.merged(base.at, over), p.at)
}

// runtime is the only one of a name that a service of a namespace finds; nil: why there is none.
func (o *offered) runtime(name, namespace string) (*yaml.Node, string) {
	var found []*yaml.Node
	for _, r := range o.named[name] {
		if scalarAt(r, "kind") != "ServingRuntime" || scalarAt(field(r, "metadata"), "namespace") == namespace {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 0:
		return nil, "the runtime of the model stands elsewhere"
	case len(found) > 1:
		return nil, "the model has its choice of runtimes of one name"
	case o.used[found[0]]:
		if o.left -= nodes(found[0]); o.left < 0 {
			return nil, "too many services name the runtime, and no more are read"
		}
	}
	o.used[found[0]] = true
	return found[0], ""
}

// nodes is how many nodes a tree has.
func nodes(n *yaml.Node) int {
	total := 1
	for _, c := range n.Content {
		total += nodes(c)
	}
	return total
}

// servingContainer is what KServe takes for the container of a model, and modelDir where that
// has it.
const (
	servingContainer = "kserve-container"
	modelDir         = "/mnt/models"
)

// stored are volumes that KServe adds, and where it mounts them.
type stored struct{ volumes, mounts []*yaml.Node }

// pod is what of a pod they are.
func (s stored) pod(at *yaml.Node) *yaml.Node {
	if len(s.volumes) == 0 {
		return like(at, yaml.MappingNode)
	}
	c := mapped(at, "name", servingContainer)
	c.Content = append(c.Content, scalar(at, "volumeMounts"), like(at, yaml.SequenceNode, s.mounts...))
	return like(at, yaml.MappingNode, scalar(at, "containers"), like(at, yaml.SequenceNode, c), scalar(at, "volumes"), like(at, yaml.SequenceNode, s.volumes...))
}

// storage mounts what KServe mounts by itself. What it fetches, a container of its own does.
func (p *pod) storage(to *stored, at *yaml.Node, uri, target string) {
	claim, isClaim := strings.CutPrefix(uri, "pvc://")
	image, isImage := strings.CutPrefix(uri, "oci+native://")
	name, sub, _ := strings.Cut(claim, "/")
	v := mapped(at, "name", "kserve "+target)
	switch {
	case isClaim:
		v.Content = append(v.Content, scalar(at, "persistentVolumeClaim"), mapped(at, "claimName", name))
	case isImage:
		v.Content = append(v.Content, scalar(at, "image"), mapped(at, "reference", image))
	default:
		p.doubt(at, "a container of KServe fetches the model, and is not read", container.VolumeAt, container.MountOther, container.Pid)
		return
	}
	m := mapped(at, "name", "kserve "+target, "mountPath", target, "readOnly", "true", "subPath", sub)
	m.Content[5].Tag = "!!bool"
	to.volumes, to.mounts = append(to.volumes, v), append(to.mounts, m)
}
