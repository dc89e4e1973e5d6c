package oms

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
)

// ParseCertificates reads one or several certificates in PEM, and nothing else.
func ParseCertificates(text []byte) (out []*x509.Certificate, err error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" || len(out) == maxChain {
			return nil, fmt.Errorf("reading certificates: it has a PEM block of type %.40q, or more than %d", block.Type, maxChain)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("reading certificates: %w", err)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, errors.New("reading certificates: there is none in PEM")
	}
	return out, nil
}

// KeyOf names the key of a certificate, "sha256:…", as [signoff.PublicKey.ID] does.
func KeyOf(c *x509.Certificate) string {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return "sha256:" + hex.EncodeToString(sum[:])
}
