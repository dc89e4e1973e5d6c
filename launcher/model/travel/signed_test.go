package travel

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/model/oms"
)

// signer makes a key: who signs with it, and who trusts it alone.
func signer(t *testing.T) (oms.Signer, *oms.Trust) {
	t.Helper()
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte, err error) string {
		at := filepath.Join(dir, name)
		if err := errors.Join(err, os.WriteFile(at, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)); err != nil {
			t.Fatal(err)
		}
		return at
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	s, err := oms.OpenSigner(write("k", "PRIVATE KEY", private, err), "")
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	keys, err := oms.OpenKeys([]string{write("k.pub", "PUBLIC KEY", public, err)})
	if err != nil {
		t.Fatal(err)
	}
	return s, &oms.Trust{Keys: keys, At: time.Now()}
}

func statementOf(t *testing.T, s oms.Signer, print *model.Print, ignore ...string) []byte {
	t.Helper()
	m, err := oms.Of(print, ignore...)
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.Sign("m", m)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A statement travels with the model and says who signed it; without one, with somebody else's,
// with one about another model or about half of it, nothing is pulled.
func TestSigned(t *testing.T) {
	dir, print := some(t)
	_, otherPrint := modelOf(t, map[string]string{"w.safetensors": "other"})
	ann, trusted := signer(t)
	bob, _ := signer(t)
	for name, c := range map[string]struct {
		statements [][]byte
		want       string
	}{
		"signed":        {[][]byte{statementOf(t, ann, print)}, ""},
		"by both":       {[][]byte{statementOf(t, bob, print), []byte("{}"), statementOf(t, ann, print)}, ""},
		"by nobody":     {nil, "nobody signed it"},
		"by another":    {[][]byte{statementOf(t, bob, print)}, "by none of the keys that are trusted"},
		"another model": {[][]byte{statementOf(t, ann, otherPrint)}, "is not what the key"},
		"half of it":    {[][]byte{statementOf(t, ann, print, "bin")}, "left out files of it by name"},
		"words":         {[][]byte{[]byte("I signed it")}, "nobody signed it who is trusted"},
	} {
		for kind, ref := range map[string]bundle.Ref{"registry": serve(t, nil), "layout": refOf(t, "dir:"+t.TempDir()+"/l:1")} {
			push(t, ref, dir, print, nil)
			for _, s := range c.statements {
				push(t, ref, dir, print, s)
			}
			tr := traveller(t)
			got, err := tr.Pull(t.Context(), Wish{Ref: ref, Trust: trusted})
			if c.want == "" {
				held, lost := oms.ReadFile(got.Statement(), oms.MaxBundle)
				if err != nil || lost != nil || len(got.Signers) != 1 || got.Signed == nil {
					t.Errorf("%s, %s: %+v, %v, %v", name, kind, got, err, lost)
				} else if _, err := trusted.Verify(held); err != nil {
					t.Errorf("%s, %s: what is kept: %v", name, kind, err)
				}
				continue
			}
			var no *RefusedError
			if !errors.As(err, &no) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: %v; want %q", name, kind, err, c.want)
			}
			if list, err := tr.Store.List(); len(list) > 0 || err != nil {
				t.Errorf("%s, %s: the store has %v, %v", name, kind, list, err)
			}
		}
	}
}

// Who signed is asked of a model that is there already, too: first of what is kept beside it.
func TestSignedLater(t *testing.T) {
	dir, print := some(t)
	ann, trusted := signer(t)
	ref, tr := serve(t, nil), traveller(t)
	push(t, ref, dir, print, nil)
	got, err := tr.Pull(t.Context(), Wish{Ref: ref})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Pull(t.Context(), Wish{Ref: ref, Trust: trusted}); err == nil {
		t.Error("nobody signed it")
	}
	push(t, ref, dir, print, statementOf(t, ann, print))
	again, err := tr.Pull(t.Context(), Wish{Ref: ref, Trust: trusted})
	if err != nil || !again.Here || len(again.Signers) != 1 {
		t.Fatalf("%+v, %v", again, err)
	}
	gone := refOf(t, "oci://nobody.invalid/m@"+got.Manifest)
	if m, err := tr.Pull(t.Context(), Wish{Ref: gone, Trust: trusted}); err != nil || m.Signed == nil {
		t.Errorf("%+v, %v", m, err)
	}
	at := filepath.Join(got.Path, "a/config.json")
	if err := errors.Join(os.Chmod(at, 0o644), os.WriteFile(at, []byte("{ }"), 0o644)); err != nil {
		t.Fatal(err)
	}
	if m, err := tr.Pull(t.Context(), Wish{Ref: ref, Trust: trusted}); err == nil {
		t.Errorf("tampered with: %+v", m)
	}
}
