package signature

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// pemKey is a file of one block.
func pemKey(t *testing.T, kind string, der []byte) string {
	t.Helper()
	return write(t, string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
}

func pkcs8(t *testing.T, key any) string {
	t.Helper()
	return pemKey(t, "PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key)))
}

// A key in PEM signs as one of OpenSSH does, and a list names it as any other.
func TestPEM(t *testing.T) {
	ec := func(c elliptic.Curve) *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(c, rand.Reader)) }
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of2048 := must(rsa.GenerateKey(rand.Reader, 2048))
	for name, path := range map[string]string{
		"P-256": pkcs8(t, ec(elliptic.P256())), "P-384": pkcs8(t, ec(elliptic.P384())), "P-521": pkcs8(t, ec(elliptic.P521())),
		"SEC 1": pemKey(t, "EC PRIVATE KEY", must(x509.MarshalECPrivateKey(ec(elliptic.P256())))), "Ed25519": pkcs8(t, ed),
		"RSA": pkcs8(t, of2048), "PKCS #1": pemKey(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(of2048)),
	} {
		k, err := OpenKey(path, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := check(t, "ann@example.org "+k.Public()).Verify(fraud.Message(), sign(t, k, fraud.Message(), Profiles)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is not taken is told with what to make of it, or to take in its place.
func TestPEMRefused(t *testing.T) {
	p224 := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	for next, path := range map[string]string{
		"ssh-keygen -p -f ":         pemKey(t, "ENCRYPTED PRIVATE KEY", []byte("x")),
		"name the private key":      pemKey(t, "PUBLIC KEY", must(x509.MarshalPKIXPublicKey(crypto.PublicKey(&p224.PublicKey)))),
		"P-256, P-384 or P-521":     pkcs8(t, p224),
		"Ed25519, ECDSA":            pkcs8(t, must(ecdh.X25519().GenerateKey(rand.Reader))),
		"a new one: ssh-keygen":     pemKey(t, "PRIVATE KEY", []byte("x")),
		"a private key of OpenSSH,": write(t, "no key"),
	} {
		if _, err := OpenKey(path, nil); err == nil || !strings.Contains(hint.Of(err), next) {
			t.Errorf("%v (%s), want %s", err, hint.Of(err), next)
		}
	}
}
