package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/report"
)

func ok[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// signerFiles writes NAME.key, NAME.pub and NAME.pem, a certificate that signs itself.
func (w *world) signerFiles(t *testing.T, name string, usage x509.ExtKeyUsage) {
	t.Helper()
	key := ok(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	w.write(t, name+".key", pemOf("PRIVATE KEY", ok(x509.MarshalPKCS8PrivateKey(key))))
	w.write(t, name+".pub", pemOf("PUBLIC KEY", ok(x509.MarshalPKIXPublicKey(&key.PublicKey))))
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage}}
	w.write(t, name+".pem", pemOf("CERTIFICATE", ok(x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key))))
}

// A model is signed and verified by key and by certificate; each change of it, and each
// signer who is not trusted, is told, with status 1.
func TestModel(t *testing.T) {
	w := newWorld(t)
	t.Chdir(w.dir)
	w.signerFiles(t, "ann", x509.ExtKeyUsageCodeSigning)
	w.signerFiles(t, "bob", x509.ExtKeyUsageCodeSigning)
	w.signerFiles(t, "web", x509.ExtKeyUsageServerAuth)
	for _, dir := range []string{"m/sub", "empty/sub"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	w.write(t, "m/config.json", "{}")
	w.write(t, "m/sub/weights.safetensors", "weights")
	steps := []struct {
		line   string
		status int
		says   string
	}{
		{"model digest m", 0, "digest  sha256:"},
		{"model digest m --key x", 2, "--key is of sign"},
		{"model", 2, "what is to be done is one of"},
		{"model inspect m", 0, "LOADING  FORMAT"},
		{"model inspect m", 0, "unknown  text    1      7B    sub/weights.safetensors"},
		{"model inspect m --json", 0, `"loading": "data"`},
		{"model inspect m --cyclonedx", 0, `"name": "sub/weights.safetensors"`},
		{"model inspect m --cyclonedx --json", 2, "two documents"},
		{"model digest m --cyclonedx", 2, "is of inspect"},
		{"model inspect nothing", 3, "no such file"},
		{"model digest nothing", 3, "no such file"},
		{"model digest empty", 3, "there is no file in it"},
		{"model sign empty --key ann.key", 3, "there is no file in it"},
		{"model sign m --key nokey", 3, "hint: openssl genpkey"},
		{"model verify m --key ann.pub", 3, "m.sig"},
		{"model sign m", 2, "one --key is wanted"},
		{"model sign m --key ann.pub", 3, "not a private key"},
		{"model sign m --key ann.key", 0, "m.sig: 2 files, sha256:"},
		{"model verify m", 2, "--key, or by --authority"},
		{"model verify m --key ann.key", 3, "not a public key"},
		{"model verify m --key bob.pub --key ann.pub", 0, "by the key ann.pub (sha256:"},
		{"model verify m/ --key ann.pub", 0, "by the key ann.pub"},
		{"model verify m --key bob.pub", 1, "by none of the keys"},
		{"model verify m --key bob.pub", 1, "hint: get the key or the authority"},
		{"model verify m --authority ann.pem", 1, "no key is trusted"},
		{"model sign m --key ann.key --certificate bob.pem --signature c.sig", 3, "not that of the key"},
		{"model sign m --key web.key --certificate web.pem --signature c.sig", 3, "not for signing code"},
		{"model sign m --key ann.key --certificate ann.pem --signature c.sig", 0, "c.sig: 2 files"},
		{"model verify m --authority ann.pem --identity ann --signature c.sig", 0, `"ann", the key`},
		{"model verify m --authority ann.pem --identity bob --signature c.sig", 1, `"bob" is wanted`},
		{"model verify m --authority bob.pem --signature c.sig", 1, "no authority that is trusted"},
		{"model verify m --identity bob --key ann.pub", 2, "--authority"},
		{"model sign m --key ann.key --signature m/model.sig --ignore sub", 0, "m/model.sig: 1 file, "},
		{"model verify m --key ann.pub --signature m/model.sig", 0, "1 file that the signer left out"},
		{"model sign m --key ann.key --ignore ../x", 3, "plain path"},
		{"model verify m --key ann.pub --signature m.sig", 1, `"model.sig" is not in the statement`},
	}
	for _, s := range steps {
		if got := w.run(strings.Fields(s.line)...); got != s.status || !strings.Contains(w.stdout.String()+w.stderr.String(), s.says) {
			t.Fatalf("%s: %d\n%s%s", s.line, got, w.stdout.String(), w.stderr.String())
		}
	}
	if err := os.Remove("m/model.sig"); err != nil {
		t.Fatal(err)
	}
	w.write(t, "m/sub/weights.safetensors", "Weights")
	w.write(t, "m/evil.py", "")
	if err := os.Remove("m/config.json"); err != nil {
		t.Fatal(err)
	}
	says := fmt.Sprintf(`"sub/weights.safetensors" is of another content ("sub/weights.safetensors" was sha256:%x, and is sha256:%x); "config.json" is missing; "evil.py" is not in the statement`, sha256.Sum256([]byte("weights")), sha256.Sum256([]byte("Weights")))
	if got := w.run("model", "verify", "m", "--key", "ann.pub"); got != 1 || w.stdout.Len() > 0 || !strings.Contains(w.stderr.String(), says) {
		t.Errorf("%d\n%s%s", got, w.stdout.String(), w.stderr.String())
	}
}

// The JSON names every file; a link has no digest, and the tree none of the specification's.
func TestModelJSON(t *testing.T) {
	w := newWorld(t)
	t.Chdir(w.dir)
	if err := os.Mkdir("m", 0o755); err != nil {
		t.Fatal(err)
	}
	w.write(t, "m/a", "x")
	if err := os.Symlink("a", "m/l"); err != nil {
		t.Fatal(err)
	}
	if got := w.run("model", "digest", "m", "--json"); got != 0 {
		t.Fatalf("%d\n%s", got, w.stderr.String())
	}
	var doc report.Model
	if err := json.Unmarshal(w.stdout.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Schema != report.ModelSchema || doc.Count != 2 || doc.Files[0].SHA256 != "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" ||
		!doc.Files[1].Link || doc.Files[1].SHA256 != "" || doc.OMS != "" || !strings.Contains(doc.NoOMS, `"l" is a symbolic link`) {
		t.Errorf("%s", w.stdout.String())
	}
}
