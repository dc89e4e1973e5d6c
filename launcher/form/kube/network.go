package kube

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// labelWord is a name or a value of a label.
var labelWord = lazyregexp.New(`^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$`)

// putNetwork closes the pod. A network of the run's own, as zlaunch makes one for each
// profile, asks for nothing outside; one of others does.
func putNetwork(w *writer) {
	names, _, _ := container.Network.Get(w.spec)
	if slices.Equal(names, []string{"host"}) {
		w.pod.HostNetwork = true
		return
	}
	w.policy = &networkPolicy{PolicyTypes: []string{"Ingress", "Egress"}}
	w.policyName = w.name
	if w.run.Stack != "" {
		inStack(w, names)
		return
	}
	switch one := strings.Join(names, " "); {
	case one == "none":
	case w.run.Network(one) != nil && isSubdomain(one):
		w.policyName = one
	case one == "bridge":
		w.policy.Egress = []ruleFrom{{}}
	case strings.HasPrefix(one, "container:"):
		w.lose(at(container.Network), "a pod has a network of its own, or the node's")
	default:
		w.policy.Egress = []ruleFrom{{}}
		w.becomes(at(container.Network), func(s *container.Spec, m container.Mark) { container.Network.Set(s, []string{"bridge"}, m) }, "all pods of a cluster are in one network, which the NetworkPolicy closes but for what calls out")
	}
	if len(w.policy.Egress) == 0 {
		w.note("nothing in the pod can call out, the name service included: what it must reach needs an egress rule in the NetworkPolicy")
	}
}

// maxPorts bounds a range of ports that is written one by one.
const maxPorts = 100

// putPublish opens ports to the cluster. The host's side has no counterpart: a Service is
// reached from inside the cluster, and by kubectl port-forward from elsewhere.
func putPublish(w *writer) {
	openPorts(w)
	if len(w.ports) > 0 {
		p := w.ports[0]
		w.note("the Service is for the cluster alone: kubectl port-forward service/%s %d:%d reaches it from here", w.name, p.Port, p.Port)
	}
}

// kservePublish: KServe makes the Service, whose port 80 leads to the first port of the
// container. What answers once it serves is that.
func kservePublish(w *writer) {
	openPorts(w)
	if w.run.Ready != nil {
		slices.SortStableFunc(w.ctr.Ports, func(a, b ctrPort) int { return w.asked(a) - w.asked(b) })
	}
	if len(w.ctr.Ports) > 0 {
		w.note("KServe makes the Service %s-predictor, whose port 80 is port %d of the pod", w.name, w.ctr.Ports[0].ContainerPort)
	}
}

// asked is 0 for the port that is asked for readiness, and 1 for others.
func (w *writer) asked(p ctrPort) int {
	if p.ContainerPort == int(w.run.Ready.Port.Number) {
		return 0
	}
	return 1
}

func openPorts(w *writer) {
	for _, key := range container.Publish.Keys(w.spec) {
		p, _, _ := container.Publish.Get(w.spec, key)
		first, last, err := container.PortRange(key)
		_, protocol, _ := strings.Cut(key, "/")
		if err != nil || last-first >= maxPorts {
			w.lose(at(container.Publish, key), "more than %d ports are not written one by one", maxPorts)
			continue
		}
		for n := int(first); n <= int(last); n++ {
			w.port(n, n-int(first)+int(p.HostPort), p.HostPort == 0, strings.ToUpper(protocol))
		}
	}
}

// port opens a port of the pod, under the number that it has on the host where it has one.
func (w *writer) port(inside, outside int, free bool, protocol string) {
	if free || outside > 65535 || hasPort(w, outside, protocol) || w.run.Stack != "" { // others of the stack know the one inside
		outside = inside
	}
	name := fmt.Sprintf("p%d-%s", inside, strings.ToLower(protocol))
	for _, p := range w.run.Ports {
		if int(p.Number) == inside && portName().MatchString(p.Name) {
			name = p.Name
		}
	}
	w.ctr.Ports = append(w.ctr.Ports, ctrPort{Name: name, ContainerPort: inside, Protocol: protocol})
	if names, _, _ := container.Network.Get(w.spec); slices.Equal(names, []string{"none"}) {
		return // which publishes nothing in Podman either
	}
	w.ports = append(w.ports, servicePort{name, outside, inside, protocol})
	if w.policy != nil {
		if len(w.policy.Ingress) == 0 {
			w.policy.Ingress = []ruleFrom{{}}
		}
		w.policy.Ingress[0].Ports = append(w.policy.Ingress[0].Ports, policyPort{inside, protocol})
	}
}

func hasPort(w *writer, port int, protocol string) bool {
	return slices.ContainsFunc(w.ports, func(p servicePort) bool { return p.Port == port && p.Protocol == protocol })
}

// portName is a name of a port (RFC 6335), of 15 characters at most.
var portName = lazyregexp.New(`^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$`)
