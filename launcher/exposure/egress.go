package exposure

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Addresses that stand for others where a route is looked up. Nothing is ever sent to them.
var (
	someV4   = netip.MustParseAddr("198.51.100.7") // TEST-NET-2 (RFC 5737)
	someV6   = netip.MustParseAddr("2001:db8::7")  // RFC 3849
	metadata = netip.MustParseAddr("169.254.169.254")
)

// leaving answers what gets out of the networks of members.
type leaving struct{ joiner }

// ways are the ways out of a member's network, in the order of [Ways].
func (j leaving) ways(m Member) []Way {
	answers := map[string]Answer{
		Outside: j.outside(m), Names: j.names(m), Loopback: j.loopback(m), HostItself: j.hostItself(m), Metadata: j.metadata(m), Networks: j.otherNetworks(m),
	}
	var out []Way
	for _, to := range Ways {
		a := answers[to]
		switch {
		case !m.running():
			a = Answer{Is: No, Why: "it does not run", From: Engine}
		case m.OnHost:
			a = Answer{Is: Yes, Why: "it is in this host's own network", From: Kernel}
		case !j.space(m).Read:
			a = Answer{Is: Unknown, Why: "its network in the kernel could not be read", From: Nobody}
		}
		out = append(out, Way{to, a})
	}
	return out
}

// outside is whether a route leads beyond this host.
func (j leaving) outside(m Member) Answer {
	var out []string
	for _, r := range j.space(m).Routes {
		if r.Via.IsValid() && !r.Reject && !slices.Contains(out, r.String()) {
			out = append(out, r.String())
		}
	}
	if len(out) > 0 {
		return Answer{Is: Yes, Why: "it has a route: " + strings.Join(out, ", "), From: Kernel}
	}
	for _, a := range []netip.Addr{someV4, someV6} {
		if r, ok := Lookup(j.space(m).Routes, a); ok {
			return Answer{Is: Yes, Why: "it has a route: " + r.String(), From: Kernel}
		}
	}
	for _, n := range m.Joined {
		if d := j.Networks[n.Network].Driver; d != "bridge" {
			return Answer{Is: Unknown, Why: fmt.Sprintf("where network %s (%s) leads to is not seen", n.Network, d), From: Nobody}
		}
	}
	return Answer{Is: No, Why: "no route leads beyond its own networks", From: Kernel}
}

// String is the route as people write it.
func (r Route) String() string {
	to := r.To.String()
	if r.To.Bits() == 0 {
		to = "default"
	}
	if r.Via.IsValid() {
		return to + " via " + r.Via.String()
	}
	return to + " on " + r.Device
}

func (j leaving) metadata(m Member) Answer {
	r, ok := Lookup(j.space(m).Routes, metadata)
	if ok && (r.Via.IsValid() || len(m.Joined) == 0) {
		return Answer{Is: Yes, Why: "a route leads to 169.254.169.254: " + r.String(), From: Kernel}
	}
	return Answer{Is: No, Why: "no route leads to 169.254.169.254", From: Kernel}
}

// names is whether outside names are resolved: a nameserver that it has a route to does
// it, and so does Podman's own before 5 on a network that is internal.
func (j leaving) names(m Member) Answer {
	if !m.Resolve.Read {
		return Answer{Is: Unknown, Why: "its resolv.conf could not be read", From: Nobody}
	}
	for _, s := range m.Resolve.Servers {
		if _, ok := Lookup(j.space(m).Routes, s); !ok && !s.IsLoopback() {
			continue
		}
		if s.IsLoopback() {
			return Answer{Is: Unknown, Why: "it asks a server of its own, " + s.String(), From: Nobody}
		}
		n, internal := j.internalServer(m, s)
		switch {
		case !internal:
			return Answer{Is: Yes, Why: "it has a route to nameserver " + s.String(), From: Kernel}
		case j.before(5):
			return Answer{Is: Yes, Why: "the nameserver of internal network " + n + " hands names on: Podman " + j.Engine, From: Engine}
		}
	}
	return Answer{Is: No, Why: "no nameserver that would hand names on is in reach", From: Kernel}
}

