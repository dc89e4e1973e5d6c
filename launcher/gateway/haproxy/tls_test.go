package haproxy_test

import (
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net/http"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// handshake tells whether a client gets an answer of the proxy. With TLS 1.3 a client that is
// refused hears of it when it reads.
func (p *proxy) handshake(change func(*tls.Config)) (int, error) {
	c := p.pki.trust(nil)
	change(c)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: c, DisableKeepAlives: true}}
	r, _ := http.NewRequest("GET", "https://"+p.at()+"/v2/models/a", nil)
	r.Header.Set("Authorization", "Bearer "+good)
	answer, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	answer.Body.Close()
	return answer.StatusCode, nil
}

// TestVersions is what the proxy speaks of TLS.
func TestVersions(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		g := o.behind(tokens)
		p := start(t, program, g, known())
		only13 := o.behind(tokens)
		only13.TLS = gateway.TLS{Only13: true, AnyName: true}
		newer := start(t, program, only13, known())
		weak := []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
		for name, try := range map[string]struct {
			p    *proxy
			want int
			by   func(*tls.Config)
		}{
			"1.0":             {p, 0, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS10 }},
			"1.1":             {p, 0, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS11, tls.VersionTLS11 }},
			"1.2":             {p, 200, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }},
			"1.3":             {p, 200, func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 }},
			"1.2 by weak":     {p, 0, func(c *tls.Config) { c.MaxVersion, c.CipherSuites = tls.VersionTLS12, weak }},
			"no name":         {p, 0, func(c *tls.Config) { c.ServerName, c.InsecureSkipVerify = "", true }},
			"other name":      {p, 0, func(c *tls.Config) { c.ServerName, c.InsecureSkipVerify = "other.example", true }},
			"only 1.3 by 1.2": {newer, 0, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }},
			"only 1.3":        {newer, 200, func(*tls.Config) {}},
			"any name":        {newer, 200, func(c *tls.Config) { c.ServerName, c.InsecureSkipVerify = "", true }},
		} {
			if got, err := try.p.handshake(try.by); got != try.want {
				t.Errorf("%s: status %d, want %d: %v", name, got, try.want, err)
			}
		}
		c := p.dial(nil, "h2")
		if s := c.ConnectionState(); s.NegotiatedProtocol != "h2" {
			t.Errorf("negotiated %q", s.NegotiatedProtocol)
		}
		entry := p.logged(func(e map[string]any) bool { return e["error"] != nil })
		if entry["address"] != "127.0.0.1" || entry["listener"] != "clients" {
			t.Errorf("a handshake that failed is logged as %v", entry)
		}
	})
}

// TestCertificates is who gets in by a certificate.
func TestCertificates(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		g := o.behind(gateway.Clients{Certificates: &gateway.Certificates{CRL: true, Subjects: []string{"fraud-app", "revoked", "ops@example.com"}}})
		p := start(t, program, g)
		gone := p.pki.client(p.pki.clients, "revoked", nil)
		p.pki.revoked = []*big.Int{gone.Leaf.SerialNumber}
		p.pki.write(p.layout.Dir, g)
		p.reload()
		for name, try := range map[string]struct {
			own  *tls.Certificate
			want int
		}{
			"none":            {nil, 0},
			"right":           {p.pki.client(p.pki.clients, "fraud-app", nil), 200},
			"as a server":     {p.pki.client(p.pki.clients, "fraud-app", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }), 0},
			"expired":         {p.pki.client(p.pki.clients, "fraud-app", aged(-2*time.Hour, -time.Hour)), 0},
			"not yet":         {p.pki.client(p.pki.clients, "fraud-app", aged(time.Hour, 2*time.Hour)), 0},
			"of others":       {p.pki.client(p.pki.servers, "fraud-app", nil), 0},
			"of a namesake":   {p.pki.client(p.pki.authority("clients"), "fraud-app", nil), 0},
			"revoked":         {gone, 0},
			"another":         {p.pki.client(p.pki.clients, "other", nil), 403},
			"in other case":   {p.pki.client(p.pki.clients, "Fraud-App", nil), 403},
			"no common name":  {p.pki.client(p.pki.clients, "", nil), 403},
			"with a line":     {p.pki.client(p.pki.clients, "fraud-app\n", nil), 403},
			"with a quote":    {p.pki.client(p.pki.clients, `fraud"app`, nil), 403},
			"by another name": {p.pki.client(p.pki.clients, "x", func(c *x509.Certificate) { c.DNSNames = []string{"fraud-app"} }), 403},
			"two names":       {p.pki.client(p.pki.clients, "fraud-app", twoNames), 403},
		} {
			before := o.arrived()
			got, err := p.handshake(func(c *tls.Config) {
				if try.own != nil {
					c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return try.own, nil }
				}
			})
			if got != try.want {
				t.Errorf("%s: status %d, want %d: %v", name, got, try.want, err)
			}
			if arrived := o.arrived() > before; arrived != (try.want == 200) {
				t.Errorf("%s: arrived at the server: %v", name, arrived)
			}
		}
		both(t, p, p.pki.client(p.pki.clients, "ops@example.com", nil), func(t *testing.T, c *http.Client) {
			p.ask(c, "POST", infer, "[1]", bearer("any"), "X-Zlaunch-Client: root")
			h := o.last(t).Header
			if h.Get("X-Zlaunch-Client") != "ops@example.com" || h.Get("Authorization") != "" {
				t.Errorf("the server was told %v", h)
			}
			if got, _ := p.ask(c, "POST", "/v2/repository/models/x/load", ""); got != 403 {
				t.Errorf("administration by a certificate: status %d", got)
			}
		})
	})
}

// TestCertificatesAndTokens wants both.
func TestCertificatesAndTokens(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		p := start(t, program, o.behind(gateway.Clients{Certificates: &gateway.Certificates{}, Tokens: true}), known())
		own := p.pki.client(p.pki.clients, "laptop-7", nil)
		both(t, p, own, func(t *testing.T, c *http.Client) {
			for secret, want := range map[string]int{good: 200, "": 401, old: 401} {
				if got, _ := p.ask(c, "POST", infer, "[1]", bearer(secret)); got != want {
					t.Errorf("with token %q: status %d, want %d", secret, got, want)
				}
			}
			if got := o.last(t).Header.Get("X-Zlaunch-Client"); got != "fraud-app" {
				t.Errorf("the server was told %q", got)
			}
		})
		// A session that is taken up again still has its certificate.
		cache := tls.NewLRUClientSessionCache(4)
		for range 3 {
			got, err := p.handshake(func(c *tls.Config) { c.Certificates, c.ClientSessionCache = []tls.Certificate{*own}, cache })
			if got != 200 {
				t.Errorf("a session again: status %d: %v", got, err)
			}
		}
		entry := p.logged(func(e map[string]any) bool { return e["client"] == "fraud-app" })
		if entry["certificate"] != "laptop-7" {
			t.Errorf("logged %v", entry)
		}
		if got, err := p.handshake(func(*tls.Config) {}); got != 0 {
			t.Errorf("with a token alone: status %d, %v", got, err)
		}
	})
}

func aged(from, to time.Duration) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.NotBefore, c.NotAfter = time.Now().Add(from), time.Now().Add(to) }
}

func twoNames(c *x509.Certificate) {
	c.Subject.ExtraNames = append(c.Subject.Names, c.Subject.ToRDNSequence()[0][0], c.Subject.ToRDNSequence()[0][0])
	c.Subject.ExtraNames[1].Value = "root"
}
