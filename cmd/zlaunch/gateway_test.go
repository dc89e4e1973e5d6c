package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/gateway/pki"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// printed is the certificate on standard output, which is nothing else.
func (w *world) printed(t *testing.T) *x509.Certificate {
	t.Helper()
	block, rest := pem.Decode(w.stdout.Bytes())
	if block == nil || len(rest) > 0 || block.Type != "CERTIFICATE" {
		t.Fatalf("%s\n%s", w.stdout.String(), w.stderr.String())
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// begun is a gateway with a certificate, as its start makes it.
func (w *world) begun(t *testing.T, name string, at time.Time) files.Dir {
	t.Helper()
	l, err := w.gatewayAuthority()
	if err != nil {
		t.Fatal(err)
	}
	root, _ := w.gatewayRoot()
	d, err := root.Gateway(name)
	if err == nil {
		_, err = l.Keep(context.Background(), d, nil, at)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestGatewayCertificates(t *testing.T) {
	w := newWorld(t)
	d := w.begun(t, "fraud", time.Now().AddDate(0, 0, -70))
	if got := w.run("gateway", "ca"); got != 0 {
		t.Fatalf("%d\n%s", got, w.stderr.String())
	}
	ca := w.printed(t)
	first, err := pki.Server(d)
	if err != nil || first.CheckSignatureFrom(ca) != nil {
		t.Fatal(err)
	}
	w.run("gateway", "list")
	if !strings.Contains(w.stderr.String(), "the certificate of gateway fraud ends in 19 days") || !strings.Contains(w.stdout.String(), "ends soon") {
		t.Errorf("%s%s", w.stdout.String(), w.stderr.String())
	}
	if got := w.run("gateway", "renew", "fraud"); got != 0 {
		t.Errorf("%d\n%s", got, w.stderr.String())
	}
	w.run("gateway", "list")
	if strings.Contains(w.stderr.String(), "ends") {
		t.Errorf("of a new certificate: %s", w.stderr.String())
	}
	second, err := pki.Server(d)
	if err != nil || second.Equal(first) || strings.Join(pki.NamesOf(second), " ") != strings.Join(pki.NamesOf(first), " ") || second.CheckSignatureFrom(ca) != nil {
		t.Errorf("not renewed: %v", err)
	}
	w.run("gateway", "ca", "--new", "--name", "gpu1.example.com")
	if fresh := w.printed(t); fresh.Equal(ca) || !strings.Contains(strings.Join(fresh.PermittedDNSDomains, " "), "gpu1.example.com") || !strings.Contains(w.stderr.String(), "renew each") {
		t.Errorf("%v\n%s", fresh.PermittedDNSDomains, w.stderr.String())
	}
	w.run("gateway", "list", "--json")
	var doc report.Gateways
	if err := json.Unmarshal(w.stdout.Bytes(), &doc); err != nil || len(doc.Gateways) != 1 || doc.Gateways[0].State != "counts" || strings.Contains(w.stdout.String(), "PRIVATE") {
		t.Errorf("%v\n%s", err, w.stdout.String())
	}
}

// A client's certificate and key are written for the user alone, never over anything, and
// never shown; what is revoked is in the proxy's list.
func TestGatewayClients(t *testing.T) {
	w := newWorld(t)
	w.begun(t, "fraud", time.Now())
	if got := w.run("gateway", "client", "fraud", "web-app", "--out", "out/web"); got != 0 {
		t.Fatalf("%d\n%s", got, w.stderr.String())
	}
	if w.stdout.Len() > 0 || strings.Contains(w.stderr.String(), "PRIVATE KEY") {
		t.Errorf("%s%s", w.stdout.String(), w.stderr.String())
	}
	var pair []byte
	for _, name := range []string{"web-app.pem", "web-app.key"} {
		path := filepath.Join(w.dir, "out/web", name)
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%v, %v", info, err)
		}
		data, _ := os.ReadFile(path)
		pair = append(pair, data...)
	}
	p, err := pki.ParsePair(pair)
	if err != nil || p.Chain[0].Subject.CommonName != "web-app" {
		t.Fatalf("%v", err)
	}
	w.run("gateway", "ca", "--clients", "fraud")
	if err := p.Chain[0].CheckSignatureFrom(w.printed(t)); err != nil {
		t.Error(err)
	}
	if got := w.run("gateway", "client", "fraud", "web-app", "--out", "out/web"); got == 0 || !strings.Contains(w.stderr.String(), "give another --out") {
		t.Errorf("written over: %d\n%s", got, w.stderr.String())
	}
	if err := os.Remove(filepath.Join(w.dir, "out/web/web-app.key")); err != nil {
		t.Fatal(err)
	}
	if got := w.run("gateway", "client", "fraud", "web-app", "--out", "out/web"); got == 0 {
		t.Error("one of the two is written over")
	}
	if _, err := os.Lstat(filepath.Join(w.dir, "out/web/web-app.key")); err == nil {
		t.Error("half of it is left")
	}
	if got := w.run("gateway", "revoke", "fraud", "web-app"); got != 0 || !strings.Contains(w.stderr.String(), "certificates revoked: 1") {
		t.Errorf("%d\n%s", got, w.stderr.String())
	}
	data, err := os.ReadFile(w.inState("fraud", "files/clients.crl"))
	block, _ := pem.Decode(data)
	if err != nil || block == nil {
		t.Fatal(err)
	}
	list, err := x509.ParseRevocationList(block.Bytes)
	if err != nil || len(list.RevokedCertificateEntries) != 1 || list.RevokedCertificateEntries[0].SerialNumber.Cmp(p.Chain[0].SerialNumber) != 0 {
		t.Errorf("%v", err)
	}
}

func TestGatewayRefuses(t *testing.T) {
	w := newWorld(t)
	root, _ := w.gatewayRoot()
	d, _ := root.Gateway("fraud")
	own := ownCertificate(t)
	if err := pki.Put(context.Background(), d, own); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"gateway":                               "what is to be done is one of",
		"gateway make":                          "what is to be done is one of",
		"gateway list fraud":                    "unexpected argument",
		"gateway list --new":                    "--new is of ca",
		"gateway ca fraud":                      "unexpected argument",
		"gateway ca --name x":                   "an authority keeps the names",
		"gateway ca --new --name a..b":          "no certificate is made for",
		"gateway ca --clients":                  "an argument is missing",
		"gateway ca --clients --new fraud":      "not of --clients",
		"gateway ca --clients other":            "there is no gateway other",
		"gateway renew":                         "an argument is missing",
		"gateway renew other":                   "there is no gateway other",
		"gateway renew fraud":                   "is your own",
		"gateway client fraud a":                "where its certificate and key are written is not said",
		"gateway client fraud ../../x --out y":  "is not a client's name",
		"gateway client ../fraud x --out y":     "is not a gateway's name",
		"gateway client fraud a --out y --json": "--json is of list",
		"gateway revoke fraud a":                "has no client",
		"gateway revoke other a":                "there is no gateway other",
	} {
		if got := w.run(strings.Fields(line)...); got == 0 || !strings.Contains(w.stderr.String(), want) || w.stdout.Len() > 0 {
			t.Errorf("%s: %d\n%s%s", line, got, w.stdout.String(), w.stderr.String())
		}
	}
	if left, _ := os.ReadDir(w.dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// Who approves a file is told of each call that it opens beyond the profile it extends.
func TestWidenedGateway(t *testing.T) {
	for more, want := range map[string][]string{
		`gateway.http.admin = ["POST /v2/repository/models/{model}/load"]`:                                   {"! gateway.http.admin lets POST /v2/repository/models/{model}/load through, which triton does not"},
		`gateway.http.inference = ["GET /v2", "POST /v2/repository/index"]` + "\ngateway.http.admin = false": {"! gateway.http.inference lets POST /v2/repository/index through"},
		`gateway.http.inference = ["GET /v2"]`:                                                               nil,
		`gateway = false`:                                                                                    nil,
		`memory = "1g"`:                                                                                      nil,
	} {
		w := newWorld(t)
		if strings.HasPrefix(more, "memory") {
			more = "container." + more
		}
		w.write(t, "profiles.toml", "schema = 1\n[profile.mine]\nextends = \"triton\"\n"+more+"\n")
		if got := w.run("approve", "--show"); got != 0 {
			t.Fatalf("%s: %d\n%s", more, got, w.stderr.String())
		}
		for _, line := range want {
			if !strings.Contains(w.stdout.String(), line) {
				t.Errorf("%s: no %q in\n%s", more, line, w.stdout.String())
			}
		}
		if strings.Contains(w.stdout.String(), "! gateway") != (want != nil) {
			t.Errorf("%s:\n%s", more, w.stdout.String())
		}
	}
}

// ownCertificate is one that is none of zlaunch's.
func ownCertificate(t *testing.T) *pki.Pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "own"}, NotAfter: time.Now().AddDate(0, 0, 9), DNSNames: []string{"own.example.com"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	p, err := pki.ParsePair(append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text})...))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A key set becomes files that a stack names; one with a secret in it is refused and writes none.
func TestGatewayKeys(t *testing.T) {
	w := newWorld(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b64 := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, 32))) }
	jwk := fmt.Sprintf(`{"kty":"EC","crv":"P-256","kid":"k1","alg":"ES256","use":"sig","x":%q,"y":%q}`, b64(key.X), b64(key.Y))
	w.write(t, "issuer.jwks", `{"keys":[`+jwk+`]}`)
	w.write(t, "secret.jwks", `{"keys":[`+jwk+`,{"kty":"oct","k":"AAAA"}]}`)
	if got := w.run("gateway", "keys", "issuer.jwks", "--out", "keys"); got != 0 {
		t.Fatalf("%d\n%s", got, w.stderr.String())
	}
	const want = "[gateway.jwt]\nkeys = [\"keys/k1.pem\"]\nalgorithm = \"ES256\"\nissuer = \"\"\naudience = \"\"\n"
	if w.stdout.String() != want {
		t.Errorf("%s", w.stdout.String())
	}
	text, err := os.ReadFile(filepath.Join(w.dir, "keys/k1.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	if got, err := x509.ParsePKIXPublicKey(block.Bytes); err != nil || !key.PublicKey.Equal(got) {
		t.Errorf("%v: %s", err, text)
	}
	if got := w.run("gateway", "keys", "secret.jwks", "--out", "none"); got != exitFailed || !strings.Contains(w.stderr.String(), "its key 2: it is a secret that both sides share: who verifies by it can also sign\nzlaunch: hint: take the set") {
		t.Errorf("%d\n%s", got, w.stderr.String())
	}
	if _, err := os.Stat(filepath.Join(w.dir, "none")); err == nil {
		t.Error("keys of a refused set are written")
	}
	if got := w.run("gateway", "keys", "issuer.jwks"); got != exitUsage {
		t.Errorf("%d\n%s", got, w.stderr.String())
	}
}

