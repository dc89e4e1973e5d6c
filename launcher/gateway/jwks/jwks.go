// Package jwks reads the public keys of an issuer of JSON Web Tokens from a JSON Web Key Set
// (RFC 7517), for proxies want them as PEM.
package jwks

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/BurntSushi/toml"
	"github.com/go-jose/go-jose/v4"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Key is a public key that verifies tokens.
type Key struct {
	Name      string // its kid where that may be a file's name, else "key-" and its place in the set, from 1 on
	Algorithm string // out of [gateway.Algorithms]; "" the set does not say
	Public    any    // *rsa.PublicKey or *ecdsa.PublicKey
}

// MaxSet bounds a set, in bytes: those of large issuers have some ten keys of 2 KiB with
// their certificates.
const MaxSet = 256 << 10

// mostKeys bounds the keys of a set: a proxy tries each one for each token.
const mostKeys = 32

// leastRSA is the least length of an RSA key, in bits (RFC 7518, section 3.3).
const leastRSA = 2048

// publicSet is where a set without secrets is.
const publicSet = "take the set that the issuer publishes: jwks_uri in its /.well-known/openid-configuration"

var fileName = lazyregexp.New(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$`)

// Read reads the keys of a set that verify signatures, in its order. Keys for encryption are
// left out. A key that also signs - a private one, or a secret that both sides share - is an
// error, and so is one that is too weak, and a set without any.
func Read(data []byte) ([]Key, error) {
	if len(data) > MaxSet {
		return nil, fmt.Errorf("it is more than %d bytes", MaxSet)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&set); err != nil {
		return nil, fmt.Errorf("it is no JSON Web Key Set: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("it is no JSON Web Key Set: something stands behind its end")
	}
	if len(set.Keys) > mostKeys {
		return nil, fmt.Errorf("it holds %d keys, and %d are the most", len(set.Keys), mostKeys)
	}
	var out []Key
	for i, raw := range set.Keys {
		k, err := read(raw, i)
		if err != nil {
			return nil, fmt.Errorf("its key %d: %w", i+1, err)
		}
		if k == nil {
			continue
		}
		if slices.ContainsFunc(out, func(o Key) bool { return o.Name == k.Name }) {
			return nil, fmt.Errorf("two of its keys are called %q", k.Name)
		}
		out = append(out, *k)
	}
	if len(out) == 0 {
		return nil, errors.New("it holds no key that verifies a signature")
	}
	return out, nil
}

// read reads the key at a place of a set; nil: it is one for encryption.
func read(raw json.RawMessage, at int) (*Key, error) {
	var head struct {
		Use string `json:"use"`
		Kty string `json:"kty"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, err
	}
	if head.Kty == "oct" {
		return nil, hint.Errorf(publicSet, "it is a secret that both sides share: who verifies by it can also sign")
	}
	var jwk jose.JSONWebKey
	if err := jwk.UnmarshalJSON(raw); err != nil {
		return nil, err
	}
	if !jwk.IsPublic() {
		return nil, hint.Errorf(publicSet, "it is a private key, which belongs to its issuer alone")
	}
	if head.Use != "" && head.Use != "sig" {
		return nil, nil
	}
	if err := strong(jwk.Key); err != nil {
		return nil, err
	}
	if jwk.Algorithm != "" && !slices.Contains(gateway.Algorithms, jwk.Algorithm) {
		return nil, fmt.Errorf("its algorithm is %q, out of %v", jwk.Algorithm, gateway.Algorithms)
	}
	k := &Key{Name: jwk.KeyID, Algorithm: jwk.Algorithm, Public: jwk.Key}
	if !fileName().MatchString(k.Name) {
		k.Name = fmt.Sprintf("key-%d", at+1)
	}
	return k, nil
}

func strong(key any) error {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < leastRSA {
			return fmt.Errorf("it is RSA of %d bits, and %d are the least", k.N.BitLen(), leastRSA)
		}
	case *ecdsa.PublicKey: // its point was checked as it was read
	default:
		return fmt.Errorf("it is %T: neither RSA nor an elliptic curve's", key)
	}
	return nil
}

// PEM is a key as a block PUBLIC KEY (RFC 7468, section 13).
func (k Key) PEM() ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(k.Public)
	if err != nil {
		return nil, fmt.Errorf("writing the key %s: %w", k.Name, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// Lines are the table [gateway.jwt] of a stack that takes tokens by keys, which lie in files.
// What the set does not say - issuer, audience, and an algorithm where it has not one alone -
// is left empty, for a person to say.
func Lines(keys []Key, files []string) ([]byte, error) {
	var lines struct {
		Gateway struct {
			JWT gateway.JWTSettings `toml:"jwt"`
		} `toml:"gateway"`
	}
	jwt := &lines.Gateway.JWT
	jwt.Keys = files
	for i, k := range keys {
		if i > 0 && k.Algorithm != jwt.Algorithm {
			jwt.Algorithm = ""
			break
		}
		jwt.Algorithm = k.Algorithm
	}
	var b bytes.Buffer
	e := toml.NewEncoder(&b)
	e.Indent = ""
	err := e.Encode(lines)
	return bytes.TrimPrefix(b.Bytes(), []byte("[gateway]\n")), err
}
