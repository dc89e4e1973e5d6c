package exposure

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// MaxDocument bounds a document that is read: a thousand containers with ten ports each
// are 20 MiB.
const MaxDocument = 32 << 20

// Decode reads a document that [Schema] names.
func Decode(data []byte) (Document, error) {
	var d Document
	if len(data) > MaxDocument {
		return d, fmt.Errorf("reading the document: it is longer than %d bytes", MaxDocument)
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return d, hint.Errorf("zlaunch exposure --json > old.json writes one", "reading the document: %w", err)
	}
	if d.Schema != Schema {
		return d, hint.Errorf("zlaunch exposure --json > old.json writes one", "reading the document: its schema is %.80q, not %q", d.Schema, Schema)
	}
	for _, c := range d.Containers {
		if err := c.valid(); err != nil {
			return d, fmt.Errorf("reading the document: container %.80q: %w", c.Name, err)
		}
	}
	return d, nil
}

// valid refuses what no answer says: a comparison would take it for closed.
func (c Container) valid() error {
	if len(c.Ways) != len(Ways) {
		return fmt.Errorf("it has %d ways out, not %d", len(c.Ways), len(Ways))
	}
	for i, w := range c.Ways {
		if w.To != Ways[i] || !w.Is.known() {
			return fmt.Errorf("way %d is %.40q: %.40q", i, w.To, w.Is)
		}
	}
	for _, p := range c.Ports {
		for _, a := range []Answer{p.TLS, p.Auth, p.LAN, p.Users, p.Host, p.Others} {
			if !a.Is.known() {
				return fmt.Errorf("port %d has the answer %.40q", p.Number, a.Is)
			}
		}
		if !slices.Contains([]string{"tcp", "udp", "sctp"}, p.Protocol) {
			return fmt.Errorf("port %d has the protocol %.40q", p.Number, p.Protocol)
		}
		for _, d := range p.Doors {
			if _, err := netip.ParseAddr(d.Address); err != nil || !d.Open.known() {
				return fmt.Errorf("port %d has the door %.80q: %.40q", p.Number, d.Address, d.Open)
			}
		}
	}
	return nil
}

func (s State) known() bool { return s == Yes || s == No || s == Unknown }
