// Package gateway is what stands in front of a server that encrypts nothing and asks nobody
// who they are: which port it opens, what may be called behind it, by whom, and how much.
//
// It is pure: what writes it for a proxy, keeps tokens and makes certificates stands in
// packages below this one.
package gateway

import "time"

// Gateway is one proxy in front of one server.
type Gateway struct {
	Name     string    // whose tokens it takes: the stack's
	Backends []Backend // ports of the server; sorted by name
	Clients  Clients
	TLS      TLS
	Limits   Limits
}

// Ports of the proxy, in its container. Of them only the first two are ever published.
const (
	Port        = 8443 // TLS: inference and administration
	MetricsPort = 8444 // TLS: metrics
	HealthPort  = 8404 // on the container's own loopback: whether the proxy is up
)

// HealthPath is what the health port answers with 200.
const HealthPath = "/healthz"

// Dir is where the proxy finds its files, below.
const Dir = "/etc/zlaunch-gateway"

// Files in the directory, which is mounted read-only.
const (
	ConfigFile  = "haproxy.cfg"
	ServerFile  = "server.pem"  // certificate chain and key
	ClientsFile = "clients.pem" // authorities of clients' certificates
	RevokedFile = "clients.crl"
	TokensFile  = "tokens.map"
	SubjectFile = "subjects.lst" // one common name a line
	KeysFile    = "jwt-%d.pem"   // public keys, from 0 on
)

// Scope is what a client may do.
type Scope string

// The scopes. One that no rule has is of no use.
const (
	Inference Scope = "inference" // ask models; health and metadata too
	Admin     Scope = "admin"     // change what is served
	Metrics   Scope = "metrics"   // at MetricsPort alone
)

// Scopes are all of them. Treat it as a constant.
var Scopes = []Scope{Inference, Admin, Metrics}

// Protocol is what a port of a server speaks.
type Protocol string

// The protocols.
const (
	HTTP Protocol = "http" // 1.1
	GRPC Protocol = "grpc" // HTTP/2 without TLS
)

// Backend is a port of the server, and what of it may be called. What no rule names is
// refused.
type Backend struct {
	Name     string // the port's, in the profile
	Host     string // resolved in the inner network
	Port     int
	Protocol Protocol
	Rules    []Rule
}

// Rule lets calls through. A {name} of its path is one segment, or what stands before a
// :verb in one. Of rules for the same call with several scopes each is enough.
type Rule struct {
	Scope  Scope
	Method string // GET, HEAD, POST, PUT, DELETE; of gRPC always POST
	Path   string // "/v2/models/{model}/infer", "/v1/models/{model}:predict"; of gRPC /PACKAGE.SERVICE/METHOD
}

// Clients say who may call. A certificate is asked for beside the bearer of a token; a
// token and a JWT are each enough as one. Nothing at all is an error.
type Clients struct {
	Certificates *Certificates // nil: none is asked for
	Tokens       bool
	JWT          *JWT // nil: none is taken
}

// Certificates are those of clients (mutual TLS).
type Certificates struct {
	CRL      bool     // there is a list of revoked ones
	Subjects []string // common names that are let in; none: each that the authority signed
	Scopes   []Scope  // what a certificate is enough for where there are no other clients; none: Inference
}

// JWT says which JSON Web Tokens are taken: all of it must hold, and exp must be there.
// They have the scope of inference.
type JWT struct {
	Algorithm string // RS256, ES256 and the like: never what the token says, never a MAC
	Issuer    string
	Audience  string
	Keys      int // how many public keys there are, each in its KeysFile
}

// TLS is how the connection is secured.
type TLS struct {
	Only13  bool // TLS 1.3 alone, else 1.2 too
	AnyName bool // a client may also name no server, as one that knows its address alone, or another
}

// Limits bound what a client can use up.
type Limits struct {
	Header      int           // of a request, in bytes, with its line
	Body        int64         // of a request, in bytes; of gRPC, whose calls do not say it, only where said
	Connections int           // at once, of all clients
	PerClient   int           // at once, of one address; where a forwarder hides addresses, of all
	Rate        int           // requests of one client, and connections of one address, in ten seconds
	Slow        time.Duration // a handshake or a request's head must be there by then
	Idle        time.Duration // a connection without traffic ends
	Answer      time.Duration // until the server begins to answer, HTTP
	Stream      time.Duration // that a gRPC stream or a streamed answer may be silent
}

// DefaultLimits suit inference: large bodies, slow answers, few clients. So many connections
// with full buffers took 51 MB of HAProxy 2.6 and 110 MB of 3.2, master and worker together;
// a tensor of 64 MiB is one of 4096 x 4096 float32.
var DefaultLimits = Limits{
	Header: 16 << 10, Body: 64 << 20, Connections: 1000, PerClient: 200, Rate: 10_000,
	Slow: 5 * time.Second, Idle: 30 * time.Second, Answer: 2 * time.Minute, Stream: time.Hour,
}
