package attack

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/haproxy"
	"github.com/zlaunch/zlaunch/launcher/internal/proxytest"
)

// authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) authority {
	a := authority{t: t, key: newKey(t)}
	c := &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, Subject: pkix.Name{CommonName: name}}
	a.cert = c
	a.cert = a.sign(c, a.key.Public())
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a authority) sign(c *x509.Certificate, key crypto.PublicKey) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		a.t.Fatal(err)
	}
	c.SerialNumber = serial
	if c.NotAfter.IsZero() {
		c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(time.Hour)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, key, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	signed, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return signed
}

// issue gives a certificate for localhost, or a client.
func (a authority) issue(name string, use x509.ExtKeyUsage, change func(*x509.Certificate)) *tls.Certificate {
	key := newKey(a.t)
	c := &x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, ExtKeyUsage: []x509.ExtKeyUsage{use}}
	if change != nil {
		change(c)
	}
	c = a.sign(c, key.Public())
	return &tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key, Leaf: c}
}

func (a authority) revoked(serials ...*big.Int) []byte {
	l := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(time.Hour)}
	for _, s := range serials {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: s, RevocationTime: time.Now().Add(-time.Minute)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, l, a.cert, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return block("X509 CRL", der)
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func bundle(t *testing.T, c *tls.Certificate) []byte {
	der, err := x509.MarshalECPrivateKey(c.PrivateKey.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	return append(block("CERTIFICATE", c.Certificate[0]), block("EC PRIVATE KEY", der)...)
}

// served is a gateway that runs in front of a server, and the target it is.
type served struct {
	Target
	layout haproxy.Layout
	mu     sync.Mutex
	log    bytes.Buffer
}

// Write takes what the proxy logs.
func (s *served) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(b)
}

// lines is the [Log] of the gateway.
func (s *served) lines(_ context.Context, _ time.Time, line func(string)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range strings.Lines(s.log.String()) {
		line(l)
	}
	return nil
}

// tokenLine is how a token stands in the file of hashes.
func tokenLine(token, name, scopes string, expiry time.Time) string {
	return fmt.Sprintf("%X %s,%s,%d\n", sha256.Sum256([]byte("Bearer "+token)), name, scopes, expiry.Unix())
}

// serve runs haproxy as a gateway before an origin. Weaken changes its configuration.
func serve(t *testing.T, g gateway.Gateway, o *origin, weaken func(string) string) *served {
	t.Helper()
	all := proxytest.Programs()
	if len(all) == 0 {
		t.Skip("there is no haproxy here; TestNaive holds that the player finds what it is to find")
	}
	s := &served{layout: haproxy.Layout{Dir: t.TempDir(), Address: "127.0.0.1", Port: proxytest.Port(t), Metrics: proxytest.Port(t), Health: proxytest.Port(t)}}
	host, port, _ := net.SplitHostPort(o.address)
	for i := range g.Backends {
		g.Backends[i].Host = host
		g.Backends[i].Port, _ = strconv.Atoi(port)
	}
	s.Front, s.Name = g, "localhost"
	s.Address, s.Metrics = fmt.Sprintf("127.0.0.1:%d", s.layout.Port), fmt.Sprintf("127.0.0.1:%d", s.layout.Metrics)
	s.Gateway, s.Server, s.Headers, s.quiet = s.lines, o.log, o.header, 300*time.Millisecond
	s.files(t)
	text, err := s.layout.Config(&g)
	if err != nil {
		t.Fatal(err)
	}
	s.put(t, gateway.ConfigFile, []byte(weaken(alerts.ReplaceAllString(string(text), ""))))
	s.start(t, all[0])
	return s
}

// alerts are what has an older HAProxy refuse to verify JWTs, since a wrong signature can
// end other connections of the thread. Here there are none.
var alerts = regexp.MustCompile(`(?m)^\.alert .*\n`)

func (s *served) put(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.layout.Dir, name), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// files makes what the configuration names, and the credentials that go with it.
func (s *served) files(t *testing.T) {
	servers, clients := newAuthority(t, "servers"), newAuthority(t, "clients")
	s.Roots = x509.NewCertPool()
	s.Roots.AddCert(servers.cert)
	s.put(t, gateway.ServerFile, bundle(t, servers.issue("localhost", x509.ExtKeyUsageServerAuth, nil)))
	s.put(t, gateway.ClientsFile, block("CERTIFICATE", clients.cert.Raw))
	client := func(a authority, name string, change func(*x509.Certificate)) *tls.Certificate {
		return a.issue(name, x509.ExtKeyUsageClientAuth, change)
	}
	if c := s.Front.Clients.Certificates; c != nil {
		s.Certificate = client(clients, "alice", nil)
		s.Foreign = client(newAuthority(t, "clients"), "alice", nil)
		s.ExpiredCert = client(clients, "alice", func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
		})
		s.RevokedCert = client(clients, "alice", nil)
		s.OtherCert = client(clients, "mallory", nil)
		s.put(t, gateway.RevokedFile, clients.revoked(s.RevokedCert.Leaf.SerialNumber))
		s.put(t, gateway.SubjectFile, []byte("alice\n"))
	}
	if s.Front.Clients.Tokens {
		s.Token, s.Other, s.Expired, s.Revoked = "zl_Inference0123456789", "zl_Metrics0123456789", "zl_Expired0123456789", "zl_Revoked0123456789"
		live := time.Now().Add(time.Hour)
		s.put(t, gateway.TokensFile, []byte(tokenLine(s.Token, "alice", "inference", live)+tokenLine(s.Other, "bob", "metrics", live)+
			tokenLine(s.Expired, "carol", "inference", time.Now().Add(-time.Minute))))
	}
	if s.Front.Clients.JWT != nil {
		key := newKey(t)
		der, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		s.Signer, s.Keys = key, []crypto.PublicKey{key.Public()}
		s.put(t, fmt.Sprintf(gateway.KeysFile, 0), block("PUBLIC KEY", der))
	}
}

// start runs haproxy until the test ends.
func (s *served) start(t *testing.T, program string) {
	cmd := exec.Command(program, "-db", "-f", filepath.Join(s.layout.Dir, gateway.ConfigFile))
	cmd.Stdout, cmd.Stderr = s, s
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("the last of what haproxy printed:\n%s", s.log.String()[max(0, s.log.Len()-600):])
		}
	})
	for {
		answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", s.layout.Health, gateway.HealthPath))
		if err == nil {
			answer.Body.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("haproxy ended: %s", s.log.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