// internalServer tells whether a nameserver is that of an internal network of the member.
func (j leaving) internalServer(m Member, s netip.Addr) (string, bool) {
	for _, n := range m.networks() {
		net := j.Networks[n]
		if net.Internal && slices.ContainsFunc(net.Subnets, func(p netip.Prefix) bool { return p.Contains(s) }) {
			return n, true
		}
	}
	return "", false
}

// before tells whether the engine is older than a major version, or its own is not known.
func (j leaving) before(major int) bool {
	text, _, _ := strings.Cut(j.Engine, ".")
	n, err := strconv.Atoi(text)
	return err != nil || n < major
}

// loopback is whether services on this host's loopback address are in reach.
func (j leaving) loopback(m Member) Answer {
	switch {
	case m.OnHost:
		return Answer{Is: Yes, Why: "it is in this host's own network", From: Kernel}
	case j.outside(m).Is == No:
		return Answer{Is: No, Why: "no route leads beyond its own networks", From: Kernel}
	case m.Way.Program == "" && !j.Rootless:
		return Answer{Is: No, Why: "bridges of this host do not lead to its loopback address", From: Engine}
	case m.Way.Program == "":
		return Answer{Is: Unknown, Why: "no process was found that carries its packets", From: Nobody}
	}
	if word := m.Way.opens(); word != "" {
		return Answer{Is: Yes, Why: m.Way.Program + " runs " + word, From: Kernel}
	}
	return Answer{Is: No, Why: m.Way.Program + " keeps it closed", From: Kernel}
}

// opens is what makes a forwarder lead to this host's loopback address: an option that is
// there, or one that is not.
func (f Forwarder) opens() string {
	if f.Program == "slirp4netns" {
		if slices.Contains(f.Words, "--disable-host-loopback") {
			return ""
		}
		return "without --disable-host-loopback"
	}
	for i, w := range f.Words {
		value := ""
		if i+1 < len(f.Words) {
			value = f.Words[i+1]
		}
		name, own, has := strings.Cut(w, "=")
		if has {
			value = own
		}
		switch name {
		case "-T", "-U", "--tcp-ns", "--udp-ns", "--map-host-loopback": // --map-guest-addr leads to its other addresses alone
			if value != "none" {
				return "with " + name + " " + value
			}
		case "--map-gw":
			return "with --map-gw"
		}
	}
	if slices.Contains(f.Words, "--no-map-gw") {
		return ""
	}
	return "without --no-map-gw"
}

// hostItself is whether services on the other addresses of this host are in reach.
func (j leaving) hostItself(m Member) Answer {
	if m.OnHost {
		return Answer{Is: Yes, Why: "it is in this host's own network", From: Kernel}
	}
	if !j.Rootless && len(m.Joined) > 0 {
		return Answer{Is: Yes, Why: "the gateway of its network is this host", From: Engine}
	}
	out := j.outside(m)
	if out.Is == Yes {
		out.Why = "what leads outside leads to this host's addresses"
	}
	return out
}

// otherNetworks is whether networks are in reach that the member is not in.
func (j leaving) otherNetworks(m Member) Answer {
	var out []string
	for name, n := range j.Networks {
		if slices.Contains(m.networks(), name) || n.Internal || len(m.Joined) == 0 {
			continue
		}
		if j.allIsolated(m) && n.Isolated {
			continue
		}
		if slices.ContainsFunc(n.Subnets, func(p netip.Prefix) bool { _, ok := Lookup(j.space(m).Routes, p.Addr().Next()); return ok }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	if len(out) > 0 {
		return Answer{Is: Yes, Why: "a route leads to " + strings.Join(out, ", "), From: Kernel}
	}
	return Answer{Is: No, Why: "no route leads to a network of another container", From: Kernel}
}

func (j leaving) allIsolated(m Member) bool {
	return !slices.ContainsFunc(m.Joined, func(n Joined) bool { return !j.Networks[n.Network].Isolated })
}
