package haproxy

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// What words of a gateway may be. None has a letter that means something to HAProxy: a blank,
// a quote, '#', '\', '$', '%', ',', a bracket or a parenthesis. The ends are \A and \z, for $
// is also before a last line feed.
var (
	simpleName = lazyregexp.New(`\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z`)
	hostName   = lazyregexp.New(`\A[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\z`)
	directory  = lazyregexp.New(`\A(/[A-Za-z0-9._-]+)+\z`)
	claim      = lazyregexp.New(`\A[A-Za-z0-9][A-Za-z0-9._~:/@+=-]*\z`)
	clientName = lazyregexp.New(`\A[A-Za-z0-9._@:|/+-]{1,128}\z`)
)

// algorithms are those of JWS that HAProxy 2.6 verifies with a public key.
var algorithms = []string{"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"}

// Bounds of what a gateway has.
const (
	mostBackends    = 16
	mostRules       = 256
	mostKeys        = 16
	mostConnections = 7000 // with two files each below the profile's nofile
	longestWord     = 253  // of a host, a claim, a path; in bytes
)

// check refuses a gateway that cannot be written, with all that is wrong.
func check(g *gateway.Gateway, l Layout) error {
	var c checker
	c.want(simpleName().MatchString(g.Name), "give the gateway the stack's name, as fraud-2", "%q is no name of a gateway", g.Name)
	c.layout(l)
	c.backends(g.Backends)
	c.clients(&g.Clients)
	c.limits(&g.Limits)
	return errors.Join(c.wrong...)
}

// checker collects what is wrong.
type checker struct{ wrong []error }

func (c *checker) want(holds bool, next, format string, args ...any) {
	if !holds {
		c.wrong = append(c.wrong, hint.Errorf(next, format, args...))
	}
}

func (c *checker) layout(l Layout) {
	_, err := netip.ParseAddr(l.Address)
	c.want(err == nil && hostOf(l.Address), "listen at ::, 0.0.0.0 or one address", "%q is no address to listen at", l.Address)
	c.want(directory().MatchString(l.Dir), "name an absolute directory without blanks", "%q is no directory for the proxy's files", l.Dir)
	ports := []int{l.Port, l.Metrics, l.Health}
	for i, p := range ports {
		c.want(p > 0 && p < 1<<16 && !slices.Contains(ports[:i], p), "give the proxy three ports of 1 to 65535", "the proxy cannot listen at port %d", p)
	}
}

// hostOf tells whether h is a name or an address without a zone.
func hostOf(h string) bool {
	if a, err := netip.ParseAddr(h); err == nil {
		return a.Zone() == "" && !a.Is4In6()
	}
	return len(h) <= longestWord && hostName().MatchString(h)
}

func (c *checker) clients(who *gateway.Clients) {
	c.want(who.Certificates != nil || who.Tokens || who.JWT != nil, "ask for certificates, tokens or JWTs", "the gateway would let everybody in")
	if who.Certificates != nil {
		c.certificates(who.Certificates)
	}
	if who.JWT != nil {
		c.jwt(who.JWT)
	}
}

func (c *checker) certificates(of *gateway.Certificates) {
	_, err := Subjects(of)
	c.want(err == nil, "name clients without blanks, as in CN=fraud-app", "%v", err)
	for _, s := range of.Scopes {
		c.want(slices.Contains(gateway.Scopes, s), "inference, admin or metrics", "%q is no scope", s)
	}
}

// Subjects is the file of common names that are let in.
func Subjects(of *gateway.Certificates) ([]byte, error) {
	var text []byte
	for _, s := range of.Subjects {
		if !clientName().MatchString(s) {
			return nil, fmt.Errorf("%q is no common name of a client", s)
		}
		text = fmt.Appendln(text, s)
	}
	return text, nil
}

func (c *checker) jwt(j *gateway.JWT) {
	c.want(slices.Contains(algorithms, j.Algorithm), "one of RS256, RS384, RS512, ES256, ES384, ES512", "%q is no algorithm of a public key that the proxy verifies", j.Algorithm)
	for _, v := range []string{j.Issuer, j.Audience} {
		c.want(len(v) <= longestWord && claim().MatchString(v), "as https://idp.example.com/realm", "%q is no issuer or audience: letters, digits and . _ ~ : / @ + = - alone", v)
	}
	c.want(j.Keys >= 1 && j.Keys <= mostKeys, "give 1 to 16 public keys", "there are %d public keys of the issuer", j.Keys)
}

func (c *checker) limits(l *gateway.Limits) {
	c.number("bytes of a request's head", int64(l.Header), 16<<10, 256<<10) // an HTTP/2 frame is 16 KiB
	c.number("bytes of a body", l.Body, 1, 1<<40)
	c.number("connections", int64(l.Connections), 1, mostConnections)
	c.number("connections of one address", int64(l.PerClient), 1, mostConnections)
	c.number("requests in ten seconds", int64(l.Rate), 1, 10_000_000)
	c.span("a request's head", l.Slow)
	c.span("an idle connection", l.Idle)
	c.span("an answer", l.Answer)
	c.span("a stream", l.Stream)
}

func (c *checker) span(of string, d time.Duration) {
	c.number("milliseconds for "+of, d.Milliseconds(), 100, (24 * time.Hour).Milliseconds())
}

func (c *checker) number(of string, n, least, most int64) {
	c.want(n >= least && n <= most, fmt.Sprintf("%d to %d", least, most), "%d %s are no limit", n, of)
}
