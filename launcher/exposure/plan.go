package exposure

import (
	"net/netip"
	"slices"
)

// Plan lists what to try of a document that [Join] made of the facts.
func Plan(f Facts, d Document) (out []Vantage) {
	p := planner{joiner{f}, d}
	out = append(out, p.host())
	for _, n := range p.networks() {
		out = append(out, p.sibling(n))
	}
	for i := range d.Containers {
		if v, ok := p.inside(i); ok {
			out = append(out, v)
		}
	}
	for i := range out {
		out[i].Tries = out[i].Tries[:min(len(out[i].Tries), MaxTries)]
	}
	return out[:min(len(out), MaxVantages)]
}

type planner struct {
	joiner
	doc Document
}

// member is that of a container of the document.
func (p planner) member(i int) Member {
	at := slices.IndexFunc(p.Members, func(m Member) bool { return m.ID == p.doc.Containers[i].ID })
	if at < 0 {
		return Member{}
	}
	return p.Members[at]
}

// networks are the bridges that running containers of the document are in.
func (p planner) networks() (out []string) {
	for i := range p.doc.Containers {
		m := p.member(i)
		for _, n := range m.networks() {
			if m.Space != "" && p.Networks[n].Driver == "bridge" && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	slices.Sort(out)
	return out
}

var loopbacks = []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()}

// mostAddresses bounds how many of this host's addresses are tried to take.
const mostAddresses = 4

// host tries each door by this host's loopback address, and the LAN by whether a door has
// the host's other addresses.
func (p planner) host() (v Vantage) {
	for i, c := range p.doc.Containers {
		for n, port := range c.Ports {
			for _, d := range port.Doors {
				if to := d.loopback(); port.Protocol == "tcp" && d.Open == Yes && len(to) > 0 {
					expect := Yes
					if port.Address == "" {
						expect = No // nothing listens behind it
					}
					v.Tries = append(v.Tries, Try{Kind: Dial, Addresses: to, Container: i, Port: n, Way: -1, Expect: expect})
				}
				if to := p.others(d); port.Protocol == "tcp" && len(to) > 0 {
					expect := No
					if d.Open == Yes && !loopbackOnly(d) {
						expect = Yes
					}
					v.Tries = append(v.Tries, Try{Kind: Bind, Addresses: to, Container: i, Port: n, Way: -1, Lan: true, Expect: expect})
				}
			}
		}
	}
	return v
}

// loopback are the loopback addresses by which a door is reached; none where it is at
// others alone.
func (d Door) loopback() (out []netip.AddrPort) {
	at, err := netip.ParseAddr(d.Address)
	for _, l := range loopbacks {
		if err == nil && (at == l || at.IsUnspecified() && (at.Is6() || l.Is4())) {
			out = append(out, netip.AddrPortFrom(l, d.Port))
		}
	}
	return out
}

// others are the addresses of this host beside its loopback that a door may have. An
// ordinary user takes no port below 1024.
func (p planner) others(d Door) (out []netip.AddrPort) {
	at, err := netip.ParseAddr(d.Address)
	for _, a := range p.Host.Addresses {
		fits := at.IsLoopback() || at == a || at.IsUnspecified()
		if err == nil && fits && !a.IsLoopback() && a.Is4() && d.Port >= 1024 && len(out) < mostAddresses {
			out = append(out, netip.AddrPortFrom(a, d.Port))
		}
	}
	return out
}

// sibling tries every port of a container with an address in a bridge.
func (p planner) sibling(network string) Vantage {
	v := Vantage{Network: network}
	for i, c := range p.doc.Containers {
		m := p.member(i)
		for n, port := range c.Ports {
			at, err := netip.ParseAddr(port.Address)
			if err != nil || port.Protocol != "tcp" {
				continue
			}
			for _, j := range m.Joined {
				for _, a := range j.Addresses {
					if at.IsUnspecified() && (at.Is6() || a.Is4()) || at == a || at.IsLoopback() && at.Is4() == a.Is4() {
						v.Tries = append(v.Tries, Try{Kind: Dial, Addresses: []netip.AddrPort{netip.AddrPortFrom(a, port.Number)}, Container: i, Port: n, Way: -1,
							Expect: p.fromSibling(network, m, j.Network, at)})
					}
				}
			}
		}
	}
	return v
}

// fromSibling is whether a container that is in a network alone reaches an address of a
// member in another, or the same.
func (p planner) fromSibling(network string, m Member, to string, at netip.Addr) State {
	from := p.Networks[network]
	switch {
	case at.IsLoopback():
		return No
	case network == to:
		return Yes
	case from.Internal || p.Networks[to].Internal && !slices.Contains(m.networks(), network) && !p.routedBack(m, from):
		return No
	case from.Isolated && p.Networks[to].Isolated, !p.routedBack(m, from):
		return No
	}
	return Yes
}

func (p planner) routedBack(m Member, from Network) bool {
	return slices.ContainsFunc(from.Subnets, func(s netip.Prefix) bool { _, ok := Lookup(p.space(m).Routes, s.Addr().Next()); return ok })
}

// inside tries what gets out of a container's own network, and asks its ports.
func (p planner) inside(i int) (Vantage, bool) {
	m, c := p.member(i), p.doc.Containers[i]
	v := Vantage{Member: m}
	if m.Space == "" {
		return v, false
	}
	for w, way := range c.Ways {
		t := Try{Container: i, Port: -1, Way: w, Expect: way.Is}
		switch way.To {
		case Outside:
			t.Kind, t.Addresses = Routed, []netip.AddrPort{netip.AddrPortFrom(someV4, 9), netip.AddrPortFrom(someV6, 9)}
		case Metadata:
			t.Kind, t.Addresses = Routed, []netip.AddrPort{netip.AddrPortFrom(metadata, 80)}
		case Loopback:
			t.Kind, t.Addresses = Knock, p.knocks(m)
		}
		if len(t.Addresses) > 0 && t.Expect != Unknown {
			v.Tries = append(v.Tries, t)
		}
	}
	for n, port := range c.Ports {
		if at, err := netip.ParseAddr(port.Address); err == nil && port.Protocol == "tcp" {
			v.Tries = append(v.Tries, Try{Kind: Ask, Addresses: []netip.AddrPort{netip.AddrPortFrom(within(at), port.Number)}, Container: i, Port: n, Way: -1})
		}
	}
	return v, true
}

// within is the address by which a socket is asked from its own network.
func within(at netip.Addr) netip.Addr {
	switch {
	case at == netip.IPv4Unspecified():
		return loopbacks[0]
	case at == netip.IPv6Unspecified():
		return loopbacks[1]
	}
	return at
}

// knocks are the addresses that would be this host's loopback address. Only of slirp4netns
// they lead nowhere else; what pasta does not map goes to whoever has the address.
func (p planner) knocks(m Member) []netip.AddrPort {
	if m.OnHost {
		return []netip.AddrPort{netip.AddrPortFrom(loopbacks[0], 0)}
	}
	if m.Way.Program != "slirp4netns" {
		return nil
	}
	if m.Way.Shared {
		return []netip.AddrPort{netip.AddrPortFrom(netip.MustParseAddr("10.0.2.2"), 0)}
	}
	r, ok := Lookup(p.space(m).Routes, someV4)
	if !ok || !r.Via.IsValid() {
		return nil
	}
	return []netip.AddrPort{netip.AddrPortFrom(r.Via, 0)}
}
