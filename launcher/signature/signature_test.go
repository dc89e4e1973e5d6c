package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// noon is the time of all checks here.
var noon = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// fraud is the bundle that is signed.
var fraud = must(NewBundle("fraud", "1.4.0", "sha256:"+strings.Repeat("a", 64)))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// made is a key that signs.
func made(t *testing.T, key crypto.PrivateKey) *Key {
	t.Helper()
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return &Key{signer: signer}
}

func edKey(t *testing.T) *Key {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return made(t, key)
}

func list(t *testing.T, lines ...string) AllowedSigners {
	t.Helper()
	a, err := ParseAllowed("allowed_signers", []byte(strings.Join(lines, "\n")), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func check(t *testing.T, lines ...string) Check {
	return Check{Profiles, list(t, lines...), []Identity{{Principal: "ann@example.org"}}, noon}
}

func sign(t *testing.T, k *Key, message []byte, namespace string) []byte {
	t.Helper()
	armored, err := k.Sign(message, namespace)
	if err != nil {
		t.Fatal(err)
	}
	return armored
}

// Who signed is told by name, key and the line that allows it.
func TestVerify(t *testing.T) {
	rsaKey := must(rsa.GenerateKey(rand.Reader, 2048))
	for _, k := range []*Key{
		edKey(t), made(t, rsaKey), made(t, must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))),
		made(t, must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))), made(t, must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader))),
	} {
		armored := sign(t, k, fraud.Message(), Profiles)
		got, err := check(t, "# the team", `*@example.org namespaces="zlaunch-*" `+k.Public()+" a comment").Verify(fraud.Message(), armored)
		if err != nil {
			t.Fatal(k.Public(), err)
		}
		want := Signer{"ann@example.org", strings.Fields(k.Public())[0], k.Fingerprint(), "allowed_signers:2"}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// Each thing that is not as it must be has its kind, its words, and no signer.
func TestVerifyRefuses(t *testing.T) {
	k, other := edKey(t), edKey(t)
	good := sign(t, k, fraud.Message(), Profiles)
	line := func(options string) string { return "ann@example.org " + options + " " + k.Public() }
	bundle := func(name, version, digest string) []byte {
		return must(NewBundle(name, version, "sha256:"+strings.Repeat(digest, 64))).Message()
	}
	for name, c := range map[string]struct {
		lines   string
		message []byte // nil: fraud's
		armored []byte // nil: good
		accept  []Identity
		kind    Kind
		says    string
	}{
		"none":                    {armored: []byte(" \n"), kind: NotSigned, says: "not signed"},
		"another name":            {message: bundle("fraud2", "1.4.0", "a"), kind: Bad, says: "not of this content"},
		"another version":         {message: bundle("fraud", "1.3.0", "a"), kind: Bad, says: "not of this content"},
		"another digest":          {message: bundle("fraud", "1.4.0", "b"), kind: Bad, says: "not of this content"},
		"another namespace":       {armored: sign(t, k, fraud.Message(), Evidence), kind: WrongNamespace, says: `made for "zlaunch-evidence@v1"`},
		"git's namespace":         {armored: sign(t, k, fraud.Message(), "git"), kind: WrongNamespace, says: `made for "git"`},
		"a line for git":          {lines: line(`namespaces="git,zlaunch-evidence@v1"`), kind: WrongNamespace, says: "allowed_signers:1 allows the key for git,zlaunch-evidence@v1"},
		"a line that excludes us": {lines: line(`namespaces="*,!zlaunch-profiles@*"`), kind: WrongNamespace, says: "allows the key for"},
		"nobody's":                {lines: "# nobody", kind: Unknown, says: k.Fingerprint()},
		"another's":               {lines: "ann@example.org " + other.Public(), kind: Unknown, says: "no list of allowed signers has the key"},
		"not who was expected":    {lines: "bob@example.org " + k.Public(), kind: Other, says: "bob@example.org is not who was expected"},
		"refused by a pattern":    {lines: "*@example.org,!ann@* " + k.Public(), kind: Other, says: "not who was expected"},
		"another key of a lock":   {accept: []Identity{{Fingerprint: other.Fingerprint()}}, kind: Other, says: "not who was expected"},
		"the name, another key":   {accept: []Identity{{Principal: "ann@example.org", Fingerprint: other.Fingerprint()}}, kind: Other, says: "not who was expected"},
		"expired":                 {lines: line(`valid-before="20261129"`), kind: Expired, says: "until 2026-11-29T00:00:00Z"},
		"a second too late":       {lines: line(`valid-before="20261129115959Z"`), kind: Expired, says: "until 2026-11-29T11:59:59Z"},
		"not yet":                 {lines: line(`valid-after="20261129120001"`), kind: NotYet, says: "from 2026-11-29T12:00:01Z"},
		"no line of several":      {lines: line(`namespaces="git"`) + "\n" + line(`valid-before="20200101"`), kind: Expired, says: "until 2020"},
		"garbage":                 {armored: []byte("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"), kind: Bad, says: "bad signature"},
		"another armor":           {armored: bytes.ReplaceAll(good, []byte("SSH SIG"), []byte("PGP SIG")), kind: Bad, says: "does not begin with"},
		"text before":             {armored: append([]byte("hello\n"), good...), kind: Bad, says: "does not begin with"},
		"text behind":             {armored: append(bytes.Clone(good), "hello\n"...), kind: Bad, says: "nothing else"},
		"two":                     {armored: append(bytes.Clone(good), good...), kind: Bad, says: "nothing else"},
		"a header":                {armored: bytes.Replace(good, []byte("-----\n"), []byte("-----\nA: b\n\n"), 1), kind: Bad, says: "nothing else"},
		"a megabyte":              {armored: bytes.Repeat(good, 1<<20/len(good)), kind: Bad, says: "larger than 32 KiB"},
		"bytes behind":            {armored: rewire(t, good, func(b []byte) []byte { return append(b, 0) }), kind: Bad, says: "bad signature"},
		"another magic":           {armored: rewire(t, good, func(b []byte) []byte { b[0]++; return b }), kind: Bad, says: "invalid magic"},
		"another version of it":   {armored: rewire(t, good, func(b []byte) []byte { b[9] = 2; return b }), kind: Bad, says: "unsupported signature version"},
		"another hash":            {armored: rewire(t, good, func(b []byte) []byte { return bytes.Replace(b, []byte("sha512"), []byte("sha384"), 1) }), kind: Bad, says: "unsupported hash"},
		"a bit of it":             {armored: rewire(t, good, func(b []byte) []byte { b[len(b)-1] ^= 1; return b }), kind: Bad, says: "not of this content"},
		"reserved bytes":          {armored: rewire(t, good, reserved), kind: Bad, says: "bytes without a meaning"},
		"a weak RSA key":          {armored: signedBy(t, weakKey(t), ssh.KeyAlgoRSASHA512), kind: Weak, says: "an RSA key of 1024 bits"},
		"ssh-rsa with SHA-1":      {armored: signedBy(t, must(rsa.GenerateKey(rand.Reader, 2048)), ssh.KeyAlgoRSA), kind: Bad, says: "ssh-rsa"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.lines == "" {
				c.lines = line("")
			}
			ck := check(t, c.lines)
			if c.accept != nil {
				ck.Accept = c.accept
			}
			if c.message == nil {
				c.message = fraud.Message()
			}
			if c.armored == nil {
				c.armored = good
			}
			got, err := ck.Verify(c.message, c.armored)
			var e *Error
			if !errors.As(err, &e) || e.Kind != c.kind || !strings.Contains(err.Error(), c.says) || got != (Signer{}) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// What an unknown signer is told with is enough to allow the key, and only it.
func TestUnknownCanBeAllowed(t *testing.T) {
	k := edKey(t)
	_, err := check(t).Verify(fraud.Message(), sign(t, k, fraud.Message(), Profiles))
	var e *Error
	if !errors.As(err, &e) || e.Key != k.Public() || e.Fingerprint != k.Fingerprint() || !strings.Contains(hint.Of(err), k.Public()) {
		t.Fatalf("%v (%s)", err, hint.Of(err))
	}
	// A key that did not sign is never offered.
	_, err = check(t).Verify([]byte("another text"), sign(t, k, fraud.Message(), Profiles))
	if !errors.As(err, &e) || e.Kind != Bad || e.Key != "" {
		t.Errorf("%v, key %q", err, e.Key)
	}
}

// Nothing is verified where nobody is accepted, or where it is not said for what and when.
func TestCheckSaysWho(t *testing.T) {
	k := edKey(t)
	armored := sign(t, k, fraud.Message(), Profiles)
	full := check(t, "ann@example.org "+k.Public())
	for name, change := range map[string]func(*Check){
		"nobody":       func(c *Check) { c.Accept = nil },
		"a zero":       func(c *Check) { c.Accept = append(c.Accept, Identity{}) },
		"no key":       func(c *Check) { c.Accept = append(c.Accept, Unlisted("")) },
		"no namespace": func(c *Check) { c.Namespace = "" },
		"no time":      func(c *Check) { c.At = time.Time{} },
	} {
		c := full
		change(&c)
		if s, err := c.Verify(fraud.Message(), armored); err == nil {
			t.Errorf("%s: %+v", name, s)
		}
	}
	for name, c := range map[string]struct {
		accept []Identity
		want   string
	}{
		"by key":         {[]Identity{{Fingerprint: k.Fingerprint()}}, "*@example.org,!root@*"},
		"by both":        {[]Identity{{Principal: "ann@example.org", Fingerprint: k.Fingerprint()}}, "ann@example.org"},
		"one of several": {[]Identity{{Principal: "bob@elsewhere.org"}, {Principal: "cy@example.org"}}, "cy@example.org"},
		"anybody listed": {[]Identity{AnyListed()}, "*@example.org,!root@*"},
	} {
		ck := Check{Profiles, list(t, "*@example.org,!root@* "+k.Public()), c.accept, noon}
		if s, err := ck.Verify(fraud.Message(), armored); err != nil || s.Principal != c.want {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

// A key can be accepted that no list names; a list that names it decides.
func TestUnlisted(t *testing.T) {
	k, other := edKey(t), edKey(t)
	line := func(options string) AllowedSigners { return list(t, "ann@example.org "+options+k.Public()) }
	for name, c := range map[string]struct {
		lists  AllowedSigners
		accept Identity
		kind   Kind // 0: it is good
	}{
		"no list":            {AllowedSigners{}, Unlisted(k.Fingerprint()), 0},
		"a list":             {line(""), Unlisted(k.Fingerprint()), 0},
		"another's key":      {AllowedSigners{}, Unlisted(other.Fingerprint()), Unknown},
		"not asked for so":   {AllowedSigners{}, Identity{Fingerprint: k.Fingerprint()}, Unknown},
		"expired":            {line(`valid-before="20000101Z" `), Unlisted(k.Fingerprint()), Expired},
		"not yet":            {line(`valid-after="20990101Z" `), Unlisted(k.Fingerprint()), NotYet},
		"for something else": {line(`namespaces="git" `), Unlisted(k.Fingerprint()), WrongNamespace},
	} {
		who, err := Check{Profiles, c.lists, []Identity{c.accept}, noon}.Verify(fraud.Message(), sign(t, k, fraud.Message(), Profiles))
		var e *Error
		if (err == nil) != (c.kind == 0) || err != nil && (!errors.As(err, &e) || e.Kind != c.kind) || err == nil && who.Fingerprint != k.Fingerprint() {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
}

// A list that allowed a key and does so no longer takes it back from everybody; one that has
// it for something else does not.
func TestTakenBack(t *testing.T) {
	k := edKey(t)
	line := func(file, options string) AllowedSigners {
		return must(ParseAllowed(file, []byte("ann@example.org "+options+k.Public()), time.UTC))
	}
	mine, over := line("mine", ""), `valid-before="20000101Z" `
	for name, c := range map[string]struct {
		lists AllowedSigners
		kind  Kind // 0: it is good
	}{
		"over in the other": {line("theirs", over).Join(mine), Expired},
		"over in mine":      {line("theirs", "").Join(line("mine", over)), Expired},
		"over and anew":     {line("theirs", over).Join(line("theirs", `valid-after="20010101Z" `)).Join(mine), 0},
		"another purpose":   {line("theirs", `namespaces="git",valid-before="20000101Z" `).Join(mine), 0},
		"not yet":           {line("theirs", `valid-after="20990101Z" `).Join(mine), 0},
	} {
		for _, accept := range []Identity{Unlisted(k.Fingerprint()), AnyListed(), {Principal: "ann@example.org"}} {
			_, err := Check{Profiles, c.lists, []Identity{accept}, noon}.Verify(fraud.Message(), sign(t, k, fraud.Message(), Profiles))
			var e *Error
			if (err == nil) != (c.kind == 0) || err != nil && (!errors.As(err, &e) || e.Kind != c.kind) {
				t.Errorf("%s, %+v: %v", name, accept, err)
			}
		}
	}
}

// A signature of a security key counts where somebody touched it.
func TestSecurityKey(t *testing.T) {
	for touched, kind := range map[bool]Kind{true: 0, false: Bad} {
		key := securityKey(t, touched)
		sig, err := sshsig.Sign(bytes.NewReader(fraud.Message()), key, sshsig.HashSHA512, Profiles)
		if err != nil {
			t.Fatal(err)
		}
		got, err := check(t, "ann@example.org "+keyText(key.PublicKey())).Verify(fraud.Message(), sshsig.Armor(sig))
		var e *Error
		if kind == 0 && (err != nil || got.KeyType != ssh.KeyAlgoSKED25519) || kind != 0 && (!errors.As(err, &e) || e.Kind != kind) {
			t.Errorf("touched %t: %+v, %v", touched, got, err)
		}
	}
}

// No field of a bundle can be another one, or end its line.
func TestBundle(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0", 64)
	for _, v := range []string{"0.0.0", "1.4.0", "1.4.0-rc.1", "1.4.0+build.7"} {
		if _, err := NewBundle("fraud_2-x", v, digest); err != nil {
			t.Error(err)
		}
	}
	for _, c := range [][3]string{
		{"", "1.0.0", digest}, {"a\nb", "1.0.0", digest}, {"a\n", "1.0.0", digest}, {"A", "1.0.0", digest}, {"a/b", "1.0.0", digest},
		{"..", "1.0.0", digest}, {strings.Repeat("a", 64), "1.0.0", digest}, {"a", "", digest}, {"a", "1", digest}, {"a", "v1.0.0", digest},
		{"a", "01.0.0", digest}, {"a", "1.0.0\n", digest}, {"a", "1.0.0-\n", digest}, {"a", "latest", digest},
		{"a", "1.0.0", ""}, {"a", "1.0.0", digest + "\n"}, {"a", "1.0.0", digest + "0"}, {"a", "1.0.0", strings.ToUpper(digest)},
		{"a", "1.0.0", "sha512:" + strings.Repeat("0", 128)},
	} {
		if b, err := NewBundle(c[0], c[1], c[2]); err == nil || b.Message() != nil {
			t.Errorf("%q: %v", c, err)
		}
	}
	if want := "zlaunch-bundle-v1\nfraud\n1.4.0\nsha256:" + strings.Repeat("a", 64) + "\n"; string(fraud.Message()) != want {
		t.Errorf("the message is %q", fraud.Message())
	}
}

func rewire(t *testing.T, armored []byte, change func([]byte) []byte) []byte {
	t.Helper()
	block, _ := pem.Decode(armored)
	if block == nil {
		t.Fatal("no block")
	}
	block.Bytes = change(block.Bytes)
	return pem.EncodeToMemory(block)
}

// reserved fills the field of the format that ssh reads over.
func reserved(b []byte) []byte {
	at := 10 // magic and version
	for range 2 {
		at += 4 + int(binary.BigEndian.Uint32(b[at:]))
	}
	return append(append(bytes.Clone(b[:at]), 0, 0, 0, 1, 'x'), b[at+4:]...)
}

// weakKey is an RSA key of 1024 bits, from two primes, as no library makes it any more.
func weakKey(t *testing.T) *rsa.PrivateKey {
	t.Setenv("GODEBUG", "rsa1024min=0")
	return must(rsa.GenerateKey(rand.Reader, 1024))
}

// signedBy signs fraud with any algorithm of RSA, as the library for signatures would not.
func signedBy(t *testing.T, key *rsa.PrivateKey, algorithm string) []byte {
	t.Helper()
	signer := must(ssh.NewSignerFromKey(key))
	text := []byte("any text: it is refused before")
	sig := must(signer.(ssh.AlgorithmSigner).SignWithAlgorithm(rand.Reader, text, algorithm))
	return sshsig.Armor(&sshsig.Signature{Version: 1, PublicKey: signer.PublicKey(), Namespace: Profiles, HashAlgorithm: sshsig.HashSHA512, Signature: sig})
}

// skSigner signs as a security key does (PROTOCOL.u2f).
type skSigner struct {
	key   ed25519.PrivateKey
	flags byte
}

func securityKey(t *testing.T, touched bool) ssh.Signer {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if touched {
		return skSigner{key, userPresent}
	}
	return skSigner{key, 0}
}

func (s skSigner) PublicKey() ssh.PublicKey {
	return must(ssh.ParsePublicKey(ssh.Marshal(struct {
		Type        string
		Key         []byte
		Application string
	}{ssh.KeyAlgoSKED25519, s.key.Public().(ed25519.PublicKey), "ssh:"})))
}

func (s skSigner) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	app, message := sha256.Sum256([]byte("ssh:")), sha256.Sum256(data)
	rest := []byte{s.flags, 0, 0, 0, 7}
	text := slices.Concat(app[:], rest, message[:])
	return &ssh.Signature{Format: ssh.KeyAlgoSKED25519, Blob: ed25519.Sign(s.key, text), Rest: rest}, nil
}
