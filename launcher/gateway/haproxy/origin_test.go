package haproxy_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// origin is the server behind the gateway: what it saw is what went through.
type origin struct {
	mu   sync.Mutex
	seen []*http.Request
	sent []int64 // bytes of their bodies
	meta []metadata.MD
	http, grpc,
	metrics int // ports
	health *health.Server
}

// newOrigin starts one with all protocols.
func newOrigin(t testing.TB) *origin {
	o := &origin{health: health.NewServer()}
	web := httptest.NewServer(o)
	t.Cleanup(web.Close)
	metrics := httptest.NewServer(o)
	t.Cleanup(metrics.Close)
	o.http, o.metrics = port(web.Listener), port(metrics.Listener)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.grpc = port(l)
	s := grpc.NewServer(grpc.UnaryInterceptor(o.unary), grpc.StreamInterceptor(o.stream))
	healthpb.RegisterHealthServer(s, o.health)
	go s.Serve(l)
	t.Cleanup(s.Stop)
	return o
}

func port(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

// ServeHTTP answers with the request's body, or as its path says.
func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.seen = append(o.seen, r)
	o.mu.Unlock()
	switch r.URL.Path {
	case "/v2/models/stream":
		for i := range 3 {
			fmt.Fprintf(w, "data: %d\n\n", i)
			w.(http.Flusher).Flush()
		}
		return
	case "/v2/models/switch": // what a hostile server may try
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello")
			c.Close()
		}
		return
	}
	w.Header().Set("Content-Type", "application/json")
	n, _ := io.Copy(w, r.Body)
	o.mu.Lock()
	o.sent = append(o.sent, n)
	o.mu.Unlock()
}

func (o *origin) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	o.met(ctx)
	return next(ctx, req)
}

func (o *origin) stream(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	o.met(s.Context())
	return next(srv, s)
}

func (o *origin) met(ctx context.Context) {
	md, _ := metadata.FromIncomingContext(ctx)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.meta = append(o.meta, md)
}

// arrived is how much went through so far.
func (o *origin) arrived() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.seen) + len(o.meta)
}

// last is the request that came last.
func (o *origin) last(t *testing.T) *http.Request {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.seen) == 0 {
		t.Fatal("nothing arrived at the server")
	}
	return o.seen[len(o.seen)-1]
}

// behind is a gateway before the origin.
func (o *origin) behind(c gateway.Clients) *gateway.Gateway {
	web, calls, metrics := onHTTP(), onGRPC(), onMetrics()
	web.Port, calls.Port, metrics.Port = o.http, o.grpc, o.metrics
	g := with(c, calls, web, metrics)
	for i := range g.Backends {
		g.Backends[i].Host = "127.0.0.1"
	}
	return g
}
