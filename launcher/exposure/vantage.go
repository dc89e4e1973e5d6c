package exposure

import "net/netip"

// What a try asks.
const (
	Dial   = "dial"  // whether somebody answers at an address
	Bind   = "bind"  // whether an address of this host is taken; nothing is sent
	Routed = "route" // whether the kernel has a route to an address; nothing is sent
	Knock  = "knock" // whether a listener of the probe's, on this host's loopback address, is reached
	Ask    = "ask"   // TLS, and an HTTP request without credentials
)

// Bounds on one probe.
const (
	MaxVantages = 64
	MaxTries    = 512 // of one vantage
)

// Vantage is a place that things are tried from.
type Vantage struct {
	Network string // from a throw-away container in it; "" for none
	Member  Member // from its network; no ID: from this host
	Tries   []Try
}

// Name is the vantage for people.
func (v Vantage) Name() string {
	switch {
	case v.Network != "":
		return "a sibling in " + v.Network
	case v.Member.ID != "":
		return v.Member.Name
	}
	return "this host"
}

// Try is one thing to try. All addresses are 127.0.0.1, [::1], those of containers, or
// are never sent to.
type Try struct {
	Kind      string           `json:"kind"`
	Addresses []netip.AddrPort `json:"addresses"` // any of them is enough

	// Of what document row it is about:
	Container int   `json:"container"`
	Port      int   `json:"port"` // -1: a way
	Way       int   `json:"way"`
	Lan       bool  `json:"lan"`
	Expect    State `json:"expect"`
}

// Outcome is what came of a try.
type Outcome struct {
	Got    State  `json:"got"`
	Detail string `json:"detail,omitempty"`
	Auth   State  `json:"auth,omitempty"` // of [Ask], whose Got is about TLS
	Why    string `json:"why,omitempty"`  // of Auth
}

// about says what a try was of, for people.
func (t Try) about() string {
	if len(t.Addresses) == 0 {
		return t.Kind
	}
	at := t.Addresses[0].String()
	switch t.Kind {
	case Bind:
		return "whether " + at + " is taken"
	case Routed:
		return "whether there is a route to " + t.Addresses[0].Addr().String()
	case Knock:
		return "this host's loopback address by " + t.Addresses[0].Addr().String()
	}
	return at
}
