package exposure

import (
	"net/netip"
	"slices"
)

// door is an address of this host that leads into a container's network.
type door struct {
	Door
	protocol string
	inside   uint16 // the port there; 0 not known
}

// leadsTo tells whether a socket in the container's network gets what comes by the door.
// Forwarders come by the namespace's own address, which a socket at its loopback does
// not have; pasta may come by that, too.
func (d door) leadsTo(s Socket, way Forwarder) bool {
	return d.protocol == s.Protocol && d.inside == s.Local.Port() && (!s.Local.Addr().IsLoopback() || way.Program == "pasta")
}

// doorway finds the doors into the networks of members.
type doorway struct{ joiner }

// doors are those into a member's network: what the engine says that it publishes, held
// against the sockets of this host, and what processes hold that lead there.
func (j doorway) doors(m Member) (out []door) {
	if m.OnHost {
		return nil
	}
	open := j.kernelDoors(m)
	used := make([]bool, len(open))
	for _, p := range j.published(m) {
		found := false
		for i, s := range open {
			if s.fits(p) {
				used[i], found = true, true
				out = append(out, door{Door{s.Address, s.Port, s.Process, Yes, true}, p.Protocol, p.Port})
			}
		}
		if !found {
			out = append(out, j.stated(m, p))
		}
	}
	for i, s := range open {
		if !used[i] {
			out = append(out, door{Door{s.Address, s.Port, s.Process, Yes, false}, s.protocol, 0})
		}
	}
	return out
}

// stated is what the engine alone says: whether this host listens there all the same, the
// table of its sockets tells, and not for whom.
func (j doorway) stated(m Member, p Publish) door {
	address := "0.0.0.0"
	if p.Address.IsValid() {
		address = p.Address.String()
	}
	d := door{Door{Address: address, Port: p.HostPort, Open: No, Stated: true}, p.Protocol, p.Port}
	if !j.Host.Read {
		d.Open = Unknown
		return d
	}
	if !m.running() {
		return d // whoever listens there is somebody else
	}
	for _, s := range j.Host.Sockets {
		if len(j.Host.Holders[s.Inode]) == 0 && (door{Door{Address: s.Local.Addr().String(), Port: s.Local.Port()}, s.Protocol, 0}).fits(p) {
			d.Open = Unknown
		}
	}
	return d
}

// published is what the members of one network publish, each once: those of a pod all
// say it.
func (j doorway) published(m Member) (out []Publish) {
	all := j.together(m)
	if len(all) == 0 {
		all = []Member{m}
	}
	for _, o := range all {
		for _, p := range o.Publish {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// fits tells whether a socket of this host is what a port is published by.
func (d door) fits(p Publish) bool {
	a, err := netip.ParseAddr(d.Address)
	same := err == nil && (a == p.Address || a.IsUnspecified() && (!p.Address.IsValid() || p.Address.IsUnspecified()))
	return same && d.protocol == p.Protocol && d.Port == p.HostPort
}

// kernelDoors are the sockets of this host whose holders lead into the member's network.
func (j doorway) kernelDoors(m Member) (out []door) {
	if m.Space == "" {
		return nil
	}
	for _, s := range j.Host.Sockets {
		for _, p := range j.Host.Holders[s.Inode] {
			if !j.carries(m, p) {
				continue
			}
			d := door{Door{s.Local.Addr().String(), s.Local.Port(), p.Name, Yes, false}, s.Protocol, 0}
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
			break
		}
	}
	return out
}

// carries tells whether a process takes what comes into the member's network:
// rootlessport stands in it, or its child does (which thread of it entered the network is
// chance); conmon is named by the container's id, and keeps the ports of a rootful engine;
// slirp4netns and pasta are those of this network alone.
func (j doorway) carries(m Member, p Process) bool {
	if p.Space == m.Space || slices.Contains(p.Children, m.Space) {
		return true
	}
	for _, o := range j.together(m) {
		if p.Name == "conmon" && slices.Contains(p.Words, o.ID) || p.PID == o.Way.PID && p.PID != 0 && !o.Way.Shared {
			return true
		}
	}
	return false
}
