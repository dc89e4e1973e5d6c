package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

const (
	maxPEM   = 256 << 10 // bytes of a file: a chain with an RSA key of 4096 bits has some 12 KiB
	maxChain = 8         // certificates in one
)

// The types of PEM blocks.
const (
	certificateBlock = "CERTIFICATE"
	keyBlock         = "PRIVATE KEY"
	crlBlock         = "X509 CRL"
)

// Pair is a certificate, those that vouch for it, and its key.
type Pair struct {
	Chain []*x509.Certificate // its own first, then each that signed the one before
	key   crypto.Signer
}

// PEM is the chain with the key behind it, as a proxy reads it.
func (p *Pair) PEM() ([]byte, error) {
	key, err := p.Key()
	return append(p.Certificates(), key...), err
}

// Certificates are the chain alone, in PEM.
func (p *Pair) Certificates() []byte {
	var out bytes.Buffer
	for _, c := range p.Chain {
		out.Write(certificatePEM(c))
	}
	return out.Bytes()
}

// Key is the key alone, in PEM (PKCS 8).
func (p *Pair) Key() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return nil, fmt.Errorf("writing a key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}), nil
}

func certificatePEM(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: c.Raw})
}

// ParsePair reads a chain and one key, in whatever order their blocks stand. The key belongs
// to the first certificate, and each one is signed by the next.
func ParsePair(data []byte) (*Pair, error) {
	if len(data) > maxPEM {
		return nil, fmt.Errorf("more than %d bytes", maxPEM)
	}
	p := &Pair{}
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if err := p.take(block); err != nil {
			return nil, err
		}
	}
	return p, p.check()
}

func (p *Pair) take(block *pem.Block) error {
	if block.Type == certificateBlock {
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return fmt.Errorf("a certificate cannot be read: %w", err)
		}
		if p.Chain = append(p.Chain, cert); len(p.Chain) > maxChain {
			return fmt.Errorf("more than %d certificates", maxChain)
		}
		return nil
	}
	key, err := parseKey(block)
	if err != nil || key == nil {
		return err
	}
	if p.key != nil {
		return errors.New("there are two keys")
	}
	p.key = key
	return nil
}

// parseKey reads a key; nil is a block of something else. No error shows what is in it.
func parseKey(block *pem.Block) (crypto.Signer, error) {
	var key any
	var err error
	switch block.Type {
	case keyBlock:
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "ENCRYPTED PRIVATE KEY":
		err = errEncrypted
	case "EC PARAMETERS": // stands before a key of openssl's and says nothing more
		return nil, nil
	default:
		return nil, fmt.Errorf("a block of %.40q is neither certificate nor key", block.Type)
	}
	if block.Headers["DEK-Info"] != "" {
		err = errEncrypted
	}
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		return key, err
	case ed25519.PrivateKey:
		return key, err
	case *rsa.PrivateKey:
		if err == nil && key.N.BitLen() < 2048 {
			return nil, errors.New("the key is RSA of fewer than 2048 bits")
		}
		return key, err
	}
	if errors.Is(err, errEncrypted) {
		return nil, err
	}
	return nil, errors.New("the key cannot be read: it is none of RSA, ECDSA and Ed25519")
}

var errEncrypted = hint.Errorf("openssl pkey -in KEY -out PLAIN, in a directory that only you can enter", "the key is encrypted, and nobody is there to type its passphrase when a gateway starts")

func (p *Pair) check() error {
	if len(p.Chain) == 0 {
		return errors.New("there is no certificate")
	}
	if p.key == nil {
		return errors.New("there is no key")
	}
	public, ok := p.key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(p.Chain[0].PublicKey) {
		return hint.Errorf("the certificate of the server stands first, then those that signed it", "the key does not belong to the first certificate, of %q", p.Chain[0].Subject.String())
	}
	for i, c := range p.Chain[1:] {
		if err := p.Chain[i].CheckSignatureFrom(c); err != nil {
			return hint.Errorf("the certificate of the server stands first, then each that signed the one before",
				"certificate %d of the chain, of %q, is not signed by the next, of %q", i+1, p.Chain[i].Subject.String(), c.Subject.String())
		}
	}
	return nil
}
