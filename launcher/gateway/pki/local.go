package pki

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Local is the authority of this user, who signs for the gateways on this host and for no
// other name: clients that trust it trust it for nothing else.
type Local struct {
	dir  files.Dir
	host string // the name of this host; "" for none
}

// LocalOf is the authority in that state, of a host of that name.
func LocalOf(root files.Root, host string) Local {
	if !isHost(host) {
		host = ""
	}
	return Local{root.Authority(), strings.ToLower(host)}
}

const authorityFile = "authority.pem"

// Certificate is what clients have to trust. It makes the authority at its first use.
func (l Local) Certificate(ctx context.Context, now time.Time) (*x509.Certificate, error) {
	return locked(ctx, l.dir, func() (*x509.Certificate, error) {
		a, err := l.kept(now)
		if err != nil {
			return nil, err
		}
		return a.cert, nil
	})
}

// Found makes a new authority, in place of any that is there, which may also sign for more
// names. Clients have to trust it anew.
func (l Local) Found(ctx context.Context, names []string, now time.Time) (*x509.Certificate, error) {
	return locked(ctx, l.dir, func() (*x509.Certificate, error) {
		template, err := l.template(names, now)
		if err != nil {
			return nil, err
		}
		a, err := found(l.dir, authorityFile, template)
		if err != nil {
			return nil, err
		}
		return a.cert, nil
	})
}

func (l Local) kept(now time.Time) (*authority, error) {
	a, err := kept(l.dir, authorityFile, func() (*x509.Certificate, error) { return l.template(nil, now) })
	if err == nil && !now.Before(a.cert.NotAfter) {
		err = hint.Errorf("zlaunch gateway ca --new", "the authority of this user's gateways ended on %s", a.cert.NotAfter.Format(time.DateOnly))
	}
	return a, err
}

// template constrains the authority to this host (RFC 5280, section 4.2.1.10).
func (l Local) template(names []string, now time.Time) (*x509.Certificate, error) {
	dns, ips, err := l.names(names)
	if err != nil {
		return nil, err
	}
	t := newAuthority("gateways of "+orLocalhost(l.host), x509.ExtKeyUsageServerAuth, now)
	t.PermittedDNSDomainsCritical = true
	t.PermittedDNSDomains = dns
	t.PermittedIPRanges = []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}}
	for _, ip := range ips {
		if v4 := ip.To4(); v4 != nil && !v4.IsLoopback() {
			t.PermittedIPRanges = append(t.PermittedIPRanges, &net.IPNet{IP: v4, Mask: net.CIDRMask(32, 32)})
		} else if v4 == nil {
			t.PermittedIPRanges = append(t.PermittedIPRanges, &net.IPNet{IP: ip, Mask: net.CIDRMask(128, 128)})
		}
	}
	return t, nil
}

func orLocalhost(host string) string {
	if host == "" || len(host) > 40 { // a common name has at most 64 characters
		return "localhost"
	}
	return host
}

// names are localhost, loopback, this host and more, as DNS names and addresses.
func (l Local) names(more []string) (dns []string, ips []net.IP, err error) {
	dns, ips = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1).To4(), net.IPv6loopback}
	if l.host != "" && l.host != "localhost" {
		dns = append(dns, l.host)
	}
	for _, name := range more {
		ip, name := net.ParseIP(name), strings.ToLower(name)
		switch {
		case ip == nil && !isHost(name):
			return nil, nil, hint.Errorf("a name is that of a host, as gpu1.example.com, or an address", "no certificate is made for %.80q", name)
		case ip == nil && !slices.Contains(dns, name):
			dns = append(dns, name)
		case ip != nil && !slices.ContainsFunc(ips, ip.Equal):
			ips = append(ips, ip)
		}
	}
	return dns, ips, nil
}

// isHost tells whether s is a DNS name of a host (RFC 1123), without a dot at its end.
func isHost(s string) bool {
	if s == "" || len(s) > 253 || strings.Trim(s, "0123456789.") == "" {
		return false
	}
	for label := range strings.SplitSeq(strings.ToLower(s), ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "-") != label ||
			strings.ContainsFunc(label, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }) {
			return false
		}
	}
	return true
}

