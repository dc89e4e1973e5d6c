package oms

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/signoff"
)

// Trust is whose signature is taken. A bundle of one method is never judged by what is
// trusted for the other.
type Trust struct {
	Keys     []*signoff.PublicKey
	Roots    []*x509.Certificate // of the authorities that say whose a key is
	Identity string              // a name that the signer's certificate must have; "" any
	At       time.Time           // when the certificates must be valid
}

// Signed is a manifest and who signed it.
type Signed struct {
	Manifest
	Name string // of the model, as its signer called it; it means nothing
	By   By
}

// By is who signed.
type By struct {
	Method string   // "key" or "certificate"
	Key    string   // "sha256:…" of the key, as [signoff.PublicKey.ID]
	Listed string   // the key's name among those that are trusted; "" of a certificate
	Names  []string // of the certificate's subject; none of a key
	Roots  []string // "sha256:…" of the keys of the authorities that vouch for it
}

// String tells who it is, in one line.
func (b By) String() string {
	if b.Method == "key" {
		return fmt.Sprintf("the key %s (%s)", b.Listed, b.Key)
	}
	return fmt.Sprintf("%q, the key %s, vouched for by the authority %s", strings.Join(b.Names, ", "), b.Key, strings.Join(b.Roots, ", "))
}

// Signers are who signed, as a policy names them: the key and the keys of its authorities, "sha256:…",
// and each name with an authority that vouches for it, "NAME@sha256:…". A name alone is none: whoever
// runs a model brings the authority that is asked, and it calls itself what it likes.
func (b By) Signers() []string {
	out := append([]string{b.Key}, b.Roots...)
	for _, name := range b.Names {
		for _, root := range b.Roots {
			out = append(out, name+"@"+root)
		}
	}
	return out
}

// Verify gives what a bundle says, where somebody signed it who is trusted.
func (t Trust) Verify(text []byte) (*Signed, error) {
	b, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("reading a model's signature: %w", err)
	}
	by, err := t.who(b)
	if err != nil {
		return nil, fmt.Errorf("verifying a model's signature: %w", err)
	}
	s := &Signed{By: by}
	name, m, err := readStatement(b.DSSEEnvelope.Payload)
	if err != nil {
		return nil, fmt.Errorf("reading a model's statement: %w", err)
	}
	s.Name, s.Manifest = name, *m
	return s, nil
}

func (t Trust) who(b *bundle) (By, error) {
	message, sig := signoff.PAE(b.DSSEEnvelope.PayloadType, b.DSSEEnvelope.Payload), b.DSSEEnvelope.Signatures[0].Sig
	switch m := b.VerificationMaterial; {
	case m.Certificate != nil:
		return By{}, errors.New("it was made without a key of its own, by the method sigstore, which needs a transparency log and is not known here")
	case (m.PublicKey == nil) == (m.Chain == nil):
		return By{}, errors.New("it does not say whether a key or a certificate verifies it")
	case m.PublicKey != nil:
		return t.byKey(m.PublicKey, message, sig)
	default:
		return t.byCertificate(m.Chain, message, sig)
	}
}

// byKey holds a signature against the keys that are trusted. What the bundle says of its key
// is a hint, for the error.
func (t Trust) byKey(named *publicKey, message, sig []byte) (By, error) {
	if len(t.Keys) == 0 {
		return By{}, errors.New("it is a key's, and no key is trusted here")
	}
	for _, k := range t.Keys {
		if signs(k.Kind()) && k.Verify(message, sig) {
			return By{Method: "key", Key: k.ID(), Listed: k.Name}, nil
		}
	}
	var names []string
	known := false
	for _, k := range t.Keys {
		names = append(names, k.Name+" ("+k.ID()+")")
		known = known || Hint(k) == named.Hint
	}
	if known {
		return By{}, errors.New("it is not of this statement, or bad: " + strings.Join(names, ", ") + " did not sign it, though it says so")
	}
	return By{}, errors.New("it is by none of the keys that are trusted: " + strings.Join(names, ", "))
}

// maxChain bounds the certificates of a bundle; few authorities have more than two between
// them and a key.
const maxChain = 10

// byCertificate holds a signature against the certificate in its bundle, and that against the
// authorities that are trusted.
func (t Trust) byCertificate(c *chain, message, sig []byte) (By, error) {
	if len(t.Roots) == 0 {
		return By{}, errors.New("it is a certificate's, and no authority is trusted here")
	}
	certs, err := c.parse()
	if err != nil {
		return By{}, err
	}
	leaf := certs[0]
	opts := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: t.At, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}}
	for _, r := range t.Roots {
		opts.Roots.AddCert(r)
	}
	for _, i := range certs[1:] {
		opts.Intermediates.AddCert(i)
	}
	chains, err := leaf.Verify(opts)
	if err != nil {
		return By{}, fmt.Errorf("no authority that is trusted vouches for its certificate, of %q: %w", strings.Join(namesOf(leaf), ", "), err)
	}
	if err := purpose(leaf); err != nil {
		return By{}, err
	}
	key, err := signoff.PublicOf("", leaf.PublicKey)
	if err != nil || !signs(key.Kind()) || !key.Verify(message, sig) {
		return By{}, fmt.Errorf("it is not by the key of its certificate, of %q, or not of this statement", strings.Join(namesOf(leaf), ", "))
	}
	by := By{Method: "certificate", Key: key.ID(), Names: namesOf(leaf), Roots: rootsOf(chains)}
	if t.Identity != "" && !slices.Contains(by.Names, t.Identity) {
		return By{}, fmt.Errorf("it is by %q, and %q is wanted", strings.Join(by.Names, ", "), t.Identity)
	}
	return by, nil
}

func (c *chain) parse() ([]*x509.Certificate, error) {
	if len(c.Certificates) == 0 || len(c.Certificates) > maxChain {
		return nil, fmt.Errorf("it has %d certificates, and not 1 to %d", len(c.Certificates), maxChain)
	}
	var out []*x509.Certificate
	for _, raw := range c.Certificates {
		cert, err := x509.ParseCertificate(raw.RawBytes)
		if err != nil {
			return nil, fmt.Errorf("reading its certificate: %w", err)
		}
		out = append(out, cert)
	}
	return out, nil
}

// purpose wants a certificate that is for signing code: one of a web server, say, which the
// same authority may give to anybody, is not.
func purpose(c *x509.Certificate) error {
	if !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageCodeSigning) || c.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		return fmt.Errorf("the certificate of %q is not for signing code (key usage digitalSignature, extended key usage codeSigning)", strings.Join(namesOf(c), ", "))
	}
	return nil
}

// namesOf are the names of a certificate's subject that a person knows it by.
func namesOf(c *x509.Certificate) []string {
	var out []string
	if c.Subject.CommonName != "" {
		out = append(out, c.Subject.CommonName)
	}
	out = append(append(out, c.EmailAddresses...), c.DNSNames...)
	for _, u := range c.URIs {
		out = append(out, u.String())
	}
	return out
}

// rootsOf names the authorities at the ends of chains.
func rootsOf(chains [][]*x509.Certificate) (out []string) {
	for _, c := range chains {
		if id := KeyOf(c[len(c)-1]); !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}
