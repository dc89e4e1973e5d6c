package exposure

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// reaching answers who gets at the ports of members.
type reaching struct{ joiner }

// reach answers who reaches a port.
func (j reaching) reach(m Member, p *Port) {
	p.Through = j.through(m, *p)
	if !m.running() {
		none := Answer{Is: No, Why: "it does not run", From: Engine}
		p.LAN, p.Users, p.Host, p.Others = none, none, none, none
		return
	}
	p.Host = j.fromHost(m, *p)
	p.Users = p.Host
	if p.Users.Is == Yes {
		p.Users.Why += ", which every local user may open"
	}
	p.LAN = j.fromLAN(m, *p)
	p.From, p.Others = j.fromOthers(m, *p)
}

// fromHost is whether a program in this host's own network reaches the port.
func (j reaching) fromHost(m Member, p Port) Answer {
	for _, d := range p.Doors {
		if d.Open == Yes {
			return Answer{Is: Yes, Why: fmt.Sprintf("%s of this host is open%s", d, by(d.Process)), From: Kernel}
		}
	}
	if n := j.direct(m, p); n != "" {
		return Answer{Is: Yes, Why: "network " + n + " is one of this host's own", From: Engine}
	}
	for _, d := range p.Doors {
		if d.Open == Unknown {
			return Answer{Is: Unknown, Why: fmt.Sprintf("who listens at %s of this host is not known", d), From: Nobody}
		}
	}
	if !j.Host.Read {
		return Answer{Is: Unknown, Why: "the sockets of this host could not be read", From: Nobody}
	}
	return Answer{Is: No, Why: "no address of this host leads to it", From: Kernel}
}

func by(process string) string {
	if process == "" {
		return ""
	}
	return " (" + process + ")"
}

// direct is the bridge by which this host reaches the port without any door: those of a
// rootless engine stand in a network of their own.
func (j reaching) direct(m Member, p Port) string {
	if j.Rootless || m.OnHost || p.Address == "" {
		return ""
	}
	if on := j.covered(m, p); len(on) > 0 {
		return on[0]
	}
	return ""
}

func (j reaching) fromLAN(m Member, p Port) Answer {
	unknown := ""
	for _, d := range p.Doors {
		switch a, err := netip.ParseAddr(d.Address); {
		case err == nil && a.IsLoopback():
		case d.Open == Yes:
			return Answer{Is: Yes, Why: fmt.Sprintf("%s of this host is open%s; a firewall before it would not be seen", d, by(d.Process)), From: Kernel}
		case d.Open == Unknown:
			unknown = fmt.Sprintf("who listens at %s of this host is not known", d)
		}
	}
	for _, n := range j.covered(m, p) {
		switch net := j.Networks[n]; {
		case net.Driver != "bridge":
			unknown = fmt.Sprintf("network %s (%s) may be the LAN itself", n, net.Driver)
		case !j.Rootless && !net.Internal:
			unknown = "whether this host forwards packets into network " + n + " is not seen"
		}
	}
	switch {
	case unknown != "":
		return Answer{Is: Unknown, Why: unknown, From: Nobody}
	case !j.Host.Read && !m.OnHost:
		return Answer{Is: Unknown, Why: "the sockets of this host could not be read", From: Nobody}
	case slices.ContainsFunc(p.Doors, func(d Door) bool { return d.Open == Yes }):
		return Answer{Is: No, Why: "only loopback addresses of this host lead to it", From: Kernel}
	}
	return Answer{Is: No, Why: "no address of this host leads to it", From: Kernel}
}

