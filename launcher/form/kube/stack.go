package kube

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// WriteStack writes the runs of a stack for a target: what each needs and makes, and for
// each network a NetworkPolicy of the pods that are in it. Policies add up, as networks do: a
// pod reaches, and is reached by, those that share one with it. Others of the stack find it by
// its Service, which has the name of the run.
func WriteStack(s form.Stack, target string) (*form.Document, error) {
	if target == Podman {
		return nil, hint.Errorf("--to quadlet; or --target "+Targets[len(Targets)-1]+", for a cluster", "podman kube play puts all pods of a file into one network")
	}
	doc, err := s.Each(func(r form.Run) (*form.Document, error) { return Write(r, target) })
	if err != nil {
		return nil, err
	}
	var objects []Object
	for _, n := range s.Networks() {
		if !dnsLabel().MatchString(n.Name) {
			return nil, fmt.Errorf("naming a NetworkPolicy: %q is no name of Kubernetes", n.Name)
		}
		objects = append(objects, policyOf(n))
	}
	head, err := encode(head(form.Run{Name: s.Name}), objects)
	if err != nil {
		return nil, err
	}
	parts := [][]byte{head}
	var beside []form.File
	for _, f := range doc.Files {
		if strings.HasSuffix(f.Name, ".yaml") {
			parts = append(parts, f.Data)
		} else {
			beside = append(beside, f)
		}
	}
	doc.Files = append([]form.File{{Name: s.Name + ".yaml", Data: bytes.Join(parts, []byte("---\n"))}}, beside...)
	return doc, nil
}

// inNetwork begins the label of a pod that is in a network of its stack, whose name follows.
const inNetwork = "io.zlaunch.network/"

// inStack puts the pod into the networks of its stack. What leads into it from elsewhere is
// what it publishes.
func inStack(w *writer, names []string) {
	w.policy.PolicyTypes = []string{"Ingress"}
	internal := true
	for _, name := range names {
		n := w.run.Network(name)
		if n == nil {
			w.lose(at(container.Network), "%s is no network of the stack", name)
			continue
		}
		w.meta.Labels[inNetwork+name] = "true"
		internal = internal && n.Internal
	}
	if internal {
		w.becomes(at(container.Network), func(*container.Spec, container.Mark) {}, "the name service of a cluster answers for names outside too, which is a way to tell something")
	}
	w.note("names are found by the name service that clusters have, k8s-app=kube-dns in kube-system: let the NetworkPolicies reach another")
}

// forOthers has the Service lead to each port that the profile names: others of the stack
// reach all there are, published or not.
func forOthers(w *writer) {
	if w.run.Stack == "" {
		return
	}
	for _, p := range w.run.Ports {
		if n := int(p.Number); !hasPort(w, n, "TCP") {
			name := p.Name
			if taken := slices.ContainsFunc(w.ports, func(s servicePort) bool { return s.Name == name }); taken || !portName().MatchString(name) {
				name = fmt.Sprintf("p%d-tcp", n)
			}
			w.ports = append(w.ports, servicePort{name, n, n, "TCP"})
		}
	}
	if len(w.run.After) > 0 {
		w.lose(container.Path{Key: form.Waits}, "Kubernetes starts all pods at once; one that ends since another does not serve yet is started again")
	}
}

// policyOf lets the pods of a network reach each other and the name service, and, where the
// network is not internal, whatever is outside.
func policyOf(n form.Network) Object {
	members := selector{map[string]string{inNetwork + n.Name: "true"}}
	p := networkPolicy{PodSelector: members, PolicyTypes: []string{"Ingress", "Egress"}, Ingress: []ruleFrom{{From: []peer{{PodSelector: &members}}}}}
	if n.Internal {
		names := peer{&selector{map[string]string{"kubernetes.io/metadata.name": "kube-system"}}, &selector{map[string]string{"k8s-app": "kube-dns"}}}
		p.Egress = []ruleFrom{{To: []peer{{PodSelector: &members}}}, {To: []peer{names}, Ports: []policyPort{{53, "UDP"}, {53, "TCP"}}}}
	} else {
		p.Egress = []ruleFrom{{}}
	}
	head := Metadata{Name: n.Name, Labels: map[string]string{labelBy: "zlaunch"}}
	return Object{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy", Metadata: head, Spec: p}
}
