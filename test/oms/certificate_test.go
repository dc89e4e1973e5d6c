package oms

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"
)

// certify makes a certificate of a key by another one, or by itself.
func (b *bed) certify(name string, key *ecdsa.PrivateKey, by *ecdsa.PrivateKey, parent *x509.Certificate) *x509.Certificate {
	b.t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: name != "signer", KeyUsage: x509.KeyUsageCertSign}
	if name == "signer" {
		c.KeyUsage, c.ExtKeyUsage, c.EmailAddresses = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}, []string{"models@example.org"}
	}
	if parent == nil {
		parent, by = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by)
	if err != nil {
		b.t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		b.t.Fatal(err)
	}
	return made
}

// What zlaunch signs with a certificate that an authority vouches for through another one,
// sigstore-go verifies; of another authority it does not.
func TestCertificate(t *testing.T) {
	certified := func(t *testing.T) (*bed, *peer, []string) {
		b := newBed(t)
		top, _, _ := b.newKey(elliptic.P384())
		middle, _, _ := b.newKey(elliptic.P256())
		key, private, _ := b.newKey(elliptic.P256())
		root := b.certify("root", top, nil, nil)
		between := b.certify("between", middle, top, root)
		leaf := b.certify("signer", key, middle, between)
		chain := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: between.Raw})...)
		signed(t, b.model, "--key", private, "--certificate", b.write("chain.pem", chain))
		return b, &peer{authority: root}, []string{"--authority", b.writePEM("root.pem", "CERTIFICATE", root.Raw, nil)}
	}
	b, by, trust := certified(t)
	if err := by.verifies(b.sig, b.model); err != nil {
		t.Errorf("sigstore-go does not verify what zlaunch signed: %v", err)
	}
	if code, said := zlaunch(t, append([]string{"model", "verify", b.model}, trust...)...); code != 0 {
		t.Errorf("zlaunch: %d\n%s", code, said)
	}
	_, other, _ := certified(t)
	if other.verifies(b.sig, b.model) == nil {
		t.Error("sigstore-go takes another authority")
	}
	bothRefuse(t, certified)
}
