package exposure

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestJoin(t *testing.T) {
	d := Join(facts(), nil)
	for name, want := range map[string]struct{ reach, ways, from string }{
		"lo":      {"nyyy", "yynyyy", "lan onhost"},
		"lan":     {"yyyy", "yynyyy", "lo onhost slirp"},
		"inside":  {"nnnn", "nynnnn", ""}, // Podman 4 hands names on
		"slirp":   {"nyyy", "yynyyn", "onhost"},
		"onhost":  {"yyyy", "yyyyyy", "lan lo slirp"},
		"stopped": {"nnnn", "nnnnnn", ""},
	} {
		c := of(t, d, name)
		if len(c.Ports) != 1 {
			t.Fatalf("%s: ports %+v", name, c.Ports)
		}
		if got := word(c.Ports[0]); got != want.reach {
			t.Errorf("%s is reached by %s, want %s: %+v", name, got, want.reach, c.Ports[0])
		}
		if got := gets(c); got != want.ways {
			t.Errorf("%s gets out by %s, want %s: %+v", name, got, want.ways, c.Ways)
		}
		if got := strings.Join(c.Ports[0].From, " "); got != want.from {
			t.Errorf("%s is reached from %q, want %q", name, got, want.from)
		}
	}
	if !slices.IsSortedFunc(d.Containers, func(a, b Container) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the containers are not sorted")
	}
}

// What the engine says and the kernel does not show, and the other way round, is said.
func TestDoors(t *testing.T) {
	f := facts()
	f.publish("lo", "127.0.0.1", 9011, 8001) // nobody listens behind it
	f.Members[0].Publish = append(f.Members[0].Publish, Publish{"tcp", ip("127.0.0.1"), 9099, 8000})
	f.Host.Sockets = append(f.Host.Sockets, Socket{Protocol: "tcp", Local: netip.MustParseAddrPort("0.0.0.0:7777"), Inode: 7777})
	f.Host.Holders[7777] = []Process{{PID: 1, Name: "rootlessport", Space: f.Members[0].Space}}
	c := of(t, Join(f, nil), "lo")
	var remarks []string
	for _, p := range c.Ports {
		remarks = append(remarks, p.Row()+": "+strings.Join(p.Remarks, "; "))
	}
	want := []string{
		"?/tcp: this host listens at 0.0.0.0:7777, and the engine does not know of it; where it leads to is not known",
		"[::]:8000/tcp: published at 127.0.0.1:9099, and this host does not listen there",
		"8001/tcp: nothing listens behind it",
	}
	if !slices.Equal(remarks, want) {
		t.Errorf("got  %q\nwant %q", remarks, want)
	}
	if got := word(c.Ports[0]); got != "yyyy" {
		t.Errorf("a door that nobody stated is reached by %s", got)
	}
}

// A socket that somebody else of this host holds is no door; one that nobody is seen to
// hold may be.
func TestWhoseDoor(t *testing.T) {
	f := facts()
	f.Host.Holders[9001] = nil
	if p := of(t, Join(f, nil), "lo").Ports[0]; p.Doors[0].Open != Unknown || p.Host.Is != Unknown || p.LAN.Is != No {
		t.Errorf("%+v", p)
	}
	f.Host.Holders[9001] = []Process{{PID: 77, Name: "nginx", Space: hostSpace}}
	if p := of(t, Join(f, nil), "lo").Ports[0]; p.Doors[0].Open != No || p.Host.Is != No {
		t.Errorf("%+v", p)
	}
	f.Host.Holders[9001] = []Process{{PID: 77, Name: "rootlessport", Space: hostSpace, Children: []string{"net:[lo]"}}}
	if p := of(t, Join(f, nil), "lo").Ports[0]; p.Doors[0].Open != Yes {
		t.Errorf("the child of rootlessport is in the network: %+v", p)
	}
	f.Host.Holders[9001], f.Host.Read = nil, false
	if p := of(t, Join(f, nil), "lo").Ports[0]; p.Host.Is != Unknown || p.LAN.Is != Unknown && p.LAN.Is != No {
		t.Errorf("%+v", p)
	}
}

// What listens at the loopback address of a container is reached by nobody, whatever is
// published, unless pasta carries it.
func TestLoopbackInside(t *testing.T) {
	f := facts()
	s := f.Spaces["net:[lo]"]
	s.Sockets[0].Local = netip.MustParseAddrPort("127.0.0.1:8000")
	c := of(t, Join(f, nil), "lo")
	if len(c.Ports) != 2 || word(c.Ports[1]) != "nnnn" || c.Ports[0].Address != "" {
		t.Errorf("%+v", c.Ports)
	}
	f.Members[0].Way = Forwarder{PID: 9, Program: "pasta"}
	if c := of(t, Join(f, nil), "lo"); len(c.Ports) != 1 || c.Ports[0].Host.Is != Yes {
		t.Errorf("%+v", c.Ports)
	}
}

