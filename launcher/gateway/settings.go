package gateway

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Settings is what is asked of a gateway, in a stack or on a command line. Paths are of the
// host.
type Settings struct {
	Tokens       bool     `toml:"tokens,omitempty"`       // also where nothing else is asked for
	Certificates bool     `toml:"certificates,omitempty"` // of clients
	Subjects     []string `toml:"subjects,omitempty"`     // common names of theirs; none: each that their authority signed
	ClientCA     string   `toml:"client_ca,omitempty"`    // their authority; "" zlaunch's own one for clients
	ClientCRL    string   `toml:"client_crl,omitempty"`   // what it revoked

	Certificate string   `toml:"certificate,omitempty"` // the gateway's own; "" one that zlaunch's authority signs
	Key         string   `toml:"key,omitempty"`
	Names       []string `toml:"names,omitempty"` // more names of this host, for that one
	TLS13       bool     `toml:"tls13,omitempty"` // refuse TLS 1.2

	JWT    *JWTSettings  `toml:"jwt,omitempty"`
	Limits LimitSettings `toml:"limits,omitempty"`
}

// JWTSettings say which JSON Web Tokens are taken.
type JWTSettings struct {
	Keys      []string `toml:"keys"` // PEM files of public keys
	Algorithm string   `toml:"algorithm"`
	Issuer    string   `toml:"issuer"`
	Audience  string   `toml:"audience"`
}

// LimitSettings replace some of [DefaultLimits]; what is "" or 0 does not.
type LimitSettings struct {
	Header      string `toml:"header,omitempty"` // "16k"
	Body        string `toml:"body,omitempty"`   // "64m"
	Connections int    `toml:"connections,omitempty"`
	PerClient   int    `toml:"per_client,omitempty"`
	Rate        int    `toml:"rate,omitempty"`
	Answer      string `toml:"answer,omitempty"` // "2m"
	Stream      string `toml:"stream,omitempty"`
}

// Of is the gateway called name that s asks for, in front of backends.
func (s Settings) Of(name string, backends []Backend) (*Gateway, error) {
	if (s.Certificate == "") != (s.Key == "") {
		return nil, hint.Errorf("give both, or neither: then zlaunch makes one", "the gateway's certificate and its key belong together")
	}
	if !s.Certificates && (s.ClientCA != "" || s.ClientCRL != "" || len(s.Subjects) > 0) {
		return nil, hint.Errorf("certificates = true", "what clients' certificates are to be is said, and none is asked for")
	}
	limits, err := s.Limits.over(DefaultLimits)
	if err != nil {
		return nil, err
	}
	g := &Gateway{Name: name, Backends: backends, TLS: TLS{Only13: s.TLS13, AnyName: true}, Limits: limits}
	g.Clients.Tokens = s.Tokens || !s.Certificates && s.JWT == nil
	if s.Certificates {
		// zlaunch's own authority always has a list of what it revoked.
		g.Clients.Certificates = &Certificates{CRL: s.ClientCRL != "" || s.ClientCA == "", Subjects: s.Subjects}
	}
	if j := s.JWT; j != nil {
		g.Clients.JWT = &JWT{Algorithm: j.Algorithm, Issuer: j.Issuer, Audience: j.Audience, Keys: len(j.Keys)}
		if len(j.Keys) == 0 || j.Issuer == "" || j.Audience == "" || !slices.Contains(Algorithms, j.Algorithm) {
			return nil, hint.Errorf("algorithm is one of "+strings.Join(Algorithms, ", "), "JSON Web Tokens are taken with keys, algorithm, issuer and audience")
		}
	}
	return g, nil
}

// Algorithms of JSON Web Tokens that a gateway takes: signatures, so that who can verify
// cannot sign (RFC 7518, section 3.1). Treat it as a constant.
var Algorithms = []string{"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"}

func (l LimitSettings) over(d Limits) (Limits, error) {
	var errs []error
	size := func(key, text string, to *int64) {
		if text == "" {
			return
		}
		n, err := units.RAMInBytes(text)
		if err != nil || n <= 0 {
			errs = append(errs, hint.Errorf(key+" = \"64m\"", "limits.%s %q is no size", key, text))
		}
		*to = n
	}
	long := func(key, text string, to *time.Duration) {
		if text == "" {
			return
		}
		t, err := time.ParseDuration(text)
		if err != nil || t < time.Second {
			errs = append(errs, hint.Errorf(key+" = \"2m\"", "limits.%s %q is no time of a second or more", key, text))
		}
		*to = t
	}
	count := func(key string, n int, to *int) {
		if n < 0 {
			errs = append(errs, fmt.Errorf("limits.%s is below 0", key))
		}
		if n > 0 {
			*to = n
		}
	}
	header := int64(d.Header)
	size("header", l.Header, &header)
	if header > MaxHeader {
		errs = append(errs, hint.Errorf("header = \"64k\"", "limits.header is more than %d bytes, which each connection would hold", MaxHeader))
	}
	d.Header = int(header)
	size("body", l.Body, &d.Body)
	long("answer", l.Answer, &d.Answer)
	long("stream", l.Stream, &d.Stream)
	count("connections", l.Connections, &d.Connections)
	count("per_client", l.PerClient, &d.PerClient)
	count("rate", l.Rate, &d.Rate)
	return d, errors.Join(errs...)
}

// MaxHeader is the most that a request's head may be allowed, in bytes: a connection holds
// two buffers of it.
const MaxHeader = 128 << 10
