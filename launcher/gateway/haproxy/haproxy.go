// Package haproxy writes a gateway as the configuration of HAProxy, in the one dialect that
// 2.6 to 3.4 take: what a later version alone can do stands between .if version_atleast and
// .endif, which the earlier ones skip. ADR 52 says why each line is as it is.
//
// It is pure. The file names others, which whoever starts the proxy puts beside it; HAProxy
// reads all of them when it starts and when it is told to reload, and none in between.
package haproxy

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// Layout is where the proxy finds its files and listens.
type Layout struct {
	Dir                   string // of the files that package gateway names
	Address               string // "::" for both families, which a kernel without IPv6 refuses; else one address
	Port, Metrics, Health int
}

// Inside is the layout in the proxy's container.
func Inside() Layout {
	return Layout{Dir: gateway.Dir, Address: "::", Port: gateway.Port, Metrics: gateway.MetricsPort, Health: gateway.HealthPort}
}

// Config is the configuration of the gateway in its container.
func Config(g *gateway.Gateway) ([]byte, error) { return Inside().Config(g) }

// Config is the configuration of the gateway. The same gateway gives the same bytes. Whatever
// cannot be said safely is an error: no word of the gateway reaches the file unchecked.
func (l Layout) Config(g *gateway.Gateway) ([]byte, error) {
	if err := check(g, l); err != nil {
		return nil, fmt.Errorf("writing the proxy's configuration: %w", err)
	}
	f := &file{g: g, layout: l}
	f.global()
	f.defaults()
	f.tables()
	f.health()
	(&listener{f, "clients", l.Port, []gateway.Scope{gateway.Inference, gateway.Admin}, g.Limits.Connections}).write()
	if f.has(gateway.Metrics) {
		(&listener{f, "metrics", l.Metrics, []gateway.Scope{gateway.Metrics}, fewConnections}).write()
	}
	for _, b := range g.Backends {
		if len(b.Rules) > 0 {
			f.backend(b)
		}
	}
	return []byte(f.text.String()), nil
}

// fewConnections are enough for who asks for metrics, or for the health of the proxy. They
// come on top of the clients', so that neither waits where clients take all of theirs.
const fewConnections = 32

// file is the configuration while it is written.
type file struct {
	g      *gateway.Gateway
	layout Layout
	text   strings.Builder
}

// section begins one.
func (f *file) section(words string) { f.text.WriteString("\n" + words + "\n") }

// line is one of a section.
func (f *file) line(format string, args ...any) {
	f.text.WriteString("    ")
	fmt.Fprintf(&f.text, format, args...)
	f.text.WriteByte('\n')
}

// since writes a line that HAProxy has from a version on.
func (f *file) since(version, format string, args ...any) {
	f.text.WriteString(".if version_atleast(" + version + ")\n")
	f.line(format, args...)
	f.text.WriteString(".endif\n")
}

// in is a file of the proxy's directory.
func (f *file) in(name string) string { return path.Join(f.layout.Dir, name) }

// has tells whether a rule has the scope.
func (f *file) has(scope gateway.Scope) bool {
	for _, b := range f.g.Backends {
		for _, r := range b.Rules {
			if r.Scope == scope {
				return true
			}
		}
	}
	return false
}

// speaks tells whether a backend has the protocol.
func (f *file) speaks(p gateway.Protocol) bool {
	for _, b := range f.g.Backends {
		if b.Protocol == p {
			return true
		}
	}
	return false
}

// span is a duration as HAProxy reads it.
func span(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%ds", d/time.Second)
	}
	return fmt.Sprintf("%dms", d.Milliseconds())
}

