package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// vouched is an authority below another, as companies have them.
func vouched(t *testing.T, above *authority, name string, at time.Time) *authority {
	t.Helper()
	template := newAuthority(name, x509.ExtKeyUsageServerAuth, at)
	template.MaxPathLenZero, template.MaxPathLen = false, 2
	if above == nil {
		root, d := state(t)
		_ = d
		return must[*authority](t)(foundIn(root.Authority().Path("x"), template))
	}
	p := must[*Pair](t)(above.issue(template))
	return &authority{p.Chain[0], keyOf(p)}
}

// Files of the user's own are taken where the first client would take them.
func TestGiven(t *testing.T) {
	top := vouched(t, nil, "top", now)
	middle := vouched(t, top, "middle", now)
	leaf := func(change func(*x509.Certificate)) *Pair {
		c := newLeaf("gpu1", x509.ExtKeyUsageServerAuth, now)
		c.DNSNames = []string{"gpu1.example.com"}
		if change != nil {
			change(c)
		}
		return must[*Pair](t)(middle.issue(c))
	}
	good := leaf(nil)
	key := must[[]byte](t)(good.Key())
	one, mid, root := good.Certificates(), certificatePEM(middle.cert), certificatePEM(top.cert)
	alien := must[[]byte](t)(leaf(nil).Key())
	of := func(p *Pair) ([]byte, []byte) { return p.Certificates(), must[[]byte](t)(p.Key()) }
	type given struct {
		cert, key []byte
		mode      os.FileMode
		says      string
	}
	cases := map[string]given{
		"a chain":            {slices.Concat(one, mid), key, 0o600, ""},
		"with the root":      {slices.Concat(one, mid, root), key, 0o400, ""},
		"alone":              {one, key, 0o600, ""},
		"no line at its end": {bytes.TrimSpace(one), key, 0o600, ""},
		"with a comment":     {slices.Concat([]byte("subject=gpu1\n"), one), key, 0o600, ""},
		"out of order":       {slices.Concat(one, root, mid), key, 0o600, "is not signed by the next"},
		"the root first":     {slices.Concat(mid, one), key, 0o600, "does not belong to the first certificate"},
		"another's key":      {one, alien, 0o600, "does not belong to the first certificate"},
		"two keys":           {slices.Concat(one, key), key, 0o600, "two keys"},
		"a key for a group":  {one, key, 0o640, "others can read it"},
		"a key for all":      {one, key, 0o604, "others can read it"},
		"no certificate":     {nil, key, 0o600, "no certificate"},
		"no key":             {one, nil, 0o600, "no key"},
		"no PEM":             {[]byte("hello"), []byte("hello"), 0o600, "no certificate"},
		"half of one":        {[]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), key, 0o600, "cannot be read"},
		"a request":          {[]byte("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"), key, 0o600, "neither certificate nor key"},
		"too long":           {bytes.Repeat([]byte("x"), maxPEM+1), key, 0o600, "more than"},
		"many":               {bytes.Repeat(one, maxChain+1), key, 0o600, "more than 8 certificates"},
	}
	add := func(name, says string, change func(*x509.Certificate)) {
		cert, key := of(leaf(change))
		cases[name] = given{cert, key, 0o600, says}
	}
	add("ended", "it ended on", func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Minute) })
	add("not yet", "it counts from", func(c *x509.Certificate) { c.NotBefore = now.Add(time.Hour) })
	add("of a client", "not for servers", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	add("for whatever", "", func(c *x509.Certificate) { c.ExtKeyUsage = nil })
	add("no names", "names no host", func(c *x509.Certificate) { c.DNSNames = nil })
	cert, k := of(&Pair{[]*x509.Certificate{middle.cert}, middle.key})
	cases["an authority"] = given{cert, k, 0o600, "that of an authority"}
	for name, c := range cases {
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
		if err := os.WriteFile(certFile, c.cert, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(keyFile, c.key, c.mode); err != nil {
			t.Fatal(err)
		}
		p, err := Given(certFile, keyFile, now)
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
		if err != nil && bytes.Contains([]byte(err.Error()), []byte("BEGIN")) {
			t.Errorf("%s: the error shows the file: %v", name, err)
		}
		if err != nil {
			continue
		}
		_, d := state(t)
		if err := Put(ctx, d, p); err != nil {
			t.Fatal(err)
		}
		if has := must[*x509.Certificate](t)(Server(d)); !has.Equal(p.Chain[0]) {
			t.Errorf("%s: the gateway has another", name)
		}
	}
	if _, err := Given("/nonexistent/cert.pem", "/nonexistent/key.pem", now); err == nil {
		t.Error("what is not there is taken")
	}
}

// Keys as openssl writes them are read, and one with a passphrase is told of.
func TestKeysOfOpenSSL(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	rsa := at("one.pem") // made once, for it takes its time
	if out, ok := tool(t, "openssl", "genrsa", "-out", rsa, "2048"); !ok {
		t.Fatal(out)
	}
	for name, c := range map[string]struct{ make, says string }{
		"ec":        {"ecparam -name prime256v1 -genkey -out KEY", ""},
		"rsa":       {"rsa -traditional -in RSA -out KEY", ""},
		"pkcs8":     {"pkcs8 -topk8 -nocrypt -in RSA -out KEY", ""},
		"ed25519":   {"genpkey -algorithm ed25519 -out KEY", ""},
		"short":     {"genrsa -out KEY 1024", "fewer than 2048 bits"},
		"encrypted": {"genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes128 -pass pass:x -out KEY", "is encrypted"},
		"old":       {"rsa -traditional -aes128 -passout pass:x -in RSA -out KEY", "is encrypted"},
	} {
		key, cert := at(name+".key"), at(name+".pem")
		if out, ok := tool(t, "openssl", strings.Fields(strings.NewReplacer("KEY", key, "RSA", rsa).Replace(c.make))...); !ok {
			t.Fatalf("%s: %s", name, out)
		}
		if out, ok := tool(t, "openssl", "req", "-x509", "-new", "-key", key, "-passin", "pass:x", "-subj", "/CN=x", "-addext", "subjectAltName=DNS:x.example", "-addext", "basicConstraints=critical,CA:FALSE", "-days", "30", "-out", cert); !ok {
			t.Fatalf("%s: %s", name, out)
		}
		if err := os.Chmod(key, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Given(cert, key, time.Now().Add(time.Minute))
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
		if c.says == "is encrypted" && hint.Of(err) == "" {
			t.Errorf("%s: no next step", name)
		}
	}
}

// Whatever is taken for a chain and a key is written so that it is read as the same again.
func FuzzParsePair(f *testing.F) {
	key, _ := pem.Decode([]byte(`-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
-----END PRIVATE KEY-----`))
	template := newAuthority("x", x509.ExtKeyUsageServerAuth, now)
	a, err := foundIn(f.TempDir()+"/gateways/x", template)
	if err != nil {
		f.Fatal(err)
	}
	p, err := a.issue(newLeaf("x", x509.ExtKeyUsageServerAuth, now))
	if err != nil {
		f.Fatal(err)
	}
	data, err := p.PEM()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(append(data, certificatePEM(a.cert)...))
	f.Add(pem.EncodeToMemory(key))
	f.Add([]byte("-----BEGIN EC PARAMETERS-----\nAAAA\n-----END EC PARAMETERS-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePair(data)
		if err != nil {
			return
		}
		again, err := p.PEM()
		if err != nil {
			t.Fatal(err)
		}
		if q, err := ParsePair(again); err != nil || !q.Chain[0].Equal(p.Chain[0]) || len(q.Chain) != len(p.Chain) {
			t.Errorf("%q is written %q: %v", data, again, err)
		}
	})
}

// What is no list of clients revokes nobody and lets nobody in.
func FuzzParseIssued(f *testing.F) {
	good := `{"schema":"zlaunch.dev/gateway-clients/v1","number":3,"clients":[{"name":"app","serial":"4f00","created":"2026-11-30T00:00:00Z","expires":"2027-02-28T00:00:00Z","revoked":"2026-12-01T00:00:00Z"}]}`
	for _, s := range []string{good, good + good, strings.Replace(good, "4f00", "04f00", 1), strings.Replace(good, "4f00", "-1", 1), strings.Replace(good, `"app"`, `"a p"`, 1), `{}`, `null`} {
		f.Add([]byte(s))
	}
	a, err := foundIn(f.TempDir()+"/gateways/x", newAuthority("x", x509.ExtKeyUsageClientAuth, now))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := parseIssued(data)
		if err != nil {
			return
		}
		list, err := a.revoked(&doc, nil, now)
		if err != nil {
			return // as for a time that no certificate can have
		}
		block, _ := pem.Decode(list)
		if l, err := x509.ParseRevocationList(block.Bytes); err != nil || l.Number.Sign() <= 0 {
			t.Errorf("%q makes a list that cannot be read: %v", data, err)
		}
	})
}
