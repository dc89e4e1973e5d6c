package oms

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/zlaunch/zlaunch/launcher/signoff"
)

// mediaType is that of a Sigstore bundle of version 0.3.
const mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"

// MaxBundle bounds a bundle in bytes. A file takes some 300 of them: 200,000 files.
const MaxBundle = 64 << 20

// bundle is a Sigstore bundle in JSON, as far as a model's signature has it
// (https://github.com/sigstore/protobuf-specs, sigstore_bundle.proto).
type bundle struct {
	MediaType            string   `json:"mediaType"`
	VerificationMaterial material `json:"verificationMaterial"`
	DSSEEnvelope         envelope `json:"dsseEnvelope"`
}

// material is what a signature is verified with: a key or a chain of certificates.
type material struct {
	PublicKey   *publicKey      `json:"publicKey,omitempty"`
	Chain       *chain          `json:"x509CertificateChain,omitempty"`
	Certificate json.RawMessage `json:"certificate,omitempty"` // of the method sigstore, which is not known here
	TlogEntries json.RawMessage `json:"tlogEntries,omitempty"` // nobody asks a log here
	Timestamps  json.RawMessage `json:"timestampVerificationData,omitempty"`
}

// publicKey names a key. Bundles older than v1.1.0 hold it instead, which vouches for nothing.
type publicKey struct {
	Hint       string          `json:"hint,omitempty"`
	RawBytes   []byte          `json:"rawBytes,omitempty"`
	KeyDetails json.RawMessage `json:"keyDetails,omitempty"`
	ValidFor   json.RawMessage `json:"validFor,omitempty"`
}

type chain struct {
	Certificates []certificate `json:"certificates"` // the signer's first
}

type certificate struct {
	RawBytes []byte `json:"rawBytes"` // DER
}

// envelope is that of [signoff.Envelope], with null for no keyid.
type envelope struct {
	Payload     []byte     `json:"payload"`
	PayloadType string     `json:"payloadType"`
	Signatures  []dsseSign `json:"signatures"`
}

type dsseSign struct {
	Sig   []byte  `json:"sig"`
	KeyID *string `json:"keyid,omitempty"` // nobody asks for it
}

// Signer signs statements: a key, and for the method certificate the certificates that say
// whose it is, the key's own first.
type Signer struct {
	Key   *signoff.PrivateKey
	Chain []*x509.Certificate
}

// Sign puts a manifest under the name of its model into a bundle.
func (s Signer) Sign(name string, m *Manifest) ([]byte, error) {
	if kind := s.Key.Public().Kind(); !signs(kind) {
		return nil, fmt.Errorf("signing a model: the key is of %s, and OpenSSF Model Signing has ECDSA on P-256, P-384 and P-521", kind)
	}
	payload, err := json.Marshal(newStatement(name, m))
	if err != nil {
		return nil, fmt.Errorf("signing a model: %w", err)
	}
	sig, err := s.Key.Sign(signoff.PAE(signoff.PayloadType, payload))
	if err != nil {
		return nil, fmt.Errorf("signing a model: %w", err)
	}
	b := bundle{MediaType: mediaType, DSSEEnvelope: envelope{payload, signoff.PayloadType, []dsseSign{{Sig: sig}}}}
	if b.VerificationMaterial, err = s.material(); err != nil {
		return nil, fmt.Errorf("signing a model: %w", err)
	}
	out, err := json.Marshal(&b)
	if err != nil {
		return nil, fmt.Errorf("signing a model: %w", err)
	}
	return append(out, '\n'), nil
}

func (s Signer) material() (material, error) {
	if len(s.Chain) == 0 {
		return material{PublicKey: &publicKey{Hint: Hint(s.Key.Public())}}, nil
	}
	if own, err := signoff.PublicOf("", s.Chain[0].PublicKey); err != nil || own.ID() != s.Key.ID() {
		return material{}, errors.New("the first certificate is not that of the key")
	}
	if err := purpose(s.Chain[0]); err != nil {
		return material{}, err
	}
	var c chain
	for _, cert := range s.Chain {
		c.Certificates = append(c.Certificates, certificate{cert.Raw})
	}
	return material{Chain: &c}, nil
}

// Hint is how a bundle names a key: the SHA-256 of its PEM, in hexadecimal.
func Hint(k *signoff.PublicKey) string {
	sum := sha256.Sum256(k.PEM())
	return hex.EncodeToString(sum[:])
}

// signs tells whether the specification has a kind of key.
func signs(kind string) bool {
	return kind == "ecdsa-nistp256" || kind == "ecdsa-nistp384" || kind == "ecdsa-nistp521"
}

// parse reads a bundle, strictly: what this reader does not know, it cannot judge.
func parse(text []byte) (*bundle, error) {
	if len(text) > MaxBundle {
		return nil, fmt.Errorf("it is larger than %d MiB", MaxBundle>>20)
	}
	b := &bundle{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(b); err != nil {
		return nil, fmt.Errorf("it is no Sigstore bundle with a statement: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one JSON value in it")
	}
	e := b.DSSEEnvelope
	switch {
	case b.MediaType != mediaType:
		return nil, fmt.Errorf("it is of type %.80q, and not %q", b.MediaType, mediaType)
	case e.PayloadType != signoff.PayloadType:
		return nil, fmt.Errorf("its payload is of type %.80q, and not %q", e.PayloadType, signoff.PayloadType)
	case len(e.Signatures) != 1 || len(e.Signatures[0].Sig) == 0:
		return nil, fmt.Errorf("it has %d signatures, and not one", len(e.Signatures))
	}
	return b, nil
}
