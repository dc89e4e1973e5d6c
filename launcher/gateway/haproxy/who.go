package haproxy

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// longestName is how long the name of a client may be, in bytes.
const longestName = 128

// nameLetters are those of a client's name: of a token, of a subject as OIDC and Kubernetes
// have them, of a common name without blanks. None means anything in a header or a log.
const nameLetters = "A-Za-z0-9._@:|/+-"

// who finds out who a client is, as txn.client with txn.scopes, and refuses nobody knows whom.
func (l *listener) who() {
	c := l.g.Clients
	if c.Certificates != nil {
		l.certificate(c.Certificates)
	}
	if c.Tokens || c.JWT != nil {
		l.bearer()
	}
	if c.Tokens {
		l.token()
	}
	if c.JWT != nil {
		l.jwt(c.JWT)
	}
	if !c.Tokens && c.JWT == nil {
		l.line("http-request set-var(txn.client) var(txn.cert)")
		l.line("http-request set-var(txn.scopes) str(%s)", scopes(c.Certificates.Scopes))
	}
	l.line("acl known var(txn.client) -m found")
	l.line(late, "if !known")
	l.deny(401, "send one Authorization header with a bearer token that is valid", "if !known")
	l.denyLate("this is no name of a client", "if "+outside("txn.client"))
	l.line("http-request track-sc1 var(txn.client) table names")
	l.deny(429, "too many requests", fmt.Sprintf("if { sc1_http_req_rate gt %d }", l.g.Limits.Rate))
}

// outside is the condition that a variable is no name. It asks for a byte that is none of the
// letters, for the end of an expression is also before a last line feed.
func outside(variable string) string {
	return fmt.Sprintf("{ var(%s) -m reg [^%s] } || !{ var(%s) -m len 1:%d }", variable, nameLetters, variable, longestName)
}

func scopes(of []gateway.Scope) string {
	var words []string
	for _, s := range of {
		words = append(words, string(s))
	}
	if words == nil {
		return string(gateway.Inference)
	}
	return strings.Join(words, "+")
}

// certificate refuses clients by the certificate that the handshake has verified. One with
// two common names has none: who reads the other one reads another client.
func (l *listener) certificate(c *gateway.Certificates) {
	l.line("http-request set-var(txn.cert) ssl_c_s_dn(cn)")
	l.denyLate("the certificate has no common name that is a name of a client",
		"if !{ var(txn.cert) -m found } || { ssl_c_s_dn(cn,2) -m found } || "+outside("txn.cert"))
	if len(c.Subjects) > 0 {
		l.denyLate("the certificate is of nobody who is let in", "unless { var(txn.cert) -m str -f "+l.in(gateway.SubjectFile)+" }")
	}
}

// bearer takes the secret out of the one header that there may be; the scheme is spelled in
// any case (RFC 7235), and the hash of a token is made with the usual one.
func (l *listener) bearer() {
	l.line("acl one_authorization req.fhdr_cnt(authorization) eq 1")
	l.line("acl bearer req.fhdr(authorization) -m reg -i '^bearer [A-Za-z0-9._~+/-]+=*$'")
	l.line("http-request set-var(txn.secret) http_auth_bearer if one_authorization bearer")
}

// token looks the hash of the secret up: NAME,SCOPE+SCOPE,EXPIRY.
func (l *listener) token() {
	l.line(`http-request set-var(txn.token) "str(Bearer),concat(' ',txn.secret),sha2(256),hex,map_str(%s)" if { var(txn.secret) -m found }`, l.in(gateway.TokensFile))
	l.line(`acl token_ends "var(txn.token),field(3,',')" -m int gt 0`) // 2.6 takes what is less from a number below zero for a large one
	l.line(`acl token_lives "var(txn.token),field(3,','),sub(txn.now)" -m int gt 0`)
	l.line(`http-request set-var(txn.client) "var(txn.token),field(1,',')" if token_ends token_lives`)
	l.line(`http-request set-var(txn.scopes) "var(txn.token),field(2,',')" if { var(txn.client) -m found }`)
}

// jwt verifies a token of an issuer's. The algorithm is the one of the configuration: the one
// that the token names is compared, and chooses nothing. Neither does its key's name: each key
// is tried. Extensions that must be understood (crit) are not.
func (l *listener) jwt(j *gateway.JWT) {
	l.line("acl jwt_form var(txn.secret) -m reg ^[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+$")
	l.line("acl jwt_algorithm var(txn.secret),jwt_header_query('$.alg') -m str %s", j.Algorithm)
	l.line(`acl jwt_extended "var(txn.secret),field(1,'.'),ub64dec" -m sub '"crit"'`)
	for i := range j.Keys {
		l.line(`acl jwt_signed "var(txn.secret),jwt_verify(%s,%s)" -m int 1`, j.Algorithm, l.in(fmt.Sprintf(gateway.KeysFile, i)))
	}
	l.line("acl jwt_issuer var(txn.secret),jwt_payload_query('$.iss') -m str %s", j.Issuer)
	l.line("acl jwt_audience var(txn.secret),jwt_payload_query('$.aud') -m str %s", j.Audience)
	l.line("acl jwt_ends var(txn.secret),jwt_payload_query('$.exp','int') -m int gt 0")
	l.line("acl jwt_lives var(txn.secret),jwt_payload_query('$.exp','int'),sub(txn.now) -m int gt 0")
	l.line("acl jwt_early var(txn.secret),jwt_payload_query('$.nbf','int'),sub(txn.now) -m int gt 0")
	l.line("http-request set-var(txn.jwt) bool(true) if !{ var(txn.client) -m found } jwt_form jwt_algorithm !jwt_extended jwt_signed jwt_issuer jwt_audience jwt_ends jwt_lives !jwt_early")
	l.line("http-request set-var(txn.client) var(txn.secret),jwt_payload_query('$.sub') if { var(txn.jwt) -m bool }")
	l.line("http-request set-var(txn.scopes) str(%s) if { var(txn.jwt) -m bool }", gateway.Inference)
}