// global is what holds for the process.
func (f *file) global() {
	l := f.g.Limits
	fmt.Fprintf(&f.text, "# The gateway of %s. Written by zlaunch: what is changed here is lost.\n", f.g.Name)
	if f.g.Clients.JWT != nil {
		f.unsound()
	}
	f.section("global")
	f.line("log stdout format raw daemon")
	f.line("maxconn %d", l.Connections+2*fewConnections)
	f.line("hard-stop-after %s", span(max(l.Stream, l.Answer)))
	f.line("tune.bufsize %d", l.Header+rewrite)
	f.line("tune.maxrewrite %d", rewrite)
	f.line("tune.http.maxhdr 101")
	f.line("tune.h2.max-concurrent-streams 100")
	f.line("tune.ssl.lifetime 300")
	f.since("3.0", "thread-hard-limit 8")
}

// rewrite is how much of a buffer is kept for headers that are added, in bytes; the rest is a
// request's head at most.
const rewrite = 1024

// defaults are what all listeners and backends have.
func (f *file) defaults() {
	l := f.g.Limits
	f.section("defaults base")
	f.line("mode http")
	f.line("log global")
	f.line("option http-no-delay")
	f.line("option http-restrict-req-hdr-names delete")
	f.line("timeout http-request %s", span(l.Slow))
	f.line("timeout http-keep-alive %s", span(l.Idle))
	// Before 3.0 a stream has the timeout of its listener, which is its handshake's too.
	if f.speaks(gateway.GRPC) {
		f.text.WriteString(".if version_before(3.0)\n")
		f.line("timeout client %s", span(max(l.Stream, l.Idle)))
		f.text.WriteString(".else\n")
		f.line("timeout client %s", span(l.Idle))
		f.text.WriteString(".endif\n")
	} else {
		f.line("timeout client %s", span(l.Idle))
	}
	f.since("3.0", "timeout client-hs %s", span(l.Slow))
	f.line("timeout connect 5s")
	f.line("timeout queue 5s")
	f.line("timeout server %s", span(l.Answer))
	for _, e := range answers {
		f.line(`http-error status %d content-type text/plain string "gateway: %s\n"`, e.status, e.says)
	}
}

// answers are those that the proxy gives by itself, in place of its pages of HTML.
var answers = []struct {
	status int
	says   string
}{
	{400, "this is no request of HTTP"}, {408, "the request did not come in time"}, {502, "what the server answers is no HTTP"},
	{503, "the server does not answer"}, {504, "the server did not answer in time"},
}

// tables are where connections and requests are counted, and how names are looked up.
func (f *file) tables() {
	f.section("backend addresses from base")
	f.line("stick-table type ipv6 size 10k expire 30s store conn_cur,conn_rate(10s)")
	f.section("backend names from base")
	f.line("stick-table type string len %d size 10k expire 30s store http_req_rate(10s)", longestName)
	if !slices.ContainsFunc(f.g.Backends, func(b gateway.Backend) bool { return named(b.Host) }) {
		return // and no need of /etc/resolv.conf, without which HAProxy does not start
	}
	f.section("resolvers network")
	f.line("parse-resolv-conf")
	f.line("hold valid 5s")
}

// health is a listener for the container's own loopback alone.
func (f *file) health() {
	f.section("frontend health from base")
	f.line("bind 127.0.0.1:%d", f.layout.Health)
	f.line("maxconn %d", fewConnections)
	f.line("no log")
	f.line(`http-request return status 200 content-type text/plain string "ok\n" if METH_GET { path -m str %s }`, gateway.HealthPath)
	f.line("http-request deny status 404")
}

// sound are the versions in which a signature that is wrong harms nobody: in earlier ones the
// error stays where the next connection of the thread finds it, and ends (haproxy#2643).
const sound = "version_atleast(3.0.4) || version_atleast(2.8.11) && version_before(2.9) || version_atleast(2.6.19) && version_before(2.7)"

// unsound has HAProxy refuse a configuration that it would not be safe with.
func (f *file) unsound() {
	f.text.WriteString(".if " + sound + "\n.else\n")
	f.text.WriteString(`.alert "JWTs need HAProxy 3.0.4, 2.8.11 or 2.6.19 and later: before, a wrong signature breaks connections of others"` + "\n.endif\n")
}
