package haproxy_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// grpc is a client of gRPC's health service, through the proxy.
func (p *proxy) grpc() healthpb.HealthClient {
	p.t.Helper()
	conn, err := grpc.NewClient(p.at(), grpc.WithTransportCredentials(credentials.NewTLS(p.pki.trust(nil))))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { conn.Close() })
	return healthpb.NewHealthClient(conn)
}

func as(secret string, more ...string) context.Context {
	return metadata.AppendToOutgoingContext(context.Background(), append([]string{"authorization", "Bearer " + secret}, more...)...)
}

// TestGRPC calls as real clients do: one answer, an error of the server's own, a stream.
func TestGRPC(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		p := start(t, program, o.behind(tokens), known())
		c := p.grpc()
		for name, try := range map[string]struct {
			ctx     context.Context
			service string
			want    codes.Code
		}{
			"right":              {as(good), "", codes.OK},
			"unknown":            {as(good), "none", codes.NotFound},
			"no token":           {context.Background(), "", codes.Unauthenticated},
			"wrong token":        {as("zl_wrong"), "", codes.Unauthenticated},
			"expired token":      {as(old), "", codes.Unauthenticated},
			"two tokens":         {as(good, "authorization", "Bearer "+admin), "", codes.Unauthenticated},
			"token of metrics":   {as(scraper), "", codes.PermissionDenied},
			"a name that is odd": {as(odd), "", codes.PermissionDenied},
		} {
			before := o.arrived()
			_, err := c.Check(try.ctx, &healthpb.HealthCheckRequest{Service: try.service})
			if status.Code(err) != try.want {
				t.Errorf("%s: %v, want %v", name, err, try.want)
			}
			if arrived := o.arrived() > before; arrived != (try.want == codes.OK || try.want == codes.NotFound) {
				t.Errorf("%s: arrived at the server: %v", name, arrived)
			}
		}
		if _, err := c.List(as(good), &healthpb.HealthListRequest{}); status.Code(err) != codes.PermissionDenied {
			t.Errorf("a call of administrators: %v", err)
		}
		if _, err := c.List(as(admin), &healthpb.HealthListRequest{}); err != nil {
			t.Errorf("a call by an administrator: %v", err)
		}
		p.streamed(o, c)
		p.told(o, c)
	})
}

// streamed watches a stream that outlives what an idle connection may.
func (p *proxy) streamed(o *origin, c healthpb.HealthClient) {
	p.t.Helper()
	watch, err := c.Watch(as(good), &healthpb.HealthCheckRequest{Service: "fraud"})
	if err != nil {
		p.t.Fatal(err)
	}
	for i, want := range []healthpb.HealthCheckResponse_ServingStatus{healthpb.HealthCheckResponse_SERVICE_UNKNOWN, healthpb.HealthCheckResponse_SERVING, healthpb.HealthCheckResponse_NOT_SERVING} {
		if i > 0 {
			o.health.SetServingStatus("fraud", want)
		}
		got, err := watch.Recv()
		if err != nil || got.Status != want {
			p.t.Fatalf("message %d: %v, %v", i, got, err)
		}
	}
}

// told holds what the server hears of the client.
func (p *proxy) told(o *origin, c healthpb.HealthClient) {
	p.t.Helper()
	ctx := as(good, "x-zlaunch-client", "root", "X-Zlaunch-Client", "root", "x_zlaunch_client", "root", "x-forwarded-for", "10.0.0.1", "x-request-id", "7")
	if _, err := c.Check(ctx, &healthpb.HealthCheckRequest{}); err != nil {
		p.t.Fatal(err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	md := o.meta[len(o.meta)-1]
	if got := md.Get("x-zlaunch-client"); len(got) != 1 || got[0] != "fraud-app" {
		p.t.Errorf("the server was told %v", md)
	}
	if md.Get("authorization") != nil || md.Get("x-forwarded-for") != nil || md.Get("x_zlaunch_client") != nil || md.Get("x-request-id") == nil {
		p.t.Errorf("the server was told %v", md)
	}
}

// TestGRPCOnly sends what is no gRPC where that is spoken.
func TestGRPCOnly(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		p := start(t, program, o.behind(tokens), known())
		const check, kind = "/grpc.health.v1.Health/Check", "Content-Type: application/grpc"
		message := "\x00\x00\x00\x00\x00"
		for name, try := range map[string]struct {
			two  bool
			path string
			kind string
			want int
		}{
			"as it should be": {true, check, kind, 200}, "with proto": {true, check, kind + "+proto", 200}, "over HTTP/1.1": {false, check, kind, 403},
			"as JSON": {true, check, "Content-Type: application/json", 403}, "for the web": {true, check, kind + "-web", 403}, "no type": {true, check, "X-A: b", 403},
			"reflection": {true, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", kind, 403}, "below it": {true, check + "/x", kind, 403},
			"a path of HTTP": {true, infer, kind, 411}, // its body has no length
		} {
			before := o.arrived()
			if got := p.posted(p.client(nil, try.two), try.path, message, try.kind); got != try.want && (try.two || got != 0) {
				t.Errorf("%s: status %d, want %d", name, got, try.want)
			}
			if arrived := o.arrived() > before; arrived != (try.want == 200) {
				t.Errorf("%s: arrived at the server: %v", name, arrived)
			}
		}
	})
}

// posted sends a body of no known length; 0 is a connection that broke off.
func (p *proxy) posted(c *http.Client, path, body string, header string) int {
	p.t.Helper()
	r, err := http.NewRequest("POST", "https://"+p.at()+path, &slow{text: body})
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+good)
	r.Header.Set("Te", "trailers")
	set(r.Header, header)
	answer, err := c.Do(r)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// TestStreams holds a stream that is silent for longer than a connection may be idle, and
// than the server may take to answer.
func TestStreams(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		g := o.behind(tokens)
		g.Limits.Idle, g.Limits.Answer = time.Second, time.Second
		p := start(t, program, g, known())
		watch, err := p.grpc().Watch(as(good), &healthpb.HealthCheckRequest{Service: "fraud"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := watch.Recv(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * time.Second)
		o.health.SetServingStatus("fraud", healthpb.HealthCheckResponse_SERVING)
		if got, err := watch.Recv(); err != nil {
			t.Errorf("after a silence: %v, %v", got, err)
		}
	})
}
