package audit

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Which ports of the host lead into the container, and who reaches them.

// scope is who can reach a port of the host.
type scope uint8

const (
	nobody   scope = iota // it is not published
	loopback              // every user of this host
	lan                   // a private or link-local network
	world                 // every address of the host, or a public one
)

// port is one published port, or a range of them.
type port struct {
	container.Port
	at          container.Path
	key         string // as publish names it: "8000/tcp"
	first, last uint16 // in the container
	scope       scope
}

// holds tells whether a port of the container is among them.
func (p port) holds(n uint16) bool { return p.first <= n && n <= p.last }

// named says what address a port names, for a finding.
func (p port) named() string {
	switch a, err := netip.ParseAddr(strings.Trim(p.HostIP, "[]")); {
	case p.HostIP == "":
		return "no address, which is every one of the host"
	case err != nil:
		return fmt.Sprintf("%q, which is no address", p.HostIP)
	case a.Unmap().IsUnspecified():
		return p.HostIP + ", which is every address of the host"
	}
	return p.HostIP + ", which the network reaches"
}

// local writes the port as it is published on the loopback address.
func (p port) local() string {
	number, _, _ := strings.Cut(p.key, "/")
	if p.HostPort == 0 {
		return "127.0.0.1::" + number
	}
	return fmt.Sprintf("127.0.0.1:%s:%s", p.HostPorts(p.last-p.first), number)
}

// address is the host's side of a port.
func (p port) address() string {
	ip := strings.Trim(p.HostIP, "[]")
	if ip == "" {
		ip = "0.0.0.0"
	}
	if strings.Contains(ip, ":") {
		ip = "[" + ip + "]"
	}
	return ip + ":" + p.HostPorts(p.last-p.first)
}

// ports lists the published ports by setting. all tells whether there are no
// others. Podman discards what is published where the container has no network
// stack of its own.
func ports(s *container.Spec) (list []port, all bool) {
	if net, _, ok := container.Network.Get(s); ok && slices.ContainsFunc(net, publishesNothing) {
		return nil, true
	}
	for _, key := range container.Publish.Keys(s) {
		if p, _, ok := container.Publish.Get(s, key); ok {
			list = append(list, portOf(key, p))
		}
	}
	return list, container.Publish.Complete(s)
}

// scopeOf tells who can reach an address. What is no address is taken for every one.
func scopeOf(ip string) scope {
	a, err := netip.ParseAddr(strings.Trim(ip, "[]"))
	a = a.Unmap()
	switch {
	case err != nil || a.IsUnspecified():
		return world
	case a.IsLoopback():
		return loopback
	case a.IsPrivate() || a.IsLinkLocalUnicast():
		return lan
	}
	return world
}

// exposure is something of the container that others can reach.
type exposure struct {
	at    container.Path
	what  string
	scope scope
}

// exposures are the published ports, and what exposes ports without naming them.
func exposures(s *container.Spec) (list []exposure, all bool) {
	found, all := ports(s)
	for _, p := range found {
		what := p.address()
		if p.HostPort == 0 {
			what = strings.TrimSuffix(what, ":0") + " at a port the engine picks"
		}
		list = append(list, exposure{p.at, what, p.scope})
	}
	net, _, known := container.Network.Get(s)
	if known && slices.Contains(net, "host") {
		list = append(list, exposure{at(container.Network), "every port the workload opens on the host's network", world})
	}
	for _, o := range inbound(net) {
		list = append(list, exposure{at(container.Network), fmt.Sprintf("what pasta opens by %q", o.said), o.scope})
	}
	every, _, ok := container.PublishAll.Get(s)
	if every && !slices.ContainsFunc(net, publishesNothing) {
		list = append(list, exposure{at(container.PublishAll), "every port the image exposes", world})
	}
	return list, all && known && ok
}

// Reached is something of a container that others can reach.
type Reached struct {
	At   container.Path // the setting that opens it
	What string         // "127.0.0.1:8000"
}

// Reachable are all that others can reach of a run; all is false where there may be more.
func Reachable(s *container.Spec) (list []Reached, all bool) {
	found, all := exposures(s)
	for _, e := range found {
		list = append(list, Reached{e.at, e.what})
	}
	return list, all
}

// everyPort says what f says of each published port, and that the control is open
// where there may be more.
func everyPort(k *Case, f func(port)) {
	list, all := ports(k.Spec)
	for _, p := range list {
		f(p)
	}
	if !all {
		k.Open(at(container.Publish), "whether there is more in publish is not known")
	}
}

// widest is how far the farthest exposure reaches; all the world where not all of
// them are known.
func widest(s *container.Spec) scope {
	list, all := exposures(s)
	if !all {
		return world
	}
	far := nobody
	for _, e := range list {
		far = max(far, e.scope)
	}
	return far
}

func publishesNothing(network string) bool {
	mode, _, _ := strings.Cut(network, ":")
	return mode == "none" || mode == "host" || mode == "container" || mode == "ns"
}

// portOf reads the key of a published port: NUMBER[-LAST]/PROTOCOL, and behind an @ what
// tells two addresses of one port apart.
func portOf(key string, p container.Port) port {
	name, _, _ := strings.Cut(key, "@")
	first, last, _ := container.PortRange(name)
	return port{p, elem(container.Publish, key), name, first, last, scopeOf(p.HostIP)}
}
