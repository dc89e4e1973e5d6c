package oms

import (
	"bytes"
	"crypto/elliptic"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/signoff"
)

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