// Containers of a pod share a network: each has what it holds, and what nobody listens
// behind is the infra container's.
func TestPod(t *testing.T) {
	f := facts()
	f.add("infra", "", "")
	f.publish("infra", "127.0.0.1", 9030, 8000)
	f.publish("infra", "127.0.0.1", 9031, 8001)
	at := len(f.Members) - 1
	f.Members[at].Infra, f.Members[at].Pod = true, "p"
	one := f.Members[at]
	one.Infra, one.Name, one.ID, one.Mounts, one.Mode = false, "one", "one", "mnt:one", "container"
	two := one
	two.Name, two.ID, two.Mounts = "two", "two", "mnt:two"
	f.Members = append(f.Members, one, two)
	s := f.Spaces[one.Space]
	s.Holders[s.Sockets[0].Inode] = []Process{{PID: 1, Name: "serve", Space: one.Space, Mounts: "mnt:one"}}
	d := Join(f, nil)
	first, second, infra := of(t, d, "one"), of(t, d, "two"), of(t, d, "infra")
	if len(first.Ports) != 1 || word(first.Ports[0]) != "nyyy" || !slices.Contains(first.Ports[0].From, "two") {
		t.Errorf("%+v", first.Ports)
	}
	if len(second.Ports) != 0 || len(infra.Ports) != 1 || infra.Ports[0].Number != 8001 {
		t.Errorf("%+v %+v", second.Ports, infra.Ports)
	}
	s.Holders[s.Sockets[0].Inode] = nil
	if d := Join(f, nil); len(of(t, d, "two").Ports) != 1 || len(of(t, d, "one").Ports) != 1 {
		t.Error("a socket that nobody is seen to hold is of no container of the pod")
	}
}

// What carries the packets decides about this host's loopback address.
func TestLoopback(t *testing.T) {
	for _, c := range []struct {
		way  Forwarder
		want State
	}{
		{Forwarder{Program: "slirp4netns", Words: []string{"slirp4netns", "--disable-host-loopback"}}, No},
		{Forwarder{Program: "slirp4netns", Words: []string{"slirp4netns"}}, Yes},
		{Forwarder{Program: "pasta", Words: []string{"pasta", "--config-net", "-T", "none", "-U", "none", "--no-map-gw"}}, No},
		{Forwarder{Program: "pasta", Words: []string{"pasta", "--no-map-gw", "-T", "5432"}}, Yes},
		{Forwarder{Program: "pasta", Words: []string{"pasta", "--no-map-gw", "--map-host-loopback=169.254.1.1"}}, Yes},
		{Forwarder{Program: "pasta", Words: []string{"pasta", "--no-map-gw", "--map-guest-addr", "169.254.1.2"}}, No},
		{Forwarder{Program: "pasta", Words: []string{"pasta", "--config-net"}}, Yes},
		{Forwarder{}, Unknown},
	} {
		f := facts()
		f.Members[3].Way = c.way
		if got := of(t, Join(f, nil), "slirp").Ways[2]; got.Is != c.want || got.To != Loopback {
			t.Errorf("%v: %+v, want %s", c.way.Words, got, c.want)
		}
	}
}

// A rootful engine's bridges are this host's own.
func TestRootful(t *testing.T) {
	f := facts()
	f.Rootless = false
	for i := range f.Members {
		f.Members[i].Way = Forwarder{}
	}
	d := Join(f, nil)
	if got := word(of(t, d, "inside").Ports[0]); got != "nyyy" {
		t.Errorf("an internal bridge is reached by %s", got)
	}
	if got := word(of(t, d, "lo").Ports[0]); got != "?yyy" {
		t.Errorf("a bridge that this host may route to is reached by %s", got)
	}
}

// What was not read is not known, and nothing of it is no.
func TestUnread(t *testing.T) {
	f := facts()
	f.Spaces["net:[lan]"] = Space{}
	d := Join(f, nil)
	if c := of(t, d, "lan"); gets(c) != "??????" || len(c.Unread) == 0 || c.Ports[0].LAN.Is != Yes {
		t.Errorf("%+v", c)
	}
	if p := of(t, d, "inside").Ports[0]; p.Others.Is != Unknown {
		t.Errorf("%+v", p.Others)
	}
}

func TestIsolated(t *testing.T) {
	f := facts()
	f.add("b", "nb", "10.89.1.2")
	if p := of(t, Join(f, nil), "b").Ports[0]; !slices.Contains(p.From, "lo") {
		t.Errorf("bridges route to each other: %+v", p)
	}
	for _, name := range []string{"na", "nb"} {
		n := f.Networks[name]
		n.Isolated = true
		f.Networks[name] = n
	}
	d := Join(f, nil)
	if p := of(t, d, "b").Ports[0]; slices.Contains(p.From, "lo") || of(t, d, "lo").Ways[5].Is != No {
		t.Errorf("both are isolated: %+v", p)
	}
}

// Podman 5 resolves no outside names on an internal network.
func TestNames(t *testing.T) {
	f := facts()
	f.Engine = "5.4.2"
	if w := of(t, Join(f, nil), "inside").Ways[1]; w.Is != No {
		t.Errorf("%+v", w)
	}
	f.Members[2].Resolve = Resolve{}
	if w := of(t, Join(f, nil), "inside").Ways[1]; w.Is != Unknown {
		t.Errorf("%+v", w)
	}
}

func TestGateway(t *testing.T) {
	f := facts()
	f.Members[0].Gateway = true
	s := f.Spaces["net:[lo]"]
	s.Sockets[0].Local = netip.MustParseAddrPort("0.0.0.0:8443")
	for _, p := range of(t, Join(f, nil), "lo").Ports {
		if p.Number == 8443 && (p.TLS.Is != Yes || p.Auth.From != Profile) {
			t.Errorf("%+v", p)
		}
	}
}
