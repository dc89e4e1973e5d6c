package haproxy_test

import (
	"context"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// TestOpenStream refuses a stream that the client keeps open to send more: it hears why as
// the client of one message does.
func TestOpenStream(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		p := start(t, program, o.behind(tokens), known())
		conn, err := grpc.NewClient(p.at(), grpc.WithTransportCredentials(credentials.NewTLS(p.pki.trust(nil))))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for name, try := range map[string]struct {
			ctx  context.Context
			want codes.Code
		}{"nobody": {context.Background(), codes.Unauthenticated}, "another scope": {as(scraper), codes.PermissionDenied}} {
			for _, sends := range []bool{false, true} {
				s, err := conn.NewStream(try.ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, "/grpc.health.v1.Health/Watch")
				if err != nil {
					t.Fatal(err)
				}
				if sends {
					s.SendMsg(&healthpb.HealthCheckRequest{Service: "fraud"})
				}
				if err := s.RecvMsg(&healthpb.HealthCheckResponse{}); status.Code(err) != try.want {
					t.Errorf("%s, sends %v: %v, want %v", name, sends, err, try.want)
				}
			}
		}
	})
}
