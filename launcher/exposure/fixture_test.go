package exposure

import (
	"net/netip"
	"slices"
	"testing"
)

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

const hostSpace = "net:[1]"

// facts is a rootless engine with containers in the situations that there are.
func facts() Facts {
	f := Facts{Engine: "4.3.1", Rootless: true, Spaces: map[string]Space{}, Networks: map[string]Network{
		"na":    {Name: "na", Driver: "bridge", DNS: true, Subnets: []netip.Prefix{netip.MustParsePrefix("10.89.0.0/24")}},
		"nb":    {Name: "nb", Driver: "bridge", DNS: true, Subnets: []netip.Prefix{netip.MustParsePrefix("10.89.1.0/24")}},
		"inner": {Name: "inner", Driver: "bridge", DNS: true, Internal: true, Subnets: []netip.Prefix{netip.MustParsePrefix("10.89.2.0/24")}},
	}}
	f.Host = Space{Read: true, Holders: map[uint64][]Process{}, Addresses: []netip.Addr{ip("127.0.0.1"), ip("192.0.2.2")}}
	f.Host.Sockets = []Socket{{Protocol: "tcp", Local: netip.MustParseAddrPort("0.0.0.0:22"), Inode: 22}}
	f.add("lo", "na", "10.89.0.2")
	f.publish("lo", "127.0.0.1", 9001, 8000)
	f.add("lan", "na", "10.89.0.3")
	f.publish("lan", "", 9002, 8000)
	f.add("inside", "inner", "10.89.2.2")
	f.add("slirp", "", "")
	f.publish("slirp", "127.0.0.1", 9003, 8000)
	f.Members = append(f.Members, Member{Name: "onhost", ID: "onhost", State: "running", Mode: "host", PID: 7, Space: hostSpace, OnHost: true, Mounts: "mnt:onhost"})
	f.Host.Sockets = append(f.Host.Sockets, Socket{Protocol: "tcp", Local: netip.MustParseAddrPort("[::]:9010"), Wide: true, Inode: 9010})
	f.Host.Holders[9010] = []Process{{PID: 7, Name: "serve", Space: hostSpace, Mounts: "mnt:onhost"}}
	f.Members = append(f.Members, Member{Name: "stopped", ID: "stopped", State: "exited", Mode: "bridge", Publish: []Publish{{"tcp", netip.Addr{}, 9020, 80}}})
	return f
}

// add has a container that listens on port 8000 of every address of its own network.
func (f *Facts) add(name, network, address string) {
	space := "net:[" + name + "]"
	m := Member{Name: name, ID: name, State: "running", Mode: "bridge", PID: 100 + len(f.Members), Space: space, Mounts: "mnt:" + name,
		Way: Forwarder{PID: 5, Program: "slirp4netns", Shared: true, Words: []string{"slirp4netns", "--disable-host-loopback"}}}
	s := Space{Read: true, Sockets: []Socket{{Protocol: "tcp", Local: netip.MustParseAddrPort("[::]:8000"), Wide: true, Inode: uint64(1000 + len(f.Members))}}, Holders: map[uint64][]Process{}}
	s.Holders[s.Sockets[0].Inode] = []Process{{PID: m.PID, Name: "serve", Space: space, Mounts: m.Mounts}}
	if network == "" {
		m.Mode, m.Way.Shared, m.Way.PID = "slirp4netns", false, 6
		s.Routes = []Route{{To: netip.MustParsePrefix("0.0.0.0/0"), Via: ip("10.0.2.2"), Device: "tap0"}, {To: netip.MustParsePrefix("10.0.2.0/24"), Device: "tap0"}}
		m.Resolve = Resolve{true, []netip.Addr{ip("10.0.2.3")}}
	} else {
		m.Joined = []Joined{{network, []netip.Addr{ip(address)}}}
		s.join(f.Networks[network])
		m.Resolve = Resolve{true, []netip.Addr{f.Networks[network].Subnets[0].Addr().Next()}}
	}
	f.Members, f.Spaces[space] = append(f.Members, m), s
}

func (s *Space) join(n Network) {
	s.Routes = append(s.Routes, Route{To: n.Subnets[0], Device: "eth0"})
	if !n.Internal {
		s.Routes = append(s.Routes, Route{To: netip.MustParsePrefix("0.0.0.0/0"), Via: n.Subnets[0].Addr().Next(), Device: "eth0"})
	}
}

// publish has the engine say that a port is published, and rootlessport listen there.
func (f *Facts) publish(name, at string, outside, inside uint16) {
	i := slices.IndexFunc(f.Members, func(m Member) bool { return m.Name == name })
	m := &f.Members[i]
	p := Publish{Protocol: "tcp", HostPort: outside, Port: inside}
	local := netip.AddrPortFrom(netip.IPv6Unspecified(), outside)
	if at != "" {
		p.Address = ip(at)
		local = netip.AddrPortFrom(p.Address, outside)
	}
	m.Publish = append(m.Publish, p)
	f.Host.Sockets = append(f.Host.Sockets, Socket{Protocol: "tcp", Local: local, Wide: local.Addr().Is6(), Inode: uint64(outside)})
	f.Host.Holders[uint64(outside)] = []Process{{PID: int(outside), Name: "rootlessport", Space: m.Space, Mounts: "mnt:podman"}}
}

// of is a container of a document.
func of(t *testing.T, d Document, name string) Container {
	t.Helper()
	i := slices.IndexFunc(d.Containers, func(c Container) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("no container %s in %+v", name, d.Containers)
	}
	return d.Containers[i]
}

// word is who reaches a port: a letter each of lan, users, host, containers.
func word(p Port) (out string) {
	for _, a := range []Answer{p.LAN, p.Users, p.Host, p.Others} {
		out += map[State]string{Yes: "y", No: "n", Unknown: "?"}[a.Is]
	}
	return out
}

// gets is what gets out, in the order of [Ways].
func gets(c Container) (out string) {
	for _, w := range c.Ways {
		out += map[State]string{Yes: "y", No: "n", Unknown: "?"}[w.Is]
	}
	return out
}
