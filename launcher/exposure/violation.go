package exposure

import (
	"fmt"
	"slices"
	"strings"
)

// Violation is a row of a document that a rule does not let through.
type Violation struct {
	Subject   string `json:"subject"`
	Container string `json:"container,omitempty"`
	Row       string `json:"row"` // the port or the way
	Is        State  `json:"is"`  // yes, or not known, which counts as yes
	Why       string `json:"why"`
}

// Check holds a document against the rules.
func (rs Rules) Check(d Document) (out []Violation) {
	for _, r := range rs {
		if len(d.Unread) > 0 {
			out = append(out, Violation{Subject: r.Subject, Row: "this host", Is: Unknown, Why: strings.Join(d.Unread, "; ")})
		}
		for _, c := range d.Containers {
			out = append(out, r.check(c)...)
		}
	}
	return out
}

func (r Rule) check(c Container) (out []Violation) {
	if len(c.Unread) > 0 && !r.allows(c.Name, "", 0) {
		out = append(out, Violation{r.Subject, c.Name, "all of it", Unknown, strings.Join(c.Unread, "; ")})
	}
	if r.Subject == "egress" {
		for _, w := range c.Ways {
			if w.Is != No && !r.allows(c.Name, w.To, 0) {
				out = append(out, Violation{r.Subject, c.Name, w.To, w.Is, w.Why})
			}
		}
		return out
	}
	for _, p := range c.Ports {
		a := p.answer(r.Subject)
		if a.Is == No {
			continue
		}
		for _, n := range p.seenBy(r.Subject) {
			if !r.allows(c.Name, "", n) {
				out = append(out, Violation{r.Subject, c.Name, fmt.Sprintf("%s/%d", p.Protocol, n), a.Is, a.Why})
			}
		}
	}
	return out
}

// allows tells whether an item names it: the container as a whole, or what of it.
func (r Rule) allows(name, way string, port uint16) bool {
	return slices.ContainsFunc(r.Items, func(i Item) bool {
		whole := i.Port == 0 && i.Way == ""
		return (i.Name == "" || i.Name == name) && (whole || i.Way == way && i.Port == port)
	})
}

// answer is the answer that a subject's rule is about.
func (p Port) answer(subject string) Answer {
	switch subject {
	case "lan":
		return p.LAN
	case "host":
		return p.Host
	case "users":
		return p.Users
	}
	return p.Others
}

// seenBy are the numbers at which a subject reaches the port: those of the doors that are
// open to it, or its own.
func (p Port) seenBy(subject string) (out []uint16) {
	for _, d := range p.Doors {
		if d.Open != No && !(subject == "lan" && loopbackOnly(d)) && !slices.Contains(out, d.Port) {
			out = append(out, d.Port)
		}
	}
	if len(out) == 0 || subject == "containers" && !slices.Contains(out, p.Number) {
		out = append(out, p.Number)
	}
	return out
}

// String names the row and says why it counts.
func (v Violation) String() string {
	of := v.Row
	if v.Container != "" {
		of = v.Container + " " + v.Row
	}
	if v.Is == Unknown {
		return v.Subject + ": " + of + ": not known, which counts as open: " + v.Why
	}
	return v.Subject + ": " + of + ": " + v.Why
}