// covered are the named networks of the member over which a port is reached.
func (j reaching) covered(m Member, p Port) (out []string) {
	at, err := netip.ParseAddr(p.Address)
	if err != nil || at.IsLoopback() {
		return nil
	}
	for _, n := range m.Joined {
		if at.IsUnspecified() || slices.Contains(n.Addresses, at) {
			out = append(out, n.Network)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

// through says by which networks a port is reached.
func (j reaching) through(m Member, p Port) []string {
	out := j.covered(m, p)
	switch {
	case m.OnHost:
		out = append(out, "host")
	case len(out) == 0 && len(p.Doors) > 0 && m.Way.Program != "" && !m.Way.Shared:
		out = append(out, m.Way.Program)
	}
	return out
}

// fromOthers are the containers that reach a port.
func (j reaching) fromOthers(m Member, p Port) ([]string, Answer) {
	var names, unread []string
	why := ""
	for _, o := range j.Members {
		if o.ID == m.ID || o.Infra || !o.running() {
			continue
		}
		how, known := j.path(o, m, p)
		switch {
		case !known:
			unread = append(unread, o.Name)
		case how != "":
			names = append(names, o.Name)
			if why == "" {
				why = o.Name + " by " + how
			}
		}
	}
	switch {
	case len(names) > 0:
		return names, Answer{Is: Yes, Why: why, From: Kernel}
	case len(unread) > 0:
		return nil, Answer{Is: Unknown, Why: "the network of " + strings.Join(unread, ", ") + " could not be read", From: Nobody}
	}
	return nil, Answer{Is: No, Why: "no other container that runs has a way to it", From: Kernel}
}

// path is how one container reaches a port of another; "" it does not.
func (j reaching) path(from, to Member, p Port) (how string, known bool) {
	at, err := netip.ParseAddr(p.Address)
	listens := err == nil
	if from.Space == to.Space && from.Space != "" && !from.OnHost && listens {
		return "the network that both share", true
	}
	if !j.space(from).Read {
		return "", false
	}
	for _, n := range j.covered(to, p) {
		if slices.Contains(from.networks(), n) {
			return "network " + n, true
		}
	}
	for _, d := range p.Doors {
		if d.Open == No {
			continue
		}
		a, _ := netip.ParseAddr(d.Address) // one that is none leads nowhere
		switch {
		case from.OnHost:
			return "this host's " + d.String(), true
		case !a.IsLoopback() && leaving(j).hostItself(from).Is != No:
			return "this host's " + d.String(), true
		case a.IsLoopback() && leaving(j).loopback(from).Is != No:
			return "this host's loopback address", true
		}
	}
	if listens && !at.IsLoopback() {
		return j.across(from, to, at), true
	}
	return "", true
}

// across is the way between two networks that one host's bridges route to each other.
func (j reaching) across(from, to Member, at netip.Addr) string {
	if from.OnHost && !to.OnHost && !j.Rootless && len(to.Joined) > 0 {
		return "this host's bridge"
	}
	for _, n := range to.Joined {
		for _, a := range n.Addresses {
			if !at.IsUnspecified() && at != a {
				continue
			}
			if via := j.routed(from, to, n.Network, a); via != "" {
				return via
			}
		}
	}
	return ""
}

// routed tells whether packets go from a network of the one to an address of the other,
// and back: both have routes, and not both networks are isolated.
func (j reaching) routed(from, to Member, network string, a netip.Addr) string {
	if _, ok := Lookup(j.space(from).Routes, a); !ok {
		return ""
	}
	for _, n := range from.Joined {
		for _, source := range n.Addresses {
			_, back := Lookup(j.space(to).Routes, source)
			if back && !(j.Networks[n.Network].Isolated && j.Networks[network].Isolated) && source.Is4() == a.Is4() {
				return "network " + n.Network + ", which is routed to " + network
			}
		}
	}
	return ""
}

// secured answers what is known of TLS and authentication without asking.
func (j reaching) secured(m Member, p *Port) {
	p.TLS = Answer{Is: Unknown, Why: "nobody asked it", From: Nobody}
	p.Auth = p.TLS
	if m.Gateway && p.Protocol == "tcp" && (p.Number == gateway.Port || p.Number == gateway.MetricsPort) {
		p.TLS = Answer{Is: Yes, Why: "it is a gateway of zlaunch's", From: Profile}
		p.Auth = p.TLS
	}
}
