package lend

import (
	"context"
	"crypto/x509"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway/attack"
	"github.com/zlaunch/zlaunch/launcher/gateway/pki"
)

// Of the certificates that are lent one counts, and afterwards none.
func TestCertificates(t *testing.T) {
	_, d := lender(t, nil)
	ctx, now := context.Background(), time.Now()
	clients := pki.ClientsOf(d)
	own, err := clients.Certificate(ctx, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := clients.Issue(ctx, "web-app", now); err != nil {
		t.Fatal(err)
	}
	reloads := 0
	l := Certificates{Clients: clients, Run: "0a1b2c3d", Reload: func(context.Context) error { reloads++; return nil }}
	var c attack.Credentials
	back, err := l.Lend(ctx, &c)
	if err != nil || reloads != 1 {
		t.Fatalf("%d reloads, %v", reloads, err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(own)
	for name, one := range map[string]struct {
		cert []byte
		good bool
	}{"good": {c.Certificate.Certificate[0], true}, "revoked": {c.RevokedCert.Certificate[0], true}, "expired": {c.ExpiredCert.Certificate[0], false}, "foreign": {c.Foreign.Certificate[0], false}} {
		cert, err := x509.ParseCertificate(one.cert)
		if err != nil {
			t.Fatal(err)
		}
		_, err = cert.Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
		if (err == nil) != one.good {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := back(ctx); err != nil || reloads != 2 {
		t.Errorf("%d reloads, %v", reloads, err)
	}
	all, err := clients.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if counts := one.Revoked == nil && !one.Over(time.Now()); counts != (one.Name == "web-app") {
			t.Errorf("%s counts: %t", one.Name, counts)
		}
	}
}
