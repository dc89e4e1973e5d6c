package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/gateway/pki"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// gatewayAuthority is the one that signs for the gateways of this user on this host.
func (s *surroundings) gatewayAuthority() (pki.Local, error) {
	root, err := s.gatewayRoot()
	name, _ := os.Hostname() // "" where it has none
	return pki.LocalOf(root, name), err
}

func gatewayCA(ctx context.Context, std *stdio, args arguments, o gatewayOptions) error {
	switch {
	case o.clients && (o.fresh || len(o.names) > 0):
		return &usageError{errors.New("--new and --name are about the authority of the gateways, not of --clients")}
	case len(o.names) > 0 && !o.fresh:
		return &usageError{hint.Errorf("zlaunch gateway ca --new --name NAME, which clients have to trust anew", "an authority keeps the names that it may sign for")}
	case o.clients:
		return clientsCA(ctx, std, args)
	}
	if err := args.none(); err != nil {
		return err
	}
	l, err := std.gatewayAuthority()
	if err != nil {
		return err
	}
	get := l.Certificate
	if o.fresh {
		get = func(ctx context.Context, now time.Time) (*x509.Certificate, error) { return l.Found(ctx, o.names, now) }
	}
	cert, err := get(ctx, time.Now())
	if err != nil {
		return err
	}
	if o.fresh {
		std.note("this authority is new: give it to clients, and then zlaunch gateway renew each GATEWAY")
	}
	return printCertificate(std, cert)
}

func clientsCA(ctx context.Context, std *stdio, args arguments) error {
	d, err := gatewayNamed(std, args)
	if err != nil {
		return err
	}
	cert, err := pki.ClientsOf(d).Certificate(ctx, time.Now())
	if err != nil {
		return err
	}
	return printCertificate(std, cert)
}

func printCertificate(std *stdio, c *x509.Certificate) error {
	return pem.Encode(std.out, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

// gatewayNamed reads the argument GATEWAY, of one that is there.
func gatewayNamed(std *stdio, args arguments) (files.Dir, error) {
	if err := args.count(1, 1); err != nil {
		return files.Dir{}, err
	}
	dirs, err := gatewaysOf(std, args.words)
	if err != nil {
		return files.Dir{}, err
	}
	return dirs[0], nil
}

func renewGateway(ctx context.Context, std *stdio, args arguments, _ gatewayOptions) error {
	d, err := gatewayNamed(std, args)
	if err != nil {
		return err
	}
	l, err := std.gatewayAuthority()
	if err != nil {
		return err
	}
	was, err := pki.Server(d)
	if err != nil {
		return err
	}
	if was == nil {
		return fmt.Errorf("gateway %s has no certificate yet: it gets one when it starts", d.Name())
	}
	if !ownAuthority(was) {
		return hint.Errorf("replace its files, and start the gateway anew", "the certificate of gateway %s is your own, of %s", d.Name(), was.Issuer)
	}
	is, err := l.Issue(ctx, d, pki.NamesOf(was), time.Now())
	if err != nil {
		return err
	}
	if err := (liveGateways{std}).reload(ctx, d.Name()); err != nil {
		return err
	}
	std.note("gateway %s has a new certificate, until %s", d.Name(), is.NotAfter.UTC().Format("2006-01-02 15:04 MST"))
	return nil
}

// ownAuthority tells whether a certificate is of an authority of zlaunch's.
func ownAuthority(c *x509.Certificate) bool {
	return len(c.Issuer.Organization) > 0 && c.Issuer.Organization[0] == pki.Organization
}

func addClient(ctx context.Context, std *stdio, args arguments, o gatewayOptions) error {
	if o.out == "" {
		return &usageError{hint.Errorf("zlaunch gateway client GATEWAY NAME --out DIR", "where its certificate and key are written is not said")}
	}
	d, name, err := gatewayAnd(std, args)
	if err != nil {
		return err
	}
	if err := pki.CheckName(name); err != nil { // before a path is made of it
		return err
	}
	dir := std.absolute(o.out)
	cert, key := filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key")
	out, err := newFiles(dir, cert, key)
	if err != nil {
		return err
	}
	if !d.There() {
		std.note("there is no gateway %s yet; the certificate waits for it", d.Name())
	}
	p, err := pki.ClientsOf(d).Issue(ctx, name, time.Now())
	if err == nil {
		err = out.fill(p)
	}
	if err != nil {
		out.remove()
		return err
	}
	if err := (liveGateways{std}).reload(ctx, d.Name()); err != nil {
		return err
	}
	std.note("client %s of gateway %s has a certificate until %s: %s and %s", name, d.Name(), p.Chain[0].NotAfter.UTC().Format("2006-01-02 15:04 MST"), std.tilde(cert), std.tilde(key))
	return nil
}

// clientFiles are the files of a client, which were not there before.
type clientFiles struct{ cert, key *os.File }

// newFiles makes them, for the user alone to read.
func newFiles(dir, cert, key string) (clientFiles, error) {
	var out clientFiles
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return out, fmt.Errorf("writing a client's certificate: %w", err)
	}
	var err error
	for path, f := range map[string]**os.File{cert: &out.cert, key: &out.key} {
		if *f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			break
		}
	}
	if err == nil {
		return out, nil
	}
	out.remove()
	if errors.Is(err, fs.ErrExist) {
		return out, hint.Wrap(fmt.Errorf("writing a client's certificate: %w", err), "move it away, or give another --out")
	}
	return out, fmt.Errorf("writing a client's certificate: %w", err)
}

func (c clientFiles) fill(p *pki.Pair) error {
	key, err := p.Key()
	if err != nil {
		return err
	}
	_, errCert := c.cert.Write(p.Certificates())
	_, errKey := c.key.Write(key)
	if err := errors.Join(errCert, errKey, c.cert.Close(), c.key.Close()); err != nil {
		return fmt.Errorf("writing a client's certificate: %w", err)
	}
	return nil
}

func (c clientFiles) remove() {
	for _, f := range []*os.File{c.cert, c.key} {
		if f != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}
}

func revokeClient(ctx context.Context, std *stdio, args arguments, _ gatewayOptions) error {
	d, name, err := gatewayAnd(std, args)
	if err != nil {
		return err
	}
	if !d.There() {
		return noGateway(d.Name())
	}
	n, err := pki.ClientsOf(d).Revoke(ctx, name, time.Now())
	if err != nil {
		return err
	}
	if err := (liveGateways{std}).reload(ctx, d.Name()); err != nil {
		return err
	}
	std.note("client %s of gateway %s is let in no more; certificates revoked: %d", name, d.Name(), n)
	return nil
}
