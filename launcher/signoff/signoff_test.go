package signoff

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/signature"
	"github.com/zlaunch/zlaunch/test/sharing"
)

var digest = "sha256:" + strings.Repeat("a", 64)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func statement(t *testing.T) *Statement {
	t.Helper()
	s, err := New("web", digest, Predicate{Plan: "1234", Images: []string{digest}, Models: []Tree{{"/models", digest}},
		Proof: map[string]int{"kernel": 18}, Verdicts: map[string]int{"pass": 90, "open": 2}, Record: json.RawMessage(`{"a":"<ü>"}`)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sshKey is a key in a file, and the same opened.
func sshKey(t *testing.T) (*signature.Key, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	sharing.WriteKey(t, path)
	return must(signature.OpenKey(path, nil)), path
}

func check(t *testing.T, lines ...string) Check {
	t.Helper()
	return Check{SSH: signature.Check{Signers: must(signature.ParseAllowed("l", []byte(strings.Join(lines, "\n")), time.UTC)),
		Accept: []signature.Identity{{Principal: "ann@example.org"}}, At: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)}}
}

// The encoding is that of the protocol, by the vector in it, signature included.
func TestPAE(t *testing.T) {
	got := PAE("http://example.com/HelloWorld", []byte("hello world"))
	if string(got) != "DSSEv1 29 http://example.com/HelloWorld 11 hello world" {
		t.Errorf("%q", got)
	}
	number := func(s string) *big.Int { n, _ := new(big.Int).SetString(s, 10); return n }
	key := &ecdsa.PublicKey{Curve: elliptic.P256(),
		X: number("46950820868899156662930047687818585632848591499744589407958293238635476079160"),
		Y: number("5640078356564379163099075877009565129882514886557779369047442380624545832820")}
	sig := must(base64.StdEncoding.DecodeString("A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="))
	sum := sha256.Sum256(got)
	if !ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		t.Error("the vector's signature is of another text")
	}
	if string(PAE("", nil)) != "DSSEv1 0  0 " {
		t.Error("nothing is encoded as something")
	}
}

// Who signed is told, and what was signed comes back as it was.
func TestOpen(t *testing.T) {
	k, _ := sshKey(t)
	text := must(statement(t).Sign(k))
	if !IsEnvelope(text) || IsEnvelope([]byte(`{"payloadType":1}`)) || IsEnvelope([]byte("podman run x")) {
		t.Error("an envelope is not told from other texts")
	}
	got, err := check(t, "*@example.org "+k.Public()).Open(text)
	if err != nil || got.By.Principal != "ann@example.org" || got.By.Fingerprint != k.Fingerprint() || got.Digest() != digest {
		t.Fatalf("%+v, %v", got.By, err)
	}
	var record struct{ A string }
	if err := json.Unmarshal(got.Predicate.Record, &record); err != nil || record.A != "<ü>" {
		t.Errorf("%s, %v", got.Predicate.Record, err)
	}
}

// A key that no list has gives its statement beside the error; a signature that is not
// right, or was made for something else, gives none.
func TestOpenRefuses(t *testing.T) {
	k, _ := sshKey(t)
	other, _ := sshKey(t)
	good := must(statement(t).Sign(k))
	change := func(do func(*Envelope)) []byte {
		e := must(parse(good))
		do(e)
		return must(json.Marshal(e))
	}
	profiles := func(e *Envelope) {
		e.Signatures[0].Sig = must(k.Sign(PAE(e.PayloadType, e.Payload), signature.Profiles))
	}
	resigned := func(do func(*Statement)) []byte {
		s := statement(t)
		do(s)
		payload := must(json.Marshal(s))
		return must(json.Marshal(Envelope{PayloadType, payload, []Signature{{"", must(k.Sign(PAE(PayloadType, payload), signature.Evidence))}}}))
	}
	allowed := "ann@example.org " + k.Public()
	for name, c := range map[string]struct {
		lines string
		text  []byte
		kind  signature.Kind // 0: no error of a signature
		says  string
		kept  bool // the statement is given
	}{
		"nobody's":               {"", good, signature.Unknown, "unknown signer", true},
		"not who is wanted":      {"bob@example.org " + k.Public(), good, signature.Other, "not who was expected", true},
		"expired":                {`ann@example.org valid-before="20200101" ` + k.Public(), good, signature.Expired, "key expired", true},
		"for profiles only":      {`ann@example.org namespaces="zlaunch-profiles@v1" ` + k.Public(), good, signature.WrongNamespace, "allows the key for", true},
		"a verdict":              {allowed, change(func(e *Envelope) { e.Payload = bytes.Replace(e.Payload, []byte(`"open":2`), []byte(`"open":0`), 1) }), signature.Bad, "not of this content", false},
		"a verdict, of nobody's": {"", change(func(e *Envelope) { e.Payload = append(e.Payload, ' ') }), signature.Bad, "not of this content", false},
		"no signature":           {allowed, change(func(e *Envelope) { e.Signatures[0].Sig = nil }), signature.NotSigned, "not signed", false},
		"none in the list":       {allowed, change(func(e *Envelope) { e.Signatures = nil }), 0, "0 signatures", false},
		"two":                    {allowed, change(func(e *Envelope) { e.Signatures = append(e.Signatures, e.Signatures[0]) }), 0, "2 signatures", false},
		"for profiles":           {allowed, change(profiles), signature.WrongNamespace, `made for "zlaunch-profiles@v1"`, false},
		"another type":           {allowed, change(func(e *Envelope) { e.PayloadType = "text/plain" }), 0, "type", false},
		"bytes":                  {allowed, change(func(e *Envelope) { e.Signatures[0].Sig = []byte("x") }), signature.Bad, "none of the 0 keys", false},
		"a key too many":         {allowed, []byte(strings.Replace(string(good), "{", `{"x":1,`, 1)), 0, "unknown field", false},
		"a payload for others":   {allowed, []byte(strings.Replace(string(good), "{", `{"PAYLOAD":"e30=",`, 1)), 0, "unknown field", false},
		"text behind":            {allowed, append(bytes.Clone(good), '{'), 0, "reading an envelope", false},
		"another predicate":      {allowed, resigned(func(s *Statement) { s.PredicateType = "https://slsa.dev/provenance/v1" }), 0, "reading a statement", false},
		"no record":              {allowed, resigned(func(s *Statement) { s.Predicate.Record = nil }), 0, "reading a statement", false},
		"no subject":             {allowed, resigned(func(s *Statement) { s.Subject = nil }), 0, "one subject", false},
		"another's key":          {"ann@example.org " + other.Public(), good, signature.Unknown, k.Fingerprint(), true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := check(t, c.lines).Open(c.text)
			var e *signature.Error
			if err == nil || !strings.Contains(err.Error(), c.says) || errors.As(err, &e) != (c.kind != 0) || e != nil && e.Kind != c.kind {
				t.Errorf("%v", err)
			}
			if (got.Statement != nil) != c.kept || got.By != (signature.Signer{}) {
				t.Errorf("%+v is given", got)
			}
		})
	}
}

