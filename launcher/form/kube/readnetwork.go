package kube

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// readPorts: a port that the node has is published; another can be reached by all pods of
// the cluster, which no port decides.
func readPorts(r *reader, n *yaml.Node) {
	expose, _, _ := container.Expose.Get(r.spec)
	host, _, _ := container.Network.Get(r.spec)
	for _, p := range r.list(n) {
		inside, protocol := scalarAt(p, "containerPort"), strings.ToLower(scalarAt(p, "protocol"))
		if protocol == "" {
			protocol = "tcp"
		}
		key := inside + "/" + protocol
		if _, _, err := container.PortRange(key); err != nil || !contains("tcp udp sctp", protocol) {
			r.openAt(p, at(container.Publish), "a port is not known")
			continue
		}
		expose = append(expose, key)
		outside := scalarAt(p, "hostPort")
		if outside == "" && slices.Equal(host, []string{"host"}) {
			outside = inside
		}
		if outside == "" || outside == "0" {
			continue
		}
		first, _, err := container.PortRange(outside + "/tcp")
		if err != nil {
			r.openAt(p, at(container.Publish), "a port of the node is not known")
			continue
		}
		r.at(p)
		container.Publish.Set(r.spec, key, container.Port{HostIP: scalarAt(p, "hostIP"), HostPort: first}, r.mark)
		r.decides(container.Publish, key)
	}
	container.Expose.Set(r.spec, expose, r.mark)
	r.decides(container.Expose)
}

// network reads what other objects of the source say of the pod: a policy by which it is
// closed, a service that opens it beyond the cluster.
func (d *documents) network(r *reader) {
	for _, s := range d.services {
		if kind := scalarAt(field(s, "spec"), "type"); (kind == "NodePort" || kind == "LoadBalancer") && selects(field(field(s, "spec"), "selector"), r) {
			readService(r, s)
		}
	}
	host, _, known := container.Network.Get(r.spec)
	if known && slices.Equal(host, []string{"host"}) {
		return
	}
	var names []string
	var first *yaml.Node // of those that are no network
	for _, p := range d.policies {
		spec := field(p, "spec")
		switch {
		case scalarAt(field(p, "metadata"), "namespace") != r.pod.namespace || !selects(field(field(spec, "podSelector"), "matchLabels"), r) || field(field(spec, "podSelector"), "matchExpressions") != nil:
		case isNetwork(p):
			names = append(names, scalarAt(field(p, "metadata"), "name"))
			r.at(field(p, "kind"))
		case first == nil || len(items(field(spec, "egress"))) > 0:
			first = p
		}
	}
	if len(names) == 0 || first != nil && len(items(field(field(first, "spec"), "egress"))) > 0 {
		if first != nil {
			readPolicy(r, first)
		}
		return
	}
	container.Network.Set(r.spec, names, r.mark)
	r.decides(container.Network)
	r.note(at(container.Network), "%s", fmt.Sprintf("whether the cluster enforces the NetworkPolicy %s, only the cluster shows", clip(names[0])))
}

// modes are names that mean something else than a network of that name.
const modes = "none host bridge private pasta slirp4netns default"

// isNetwork tells a policy that does what a network of its own does: it lets in the pods
// that it selects, and nobody else.
func isNetwork(p *yaml.Node) bool {
	spec := field(p, "spec")
	var types []string
	for _, t := range items(field(spec, "policyTypes")) {
		types = append(types, t.Value)
	}
	in := items(field(spec, "ingress"))
	name := scalarAt(field(p, "metadata"), "name")
	if !slices.Contains(types, "Ingress") || !slices.Contains(types, "Egress") || name == "" || contains(modes, name) || len(in) == 0 {
		return false
	}
	own := entries(field(field(spec, "podSelector"), "matchLabels"))
	for _, rule := range in {
		from := items(field(rule, "from"))
		if len(from) == 0 || slices.ContainsFunc(from, func(peer *yaml.Node) bool { return !onlyPods(peer, own) }) {
			return false
		}
	}
	return true
}

// onlyPods tells whether a peer is the pods of the policy's namespace with all of the labels.
func onlyPods(peer *yaml.Node, labels []written) bool {
	of := field(peer, "podSelector")
	if len(entries(peer)) != 1 || field(of, "matchExpressions") != nil {
		return false
	}
	got := entries(field(of, "matchLabels"))
	for _, want := range labels {
		same := func(e written) bool {
			return e.key.Value == want.key.Value && e.value != nil && want.value != nil && e.value.Value == want.value.Value
		}
		if !slices.ContainsFunc(got, same) {
			return false
		}
	}
	return len(labels) > 0
}

// selects tells whether the pod has all of the labels. Nothing selects nothing here, though
// it selects all pods of a namespace.
func selects(labels *yaml.Node, r *reader) bool {
	all := entries(labels)
	for _, e := range all {
		if v, _, known := container.Labels.Get(r.spec, e.key.Value); !known || e.value == nil || v != e.value.Value {
			return false
		}
	}
	return len(all) > 0
}

// readService reads the ports of a service that nodes or a balancer have.
func readService(r *reader, s *yaml.Node) {
	for _, p := range r.list(field(field(s, "spec"), "ports")) {
		inside, protocol := scalarAt(p, "targetPort"), strings.ToLower(scalarAt(p, "protocol"))
		if inside == "" {
			inside = scalarAt(p, "port")
		}
		if protocol == "" {
			protocol = "tcp"
		}
		key := inside + "/" + protocol
		outside, _, err := container.PortRange(scalarAt(p, "port") + "/tcp")
		if _, _, bad := container.PortRange(key); err != nil || bad != nil {
			r.openAt(p, at(container.Publish), "a port of a Service is not known")
			continue
		}
		r.at(p)
		container.Publish.Set(r.spec, key, container.Port{HostPort: outside}, r.mark)
		r.decides(container.Publish, key)
	}
}

// readPolicy takes the pod for one of a network of its own: what the policy names in and out
// is what gets through, where the cluster enforces it.
func readPolicy(r *reader, p *yaml.Node) {
	spec := field(p, "spec")
	var types []string
	for _, t := range r.list(field(spec, "policyTypes")) {
		types = append(types, t.Value)
	}
	r.at(field(p, "kind"))
	name := scalarAt(field(p, "metadata"), "name")
	out := len(items(field(spec, "egress"))) > 0
	switch {
	case !slices.Contains(types, "Ingress") || !slices.Contains(types, "Egress") || name == "":
		return
	case out || contains(modes, name):
		container.Network.Set(r.spec, []string{"bridge"}, r.mark)
	case len(items(field(spec, "ingress"))) == 0:
		container.Network.Set(r.spec, []string{"none"}, r.mark)
	default:
		container.Network.Set(r.spec, []string{name}, r.mark)
	}
	r.decides(container.Network)
	r.note(at(container.Network), "%s", fmt.Sprintf("whether the cluster enforces the NetworkPolicy %s, only the cluster shows", clip(name)))
}
