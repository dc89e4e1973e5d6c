package jwks_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/zlaunch/zlaunch/launcher/gateway/jwks"
)

func set(t testing.TB, keys ...jose.JSONWebKey) []byte {
	t.Helper()
	out, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func elliptical(t testing.TB, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func rsaOf(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0") // a weak one is made too
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A set is what its keys were, and each PEM is that key again.
func TestRead(t *testing.T) {
	ec, long := elliptical(t, elliptic.P384()), rsaOf(t, 2048)
	keys, err := jwks.Read(set(t,
		jose.JSONWebKey{Key: ec.Public(), KeyID: "2026-11", Algorithm: "ES384", Use: "sig"},
		jose.JSONWebKey{Key: long.Public(), KeyID: "secret", Algorithm: "RSA-OAEP", Use: "enc"},
		jose.JSONWebKey{Key: long.Public(), KeyID: "../../x"}))
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		name, algorithm string
		key             interface{ Equal(crypto.PublicKey) bool }
	}{{"2026-11", "ES384", &ec.PublicKey}, {"key-3", "", &long.PublicKey}}
	if len(keys) != len(want) {
		t.Fatalf("%d keys, want %d", len(keys), len(want))
	}
	for i, w := range want {
		text, err := keys[i].PEM()
		if err != nil {
			t.Fatal(err)
		}
		block, rest := pem.Decode(text)
		if block == nil || block.Type != "PUBLIC KEY" || len(rest) > 0 {
			t.Fatalf("%q", text)
		}
		got, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil || !w.key.Equal(got) || keys[i].Name != w.name || keys[i].Algorithm != w.algorithm {
			t.Errorf("%q %q, want %q %q; %v", keys[i].Name, keys[i].Algorithm, w.name, w.algorithm, err)
		}
	}
}

// Each of these would let in who must not be, or verify nothing.
func TestRefused(t *testing.T) {
	ec := elliptical(t, elliptic.P256())
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	one := jose.JSONWebKey{Key: ec.Public(), KeyID: "a"}
	many := make([]jose.JSONWebKey, 33)
	for i := range many {
		many[i] = one
	}
	off := `{"keys":[{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}]}`
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"no set":            {[]byte("-----BEGIN"), "no JSON Web Key Set"},
		"more behind":       {append(set(t, one), '{'), "behind its end"},
		"empty":             {[]byte(`{"keys":[]}`), "no key that verifies"},
		"for encryption":    {set(t, jose.JSONWebKey{Key: ec.Public(), Use: "enc"}), "no key that verifies"},
		"a shared secret":   {set(t, jose.JSONWebKey{Key: []byte("0123456789abcdef0123456789abcdef")}), "both sides share"},
		"a private key":     {set(t, jose.JSONWebKey{Key: ec}), "private key"},
		"a private for enc": {set(t, jose.JSONWebKey{Key: ec, Use: "enc"}), "private key"},
		"a weak one":        {set(t, jose.JSONWebKey{Key: rsaOf(t, 1024).Public()}), "1024 bits"},
		"Edwards":           {set(t, jose.JSONWebKey{Key: public}), "neither RSA nor"},
		"a MAC":             {set(t, jose.JSONWebKey{Key: ec.Public(), Algorithm: "HS256"}), `"HS256"`},
		"none":              {set(t, jose.JSONWebKey{Key: ec.Public(), Algorithm: "none"}), `"none"`},
		"twice":             {set(t, one, one), `called "a"`},
		"off the curve":     {[]byte(off), "key 1"},
		"too many":          {set(t, many...), "33 keys"},
		"too long":          {[]byte(strings.Repeat(" ", jwks.MaxSet+1)), "more than"},
	} {
		if keys, err := jwks.Read(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %d keys, %v, want %q", name, len(keys), err, c.want)
		}
	}
}

// Whatever is read has names that are files' and each once, and can be written.
func FuzzRead(f *testing.F) {
	ec := elliptical(f, elliptic.P256())
	f.Add(set(f, jose.JSONWebKey{Key: ec.Public(), KeyID: "a", Use: "sig"}))
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"../x"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := jwks.Read(data)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, k := range keys {
			if seen[k.Name] || k.Name == "" || strings.ContainsAny(k.Name, "/\\\x00\n") || k.Name[0] == '.' {
				t.Errorf("a key is called %q", k.Name)
			}
			seen[k.Name] = true
			if _, err := k.PEM(); err != nil {
				t.Error(err)
			}
		}
	})
}
