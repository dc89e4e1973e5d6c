package lend

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway/attack"
	"github.com/zlaunch/zlaunch/launcher/gateway/pki"
)

// ago is how long ago a certificate was made that is to have expired: so long that the
// authority forgets it with the next change. Those that it signs last 90 days, and are listed
// for 30 more.
const ago = (90 + 31) * 24 * time.Hour

// Certificates lends certificates of the authority that signs for a gateway's clients.
type Certificates struct {
	Clients pki.Clients
	Reload  func(context.Context) error
	Run     string // parts its names from those of others
}

// Lend makes certificates of each kind that is played with, and has the gateway know which
// of them is revoked. Back revokes what still counts, also where there is an error.
func (l Certificates) Lend(ctx context.Context, c *attack.Credentials) (back func(context.Context) error, err error) {
	for _, one := range []struct {
		kind string
		when time.Time
		to   **tls.Certificate
	}{
		{"expired", time.Now().Add(-ago), &c.ExpiredCert}, // first: the list of the revoked is as new as the last
		{"good", time.Now(), &c.Certificate},
		{"revoked", time.Now(), &c.RevokedCert},
	} {
		if err == nil {
			*one.to, err = l.issue(ctx, one.kind, one.when)
		}
	}
	if err == nil {
		c.OtherCert = c.Certificate // of a name that nobody lets in by name
		_, err = l.Clients.Revoke(ctx, l.name("revoked"), time.Now())
	}
	if err == nil {
		c.Foreign, err = foreign(c.Certificate)
	}
	if err == nil {
		err = l.Reload(ctx)
	}
	return l.back, err
}

func (l Certificates) name(kind string) string { return prefix + l.Run + "-" + kind }

func (l Certificates) issue(ctx context.Context, kind string, when time.Time) (*tls.Certificate, error) {
	pair, err := l.Clients.Issue(ctx, l.name(kind), when)
	if err != nil {
		return nil, err
	}
	text, err := pair.PEM()
	if err != nil {
		return nil, err
	}
	cert, err := tls.X509KeyPair(text, text)
	return &cert, err
}

// back revokes what this run was lent, and still counts.
func (l Certificates) back(ctx context.Context) error {
	all, err := l.Clients.List()
	errs := []error{err}
	for _, one := range all {
		if one.Name == l.name("good") || one.Name == l.name("revoked") {
			if one.Revoked == nil {
				_, err := l.Clients.Revoke(ctx, one.Name, time.Now())
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(append(errs, l.Reload(ctx))...)
}

// foreign is a certificate that says what another one does, and that its issuer is the same:
// but another key has signed it.
func foreign(like *tls.Certificate) (*tls.Certificate, error) {
	was, err := x509.ParseCertificate(like.Certificate[0])
	if err != nil {
		return nil, err
	}
	authority, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	issuer := &x509.Certificate{Subject: pkix.Name{CommonName: was.Issuer.CommonName}, SubjectKeyId: was.AuthorityKeyId}
	cert := &x509.Certificate{
		SerialNumber: new(big.Int).Add(was.SerialNumber, big.NewInt(1)), Subject: pkix.Name{CommonName: was.Subject.CommonName},
		NotBefore: was.NotBefore, NotAfter: was.NotAfter, KeyUsage: was.KeyUsage, ExtKeyUsage: was.ExtKeyUsage,
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, issuer, key.Public(), authority)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
