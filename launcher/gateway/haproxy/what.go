package haproxy

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// serves tells whether something of a backend may be called at the listener.
func (l *listener) serves(b gateway.Backend) bool {
	return slices.ContainsFunc(b.Rules, func(r gateway.Rule) bool { return slices.Contains(l.scopes, r.Scope) })
}

// what finds the server that the client may call so, as txn.to, and refuses what is left.
func (l *listener) what() {
	l.line("acl grpc_type req.fhdr(content-type) -m reg ^application/grpc([+;]|$)")
	for _, s := range l.scopes {
		l.line("acl may_%s var(txn.scopes) -m reg (^|[+])%s([+]|$)", s, s)
	}
	for _, b := range l.g.Backends {
		for _, s := range l.scopes {
			l.calls(b, s)
		}
	}
	l.line("acl called var(txn.called) -m found")
	l.line("acl led var(txn.to) -m found")
	l.deny(403, "no rule of this gateway names this call", "unless called")
	l.deny(403, "the client has not the scope that this call wants", "unless led")
	l.line("acl grpc var(txn.kind) -m str %s", gateway.GRPC)
}

// calls are those of a backend that a scope is for. The name of a method and a path are one
// word, so that one pattern holds both, with all of it between its ends.
func (l *listener) calls(b gateway.Backend, s gateway.Scope) {
	name := string(s) + "_" + b.Name
	var some bool
	for _, r := range b.Rules {
		switch {
		case r.Scope != s:
			continue
		case strings.Contains(r.Path, "{"):
			l.line("acl %s var(txn.call) -m reg ^%s%s$", name, r.Method, expression(r.Path))
		default:
			l.line("acl %s var(txn.call) -m str %s%s", name, r.Method, r.Path)
		}
		some = true
	}
	if !some {
		return
	}
	if b.Protocol == gateway.GRPC {
		name = "http2 grpc_type " + name
	}
	l.line("http-request set-var(txn.called) bool(true) if %s", name)
	l.line("http-request set-var(txn.to) str(%s) if %s may_%s !{ var(txn.to) -m found }", b.Name, name, s)
	l.line("http-request set-var(txn.kind) str(%s) if { var(txn.to) -m str %s }", b.Protocol, b.Name)
}

// expression is a path with {names} as what it matches. Beside them a path has no letter that
// means something in an expression but the dot.
func expression(path string) string {
	parts := strings.Split(strings.ReplaceAll(path, ".", "[.]"), "{")
	for i, p := range parts[1:] {
		parts[i+1] = gateway.Segment + p[strings.IndexByte(p, '}')+1:]
	}
	return strings.Join(parts, "")
}

// size refuses bodies that are too large, and those that do not say how large they are: that
// is what bounds them, for neither side reads more of one than it said. A request without a
// body ends at once, so the wait is for those that begin one. The messages of a gRPC stream
// have no length together; the server bounds each.
func (l *listener) size() {
	l.line("acl said req.fhdr(content-length) -m found")
	// HAProxy 2.6 takes 2^64 for 0, and passes it on as it came.
	l.deny(400, "this is no length of a body", "if said !{ req.fhdr(content-length) -m reg ^[0-9]{1,15}$ }")
	l.deny(411, "the length of a body is said before it", "if !grpc { req.fhdr(transfer-encoding) -m found }")
	l.line("http-request wait-for-body time %s if !grpc !said", span(l.g.Limits.Slow))
	l.deny(411, "the length of a body is said before it", "if !grpc !said { req.body_len gt 0 }")
	l.line("acl too_large req.body_size gt %d", l.g.Limits.Body)
	l.deny(413, "the body is too large", "if too_large")
}
