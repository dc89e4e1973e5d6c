package exposure

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
)

// DiffSchema is the version of the JSON of a difference.
const DiffSchema = "zlaunch.dev/exposure-diff/v1"

// Difference is what is not the same in two documents.
type Difference struct {
	Schema  string   `json:"schema"`
	Changes []Change `json:"changes"`
}

// Change is one answer that is another.
type Change struct {
	Kind      Kind   `json:"kind"`
	Container string `json:"container"`
	Row       string `json:"row"` // the port, or egress
	Who       string `json:"who"` // who reaches it, or what is reached
	Old       State  `json:"old"`
	New       State  `json:"new"`
}

// Kind is which way something changed.
type Kind string

// The kinds. More is open after the first, less after the second; the third is of what is
// good to have, as TLS.
const (
	Opened Kind = "opened"
	Closed Kind = "closed"
	Other  Kind = "changed"
)

// cell is one answer of a document.
type cell struct{ container, row, who string }

// Compare tells what opened and what closed between two documents. What one of them does
// not have is closed in it.
func Compare(before, after Document) Difference {
	was, is := before.cells(), after.cells()
	out := Difference{Schema: DiffSchema, Changes: []Change{}}
	keys := map[cell]bool{}
	for c := range was {
		keys[c] = true
	}
	for c := range is {
		keys[c] = true
	}
	for c := range keys {
		a, b := cmp.Or(was[c], No), cmp.Or(is[c], No)
		gone := c.better() && (was[c] == "" || is[c] == "") // nothing is worse without the port
		if a != b && !gone {
			out.Changes = append(out.Changes, Change{c.kind(a, b), c.container, c.row, c.who, a, b})
		}
	}
	slices.SortFunc(out.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Container, b.Container), cmp.Compare(a.Row, b.Row), cmp.Compare(a.Who, b.Who))
	})
	return out
}

func (c cell) kind(before, after State) Kind {
	rank := map[State]int{No: 0, Unknown: 1, Yes: 2}
	switch {
	case c.better():
		return Other
	case rank[after] > rank[before]:
		return Opened
	}
	return Closed
}

// better tells what it is good to have.
func (c cell) better() bool { return c.who == "TLS" || c.who == "authentication" }

// cells are the answers of a document, flat.
func (d Document) cells() map[cell]State {
	out := map[cell]State{}
	put := func(c cell, s State) { // of two with one name the more open counts
		if out[c] != Yes {
			out[c] = s
		}
	}
	for _, c := range d.Containers {
		for _, w := range c.Ways {
			put(cell{c.Name, "egress", w.To}, w.Is)
		}
		if len(c.Unread) > 0 {
			put(cell{c.Name, "all", "unread"}, Unknown)
		}
		for _, p := range c.Ports {
			row := p.Row()
			for who, a := range map[string]Answer{"lan": p.LAN, "users": p.Users, "this host": p.Host, "containers": p.Others, "TLS": p.TLS, "authentication": p.Auth} {
				put(cell{c.Name, row, who}, a.Is)
			}
			for _, door := range p.Doors {
				put(cell{c.Name, row, "at " + door.String()}, door.Open)
			}
			for _, name := range p.From {
				put(cell{c.Name, row, "container " + name}, Yes)
			}
		}
	}
	return out
}

// Row names a port among those of its container.
func (p Port) Row() string {
	at := p.Address
	if a, err := netip.ParseAddr(p.Address); err == nil && a.Is6() {
		at = "[" + at + "]"
	}
	number := "?"
	if p.Number != 0 {
		number = strconv.Itoa(int(p.Number))
	}
	if at != "" {
		number = at + ":" + number
	}
	return number + "/" + p.Protocol
}

func loopbackOnly(d Door) bool {
	a, err := netip.ParseAddr(d.Address)
	return err == nil && a.IsLoopback()
}