// A key in PEM signs as other tools of DSSE do, and openssl verifies it.
func TestPEM(t *testing.T) {
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	keys := map[string]crypto.Signer{"ed25519": ed}
	for name, curve := range map[string]elliptic.Curve{"ecdsa-nistp256": elliptic.P256(), "ecdsa-nistp384": elliptic.P384(), "ecdsa-nistp521": elliptic.P521()} {
		keys[name] = must(ecdsa.GenerateKey(curve, rand.Reader))
	}
	var all []*PublicKey
	texts := map[string][]byte{}
	for name, k := range keys {
		private := must(ParsePrivate(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(k))})))
		public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(k.Public()))})
		all = append(all, must(ParsePublic(name+".pub", public)))
		texts[name] = must(statement(t).SignPEM(private))
		if name == "ecdsa-nistp256" {
			openssl(t, public, must(parse(texts[name])))
		}
	}
	for name, text := range texts {
		c := check(t)
		if s, err := c.Open(text); err == nil || s.Statement != nil {
			t.Errorf("%s: nobody is taken, and it opens", name)
		}
		c.Keys = all
		s, err := c.Open(text)
		if err != nil || s.By.KeyType != name || s.By.Listed != name+".pub" {
			t.Errorf("%s: %+v, %v", name, s.By, err)
		}
		e := must(parse(text))
		e.Payload = append(e.Payload, ' ')
		if _, err := c.Open(must(json.Marshal(e))); err == nil {
			t.Errorf("%s: another payload opens", name)
		}
	}
	rsaKey := must(x509.MarshalPKCS8PrivateKey(must(rsa.GenerateKey(rand.Reader, 2048))))
	for _, block := range []pem.Block{{Type: "PRIVATE KEY", Bytes: rsaKey}, {Type: "PRIVATE KEY"}, {Type: "ENCRYPTED PRIVATE KEY"}} {
		if _, err := ParsePrivate(pem.EncodeToMemory(&block)); err == nil {
			t.Errorf("%s of %d bytes is taken", block.Type, len(block.Bytes))
		}
	}
}

func openssl(t *testing.T, public []byte, e *Envelope) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Log("NOT TESTED AGAINST OPENSSL: there is none")
		return
	}
	dir := t.TempDir()
	for name, text := range map[string][]byte{"pub": public, "sig": e.Signatures[0].Sig, "text": PAE(e.PayloadType, e.Payload)} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("openssl", "dgst", "-sha256", "-verify", "pub", "-signature", "sig", "text")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("openssl: %s, %v", out, err)
	}
}

// The lines of the doc comment of [Statement.Sign] check an envelope with ssh-keygen.
func TestOpenSSH(t *testing.T) {
	for _, program := range []string{"ssh-keygen", "jq"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("NOT TESTED AGAINST OPENSSH: there is no %s", program)
		}
	}
	k, _ := sshKey(t)
	dir := t.TempDir()
	for name, text := range map[string][]byte{"FILE": must(statement(t).Sign(k)), "allowed_signers": []byte("WHO " + k.Public() + "\n"),
		"script": []byte(script(t))} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("sh", "-e", "script")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "Good ") {
		t.Errorf("%s, %v", out, err)
	}
}

// script is the indented part of the comment.
func script(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(string(must(os.ReadFile("sign.go")))) {
		if code, ok := strings.CutPrefix(line, "//\t"); ok {
			b.WriteString(code)
		}
	}
	return b.String()
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"keyid":"x","sig":"AA=="}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		IsEnvelope(text)
		c := Check{SSH: signature.Check{Accept: []signature.Identity{signature.AnyListed()}, At: time.Unix(1, 0)}}
		if s, err := c.Open(text); err == nil {
			t.Fatalf("%+v", s)
		}
		s := &Statement{}
		if strict(text, s) == nil && s.check() == nil {
			_ = s.Digest()
		}
	})
}
