package oms

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/signoff"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// tree writes files and digests them; a text that begins with "->" is a link.
func tree(t *testing.T, files map[string]string) *model.Print {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "m")
	for name, text := range files {
		at := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(at), 0o755)
		if target, link := strings.CutPrefix(text, "->"); link && err == nil {
			err = os.Symlink(target, at)
		} else if err == nil {
			err = os.WriteFile(at, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return must(model.Take(t.Context(), dir))
}

func private(key any) *signoff.PrivateKey {
	der := must(x509.MarshalPKCS8PrivateKey(key))
	return must(signoff.ParsePrivate(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

func newKey(c elliptic.Curve) *signoff.PrivateKey {
	return private(must(ecdsa.GenerateKey(c, rand.Reader)))
}

// vector reads a published bundle, and theirs the key that it is said to be of.
func vector(t *testing.T, name string) []byte {
	return must(os.ReadFile(filepath.Join("testdata", name)))
}

func theirs(t *testing.T) *signoff.PublicKey {
	b := must(parse(vector(t, "key-1.0.1.sig")))
	return must(signoff.ParsePublic("theirs", b.VerificationMaterial.PublicKey.RawBytes))
}

var simple = map[string]string{"signme-1": "signme-1\n", "signme-2": "signme-2", "ignore-me": "", ".gitignore": "x"}

// The published bundles verify, name the tree they were made of, and the same tree has the
// same digest here.
func TestVectors(t *testing.T) {
	key := Trust{Keys: []*signoff.PublicKey{theirs(t)}}
	if Hint(theirs(t)) != "e8450dec4eb99dae995da9af1bc2cc9f76ed669ee2e744f57abba763df3e3f8e" {
		t.Error("the key has another name than theirs")
	}
	certs := must(must(parse(vector(t, "certificate-1.1.0.sig"))).VerificationMaterial.Chain.parse())
	authority := Trust{Roots: certs[1:], At: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)}
	multi := map[string]string{"config.json": `{"model": "test", "version": "1.0"}`, "weights.bin": strings.Repeat("\xab", 1024), "subdir/adapter.bin": strings.Repeat("\xcd", 512)}
	certified := map[string]string{"signme-1": "signme-1", "signme-2": "signme-2", "ignore-me": "", "model.sig": "x"}
	for _, c := range []struct {
		file      string
		trust     Trust
		files     map[string]string
		uncovered []string
		mine      []string
	}{
		{"key-1.1.0.sig", key, simple, []string{".gitignore", "ignore-me"}, nil},
		{"key-1.0.1.sig", key, simple, []string{".gitignore"}, []string{"ignore-me"}}, // it does not name what it leaves out
		{"key-go.sig", key, simple, []string{".gitignore"}, []string{"ignore-me"}},    // it names that by another path
		{"key-multi-file.sig", key, multi, nil, nil},
		{"key-single-file.sig", key, map[string]string{"model.bin": strings.Repeat("\xef", 256)}, nil, nil},
		{"certificate-1.1.0.sig", authority, certified, []string{"ignore-me", "model.sig"}, nil},
	} {
		t.Run(c.file, func(t *testing.T) {
			got, err := c.trust.Verify(vector(t, c.file))
			if err != nil {
				t.Fatal(err)
			}
			print := tree(t, c.files)
			if diff := got.Against(print, c.mine...); !diff.Same() || !slices.Equal(diff.Uncovered, c.uncovered) {
				t.Errorf("%q, uncovered %q", diff.String(), diff.Uncovered)
			}
			own := must(Of(print, append(c.uncovered, c.mine...)...))
			if own.Root() != got.Root() || !slices.Equal(own.Resources, got.Resources) {
				t.Errorf("%s here, %s there", own.Root(), got.Root())
			}
		})
	}
}

// One file is called what it is called.
func TestSingleFile(t *testing.T) {
	at := filepath.Join(t.TempDir(), "model.bin")
	if err := os.WriteFile(at, bytes.Repeat([]byte{0xef}, 256), 0o644); err != nil {
		t.Fatal(err)
	}
	print := must(model.Take(t.Context(), at))
	got, err := Trust{Keys: []*signoff.PublicKey{theirs(t)}}.Verify(vector(t, "key-single-file.sig"))
	if err != nil || !got.Against(print).Same() {
		t.Errorf("%v, %s", err, got.Against(print))
	}
}

// What is signed here verifies here, with each curve; the same tree gives the same statement.
func TestRoundTrip(t *testing.T) {
	print := tree(t, map[string]string{"a": "1", "sub/模型.bin": "2", "file (copy).bin": "3", ".env.example": "4", "sub/.git": "5", ".git/HEAD": "6"})
	m := must(Of(print))
	var names []string
	for _, r := range m.Resources {
		names = append(names, r.Name)
	}
	if got := strings.Join(names, " "); got != ".env.example a file (copy).bin sub/.git sub/模型.bin" {
		t.Errorf("it names %s", got)
	}
	for _, c := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		key := newKey(c)
		text := must(Signer{Key: key}.Sign("m", m))
		got, err := Trust{Keys: []*signoff.PublicKey{newKey(c).Public(), key.Public()}}.Verify(text)
		if err != nil || got.By.Key != key.ID() || got.Name != "m" || !got.Against(print).Same() || !slices.Equal(got.Against(print).Uncovered, []string{".git/HEAD"}) {
			t.Errorf("%s: %v", c.Params().Name, err)
		}
	}
	if _, err := (Signer{Key: private(must1(ed25519.GenerateKey(rand.Reader)))}).Sign("m", m); err == nil || !strings.Contains(err.Error(), "ed25519") {
		t.Errorf("a key that the specification does not have signs: %v", err)
	}
}

func must1[A, B any](_ A, b B, err error) B { return must(b, err) }

// sumOf is the digest of a text.
func sumOf(text string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text))) }

