package pki

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Clients is the authority that signs for the clients of one gateway. It is none of another
// gateway's, and a server's certificate is no client's.
type Clients struct{ dir files.Dir }

// ClientsOf is the authority of the gateway whose directory that is.
func ClientsOf(d files.Dir) Clients { return Clients{d} }

const (
	clientsFile   = "clients-authority.pem"
	issuedFile    = "clients.json"
	clientsSchema = "zlaunch.dev/gateway-clients/v1"
	mostClients   = 10000
	maxIssued     = 4 << 20 // bytes: each client has some 250
)

// Certificate is the authority's own. It makes the authority at its first use.
func (c Clients) Certificate(ctx context.Context, now time.Time) (*x509.Certificate, error) {
	return locked(ctx, c.dir, func() (*x509.Certificate, error) {
		a, err := c.kept(now)
		if err != nil {
			return nil, err
		}
		return a.cert, nil
	})
}

func (c Clients) kept(now time.Time) (*authority, error) {
	return kept(c.dir, clientsFile, func() (*x509.Certificate, error) {
		return newAuthority("clients of "+c.dir.Name()[:min(len(c.dir.Name()), 40)], x509.ExtKeyUsageClientAuth, now), nil
	})
}

// List are the certificates of clients that have not ended long ago, by name, then by time.
func (c Clients) List() ([]Client, error) {
	doc, err := c.read()
	return doc.Clients, err
}

func (c Clients) read() (issued, error) {
	data, err := c.dir.Secret(issuedFile, maxIssued)
	if errors.Is(err, fs.ErrNotExist) {
		return issued{Schema: clientsSchema}, nil
	}
	if err != nil {
		return issued{}, err
	}
	doc, err := parseIssued(data)
	if err != nil {
		return issued{}, fmt.Errorf("reading %s: %w", c.dir.Path(issuedFile), err)
	}
	return doc, nil
}

// CheckName wants a name to be a client's.
func CheckName(name string) error {
	if !gateway.IsClient(name) {
		return hint.Errorf("a name is lower-case letters, digits and . _ -, at most 63", "%.80q is not a client's name", name)
	}
	return nil
}

// Issue makes a certificate for a client, and its key, of which only the answer tells. One
// of the same name that is there already goes on to count, until it ends or is revoked.
func (c Clients) Issue(ctx context.Context, name string, now time.Time) (*Pair, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	return locked(ctx, c.dir, func() (*Pair, error) {
		a, err := c.kept(now)
		if err != nil {
			return nil, err
		}
		p, err := a.issue(newLeaf(name, x509.ExtKeyUsageClientAuth, now))
		if err != nil {
			return nil, err
		}
		cert := p.Chain[0]
		return p, c.change(a, now, func(doc *issued) error { // before anybody has it
			doc.Clients = append(doc.Clients, Client{Name: name, Serial: fmt.Sprintf("%x", cert.SerialNumber), Created: now.UTC().Truncate(time.Second), Expires: cert.NotAfter})
			if len(doc.Clients) > mostClients {
				return fmt.Errorf("gateway %s has %d clients, as many as one can have", c.dir.Name(), mostClients)
			}
			return nil
		})
	})
}

// Revoke takes back all certificates of a client, and tells how many.
func (c Clients) Revoke(ctx context.Context, name string, now time.Time) (int, error) {
	return locked(ctx, c.dir, func() (n int, err error) {
		a, err := c.kept(now)
		if err != nil {
			return 0, err
		}
		at := now.UTC().Truncate(time.Second)
		return n, c.change(a, now, func(doc *issued) error {
			for i := range doc.Clients {
				if one := &doc.Clients[i]; one.Name == name && one.Revoked == nil && !one.Over(now) {
					one.Revoked = &at
					n++
				}
			}
			if n == 0 {
				return hint.Errorf("zlaunch gateway list", "gateway %s has no client %.80q with a certificate that counts", c.dir.Name(), name)
			}
			return nil
		})
	})
}

// Publish writes what the proxy reads anew: the authority and the list of what it revoked.
func (c Clients) Publish(ctx context.Context, now time.Time) error {
	_, err := locked(ctx, c.dir, func() (any, error) {
		a, err := c.kept(now)
		if err != nil {
			return nil, err
		}
		return nil, c.change(a, now, func(*issued) error { return nil })
	})
	return err
}

// forgotten is how long a certificate that has ended is still listed.
const forgotten = 30 * 24 * time.Hour

// change replaces what was issued by what do makes of it. Where it is killed in the middle,
// the proxy refuses one more than our list says: it is told of what is revoked first.
func (c Clients) change(a *authority, now time.Time, do func(*issued) error) error {
	doc, err := c.read()
	if err != nil {
		return err
	}
	if err := do(&doc); err != nil {
		return err
	}
	doc.Clients = slices.DeleteFunc(doc.Clients, func(one Client) bool { return now.Sub(one.Expires) > forgotten })
	slices.SortStableFunc(doc.Clients, func(x, y Client) int { return strings.Compare(x.Name, y.Name) })
	list, err := a.revoked(&doc, c.published(a), now)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return err
	}
	if err := c.dir.Write(filepath.Join(files.Mounted, gateway.RevokedFile), list); err != nil {
		return err
	}
	if err := c.dir.Write(issuedFile, append(data, '\n')); err != nil {
		return err
	}
	return c.dir.Write(filepath.Join(files.Mounted, gateway.ClientsFile), certificatePEM(a.cert))
}
