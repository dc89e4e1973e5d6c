package pki

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// Given reads a certificate and its key from files of the user's own, which may be one file,
// and finds what would show only when the first client comes.
func Given(certificate, key string, now time.Time) (*Pair, error) {
	if err := errors.Join(files.Private(key), trust.Caller().Path(key), trust.Caller().Path(certificate)); err != nil {
		return nil, err
	}
	data, err := readPEM(certificate)
	if err == nil && key != certificate {
		var more []byte
		more, err = readPEM(key)
		data = slices.Concat(data, []byte("\n"), more)
	}
	if err != nil {
		return nil, err
	}
	p, err := ParsePair(data)
	if err == nil {
		err = usable(p.Chain[0], now)
	}
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("reading the certificate in %s: %w", certificate, err), hint.Of(err))
	}
	return p, nil
}

// readPEM reads a file, or what a link leads to: certificates of Let's Encrypt are links.
func readPEM(path string) ([]byte, error) {
	at, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("reading a certificate: %w", err)
	}
	data, err := claim.ReadFile(at, maxPEM)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return data, nil
}

// usable finds what is wrong with the certificate of a server.
func usable(c *x509.Certificate, now time.Time) error {
	server := func(u x509.ExtKeyUsage) bool { return u == x509.ExtKeyUsageServerAuth || u == x509.ExtKeyUsageAny }
	switch {
	case now.Before(c.NotBefore):
		return fmt.Errorf("it counts from %s on", c.NotBefore.Format(time.RFC3339))
	case !now.Before(c.NotAfter):
		return fmt.Errorf("it ended on %s", c.NotAfter.Format(time.RFC3339))
	case c.IsCA:
		return errors.New("it is that of an authority, and no server's")
	case len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 0 && !slices.ContainsFunc(c.ExtKeyUsage, server):
		return errors.New("it is not for servers")
	case len(c.DNSNames) == 0 && len(c.IPAddresses) == 0:
		return errors.New("it names no host as its alternative name, and clients no longer look elsewhere")
	}
	return nil
}

// Put gives a gateway a certificate of the user's own.
func Put(ctx context.Context, d files.Dir, p *Pair) error {
	data, err := p.PEM()
	if err != nil {
		return err
	}
	return d.Locked(ctx, func() error { return d.Write(ServerFile, data) })
}

func serverPair(d files.Dir) (*Pair, error) {
	data, err := d.Secret(ServerFile, maxPEM)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := ParsePair(data)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", d.Path(ServerFile), err)
	}
	return p, nil
}
