// Package pki makes the certificates of gateways: an authority of the user's own that signs
// for all of them, one of each gateway that signs for its clients, and the list of those
// that were taken back. Keys are ECDSA on P-256, which every client knows; they stand in
// files that only the user can read, and nowhere else.
package pki

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway/files"
)

// How long certificates last.
const (
	authorityYears = 10
	leafDays       = 90
	// backdated is how far the clock of a client may be behind.
	backdated = time.Hour
)

// Organization is in the name of each authority that zlaunch makes.
const Organization = "zlaunch"

// Soon is how long before its end a certificate is told of, and one of zlaunch's own renewed.
const Soon = 30 * 24 * time.Hour

// authority signs. It stands in one file, so that its key always belongs to its certificate.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// load reads an authority from a file of a directory, or nil where there is none.
func load(d files.Dir, file string) (*authority, error) {
	data, err := d.Secret(file, maxPEM)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := ParsePair(data)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", d.Path(file), err)
	}
	key, ok := p.key.(*ecdsa.PrivateKey)
	if cert := p.Chain[0]; !ok || !cert.IsCA || cert.KeyUsage&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) != x509.KeyUsageCertSign|x509.KeyUsageCRLSign {
		return nil, fmt.Errorf("reading %s: it is no authority of zlaunch's", d.Path(file))
	}
	return &authority{p.Chain[0], key}, nil
}

// kept is the authority in a file, which it makes at its first use. Who asks holds the lock.
func kept(d files.Dir, file string, make func() (*x509.Certificate, error)) (*authority, error) {
	a, err := load(d, file)
	if a != nil || err != nil {
		return a, err
	}
	template, err := make()
	if err != nil {
		return nil, err
	}
	return found(d, file, template)
}

// found makes an authority, and writes it in place of any that was there.
func found(d files.Dir, file string, template *x509.Certificate) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	a := &authority{template, key}
	p, err := a.sign(template, key)
	if err != nil {
		return nil, err
	}
	data, err := p.PEM()
	if err == nil {
		err = d.Write(file, data)
	}
	return &authority{p.Chain[0], key}, err
}

// newAuthority is the template of one that signs certificates for usage and no authorities.
func newAuthority(name string, usage x509.ExtKeyUsage, now time.Time) *x509.Certificate {
	serial := newSerial()
	return &x509.Certificate{
		SerialNumber: serial,
		// The serial tells authorities of one name apart, for clients that trust several.
		Subject:   pkix.Name{Organization: []string{Organization}, CommonName: fmt.Sprintf("%s %x", name, serial.Bytes()[:4])},
		NotBefore: now.Add(-backdated), NotAfter: now.AddDate(authorityYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}
}

// newLeaf is the template of a certificate for usage.
func newLeaf(name string, usage x509.ExtKeyUsage, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: newSerial(), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-backdated), NotAfter: now.AddDate(0, 0, leafDays),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}
}

// newSerial draws 127 bits, of which the first is set: RFC 5280 has serials be positive.
func newSerial() *big.Int {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b[:])
}

// issue signs a certificate with a key of its own.
func (a *authority) issue(template *x509.Certificate) (*Pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	if end := a.cert.NotAfter; template.NotAfter.After(end) {
		template.NotAfter = end
	}
	return a.sign(template, key)
}

func (a *authority) sign(template *x509.Certificate, key *ecdsa.PrivateKey) (*Pair, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("signing a certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("signing a certificate: %w", err)
	}
	return &Pair{[]*x509.Certificate{cert}, key}, nil
}

// locked does something to a directory that gives a value.
func locked[T any](ctx context.Context, d files.Dir, do func() (T, error)) (out T, err error) {
	err = d.Locked(ctx, func() (err error) {
		out, err = do()
		return err
	})
	return out, err
}
