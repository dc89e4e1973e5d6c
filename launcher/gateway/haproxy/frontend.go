package haproxy

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// listener is a door for clients.
type listener struct {
	*file
	name   string
	port   int
	scopes []gateway.Scope // of the rules that hold here
	most   int             // connections at once
}

// write writes it. What it asks of a request stands in the order in which it is asked:
// is it well formed, who sends it, may they, is it small enough. The first no ends it.
func (l *listener) write() {
	l.section("frontend " + l.name + " from base")
	l.line("%s", l.bind(l.port))
	l.line("maxconn %d", l.most)
	l.line("option disable-h2-upgrade")
	l.logging()
	l.line("tcp-request connection track-sc0 src table addresses")
	l.line("tcp-request connection reject if { sc0_conn_cur gt %d }", l.g.Limits.PerClient)
	l.line("tcp-request connection reject if { sc0_conn_rate gt %d }", l.g.Limits.Rate)
	l.form()
	l.who()
	l.what()
	l.size()
	l.headers()
	l.route()
}

// logging is one line of JSON for a request, with nothing of its headers, body and query in
// it but the name that a client gave it, and one for a connection that came to none.
func (l *listener) logging() {
	const (
		address = `src,regsub(^::ffff:,)`
		when    = `"time":"%%[date,utime(%%Y-%%m-%%dT%%H:%%M:%%SZ)]","address":"%%[%s]","port":%%cp,"listener":"%%f"`
	)
	l.line("tcp-request connection set-var(sess.address) %s", address) // once, and not for each request
	cert := ""
	if l.g.Clients.Certificates != nil {
		cert = `"certificate":"%[var(txn.cert),json(utf8s)]",`
	}
	l.line(`log-format '{%s,%s"request":"%%[var(txn.request)]","client":"%%[var(txn.client),json(utf8s)]","method":"%%[var(txn.method),json(utf8s)]",`+
		`"path":"%%[var(txn.path),bytes(0,512),json(utf8s)]","status":%%ST,"server":"%%s","end":"%%ts","received":%%U,"sent":%%B,"ms":%%Ta}'`, fmt.Sprintf(when, "var(sess.address)"), cert)
	l.line(`error-log-format '{%s,"error":"%%[fc_err_str,json(utf8s)]","tls":"%%[ssl_fc_err_str,json(utf8s)]"}'`, fmt.Sprintf(when, address))
}

// deny ends a request, if the condition holds.
func (l *listener) deny(status int, why, condition string) {
	more := ""
	if status == 401 {
		more = ` hdr WWW-Authenticate Bearer`
	}
	l.line(`http-request deny status %d content-type text/plain string "gateway: %s\n"%s %s`, status, why, more, condition)
}

// late waits for the body of a request, if the condition holds that stands for %s, one of words
// that all must. Before a client hears who or what it may not, its body is waited for: a stream of
// HTTP/2 that is answered while its body is under way is reset by HAProxy, and curl tells of a
// broken stream then, not of the status. A stream of gRPC may stay open to send more, for which
// a wait ends in a 408.
const late = "http-request wait-for-body time 1s %s !{ req.fhdr(content-type) -m beg application/grpc }"

// denyLate does both; the condition may be any.
func (l *listener) denyLate(why, condition string) {
	l.line("http-request set-var(txn.refused) bool(true) %s", condition)
	const refused = "if { var(txn.refused) -m found }"
	l.line(late, refused)
	l.deny(403, why, refused)
}

// form refuses requests that two readers could read otherwise: the proxy and the server
// behind it.
func (l *listener) form() {
	l.line("http-request set-var(txn.request) req.fhdr(x-request-id) if { req.fhdr(x-request-id) -m reg ^[A-Za-z0-9._-]{1,64}$ }")
	l.line("http-request set-var(txn.method) method")
	l.line("http-request set-var(txn.path) path")
	l.line("http-request set-var(txn.now) date")
	l.line("acl http2 req.ver -m str 2.0")
	l.line("acl http1 req.ver -m str 1.1")
	l.deny(400, "HTTP is spoken in the versions 1.1 and 2", "if !http1 !http2")
	// HAProxy 2.6 passes a null on (RFC 9110, section 5.5).
	l.deny(400, "a header has no control characters", "if { req.hdrs -m reg '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]' }")
	l.deny(400, "a request names a path, and no server", "if http1 !{ url -m beg / }")
	l.deny(400, "a request names one host", "unless { req.fhdr_cnt(host) eq 1 }")
	l.deny(400, "this is no name of a host", "unless { req.fhdr(host) -m reg ^([A-Za-z0-9.-]+|[[][0-9A-Fa-f:.]+])(:[0-9]{1,5})?$ }")
	l.deny(400, "the protocol of a connection stays", "if { req.fhdr(upgrade) -m found } || { req.fhdr(http2-settings) -m found }")
	l.deny(400, "a path has letters, digits and - . _ : @ alone, and no empty segment or one of dots", "unless { path -m reg "+plainPath+" }")
	// The methods need no list of their own: what no rule names ends as such.
	l.line("http-request set-var(txn.call) method,concat(,txn.path)")
}

// plainPath is a path that reads the same to everybody: nothing to decode, no empty segment, none
// of dots, and no two dots in a row. Each letter can stand at one place of it only, so that it
// takes no longer to say no.
const (
	plainSegment = "[.]?[A-Za-z0-9_:@-]+([.][A-Za-z0-9_:@-]+)*[.]?"
	plainPath    = "^/(" + plainSegment + "(/" + plainSegment + ")*/?)?$"
)

// headers takes away what a client may not say, for a server believes who stands in front of
// it, and says who the client is.
func (l *listener) headers() {
	l.line("http-request del-header ^((%s)|(%s)$) -m reg", strings.Join(strippedPrefixes, "|"), strings.Join(stripped, "|"))
	trailers := ""
	if speaksGRPC(l.g) {
		trailers = " unless grpc"
	}
	l.line("http-request del-header te%s", trailers)
	l.line("http-request set-header X-Zlaunch-Client %%[var(txn.client)]")
}

// What is never passed on: credentials, who a client is or comes from, what changes the method
// or the path after it was judged, and what is between two hops. Treat them as constants.
var (
	strippedPrefixes = []string{
		"x-zlaunch", "x-forwarded", "x-client", "x-ssl", "ssl-", "x-remote", "x-auth", "x-user", "x-webauth",
		"x-original", "x-rewrite", "x-http-method", "x-method", "x-envoy", "client-cert",
	}
	stripped = []string{
		"authorization", "proxy-authorization", "forwarded", "via", "x-real-ip", "true-client-ip", "cf-connecting-ip", "x-cluster-client-ip",
		"remote-user", "remote-addr", "connection", "proxy-connection", "keep-alive",
	}
)

// route leads a request to the server it may call.
func (l *listener) route() {
	for _, b := range l.g.Backends {
		if serves(b, l.scopes) {
			l.line("use_backend to-%s if { var(txn.to) -m str %s }", b.Name, b.Name)
		}
	}
}
