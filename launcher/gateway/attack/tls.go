package attack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"strings"
)

// broken refuses before there is a request: by an alert of TLS, or by ending the connection.
var broken = refusal{alert: true, end: true}

// handshake asks for an allowed call over a connection that is not as it should be.
func handshake(change func(*play, *tls.Config)) send {
	return func(ctx context.Context, p *play) Reply {
		c := p.client(http1)
		change(p, c)
		return p.exchange(ctx, p.Address, c, p.expand(request("{method} {path}?{query}", "{bearer}", "{length}")))
	}
}

func version(v uint16) send {
	return handshake(func(_ *play, c *tls.Config) { c.MinVersion, c.MaxVersion = v, v })
}

func tlsVersions() []Attack {
	return []Attack{
		{ID: "tls/1.0", Title: "TLS 1.0", send: version(tls.VersionTLS10), refused: broken},
		{ID: "tls/1.1", Title: "TLS 1.1", send: version(tls.VersionTLS11), refused: broken},
		{ID: "tls/1.2", Title: "TLS 1.2, where 1.3 alone is wanted", needs: needs13, send: version(tls.VersionTLS12), refused: broken},
		{ID: "tls/no-forward-secrecy", Title: "TLS 1.2 with a key exchange that can be read later", send: suites(keptKeys), refused: broken},
		{ID: "tls/cbc", Title: "TLS 1.2 with ciphers in CBC mode", send: suites(blockModes), refused: broken},
		{ID: "tls/unknown-name", Title: "a server name that is not the certificate's", needs: needsNames, send: unknownName, refused: broken},
		{ID: "tls/none", Title: "HTTP without TLS", send: plaintext, refused: refusal{statuses: []int{400}, end: true}},
	}
}

// Ciphers of TLS 1.2 that are refused: their names say why.
var (
	keptKeys = []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA}

	blockModes = []uint16{
		tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
	}
)

func suites(of []uint16) send {
	return handshake(func(_ *play, c *tls.Config) {
		c.MinVersion, c.MaxVersion, c.CipherSuites = tls.VersionTLS12, tls.VersionTLS12, of
	})
}

// unknownName asks for another name, whose certificate would be taken: but not one of
// another authority, for the attack is on the gateway, not on its client.
var unknownName = handshake(func(p *play, c *tls.Config) {
	c.ServerName, c.InsecureSkipVerify = "zlattack.invalid", true
	c.VerifyConnection = func(s tls.ConnectionState) error {
		between := x509.NewCertPool()
		for _, cert := range s.PeerCertificates[1:] {
			between.AddCert(cert)
		}
		_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: p.Roots, DNSName: p.Name, Intermediates: between})
		return err
	}
})

// plaintext asks without TLS. The token stays at home.
func plaintext(ctx context.Context, p *play) Reply {
	conn, err := p.connect(ctx, p.Address)
	if err != nil {
		return Reply{}.failed(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, p.expand(request("{method} {path}?{query}", "{length}"))); err != nil {
		return Reply{}.failed(err)
	}
	r := answers(conn, 1, 0)
	if strings.Contains(r.Fault, "malformed HTTP") { // an alert of TLS, which is no HTTP
		return Reply{Alert: "answered in TLS"}
	}
	return r
}

func clientCertificates() []Attack {
	other := refusal{statuses: []int{401, 403}, alert: true, end: true} // a name is judged by a request
	with := func(of func(*play) *tls.Certificate) send {
		return handshake(func(p *play, c *tls.Config) { show(c, of(p)) })
	}
	return []Attack{
		{ID: "tls/no-certificate", Title: "no client's certificate", needs: needsMutual, send: handshake(noCertificate), refused: broken},
		{ID: "tls/foreign-certificate", Title: "a certificate of another authority", needs: needsCert(foreignCert, "of another authority"), send: with(foreignCert), refused: broken},
		{ID: "tls/expired-certificate", Title: "a certificate that has expired", needs: needsCert(expiredCert, "that has expired"), send: with(expiredCert), refused: broken},
		{ID: "tls/revoked-certificate", Title: "a certificate that was revoked", needs: needsCert(revokedCert, "that was revoked"), send: with(revokedCert), refused: broken},
		{ID: "tls/other-certificate", Title: "a certificate for a name that is not let in", needs: needsSubjects, send: with(otherCert), refused: other},
	}
}

func noCertificate(_ *play, c *tls.Config) { c.GetClientCertificate = nil }

func foreignCert(p *play) *tls.Certificate { return p.Foreign }
func expiredCert(p *play) *tls.Certificate { return p.ExpiredCert }
func revokedCert(p *play) *tls.Certificate { return p.RevokedCert }
func otherCert(p *play) *tls.Certificate   { return p.OtherCert }