// A profile that stands behind a gateway is planned as one, without being asked to.
func TestPlanBehindGateway(t *testing.T) {
	w := newWorld(t)
	config := filepath.Join(w.state, ".config/zlaunch")
	if err := os.MkdirAll(config, 0o700); err != nil {
		t.Fatal(err)
	}
	text := "schema = 1\n[profile.front]\nextends = \"triton\"\nabout = \"x\"\nbehind_gateway = true\n"
	if err := os.WriteFile(filepath.Join(config, "profiles.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range [][]string{{"plan", "front", "--arch", "s390x", "--models", w.dir}, {"plan", "front", "--arch", "s390x", "--models", w.dir, "--gateway"}} {
		// this host may refuse it: that is another test's
		if got := w.run(line...); got > exitFindings || !strings.Contains(w.stdout.String(), "zlaunch-front-gateway") {
			t.Errorf("%q: %d\n%s\n%s", line, got, w.stdout.String(), w.stderr.String())
		}
	}
	if w.run("show", "front"); !strings.Contains(w.stdout.String(), "a gateway, in every run") {
		t.Error(w.stdout.String())
	}
	if got := w.run("export", "front", "--arch", "s390x", "--models", w.dir, "--to", "podman"); got != exitFindings || !strings.Contains(w.stderr.String(), "stands behind a gateway alone") {
		t.Errorf("%d\n%s\n%s", got, w.stdout.String(), w.stderr.String())
	}
}