// What was changed is named.
func TestAgainst(t *testing.T) {
	files := map[string]string{"a": "1", "b/c": "2", "left/out": "3"}
	m := must(Of(tree(t, files), "left"))
	change := func(with map[string]string, without ...string) *model.Print {
		all := map[string]string{}
		for _, in := range []map[string]string{files, with} {
			for name, text := range in {
				all[name] = text
			}
		}
		for _, name := range without {
			delete(all, name)
		}
		return tree(t, all)
	}
	for name, c := range map[string]struct {
		print *model.Print
		says  string
	}{
		"nothing":                 {change(nil), ""},
		"a byte":                  {change(map[string]string{"a": "x"}), `"a" is of another content ("a" was ` + sumOf("1") + `, and is ` + sumOf("x") + `)`},
		"two files":               {change(map[string]string{"a": "x", "b/c": "y"}), `"a", "b/c" are of another content ("a" was ` + sumOf("1") + `, and is ` + sumOf("x") + `)`},
		"a file more":             {change(map[string]string{"b/d": ""}), `"b/d" is not in the statement`},
		"a file less":             {change(nil, "b/c"), `"b/c" is missing`},
		"a link":                  {change(map[string]string{"l": "->a"}), `"l" is a symbolic link`},
		"a link for a file":       {change(map[string]string{"a": "->b/c"}), `"a" is of another content ("a" was ` + sumOf("1") + `, and is a symbolic link)`},
		"another name":            {change(map[string]string{"b/e": "2"}, "b/c"), `"b/c" is missing; "b/e" is not in the statement`},
		"another case":            {change(map[string]string{"A": "1"}, "a"), `"a" is missing; "A" is not in the statement`},
		"four more":               {change(map[string]string{"1": "", "2": "", "3": "", "4": ""}), `"1", "2", "3" and 1 more are not in the statement`},
		"what is left out by all": {change(map[string]string{".gitattributes": "x"}), ""},
		"the same deeper":         {change(map[string]string{"b/.gitattributes": "x"}), `"b/.gitattributes" is not in the statement`},
		"what is called like it":  {change(map[string]string{".gitx": "x", "leftover": "x"}), `".gitx", "leftover" are not in the statement`},
	} {
		diff, uncovered := m.Against(c.print), []string{"left/out"}
		if name == "what is left out by all" {
			uncovered = []string{".gitattributes", "left/out"}
		}
		if diff.String() != c.says || diff.Same() != (c.says == "") || !slices.Equal(diff.Uncovered, uncovered) {
			t.Errorf("%s: %q, uncovered %q", name, diff, diff.Uncovered)
		}
	}
}

// The root digest of the specification does not tell what the files are called; the tree's
// own does, which is why a profile pins that.
func TestRootAndNames(t *testing.T) {
	one, other := tree(t, map[string]string{"a.json": "1", "b.safetensors": "2"}), tree(t, map[string]string{"a.py": "1", "b.pkl": "2"})
	if must(Of(one)).Root() != must(Of(other)).Root() {
		t.Error("the root digest tells names by now: say so in docs/adr/0056")
	}
	if one.Digest == other.Digest {
		t.Error("two trees have one digest")
	}
}

var at = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
