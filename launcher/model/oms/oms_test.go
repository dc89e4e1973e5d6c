package oms

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
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
		{"key-1.1.0.sig", key, simple, []string{"ignore-me"}, nil},
		{"key-1.0.1.sig", key, simple, nil, []string{"ignore-me"}}, // it does not name what it leaves out
		{"key-go.sig", key, simple, nil, []string{"ignore-me"}},    // it names that by another path
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
		if err != nil || got.By.Key != key.ID() || got.Name != "m" || !got.Against(print).Same() || len(got.Against(print).Uncovered) > 0 {
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
		diff := m.Against(c.print)
		if diff.String() != c.says || diff.Same() != (c.says == "") || !slices.Equal(diff.Uncovered, []string{"left/out"}) {
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

func TestOfRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		files  map[string]string
		ignore []string
		says   string
	}{
		"a link":        {map[string]string{"a": "1", "b": "->a"}, nil, "symbolic link"},
		"no file":       {map[string]string{".gitignore": "x"}, nil, "it has none"},
		"all left out":  {map[string]string{"a": "x"}, []string{"a"}, "it has none"},
		"not UTF-8":     {map[string]string{"a\xff": "x"}, nil, "UTF-8"},
		"out":           {map[string]string{"a": "x"}, []string{"../a"}, "plain path"},
		"a pattern":     {map[string]string{"a": "x"}, []string{"*"}, "plain path"},
		"not as it is":  {map[string]string{"a": "x"}, []string{"./a"}, "plain path"},
		"from the root": {map[string]string{"a": "x"}, []string{"/a"}, "plain path"},
	} {
		if _, err := Of(tree(t, c.files), c.ignore...); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

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

var at = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

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

// Of each bundle that is not what it seems, nothing is taken.
func TestVerifyRefuses(t *testing.T) {
	key := newKey(elliptic.P256())
	trust := Trust{Keys: []*signoff.PublicKey{key.Public()}, At: at}
	m := must(Of(tree(t, map[string]string{"a": "1", "b": "2"})))
	good := must(Signer{Key: key}.Sign("m", m))
	edit := func(do func(*bundle)) []byte {
		b := must(parse(good))
		do(b)
		return must(json.Marshal(b))
	}
	signed := func(payload string) []byte {
		return edit(func(b *bundle) {
			b.DSSEEnvelope.Payload = []byte(payload)
			b.DSSEEnvelope.Signatures[0].Sig = must(key.Sign(signoff.PAE(signoff.PayloadType, []byte(payload))))
		})
	}
	payload := string(must(parse(good)).DSSEEnvelope.Payload)
	said := func(old, now string) []byte {
		if !strings.Contains(payload, old) {
			t.Fatalf("the statement has no %q: %s", old, payload)
		}
		return signed(strings.Replace(payload, old, now, 1))
	}
	for name, c := range map[string]struct {
		text []byte
		says string
	}{
		"nothing":         {nil, "no Sigstore bundle"},
		"half":            {good[:len(good)/2], "no Sigstore bundle"},
		"an empty object": {[]byte("{}"), "is of type"},
		"two":             {append(bytes.Clone(good), good...), "more than one"},
		"another type":    {bytes.Replace(good, []byte("v0.3+json"), []byte("v9.9+json"), 1), "is of type"},
		"an unknown key":  {bytes.Replace(good, []byte("{"), []byte(`{"x":1,`), 1), "unknown field"},
		"another payload": {edit(func(b *bundle) { b.DSSEEnvelope.PayloadType = "text/plain" }), "payload is of type"},
		"no signature":    {edit(func(b *bundle) { b.DSSEEnvelope.Signatures = nil }), "0 signatures"},
		"an empty one":    {edit(func(b *bundle) { b.DSSEEnvelope.Signatures[0].Sig = nil }), "signatures"},
		"two signatures": {edit(func(b *bundle) {
			b.DSSEEnvelope.Signatures = append(b.DSSEEnvelope.Signatures, b.DSSEEnvelope.Signatures[0])
		}), "2 signatures"},
		"a byte":            {edit(func(b *bundle) { b.DSSEEnvelope.Payload[20] ^= 1 }), "though it says so"},
		"another's":         {must(Signer{Key: newKey(elliptic.P256())}.Sign("m", m)), "none of the keys"},
		"no material":       {edit(func(b *bundle) { b.VerificationMaterial = material{} }), "a key or a certificate"},
		"both":              {edit(func(b *bundle) { b.VerificationMaterial.Chain = &chain{} }), "a key or a certificate"},
		"by sigstore":       {edit(func(b *bundle) { b.VerificationMaterial = material{Certificate: json.RawMessage("{}")} }), "transparency log"},
		"as a certificate":  {edit(func(b *bundle) { b.VerificationMaterial = material{Chain: &chain{}} }), "no authority is trusted"},
		"another statement": {said("Statement/v1", "Statement/v0.1"), "Statement/v0.1"},
		"another predicate": {said("signature/v1.0", "Digests/v0.1"), "Digests/v0.1"},
		"no predicate":      {signed(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"m","digest":{}}],"predicateType":"` + PredicateType + `"}`), "how the files were digested"},
		"no serialization":  {said(`"serialization"`, `"x"`), "how the files were digested"},
		"two subjects":      {said(`"subject":[`, `"subject":[{"name":"n","digest":{}},`), "one model"},
		"shards":            {said(`"method":"files"`, `"method":"shards"`), `"shards"`},
		"another digest":    {said(`"hash_type":"sha256"`, `"hash_type":"blake3"`), `"blake3"`},
		"links unsaid":      {said(`"allow_symlinks":false,`, ``), "symbolic links"},
		"more to know":      {said(`"allow_symlinks":false`, `"allow_symlinks":false,"except":"b"`), `"except"`},
		"no files":          {signed(strings.Replace(payload, payload[strings.Index(payload, `[{"name":"a"`):strings.Index(payload, `,"serialization"`)], "[]", 1)), "names no file"},
		"another algorithm": {said(`"algorithm":"sha256"`, `"algorithm":"md5"`), "no SHA-256"},
		"a path out":        {said(`"name":"a"`, `"name":"../a"`), "no file in a model"},
		"a path twice":      {said(`"name":"b"`, `"name":"a"`), "twice"},
		"not sorted":        {said(`"name":"a"`, `"name":"c"`), "not sorted"},
		"a short digest":    {said(m.Resources[0].Digest, m.Resources[0].Digest[:62]), "no SHA-256"},
		"another root":      {said(m.Root()[7:], strings.Repeat("0", 64)), "calls itself"},
		"too large":         {make([]byte, MaxBundle+1), "larger than"},
	} {
		if _, err := trust.Verify(c.text); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := trust.Verify(said(`"name":"m"`, `"name":"model","x":[1]`)); err != nil {
		t.Errorf("what readers ignore is not ignored: %v", err)
	}
	if _, err := (Trust{}).Verify(good); err == nil {
		t.Error("where nobody is trusted, somebody is")
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

func FuzzVerify(f *testing.F) {
	for _, name := range []string{"key-1.1.0.sig", "key-1.0.1.sig", "key-go.sig", "certificate-1.1.0.sig"} {
		f.Add(must(os.ReadFile(filepath.Join("testdata", name))))
	}
	trust := Trust{At: at}
	if b, err := parse(must(os.ReadFile("testdata/key-1.0.1.sig"))); err == nil {
		trust.Keys = []*signoff.PublicKey{must(signoff.ParsePublic("k", b.VerificationMaterial.PublicKey.RawBytes))}
	}
	if b, err := parse(must(os.ReadFile("testdata/certificate-1.1.0.sig"))); err == nil {
		trust.Roots = must(b.VerificationMaterial.Chain.parse())[1:]
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := trust.Verify(text); err == nil && s.Root()[7:] != hex.EncodeToString(must(hex.DecodeString(s.Root()[7:]))) {
			t.Error(s.Root())
		}
	})
}

// A statement is read without a signature before it, so that the readers are reached.
func FuzzStatement(f *testing.F) {
	for _, name := range []string{"key-1.1.0.sig", "key-go.sig"} {
		f.Add(must(parse(must(os.ReadFile(filepath.Join("testdata", name))))).DSSEEnvelope.Payload)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		name, m, err := readStatement(payload)
		if err != nil {
			return
		}
		if again := must(json.Marshal(newStatement(name, m))); name != "" {
			if _, same, err := readStatement(again); err != nil || same.Root() != m.Root() {
				t.Errorf("%v: %s", err, again)
			}
		}
	})
}

func FuzzCertificates(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if c, err := ParseCertificates(text); err == nil && (len(c) == 0 || len(c) > maxChain) {
			t.Error(len(c))
		}
	})
}
