// Package oms holds what zlaunch signs of models against sigstore-go, a Go implementation of
// Sigstore bundles by other people, and the other way round. Which files a model has, and their
// digests, the tests work out by themselves. test/oms/run runs it.
package oms

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	"github.com/sigstore/sigstore-go/pkg/sign"
)

// zlaunch runs the program that test/oms/run built, and gives its status and what it said.
func zlaunch(t *testing.T, args ...string) (int, string) {
	t.Helper()
	program := os.Getenv("ZLAUNCH_PROGRAM")
	if program == "" {
		t.Skip("ZLAUNCH_PROGRAM names no zlaunch: test/oms/run builds it and runs this")
	}
	cmd := exec.Command(program, args...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// signed has zlaunch sign a model.
func signed(t *testing.T, args ...string) {
	t.Helper()
	if code, said := zlaunch(t, append([]string{"model", "sign"}, args...)...); code != 0 {
		t.Fatalf("signing: %d\n%s", code, said)
	}
}

// bed is a directory with a model, where its signature is to be, and keys.
type bed struct {
	t               *testing.T
	dir, model, sig string
}

func newBed(t *testing.T) *bed {
	dir := t.TempDir()
	b := &bed{t, dir, filepath.Join(dir, "m"), filepath.Join(dir, "m.sig")}
	for name, text := range map[string]string{"model.safetensors": "weights", "config.json": "{}", "sub/模型 (1).bin": "more", "empty": "", ".env.example": "x", "sub/.git": "y",
		".git/HEAD": "left out", ".gitattributes": "left out"} {
		b.write(filepath.Join("m", name), []byte(text))
	}
	return b
}

func (b *bed) write(name string, text []byte) string {
	b.t.Helper()
	at := filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(at, text, 0o600); err != nil {
		b.t.Fatal(err)
	}
	return at
}

func (b *bed) writePEM(name, kind string, der []byte, err error) string {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	return b.write(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// newKey makes a key and writes both halves.
func (b *bed) newKey(c elliptic.Curve) (key *ecdsa.PrivateKey, private, public string) {
	b.t.Helper()
	key, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		b.t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	private = b.writePEM("key", "PRIVATE KEY", der, err)
	der, err = x509.MarshalPKIXPublicKey(&key.PublicKey)
	return key, private, b.writePEM("pub", "PUBLIC KEY", der, err)
}

// spoiled are ways to change a model or its signature, each of which both must refuse.
var spoiled = map[string]func(b *bed){
	"a byte of a file": func(b *bed) { b.write("m/model.safetensors", []byte("weightz")) },
	"a file more":      func(b *bed) { b.write("m/more", nil) },
	"a file less":      func(b *bed) { os.Remove(filepath.Join(b.model, "config.json")) },
	"another name":     func(b *bed) { os.Rename(filepath.Join(b.model, "empty"), filepath.Join(b.model, "empti")) },
	"a byte of the statement": func(b *bed) {
		b.envelope(func(e map[string]any) {
			payload, _ := base64.StdEncoding.DecodeString(e["payload"].(string))
			e["payload"] = base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(payload), `"name":"m"`, `"name":"n"`, 1)))
		})
	},
	"a byte of the signature": func(b *bed) {
		b.envelope(func(e map[string]any) {
			of := e["signatures"].([]any)[0].(map[string]any)
			sig, _ := base64.StdEncoding.DecodeString(of["sig"].(string))
			sig[len(sig)-1] ^= 1
			of["sig"] = base64.StdEncoding.EncodeToString(sig)
		})
	},
}

// envelope changes the envelope of the signature.
func (b *bed) envelope(change func(map[string]any)) {
	text, err := os.ReadFile(b.sig)
	var all map[string]any
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	change(all["dsseEnvelope"].(map[string]any))
	now, err := json.Marshal(all)
	if err != nil || string(now) == string(text) {
		b.t.Fatalf("nothing was changed: %v", err)
	}
	b.write("m.sig", now)
}

// bothRefuse spoils a model that both take in every way, each in a model of its own.
func bothRefuse(t *testing.T, good func(t *testing.T) (b *bed, by *peer, trust []string)) {
	for name, spoil := range spoiled {
		t.Run(name, func(t *testing.T) {
			b, by, trust := good(t)
			if err := by.verifies(b.sig, b.model); err != nil {
				t.Fatalf("the good one: %v", err)
			}
			spoil(b)
			if err := by.verifies(b.sig, b.model); err == nil {
				t.Error("sigstore-go takes it")
			} else {
				t.Log("sigstore-go:", err)
			}
			if code, said := zlaunch(t, append([]string{"model", "verify", b.model}, trust...)...); code != 1 {
				t.Errorf("zlaunch: %d\n%s", code, said)
			} else {
				t.Log(strings.TrimSpace(said))
			}
		})
	}
}

// What zlaunch signs with a key of each curve, sigstore-go verifies; with another key it does
// not, and nothing that was changed.
func TestKey(t *testing.T) {
	for _, c := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		t.Run(c.Params().Name, func(t *testing.T) {
			b := newBed(t)
			other, _, _ := b.newKey(c)
			key, private, public := b.newKey(c)
			signed(t, b.model, "--key", private)
			if err := (&peer{key: &key.PublicKey}).verifies(b.sig, b.model); err != nil {
				t.Errorf("sigstore-go does not verify what zlaunch signed: %v", err)
			}
			if (&peer{key: &other.PublicKey}).verifies(b.sig, b.model) == nil {
				t.Error("sigstore-go takes another key")
			}
			if code, said := zlaunch(t, "model", "verify", b.model, "--key", public); code != 0 {
				t.Errorf("zlaunch: %d\n%s", code, said)
			}
		})
	}
	bothRefuse(t, func(t *testing.T) (*bed, *peer, []string) {
		b := newBed(t)
		key, private, public := b.newKey(elliptic.P256())
		signed(t, b.model, "--key", private)
		return b, &peer{key: &key.PublicKey}, []string{"--key", public}
	})
}

// What sigstore-go signs, zlaunch verifies.
func TestTheirs(t *testing.T) {
	theirs := func(t *testing.T, how protocommon.PublicKeyDetails) (*bed, *peer, []string) {
		b := newBed(t)
		key, err := sign.NewEphemeralKeypair(&sign.EphemeralKeypairOptions{Algorithm: how, Hint: []byte("some key")})
		if err == nil {
			err = signs(key, b.model, b.sig)
		}
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKIXPublicKey(key.GetPublicKey())
		return b, &peer{key: key.GetPublicKey()}, []string{"--key", b.writePEM("pub", "PUBLIC KEY", der, err)}
	}
	for _, how := range []protocommon.PublicKeyDetails{protocommon.PublicKeyDetails_PKIX_ECDSA_P256_SHA_256, protocommon.PublicKeyDetails_PKIX_ECDSA_P384_SHA_384, protocommon.PublicKeyDetails_PKIX_ECDSA_P521_SHA_512} {
		b, _, trust := theirs(t, how)
		if code, said := zlaunch(t, append([]string{"model", "verify", b.model}, trust...)...); code != 0 || !strings.Contains(strings.Join(strings.Fields(said), " "), " signed by the key") {
			t.Errorf("%s: zlaunch does not verify what sigstore-go signed: %d\n%s", how, code, said)
		}
	}
	bothRefuse(t, func(t *testing.T) (*bed, *peer, []string) {
		return theirs(t, protocommon.PublicKeyDetails_PKIX_ECDSA_P256_SHA_256)
	})
}
