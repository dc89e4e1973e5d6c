package signature

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// A key that is none, and a cosign that is not there, are told before anybody is asked.
func TestCosignReady(t *testing.T) {
	dir := t.TempDir()
	file := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ec := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	ours := must(rsa.GenerateKey(rand.Reader, 2048))
	pub := file("ec.pub", "PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&ec.PublicKey)))
	fifo, large := filepath.Join(dir, "fifo"), filepath.Join(dir, "large")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(large, make([]byte, maxPublic+1), 0o600); err != nil {
		t.Fatal(err)
	}
	seen := stubCosign(t, "exit 1")
	for key, says := range map[string]string{
		pub: "", file("rsa.pub", "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&ours.PublicKey)): "",
		filepath.Join(dir, "nokey.pub"):                                       "nokey.pub: no such file",
		file("private", "PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(ec))): `of type "PRIVATE KEY", and not a public key`,
		file("broken", "PUBLIC KEY", []byte("x")):                             "asn1",
		filepath.Join(seen, "cosign"):                                         "no public key in PEM",
		fifo:                                                                  "not a regular file",
		large:                                                                 "larger than 64 KiB",
		"ec.pub":                                                              "not the absolute path",
	} {
		err := Cosign{Key: key}.Ready()
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v, want %q", key, err, says)
		}
	}
	if _, err := os.Stat(filepath.Join(seen, "args")); err == nil {
		t.Error("cosign was run")
	}
	t.Setenv("PATH", dir)
	if err := (Cosign{Key: pub}).Ready(); hint.Of(err) != installCosign {
		t.Errorf("%v", err)
	}
}
