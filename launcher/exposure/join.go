package exposure

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// Join makes a document of what was read: of all members, or of those that are wanted.
func Join(f Facts, wanted func(Member) bool) Document {
	d := Document{Schema: Schema, Engine: f.Engine, Rootless: f.Rootless, Containers: []Container{}, Unread: slices.Clone(f.Unread)}
	members := slices.Clone(f.Members)
	slices.SortFunc(members, func(a, b Member) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	f.Members = members
	j := joiner{f}
	for _, m := range members {
		if wanted != nil && !wanted(m) {
			continue
		}
		c := j.container(m)
		if m.Infra && len(c.Ports) == 0 {
			continue // its pod's containers say the rest
		}
		d.Containers = append(d.Containers, c)
	}
	return d
}

// joiner holds what was read against each other.
type joiner struct{ Facts }

func (j joiner) container(m Member) Container {
	c := Container{Name: m.Name, ID: m.ID, Ours: m.Ours, Profile: m.Profile, Pod: m.Pod, State: m.State, Network: m.Mode, Networks: m.networks(),
		Ports: []Port{}, Unread: slices.Clone(m.Unread)}
	if m.running() && !j.space(m).Read {
		c.Unread = append(c.Unread, "its network in the kernel could not be read, so nothing is known of its ports")
	}
	if m.running() && j.space(m).Blind {
		c.Unread = append(c.Unread, "not all processes in its network could be looked at, so whose port is whose may be wrong")
	}
	for _, p := range j.ports(m) {
		reaching{j}.reach(m, &p)
		reaching{j}.secured(m, &p)
		c.Ports = append(c.Ports, p)
	}
	slices.SortFunc(c.Ports, comparePorts)
	c.Ways = leaving{j}.ways(m)
	return c
}

func comparePorts(a, b Port) int {
	return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Address, b.Address), cmp.Compare(a.Process, b.Process))
}

func (m Member) running() bool { return m.Space != "" || m.State == "running" || m.State == "paused" }

func (m Member) networks() (out []string) {
	for _, n := range m.Joined {
		out = append(out, n.Network)
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

// space is the network of a member, one that was not read where it has none.
func (j joiner) space(m Member) Space {
	if m.OnHost {
		return j.Host
	}
	return j.Spaces[m.Space]
}

// together are the members of one network namespace.
func (j joiner) together(m Member) (out []Member) {
	for _, o := range j.Members {
		if m.Space != "" && o.Space == m.Space && !m.OnHost {
			out = append(out, o)
		}
	}
	return out
}

// ports are those that listen, each with the doors that lead to it, and the doors that
// lead nowhere.
func (j joiner) ports(m Member) (out []Port) {
	doors := doorway{j}.doors(m)
	led := make([]bool, len(doors))
	for _, s := range j.space(m).Sockets {
		process, remark, ours := j.holder(m, s)
		if !ours {
			continue
		}
		p := Port{Protocol: s.Protocol, Address: s.Local.Addr().String(), Number: s.Local.Port(), Process: process, Doors: []Door{}}
		if remark != "" {
			p.Remarks = append(p.Remarks, remark)
		}
		if m.OnHost {
			p.Doors = []Door{{Address: p.Address, Port: p.Number, Process: process, Open: Yes, Stated: true}}
		}
		for i, d := range doors {
			if !d.leadsTo(s, m.Way) {
				continue
			}
			led[i], p.Doors = true, append(p.Doors, d.Door)
		}
		if !slices.ContainsFunc(out, func(o Port) bool { return comparePorts(o, p) == 0 }) { // SO_REUSEPORT
			p.Remarks = append(p.Remarks, remarks(p.Doors)...)
			out = append(out, p)
		}
	}
	for i, d := range doors {
		if !led[i] && j.answersFor(m, d) {
			out = append(out, unattended(d, m))
		}
	}
	return out
}

// unattended is a door behind which nobody listens.
func unattended(d door, m Member) Port {
	p := Port{Protocol: d.protocol, Number: d.inside, Doors: []Door{d.Door}, Remarks: remarks([]Door{d.Door})}
	switch {
	case !m.running():
		p.Remarks = []string{"it does not run: published when it does"}
	case d.inside == 0:
		p.Remarks = append(p.Remarks, "where it leads to is not known")
	default:
		p.Remarks = append(p.Remarks, "nothing listens behind it")
	}
	return p
}

// remarks say where the engine and the kernel differ.
func remarks(doors []Door) (out []string) {
	for _, d := range doors {
		at := d.String()
		switch {
		case d.Open == No:
			out = append(out, "published at "+at+", and this host does not listen there")
		case d.Open == Unknown:
			out = append(out, "published at "+at+"; somebody listens there, and who is not known")
		case !d.Stated:
			out = append(out, "this host listens at "+at+", and the engine does not know of it")
		}
	}
	return out
}

// String is the address as it is typed.
func (d Door) String() string {
	if a, err := netip.ParseAddr(d.Address); err == nil {
		return netip.AddrPortFrom(a, d.Port).String()
	}
	return d.Address
}

// holder tells who of the member holds a socket of its network. One that nobody is seen to
// hold counts as the member's who has the network for itself, else as everybody's in it.
func (j joiner) holder(m Member, s Socket) (process, remark string, ours bool) {
	held := j.space(m).Holders[s.Inode]
	for _, p := range held {
		if p.Mounts == m.Mounts && m.Mounts != "" {
			return p.Name, "", true
		}
	}
	if m.OnHost {
		return "", "", false // of this host, until a process of the container is seen to hold it
	}
	of := j.together(m)
	for _, p := range held {
		if slices.ContainsFunc(of, func(o Member) bool { return o.Mounts == p.Mounts }) {
			return "", "", false
		}
	}
	if len(held) > 0 {
		return held[0].Name, "a process that is not the container's listens in its network", m.owns(of)
	}
	attended := slices.DeleteFunc(of, func(o Member) bool { return o.Infra })
	if len(attended) < 2 {
		return "", "who listens is not known", !m.Infra
	}
	return "", "which container of the pod listens is not known", !m.Infra
}

// owns tells whether the member answers for what nobody else in its network does: the
// first that runs something.
func (m Member) owns(of []Member) bool {
	for _, o := range of {
		if !o.Infra {
			return o.ID == m.ID
		}
	}
	return true
}

// answersFor tells whether a door that leads nowhere is told of with this member: with
// that which publishes it, and nobody in its network listens behind it.
func (j joiner) answersFor(m Member, d door) bool {
	of := j.together(m)
	for _, s := range j.space(m).Sockets {
		if d.leadsTo(s, m.Way) {
			return false
		}
	}
	infra := slices.IndexFunc(of, func(o Member) bool { return o.Infra })
	if infra >= 0 {
		return m.Infra
	}
	return len(of) == 0 || !strings.HasPrefix(m.Mode, "container") || m.owns(of)
}
