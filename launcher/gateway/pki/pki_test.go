package pki

import (
	"context"
	"crypto/x509"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway/files"
)

// now is the clock of the machine: openssl and curl have no other.
var now = time.Now()

var ctx = context.Background()

// state is the state directory of a user, and a gateway in it.
func state(t *testing.T) (files.Root, files.Dir) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d, err := files.Root(dir).Gateway("fraud")
	if err != nil {
		t.Fatal(err)
	}
	return files.Root(dir), d
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// The authority is made once, signs for this host alone, and its key is in no other file.
func TestLocal(t *testing.T) {
	root, d := state(t)
	l := LocalOf(root, "zhost")
	ca := must[*x509.Certificate](t)(l.Certificate(ctx, now))
	if again := must[*x509.Certificate](t)(l.Certificate(ctx, now)); !again.Equal(ca) {
		t.Error("a second authority")
	}
	if !ca.IsCA || !ca.MaxPathLenZero || !ca.PermittedDNSDomainsCritical || !slices.Equal(ca.PermittedDNSDomains, []string{"localhost", "zhost"}) || ca.NotAfter.Before(now.AddDate(9, 11, 0)) {
		t.Errorf("%+v", ca)
	}
	leaf := must[*x509.Certificate](t)(l.Issue(ctx, d, nil, now))
	if !slices.Equal(NamesOf(leaf), []string{"localhost", "zhost", "127.0.0.1", "::1"}) || leaf.IsCA || leaf.SerialNumber.BitLen() != 127 || leaf.NotAfter.Sub(now) > 91*24*time.Hour {
		t.Errorf("%v until %s", NamesOf(leaf), leaf.NotAfter)
	}
	if has := must[*x509.Certificate](t)(Server(d)); !has.Equal(leaf) {
		t.Error("the gateway has another")
	}
	for _, names := range [][]string{{"evil.example"}, {"10.0.0.1"}, {"localhost.evil.example"}} {
		if _, err := l.Issue(ctx, d, names, now); err == nil || !strings.Contains(err.Error(), "may not sign") {
			t.Errorf("%v: %v", names, err)
		}
	}
	for _, names := range [][]string{{"a b"}, {"*.x"}, {""}, {"x\n"}, {"-x"}, {"x..y"}, {strings.Repeat("a", 64)}, {"1.2.3"}} {
		if _, err := l.Issue(ctx, d, names, now); err == nil || !strings.Contains(err.Error(), "no certificate is made") {
			t.Errorf("%q: %v", names, err)
		}
	}
	if has := must[*x509.Certificate](t)(Server(d)); !has.Equal(leaf) {
		t.Error("what was refused replaced the certificate")
	}
	must[*x509.Certificate](t)(l.Issue(ctx, d, []string{"gpu.zhost", "127.0.0.9", "LOCALHOST"}, now))
	if _, err := LocalOf(root, "renamed").Issue(ctx, d, nil, now); err == nil || !strings.Contains(err.Error(), "may not sign") {
		t.Errorf("a host of another name: %v", err)
	}
	more := must[*x509.Certificate](t)(l.Found(ctx, []string{"gpu1.example.com", "10.0.0.1", "fd00::1"}, now))
	if more.Equal(ca) || more.Subject.String() == ca.Subject.String() {
		t.Error("no new authority")
	}
	must[*x509.Certificate](t)(l.Issue(ctx, d, []string{"gpu1.example.com", "10.0.0.1", "fd00::1"}, now))
	for _, file := range []string{root.Authority().Path(authorityFile), d.Path(ServerFile)} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
	}
	if err := os.Chmod(root.Authority().Path(authorityFile), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Certificate(ctx, now); err == nil || !strings.Contains(err.Error(), "others can read it") {
		t.Errorf("a key for others: %v", err)
	}
}

