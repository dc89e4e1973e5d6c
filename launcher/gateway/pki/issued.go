package pki

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Client is one certificate of a client, without its key, which zlaunch does not keep.
type Client struct {
	Name    string     `json:"name"`   // its common name
	Serial  string     `json:"serial"` // hexadecimal digits
	Created time.Time  `json:"created"`
	Expires time.Time  `json:"expires"`
	Revoked *time.Time `json:"revoked,omitempty"`
}

// Over tells whether the certificate has ended.
func (c Client) Over(now time.Time) bool { return !now.Before(c.Expires) }

type issued struct {
	Schema  string   `json:"schema"`
	Number  int64    `json:"number"` // of the list of revoked ones: it only grows (RFC 5280, section 5.2.3)
	Clients []Client `json:"clients"`
}

func parseIssued(data []byte) (issued, error) {
	var doc issued
	r := json.NewDecoder(bytes.NewReader(data))
	r.DisallowUnknownFields()
	if err := r.Decode(&doc); err != nil {
		return issued{}, err
	}
	if _, err := r.Token(); err == nil {
		return issued{}, errors.New("something stands behind its end")
	}
	if doc.Schema != clientsSchema {
		return issued{}, hint.Errorf("zlaunch version", "schema %q is not %q, the one this zlaunch reads", doc.Schema, clientsSchema)
	}
	if doc.Number < 0 || len(doc.Clients) > mostClients {
		return issued{}, fmt.Errorf("number %d, or more than %d clients", doc.Number, mostClients)
	}
	seen := map[string]bool{}
	for _, one := range doc.Clients {
		if !gateway.IsClient(one.Name) || serialOf(one) == nil || seen[one.Serial] || !one.Created.Before(one.Expires) {
			return issued{}, fmt.Errorf("a client that is none: %.40q", one.Name)
		}
		seen[one.Serial] = true
	}
	return doc, nil
}

// serialOf is nil for what is no serial: 1 to 40 lower-case digits.
func serialOf(c Client) *big.Int {
	if len(c.Serial) == 0 || len(c.Serial) > 40 || strings.Trim(c.Serial, "0123456789abcdef") != "" {
		return nil
	}
	n, ok := new(big.Int).SetString(c.Serial, 16)
	if !ok || n.Sign() <= 0 || fmt.Sprintf("%x", n) != c.Serial {
		return nil
	}
	return n
}
