package haproxy

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// serves tells whether something of a backend may be called by one of the scopes.
func serves(b gateway.Backend, scopes []gateway.Scope) bool {
	return slices.ContainsFunc(b.Rules, func(r gateway.Rule) bool { return slices.Contains(scopes, r.Scope) })
}

// what finds the server that the client may call so, as txn.to, and refuses what is left.
func (l *listener) what() {
	l.line("acl grpc_type req.fhdr(content-type) -m reg ^application/grpc([+;]|$)")
	for _, s := range l.scopes {
		l.line("acl may_%s var(txn.scopes) -m reg (^|[+])%s([+]|$)", s, s)
	}
	l.line("acl led var(txn.to) -m found")
	var names []string
	for _, b := range l.g.Backends {
		for _, s := range l.scopes {
			if name := l.calls(b, s); name != "" {
				l.line("http-request set-var(txn.to) str(%s) if !led may_%s %s", b.Name, s, name)
				names = append(names, name)
			}
		}
	}
	l.line(late, "if !led")
	for some := range slices.Chunk(names, mostNames) {
		l.deny(403, "the client has not the scope that this call wants", "if !led "+strings.Join(some, " || !led "))
	}
	l.deny(403, "no rule of this gateway names this call", "if !led")
	if speaksGRPC(l.g) { // elsewhere it would be asked of each request, for nothing
		l.line("acl grpc var(txn.to) -m str %s", strings.Join(ofGRPC(l.g.Backends), " "))
	}
}

// ofGRPC are the backends that speak it.
func ofGRPC(backends []gateway.Backend) (names []string) {
	for _, b := range backends {
		if b.Protocol == gateway.GRPC {
			names = append(names, b.Name)
		}
	}
	return names
}

// speaksGRPC tells whether a call of a gateway may be one of gRPC, so that there is an acl grpc.
func speaksGRPC(g *gateway.Gateway) bool { return ofGRPC(g.Backends) != nil }

// mostNames are so few calls of a backend in one condition that a line stays below the 64 words
// that HAProxy reads of one.
const mostNames = 10

// longestExpression is how long one may get by alternatives, in bytes: a line of HAProxy's has
// 2048.
const longestExpression = 1024

// calls are those of a backend that a scope is for, as a condition; "" there are none. The name
// of a method and a path are one word, so that one pattern holds both, with all of it between
// its ends. Patterns become few expressions, for each is looked at in turn.
func (l *listener) calls(b gateway.Backend, s gateway.Scope) string {
	name := string(s) + "_" + b.Name
	var words, patterns []string
	for _, r := range b.Rules {
		switch {
		case r.Scope != s:
		case !strings.Contains(r.Path, "{"):
			words = append(words, r.Method+r.Path)
		case len(patterns) > 0 && len(patterns[len(patterns)-1])+len(r.Path) < longestExpression:
			patterns[len(patterns)-1] += "|" + r.Method + expression(r.Path)
		default:
			patterns = append(patterns, r.Method+expression(r.Path))
		}
	}
	for _, w := range words {
		l.line("acl %s var(txn.call) -m str %s", name, w)
	}
	for _, p := range patterns {
		l.line("acl %s var(txn.call) -m reg ^(%s)$", name, p)
	}
	switch {
	case words == nil && patterns == nil:
		return ""
	case b.Protocol == gateway.GRPC:
		return "http2 grpc_type " + name
	}
	return name
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
	unary := "" // what is none of gRPC
	if speaksGRPC(l.g) {
		unary = "!grpc "
	}
	l.deny(411, "the length of a body is said before it", "if "+unary+"{ req.fhdr(transfer-encoding) -m found }")
	l.line("http-request wait-for-body time %s if %s!said", span(l.g.Limits.Slow), unary)
	l.deny(411, "the length of a body is said before it", "if "+unary+"!said { req.body_len gt 0 }")
	l.line("acl too_large req.body_size gt %d", l.g.Limits.Body)
	l.deny(413, "the body is too large", "if too_large")
}
