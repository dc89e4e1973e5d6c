package haproxy

import (
	"net/netip"
	"strconv"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// backend is a port of the server. Its name is looked up again and again, and need not be
// there yet when the proxy starts.
func (f *file) backend(b gateway.Backend) {
	l := f.g.Limits
	f.section("backend to-" + b.Name + " from base")
	how := ""
	if named(b.Host) {
		how = " init-addr last,libc,none resolvers network resolve-prefer ipv4"
	}
	switch b.Protocol {
	case gateway.GRPC:
		how += " proto h2"
		f.line("timeout server %s", span(max(l.Stream, l.Answer)))
	default:
		f.since("3.0", "http-response set-timeout server %s", span(max(l.Stream, l.Answer)))
	}
	f.line("server %s %s:%d%s", b.Name, host(b.Host), b.Port, how)
}

// named tells whether a host is to be looked up.
func named(h string) bool {
	_, err := netip.ParseAddr(h)
	return err != nil
}

// host is a name or an address as it stands before a port.
func host(h string) string {
	if a, err := netip.ParseAddr(h); err == nil && a.Is6() {
		return "[" + h + "]"
	}
	return h
}

// bind is what a listener for clients listens to.
func (f *file) bind(port int) string {
	at := host(f.layout.Address) + ":" + strconv.Itoa(port)
	if f.layout.Address == "::" {
		at = ":::" + strconv.Itoa(port) + " v4v6"
	}
	words := "bind " + at + " ssl crt " + f.in(gateway.ServerFile) + " alpn h2,http/1.1 no-tls-tickets"
	if !f.g.TLS.AnyName {
		words += " strict-sni"
	}
	if f.g.TLS.Only13 {
		words += " ssl-min-ver TLSv1.3"
	} else {
		words += " ssl-min-ver TLSv1.2 ciphers " + ciphers
	}
	words += " ciphersuites " + suites
	c := f.g.Clients.Certificates
	if c == nil {
		return words
	}
	words += " verify required ca-file " + f.in(gateway.ClientsFile)
	if c.CRL {
		words += " crl-file " + f.in(gateway.RevokedFile)
	}
	return words
}

// What encrypts: forward secrecy and authenticated encryption alone. The curves are left to
// the library, for one in FIPS mode refuses a list with X25519 in it.
const (
	ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:" +
		"ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305" // TLS 1.2
	suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256" // TLS 1.3
)
