package attack

import (
	"context"
	"crypto/tls"
	"net"
)

// http1 and http2 are what ALPN calls them.
const (
	http1 = "http/1.1"
	http2 = "h2"
)

// client is the configuration of TLS of a client that is let in.
func (p *play) client(protocol string) *tls.Config {
	c := &tls.Config{RootCAs: p.Roots, ServerName: p.Name, NextProtos: []string{protocol}}
	if p.Certificate != nil {
		show(c, p.Certificate)
	}
	return c
}

// show has a client show a certificate, whatever authorities the server names: a client
// that keeps back what is not asked for would be none that attacks.
func show(c *tls.Config, cert *tls.Certificate) {
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }
}

// dial opens a connection whose reads and writes end with the patience of the play.
func (p *play) dial(ctx context.Context, address string, c *tls.Config) (*tls.Conn, error) {
	ctx, cancel := context.WithDeadline(ctx, p.deadline(ctx))
	defer cancel()
	raw, err := p.connect(ctx, address)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, c)
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, err
	}
	return conn, nil
}

func (p *play) connect(ctx context.Context, address string) (net.Conn, error) {
	var d net.Dialer
	raw, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return raw, raw.SetDeadline(p.deadline(ctx))
}
