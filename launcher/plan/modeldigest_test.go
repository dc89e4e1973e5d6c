package plan

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/model/oms"
)

// signModels signs a tree and returns the files of the public key and the signature.
func signModels(t *testing.T, dir, tree string, ignore ...string) (pub, sig string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	private, sig := filepath.Join(dir, "key"), filepath.Join(dir, "signature")
	write(t, private, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	signer, err := oms.OpenSigner(private, "")
	if err != nil {
		t.Fatal(err)
	}
	print, err := model.Take(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	m, err := oms.Of(print, ignore...)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signer.Sign("m", m)
	if err != nil {
		t.Fatal(err)
	}
	write(t, sig, string(text))
	pub = filepath.Join(dir, "pub")
	write(t, pub, string(signer.Key.Public().PEM()))
	return pub, sig
}

// What the command line wants of models holds beside what the profile wants; who signed
// them is told to the policy and to the record, and nobody where they are not as signed.
func TestModelWishes(t *testing.T) {
	dir := t.TempDir()
	tree := filepath.Join(dir, "m")
	write(t, filepath.Join(tree, "model.bin"), "weights")
	write(t, filepath.Join(tree, "notes"), "x")
	print, err := model.Take(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	pub, sig := signModels(t, filepath.Join(dir, "a"), tree)
	partly, partlySig := signModels(t, filepath.Join(dir, "b"), tree, "notes")
	other := "sha256:" + strings.Repeat("0", 64)
	for name, c := range map[string]struct {
		o       Options
		refused string // of a plan; "" it is not
		err     string
	}{
		"the digest":          {Options{Models: tree, ModelDigest: print.Digest}, "", ""},
		"another digest":      {Options{Models: tree, ModelDigest: other}, "--model-digest wants " + other, ""},
		"no digest":           {Options{Models: tree, ModelDigest: "sha256:1"}, "", "64 hexadecimal digits"},
		"no models":           {Options{ModelDigest: print.Digest}, "", "there are no models"},
		"no models to verify": {Options{ModelTrust: ModelTrust{Keys: []string{pub}}}, "", "there are no models"},
		"nobody's signature":  {Options{Models: tree, ModelTrust: ModelTrust{Signature: sig}}, "", "who must have signed"},
		"signed":              {Options{Models: tree, ModelTrust: ModelTrust{Keys: []string{partly, pub}, Signature: sig}}, "", ""},
		"signed by another":   {Options{Models: tree, ModelTrust: ModelTrust{Keys: []string{partly}, Signature: sig}}, "none of the keys", ""},
		"signed in part":      {Options{Models: tree, ModelTrust: ModelTrust{Keys: []string{partly}, Signature: partlySig}}, `left out files of the models by name: 1, the first is "notes"`, ""},
		"no signature":        {Options{Models: tree, ModelTrust: ModelTrust{Keys: []string{pub}}}, "m.sig", ""},
		"no such key":         {Options{Models: tree, ModelTrust: ModelTrust{Keys: []string{"/nowhere"}, Signature: sig}}, "/nowhere", ""},
	} {
		t.Run(name, func(t *testing.T) {
			pl, _ := beside(t, server, ibm)
			c.o.Profile = "web"
			p, err := pl.Plan(t.Context(), c.o)
			if c.err != "" || err != nil {
				if err == nil || !strings.Contains(err.Error(), c.err) || c.err == "" {
					t.Fatalf("%v, want %q", err, c.err)
				}
				return
			}
			if got := fmt.Sprint(p.Refusal()); c.refused != "" && !strings.Contains(got, c.refused) || c.refused == "" && got != "<nil>" {
				t.Fatalf("%s, want %q", got, c.refused)
			}
			digest, _, known := container.ModelDigest.Get(pl.Judged(p))
			kept := ModelTree(p)
			if good := c.refused == ""; known != good || (kept != nil) != good || good && (digest != print.Digest || kept.Digest != digest || (len(kept.Signers) > 0) != (c.o.ModelTrust.Signature != "")) {
				t.Errorf("%q, %t, keeps %+v", digest, known, kept)
			}
		})
	}
}

// A model with a byte, a file, a link or a name that was not signed is refused.
func TestModelsChanged(t *testing.T) {
	for name, c := range map[string]struct {
		change func(tree string) error
		says   string
	}{
		"a byte": {func(tree string) error { return os.WriteFile(tree+"/model.bin", []byte("Weights"), 0o644) }, `"model.bin" is of another content`},
		"a file": {func(tree string) error { return os.WriteFile(tree+"/more", nil, 0o644) }, `"more" is not in the statement`},
		"a link": {func(tree string) error { return os.Symlink("model.bin", tree+"/link") }, `"link" is a symbolic link`},
		"none":   {func(tree string) error { return os.Rename(tree+"/model.bin", tree+"/model.pt") }, `"model.bin" is missing; "model.pt" is not in the statement`},
	} {
		dir := t.TempDir()
		tree := filepath.Join(dir, "m")
		write(t, filepath.Join(tree, "model.bin"), "weights")
		pub, sig := signModels(t, filepath.Join(dir, "a"), tree)
		if err := c.change(tree); err != nil {
			t.Fatal(err)
		}
		pl, _ := beside(t, server, ibm)
		p, err := pl.Plan(t.Context(), Options{Profile: "web", Models: tree, ModelTrust: ModelTrust{Keys: []string{pub}, Signature: sig}})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(p.Refusal()); !strings.Contains(got, c.says) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// A policy may want models that were held against something, or that somebody signed.
func TestPolicyOfModels(t *testing.T) {
	dir := t.TempDir()
	tree := filepath.Join(dir, "m")
	write(t, filepath.Join(tree, "model.bin"), "weights")
	print, err := model.Take(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	pub, sig := signModels(t, filepath.Join(dir, "a"), tree)
	signed := Options{Models: tree, ModelTrust: ModelTrust{Keys: []string{pub}, Signature: sig}}
	pinned := Options{Models: tree, ModelDigest: print.Digest}
	keys, err := oms.OpenKeys([]string{pub})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		policy string
		o      Options
		says   string
	}{
		"none given":        {"[models]\ndigest = true\n", Options{}, ""},
		"against nothing":   {"[models]\ndigest = true\n", Options{Models: tree}, "held against nothing"},
		"others, permitted": {"[models]\ndigest = true\n", Options{Models: tree, ModelDigest: "sha256:" + strings.Repeat("0", 64), Waive: []string{"ZL-935=these are as good"}}, "held against nothing"},
		"pinned":            {"[models]\ndigest = true\n", pinned, ""},
		"signed is held":    {"[models]\ndigest = true\n", signed, ""},
		"not signed":        {"[models]\nsigned_by = [\"" + keys[0].ID() + "\"]\n", pinned, "no signature"},
		"signed":            {"[models]\nsigned_by = [\"" + keys[0].ID() + "\"]\n", signed, ""},
		"signed by another": {"[models]\nsigned_by = [\"sha256:" + strings.Repeat("0", 64) + "\", \"ann@" + keys[0].ID() + "\"]\n", signed, "they are signed by"},
	} {
		if strings.HasPrefix(keys[0].ID(), "sha256:0") {
			c.policy = strings.ReplaceAll(c.policy, "sha256:0*", "sha256:1*")
		}
		pl := under(t, server, ibm, c.policy)
		c.o.Profile = "web"
		p, err := pl.Plan(t.Context(), c.o)
		if err != nil {
			t.Fatal(err)
		}
		if got := forbidden(p); (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: %q, want %q", name, got, c.says)
		}
	}
}
