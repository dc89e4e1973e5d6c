package haproxy_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/haproxy"
)

// pki are two authorities, one that signs servers and one that signs clients, and the keys of
// an issuer of JWTs.
type pki struct {
	t                testing.TB
	servers, clients authority
	rsa              [2]*rsa.PrivateKey
	ec               *ecdsa.PrivateKey
	revoked          []*big.Int
	serial           int64
}

type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func newPKI(t testing.TB) *pki {
	p := &pki{t: t, ec: newKey(t), rsa: issuerKeys()}
	p.servers, p.clients = p.authority("servers"), p.authority("clients")
	return p
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (p *pki) authority(name string) authority {
	key := newKey(p.t)
	c := &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, Subject: pkix.Name{CommonName: name}}
	return authority{p.sign(authority{c, key}, c, key.Public()), key}
}

// sign completes a certificate and signs it.
func (p *pki) sign(by authority, c *x509.Certificate, key crypto.PublicKey) *x509.Certificate {
	p.serial++
	c.SerialNumber = big.NewInt(p.serial)
	if c.NotAfter.IsZero() {
		c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(time.Hour)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by.cert, key, by.key)
	if err != nil {
		p.t.Fatal(err)
	}
	signed, err := x509.ParseCertificate(der)
	if err != nil {
		p.t.Fatal(err)
	}
	return signed
}

// server is the certificate and key of localhost.
func (p *pki) server() []byte {
	key := newKey(p.t)
	c := p.sign(p.servers, &x509.Certificate{DNSNames: []string{"localhost"}, Subject: pkix.Name{CommonName: "localhost"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, key.Public())
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		p.t.Fatal(err)
	}
	return append(block("CERTIFICATE", c.Raw), block("EC PRIVATE KEY", der)...)
}

// client is a certificate of a client, after a change.
func (p *pki) client(by authority, name string, change func(*x509.Certificate)) *tls.Certificate {
	key := newKey(p.t)
	c := &x509.Certificate{Subject: pkix.Name{CommonName: name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	if change != nil {
		change(c)
	}
	c = p.sign(by, c, key.Public())
	return &tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key, Leaf: c}
}

// revocations is the list of the clients' authority.
func (p *pki) revocations() []byte {
	l := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(time.Hour)}
	for _, s := range p.revoked {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: s, RevocationTime: time.Now().Add(-time.Minute)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, l, p.clients.cert, p.clients.key)
	if err != nil {
		p.t.Fatal(err)
	}
	return block("X509 CRL", der)
}

// write puts the files of a gateway into its directory.
func (p *pki) write(dir string, g *gateway.Gateway) {
	files := map[string][]byte{gateway.ServerFile: p.server(), gateway.ClientsFile: block("CERTIFICATE", p.clients.cert.Raw), gateway.RevokedFile: p.revocations()}
	if c := g.Clients.Certificates; c != nil {
		files[gateway.SubjectFile], _ = haproxy.Subjects(c)
	}
	if g.Clients.JWT != nil {
		for i := range g.Clients.JWT.Keys {
			files[fmt.Sprintf(gateway.KeysFile, i)] = p.public(g.Clients.JWT.Algorithm, i)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
}

// public is a key of the issuer for an algorithm.
func (p *pki) public(algorithm string, i int) []byte {
	var key any = &p.rsa[i].PublicKey
	if algorithm[0] == 'E' {
		key = &p.ec.PublicKey
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		p.t.Fatal(err)
	}
	return block("PUBLIC KEY", der)
}

func block(kind string, der []byte) []byte {
	var b bytes.Buffer
	pem.Encode(&b, &pem.Block{Type: kind, Bytes: der})
	return b.Bytes()
}

// trust is how a client sees the server, and whom it is itself.
func (p *pki) trust(own *tls.Certificate) *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(p.servers.cert)
	c := &tls.Config{RootCAs: pool, ServerName: "localhost"}
	if own != nil {
		c.Certificates = []tls.Certificate{*own}
	}
	return c
}
