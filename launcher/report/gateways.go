package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// GatewaysSchema is the version of the JSON of gateways.
const GatewaysSchema = "zlaunch.dev/gateways/v1"

// Gateways are the gateways of a user.
type Gateways struct {
	Schema   string    `json:"schema"`
	Gateways []Gateway `json:"gateways"`
}

// Gateway is one of them. State, Names and Expires are of its certificate.
type Gateway struct {
	Name    string     `json:"name"`
	State   string     `json:"state"` // counts, ends soon, over, none yet, unknown
	Names   []string   `json:"names,omitempty"`
	Expires *time.Time `json:"expires,omitempty"`
	Tokens  Counted    `json:"tokens"`
	Clients Counted    `json:"clients"` // without those that were revoked
}

// Counted is how many things that end there are.
type Counted struct {
	Counting int `json:"counting"`
	Soon     int `json:"ending_soon"` // of those
	Over     int `json:"over"`
}

// Count counts one by its validity.
func (c *Counted) Count(state string) {
	switch state {
	case over:
		c.Over++
		return
	case endsSoon:
		c.Soon++
	}
	c.Counting++
}

func (c Counted) String() string {
	out := strconv.Itoa(c.Counting)
	if c.Soon > 0 {
		out += fmt.Sprintf(", %d ends soon", c.Soon)
	}
	if c.Over > 0 {
		out += fmt.Sprintf(", %d over", c.Over)
	}
	return out
}

// The states of what ends.
const (
	counts   = "counts"
	endsSoon = "ends soon"
	over     = "over"
)

// Validity is the state of what ends, and is told of so long before.
func Validity(end time.Time, soon time.Duration, now time.Time) string {
	switch {
	case !now.Before(end):
		return over
	case end.Sub(now) <= soon:
		return endsSoon
	}
	return counts
}

// Text writes the list for a person.
func (g Gateways) Text(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "GATEWAY", most: 24}, {title: "CERTIFICATE", means: true}, {title: "UNTIL"}, {title: "TOKENS"}, {title: "CLIENTS"}, {title: "NAMES", wraps: true, below: true}}}
	for _, one := range g.Gateways {
		end := ""
		if one.Expires != nil {
			end = until(*one.Expires)
		}
		t.add(one.Name, one.State, end, one.Tokens.String(), one.Clients.String(), strings.Join(one.Names, " "))
	}
	return t.write(w, on)
}
