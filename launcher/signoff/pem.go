package signoff

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	_ "crypto/sha512" // of the larger curves
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
)

// PrivateKey is a key of ECDSA on a curve of NIST's, or of Ed25519, from PEM.
type PrivateKey struct {
	signer crypto.Signer
	public *PublicKey
}

// PublicKey is the public half.
type PublicKey struct {
	Name string // as it is shown: the file it came from
	key  crypto.PublicKey
	der  []byte // as PKIX has it
}

// ParsePrivate reads a key as PKCS #8 or, one of ECDSA, as SEC 1 has it.
func ParsePrivate(text []byte) (*PrivateKey, error) {
	block, err := one(text)
	if err != nil {
		return nil, err
	}
	var key any
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("reading a key: its PEM is of type %.40q, and not a private key without a passphrase", block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a key: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("reading a key: it does not sign")
	}
	public, err := PublicOf("", signer.Public())
	return &PrivateKey{signer, public}, err
}

// ParsePublic reads a key as PKIX has it, `-----BEGIN PUBLIC KEY-----`.
func ParsePublic(name string, text []byte) (*PublicKey, error) {
	block, err := one(text)
	if err != nil {
		return nil, err
	}
	if block.Type != "PUBLIC KEY" {
		return nil, fmt.Errorf("reading a key: its PEM is of type %.40q, and not a public key", block.Type)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading a key: %w", err)
	}
	return PublicOf(name, key)
}

func one(text []byte) (*pem.Block, error) {
	block, rest := pem.Decode(text)
	if block == nil || len(rest) > 0 || len(block.Headers) > 0 {
		return nil, errors.New("reading a key: it is not one block of PEM")
	}
	return block, nil
}

// PublicOf takes a key over, as of a certificate.
func PublicOf(name string, key crypto.PublicKey) (*PublicKey, error) {
	k := &PublicKey{Name: name, key: key}
	if k.Kind() == "" {
		return nil, errors.New("reading a key: neither ECDSA on P-256, P-384 or P-521 nor Ed25519")
	}
	var err error
	k.der, err = x509.MarshalPKIXPublicKey(key)
	return k, err
}

// Kind names the algorithm, in SSH's words without their prefix; "" is not taken.
func (k *PublicKey) Kind() string {
	switch key := k.key.(type) {
	case ed25519.PublicKey:
		return "ed25519"
	case *ecdsa.PublicKey:
		return map[elliptic.Curve]string{elliptic.P256(): "ecdsa-nistp256", elliptic.P384(): "ecdsa-nistp384", elliptic.P521(): "ecdsa-nistp521"}[key.Curve]
	}
	return ""
}

// digest is that of the algorithm as securesystemslib has it; of Ed25519 the message itself.
func (k *PublicKey) digest(message []byte) ([]byte, crypto.Hash) {
	hash := map[string]crypto.Hash{"ecdsa-nistp256": crypto.SHA256, "ecdsa-nistp384": crypto.SHA384, "ecdsa-nistp521": crypto.SHA512}[k.Kind()]
	if hash == 0 {
		return message, 0
	}
	h := hash.New()
	h.Write(message)
	return h.Sum(nil), hash
}

// PEM is the key as PKIX has it, `-----BEGIN PUBLIC KEY-----`.
func (k *PublicKey) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: k.der})
}

// ID is the SHA-256 of the key as PKIX has it, "sha256:…".
func (k *PublicKey) ID() string {
	sum := sha256.Sum256(k.der)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// ID is that of the public half.
func (k *PrivateKey) ID() string { return k.public.ID() }

// Public is the public half.
func (k *PrivateKey) Public() *PublicKey { return k.public }

// Sign signs a message: the digest of its curve's length, in ASN.1; of Ed25519 the message itself.
func (k *PrivateKey) Sign(message []byte) ([]byte, error) {
	digest, hash := k.public.digest(message)
	sig, err := k.signer.Sign(rand.Reader, digest, hash)
	if err != nil {
		return nil, fmt.Errorf("signing with a key in PEM: %w", err)
	}
	return sig, nil
}

// Verify tells whether the key signed a message, as [PrivateKey.Sign] does.
func (k *PublicKey) Verify(message, sig []byte) bool {
	digest, _ := k.digest(message)
	switch key := k.key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, message, sig)
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, digest, sig)
	}
	return false
}