// ServerFile is the file of a gateway's certificate and key, in its directory.
var ServerFile = filepath.Join(files.Mounted, gateway.ServerFile)

// Issue makes a new certificate for a gateway, which replaces the one it has.
func (l Local) Issue(ctx context.Context, d files.Dir, names []string, now time.Time) (*x509.Certificate, error) {
	return locked(ctx, d, func() (*x509.Certificate, error) { return l.issue(ctx, d, names, now) })
}

// Keep is Issue for a gateway whose certificate is none of this authority, is for other
// names, or ends soon; any other it keeps.
func (l Local) Keep(ctx context.Context, d files.Dir, names []string, now time.Time) (*x509.Certificate, error) {
	return locked(ctx, d, func() (*x509.Certificate, error) {
		has, err := Server(d)
		if err != nil {
			return nil, err
		}
		if has != nil && has.NotAfter.Sub(now) > Soon && l.covers(has, names) {
			if own, err := l.Issued(has); own || err != nil {
				return has, err
			}
		}
		return l.issue(ctx, d, names, now)
	})
}

// covers tells whether a certificate is for this host's names and more.
func (l Local) covers(c *x509.Certificate, more []string) bool {
	dns, ips, err := l.names(more)
	for _, name := range dns {
		err = orFirst(err, c.VerifyHostname(name))
	}
	for _, ip := range ips {
		err = orFirst(err, c.VerifyHostname(ip.String()))
	}
	return err == nil
}

func orFirst(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// Issued tells whether the authority signed a certificate.
func (l Local) Issued(c *x509.Certificate) (bool, error) {
	a, err := load(l.dir, authorityFile)
	return a != nil && c.CheckSignatureFrom(a.cert) == nil, err
}

func (l Local) issue(ctx context.Context, d files.Dir, names []string, now time.Time) (*x509.Certificate, error) {
	a, err := locked(ctx, l.dir, func() (*authority, error) { return l.kept(now) })
	if err != nil {
		return nil, err
	}
	leaf := newLeaf(d.Name(), x509.ExtKeyUsageServerAuth, now)
	if leaf.DNSNames, leaf.IPAddresses, err = l.names(names); err != nil {
		return nil, err
	}
	p, err := a.issue(leaf)
	if err != nil {
		return nil, err
	}
	if err := a.permits(p.Chain[0], now); err != nil {
		next := "zlaunch gateway ca --new"
		for _, name := range names {
			next += " --name " + name
		}
		return nil, hint.Errorf(next+", which clients have to trust anew; or give a certificate of your own",
			"the authority of this user's gateways may not sign for all of %s: %w", strings.Join(NamesOf(p.Chain[0]), ", "), err)
	}
	data, err := p.PEM()
	if err != nil {
		return nil, err
	}
	return p.Chain[0], d.Write(ServerFile, data)
}

// permits tells whether clients that trust the authority take a certificate: nil, or why not.
func (a *authority) permits(c *x509.Certificate, now time.Time) error {
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	_, err := c.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now, KeyUsages: c.ExtKeyUsage})
	return err
}

// Server is the certificate that a gateway has; nil: none yet.
func Server(d files.Dir) (*x509.Certificate, error) {
	p, err := serverPair(d)
	if p == nil || err != nil {
		return nil, err
	}
	return p.Chain[0], nil
}

// NamesOf are the names of a certificate, DNS names first.
func NamesOf(c *x509.Certificate) []string {
	out := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		out = append(out, ip.String())
	}
	return out
}

// Expiring warns of what a certificate is of, where that ends within 30 days or has ended;
// "" for no warning. Next is what to type.
func Expiring(of string, c *x509.Certificate, now time.Time, next string) string {
	left := c.NotAfter.Sub(now)
	day := c.NotAfter.UTC().Format("2006-01-02 15:04 MST")
	switch {
	case left <= 0:
		return fmt.Sprintf("%s ended on %s, and nobody is let in by it: %s", of, day, next)
	case left <= Soon:
		return fmt.Sprintf("%s ends in %d days, on %s: %s", of, int(left.Hours()/24), day, next)
	}
	return ""
}
