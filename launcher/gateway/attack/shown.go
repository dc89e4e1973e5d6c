package attack

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
)

// mostFile bounds a file of certificates or keys in bytes.
const mostFile = 1 << 20

// Shown takes the name and the certificate that a gateway must show, and the public keys of
// tokens, from the directory that the proxy reads. It trusts that certificate alone, whoever
// signed it: another one is another gateway.
func (t *Target) Shown(dir string) error {
	data, err := claim.ReadFile(filepath.Join(dir, gateway.ServerFile), mostFile)
	if err != nil {
		return fmt.Errorf("reading the gateway's certificate: %w", err)
	}
	own, err := certificate(data)
	if err != nil {
		return fmt.Errorf("reading the gateway's certificate: %w", err)
	}
	switch {
	case len(own.DNSNames) > 0:
		t.Name = own.DNSNames[0]
	case len(own.IPAddresses) > 0:
		t.Name = own.IPAddresses[0].String()
	default:
		return hint.Errorf("a certificate with subject alternative names", "the gateway's certificate is for no name, so that no client takes it")
	}
	t.Roots = x509.NewCertPool()
	t.Roots.AddCert(own)
	return t.keys(dir)
}

// certificate is the first of a file.
func certificate(data []byte) (*x509.Certificate, error) {
	for {
		b, rest := pem.Decode(data)
		if b == nil {
			return nil, errors.New("there is none")
		}
		if b.Type == "CERTIFICATE" {
			return x509.ParseCertificate(b.Bytes)
		}
		data = rest
	}
}

func (t *Target) keys(dir string) error {
	if t.Front.Clients.JWT == nil {
		return nil
	}
	for i := range t.Front.Clients.JWT.Keys {
		name := fmt.Sprintf(gateway.KeysFile, i)
		data, err := claim.ReadFile(filepath.Join(dir, name), mostFile)
		if err != nil {
			return fmt.Errorf("reading a key of tokens: %w", err)
		}
		b, _ := pem.Decode(data)
		if b == nil {
			return fmt.Errorf("%s is no public key in PEM", name)
		}
		key, err := x509.ParsePKIXPublicKey(b.Bytes)
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		t.Keys = append(t.Keys, key)
	}
	return nil
}