// A gateway keeps its certificate until that ends soon, is for other names, or of another
// authority.
func TestKeep(t *testing.T) {
	root, d := state(t)
	l := LocalOf(root, "")
	keep := func(at time.Time, names ...string) *x509.Certificate {
		t.Helper()
		return must[*x509.Certificate](t)(l.Keep(ctx, d, names, at))
	}
	first := keep(now)
	if again := keep(now.AddDate(0, 0, 59)); !again.Equal(first) {
		t.Error("renewed too early")
	}
	second := keep(now.AddDate(0, 0, 61))
	if second.Equal(first) {
		t.Error("not renewed")
	}
	third := keep(now, "a.localhost")
	if third.Equal(second) || !keep(now).Equal(third) {
		t.Error("names")
	}
	must[*x509.Certificate](t)(l.Found(ctx, nil, now))
	if keep(now).Equal(third) {
		t.Error("of an authority that is gone")
	}
	if _, err := l.Issue(ctx, d, nil, now.AddDate(10, 0, 1)); err == nil || !strings.Contains(err.Error(), "ended on") {
		t.Errorf("an authority that has ended: %v", err)
	}
}

func TestExpiring(t *testing.T) {
	c := &x509.Certificate{NotAfter: now.AddDate(0, 0, 90)}
	for days, want := range map[int]string{0: "", 59: "", 61: "ends in 29 days", 89: "ends in 1 days", 90: "ended on"} {
		if got := Expiring("the certificate", c, now.Add(time.Duration(days)*24*time.Hour), "x"); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("after %d days: %q", days, got)
		}
	}
}

// Clients of one gateway are none of another's; what is revoked stays so, and its list grows.
func TestClients(t *testing.T) {
	root, d := state(t)
	c := ClientsOf(d)
	other, _ := root.Gateway("other")
	issue := func(of Clients, name string) *Pair {
		t.Helper()
		return must[*Pair](t)(of.Issue(ctx, name, now))
	}
	app, twin := issue(c, "app"), issue(c, "app")
	foreign := issue(ClientsOf(other), "app")
	ca := must[*x509.Certificate](t)(c.Certificate(ctx, now))
	if app.Chain[0].Subject.String() != "CN=app" || app.Chain[0].CheckSignatureFrom(ca) != nil || foreign.Chain[0].CheckSignatureFrom(ca) == nil {
		t.Errorf("%s", app.Chain[0].Subject)
	}
	for _, name := range []string{"", "A", "a b", "a,CN=root", "a\n", "*"} {
		if _, err := c.Issue(ctx, name, now); err == nil {
			t.Errorf("%q has a certificate", name)
		}
	}
	number := func() int64 {
		t.Helper()
		a := must[*authority](t)(load(d, clientsFile))
		return c.published(a).Number.Int64()
	}
	was := number()
	if n, err := c.Revoke(ctx, "app", now); err != nil || n != 2 || number() <= was {
		t.Errorf("%d revoked, %v; list %d after %d", n, err, number(), was)
	}
	if _, err := c.Revoke(ctx, "app", now); err == nil {
		t.Error("revoked twice")
	}
	all, err := c.List()
	if err != nil || len(all) != 2 || all[0].Revoked == nil || all[1].Revoked == nil || all[0].Serial == all[1].Serial {
		t.Errorf("%+v, %v", all, err)
	}
	was = number()
	if err := os.Remove(d.Path(issuedFile)); err != nil { // what is lost counts no less
		t.Fatal(err)
	}
	if err := c.Publish(ctx, now); err != nil || number() <= was {
		t.Errorf("%v; list %d after %d", err, number(), was)
	}
	a := must[*authority](t)(load(d, clientsFile))
	if left := c.published(a).RevokedCertificateEntries; len(left) != 2 || left[0].SerialNumber.Cmp(twin.Chain[0].SerialNumber) != 0 && left[1].SerialNumber.Cmp(twin.Chain[0].SerialNumber) != 0 {
		t.Errorf("%d are revoked", len(left))
	}
	issue(c, "late")
	if err := c.Publish(ctx, now.AddDate(0, 0, 121)); err != nil {
		t.Fatal(err)
	}
	if all, err := c.List(); err != nil || len(all) != 0 {
		t.Errorf("ended long ago: %+v, %v", all, err)
	}
}
