package oms

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/signoff"
)

// authority makes a certificate for a key; parent is nil for one that signs itself.
func authority(t *testing.T, name string, parent *x509.Certificate, by, key *ecdsa.PrivateKey, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: at.Add(-time.Hour), NotAfter: at.Add(time.Hour), BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign}
	change(c)
	if parent == nil {
		parent, by = c, key
	}
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by))))
}

// chained is a root, one between, and a signer.
type chained struct {
	root, middle, leaf *x509.Certificate
	key                *signoff.PrivateKey
}

func newChain(t *testing.T, middle, leaf func(*x509.Certificate)) chained {
	var keys []*ecdsa.PrivateKey
	for range 3 {
		keys = append(keys, must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)))
	}
	var c chained
	c.root = authority(t, "root", nil, nil, keys[0], func(*x509.Certificate) {})
	c.middle = authority(t, "middle", c.root, keys[0], keys[1], middle)
	c.leaf = authority(t, "fraud models", c.middle, keys[1], keys[2], func(l *x509.Certificate) {
		l.IsCA, l.KeyUsage, l.ExtKeyUsage, l.EmailAddresses = false, x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}, []string{"fraud@example.org"}
		leaf(l)
	})
	c.key = private(keys[2])
	return c
}

func (c chained) signer() Signer { return Signer{c.key, []*x509.Certificate{c.leaf, c.middle}} }

// Of the method certificate it is told who it is and who says so; what is expired, not yet
// valid, for another purpose or of another authority is refused.
func TestCertificates(t *testing.T) {
	m := must(Of(tree(t, map[string]string{"a": "1"})))
	same := func(*x509.Certificate) {}
	good := newChain(t, same, same)
	text := must(good.signer().Sign("m", m))
	trust := Trust{Roots: []*x509.Certificate{good.root}, At: at}
	got, err := trust.Verify(text)
	if err != nil || !slices.Equal(got.By.Names, []string{"fraud models", "fraud@example.org"}) || !slices.Equal(got.By.Roots, []string{KeyOf(good.root)}) || got.By.Key != good.key.ID() {
		t.Fatalf("%v, %+v", err, got)
	}
	if want := []string{good.key.ID(), KeyOf(good.root), "fraud models@" + KeyOf(good.root), "fraud@example.org@" + KeyOf(good.root)}; !slices.Equal(got.By.Signers(), want) {
		t.Errorf("a policy is told %q", got.By.Signers())
	}
	late, early := trust, trust
	late.At, early.At = at.Add(2*time.Hour), at.Add(-2*time.Hour)
	named, other := trust, trust
	named.Identity, other.Identity = "fraud@example.org", "other@example.org"
	if _, err := named.Verify(text); err != nil {
		t.Error(err)
	}
	expired := func(c *x509.Certificate) { c.NotAfter = at.Add(-time.Minute) }
	web := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }
	for name, c := range map[string]struct {
		trust Trust
		chain chained
		says  string
	}{
		"expired":          {late, good, "expired"},
		"not yet":          {early, good, "not yet valid"},
		"another name":     {other, good, `"other@example.org" is wanted`},
		"a key is trusted": {Trust{Keys: []*signoff.PublicKey{good.key.Public()}, At: at}, good, "no authority is trusted"},
		"another root":     {Trust{Roots: []*x509.Certificate{newChain(t, same, same).root}, At: at}, good, "no authority that is trusted"},
		"between expired":  {trust, newChain(t, expired, same), "no authority that is trusted"},
	} {
		text := text
		if c.chain.key != good.key {
			text = must(c.chain.signer().Sign("m", m))
			c.trust.Roots = []*x509.Certificate{c.chain.root}
		}
		if _, err := c.trust.Verify(text); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := newChain(t, same, web).signer().Sign("m", m); err == nil || !strings.Contains(err.Error(), "not for signing code") {
		t.Errorf("a certificate of a web server signs: %v", err)
	}
	if _, err := (Signer{newKey(elliptic.P256()), good.signer().Chain}).Sign("m", m); err == nil || !strings.Contains(err.Error(), "not that of the key") {
		t.Errorf("another's certificate: %v", err)
	}
	// What this signer refuses to make, another may.
	bad := newChain(t, same, web)
	b := must(parse(text))
	b.VerificationMaterial.Chain = &chain{[]certificate{{bad.leaf.Raw}, {bad.middle.Raw}}}
	b.DSSEEnvelope.Signatures[0].Sig = must(bad.key.Sign(signoff.PAE(signoff.PayloadType, b.DSSEEnvelope.Payload)))
	if _, err := (Trust{Roots: []*x509.Certificate{bad.root}, At: at}).Verify(must(json.Marshal(b))); err == nil {
		t.Error("a certificate of a web server is taken")
	}
}

// OpenSSL, which knows nothing of this, verifies our signature over the encoding that the
// protocol of DSSE describes, put together by hand; and it verifies theirs in the same way.
func TestOpenSSL(t *testing.T) {
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("there is no openssl here, and nothing else but our own reader verifies what we sign; TestVectors holds that reader against published signatures")
	}
	m := must(Of(tree(t, map[string]string{"a": "1"})))
	type signed struct {
		text []byte
		key  *signoff.PublicKey
		hash string
	}
	cases := []signed{{vector(t, "key-1.1.0.sig"), theirs(t), "-sha384"}}
	for hash, curve := range map[string]elliptic.Curve{"-sha256": elliptic.P256(), "-sha384": elliptic.P384(), "-sha512": elliptic.P521()} {
		key := newKey(curve)
		cases = append(cases, signed{must(Signer{Key: key}.Sign("m", m)), key.Public(), hash})
	}
	for _, c := range cases {
		var b struct {
			DsseEnvelope struct {
				Payload, PayloadType string
				Signatures           []struct{ Sig string }
			}
		}
		if err := json.Unmarshal(c.text, &b); err != nil {
			t.Fatal(err)
		}
		payload := must(base64.StdEncoding.DecodeString(b.DsseEnvelope.Payload))
		message := "DSSEv1 28 application/vnd.in-toto+json " + big.NewInt(int64(len(payload))).String() + " " + string(payload)
		dir := t.TempDir()
		for name, data := range map[string][]byte{"pub": c.key.PEM(), "sig": must(base64.StdEncoding.DecodeString(b.DsseEnvelope.Signatures[0].Sig)), "message": []byte(message), "other": []byte(message + " ")} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		verify := func(file string) error {
			cmd := exec.Command(program, "dgst", c.hash, "-verify", "pub", "-signature", "sig", file)
			cmd.Dir = dir
			return cmd.Run()
		}
		if err := verify("message"); err != nil {
			t.Errorf("%s: openssl does not verify: %v", c.hash, err)
		}
		if verify("other") == nil {
			t.Error("openssl verifies another text")
		}
	}
}
