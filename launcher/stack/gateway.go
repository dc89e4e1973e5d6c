package stack

import (
	"maps"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// Gateway is the proxy in front of one member, the only way to it from outside.
type Gateway struct {
	Backend  string   // the member
	Profile  string   // that the proxy is run by
	Publish  []string // [ADDRESS:]HOST:NAME of its ports
	Settings gateway.Settings
}

// What the proxy's member and its networks are called in a stack. Only it is in the edge;
// the inner one has no route out and resolves no names.
const (
	Proxy        = "gateway"
	EdgeNetwork  = "gateway-edge"
	InnerNetwork = "gateway-inner"
)

// ProxyProfile runs the proxy where the file names none.
const ProxyProfile = "haproxy"

// front is [gateway] as TOML has it.
type front struct {
	Backend string   `toml:"backend"`
	Profile string   `toml:"profile,omitempty"`
	Publish []string `toml:"publish,omitempty"`
	gateway.Settings
}

// gateway checks the table of that name before the members are, which it adds to.
func (c *checker) gateway(s *Stack) {
	f := c.doc.Gateway
	if f == nil {
		return
	}
	at, is := c.doc.Members[f.Backend]
	switch {
	case !is && f.Backend == "":
		c.wrong("gateway", "backend = \""+strings.Join(slices.Sorted(maps.Keys(c.doc.Members)), "\" or \"")+"\"", "it is in front of no member")
	case !is:
		c.wrong("gateway.backend", "name a [member.NAME] of this file", "there is no member %q", f.Backend)
	case len(at.Publish) > 0:
		c.wrong("member."+f.Backend+".publish", "publish = [\"9443:https\"] of [gateway]", "%s would be reached beside its gateway", f.Backend)
	}
	if _, taken := c.doc.Members[Proxy]; taken {
		c.wrong("member."+Proxy, "call it otherwise", "the gateway's own member is called %q", Proxy)
	}
	for _, n := range []string{EdgeNetwork, InnerNetwork} {
		if _, taken := c.doc.Networks[n]; taken {
			c.wrong("network."+n, "call it otherwise", "the gateway's own network is called %q", n)
		}
	}
	if _, err := f.Of(s.Name, nil); err != nil {
		c.faults = append(c.faults, fault{"gateway", err})
	}
	s.Gateway = &Gateway{Backend: f.Backend, Profile: f.Profile, Publish: f.Publish, Settings: f.Settings}
}

// Guard puts the gateway of a stack whose members are known in front of its backend: a
// member and two networks more. A member that has no network but the stack's only one
// stays without a way out.
func (s *Stack) Guard() {
	g := s.Gateway
	if g.Profile == "" {
		g.Profile = ProxyProfile
	}
	if len(s.Networks) == 1 && s.Networks[0].Name == onlyNetwork {
		s.Networks[0].Internal = true
		if len(s.Members) == 1 {
			s.Networks, s.Members[0].Networks = nil, nil
		}
	}
	s.Networks = append(s.Networks, Network{Name: EdgeNetwork}, Network{Name: InnerNetwork, Internal: true, NoDNS: true})
	if m := s.Member(g.Backend); m != nil {
		m.Networks = append(m.Networks, InnerNetwork)
	}
	// The edge stands first: by it come the connections from outside.
	s.Members = append(s.Members, Member{Name: Proxy, Profile: g.Profile, After: []string{g.Backend}, Networks: []string{EdgeNetwork, InnerNetwork}, Publish: g.Publish})
}
