package attack

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// TestMain has many plays go on at once, whatever the processors: they wait for answers that
// do not come.
func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "12")
	os.Exit(m.Run())
}

// triton is a gateway before a server of KServe's protocol, with limits that are soon met.
func triton(c gateway.Clients) gateway.Gateway {
	rule := func(s gateway.Scope, method, path string) gateway.Rule {
		return gateway.Rule{Scope: s, Method: method, Path: path}
	}
	l := gateway.DefaultLimits
	l.Slow, l.Body, l.PerClient, l.Rate = 2*time.Second, 1<<20, 100, 500
	return gateway.Gateway{Name: "fraud", Clients: c, Limits: l, Backends: []gateway.Backend{
		{Name: "grpc", Protocol: gateway.GRPC, Rules: []gateway.Rule{
			rule(gateway.Inference, "POST", "/inference.GRPCInferenceService/ServerLive"),
			rule(gateway.Inference, "POST", "/inference.GRPCInferenceService/ModelInfer"),
			rule(gateway.Admin, "POST", "/inference.GRPCInferenceService/RepositoryModelLoad"),
		}},
		{Name: "http", Protocol: gateway.HTTP, Rules: []gateway.Rule{
			rule(gateway.Inference, "GET", "/v2/health/ready"),
			rule(gateway.Inference, "GET", "/v2/models/{model}"),
			rule(gateway.Inference, "POST", "/v2/models/{model}/infer"),
			rule(gateway.Admin, "POST", "/v2/repository/index"),
			rule(gateway.Metrics, "GET", "/metrics"),
		}},
	}}
}

// byWhat are gateways by what they ask of clients.
func byWhat() map[string]gateway.Clients {
	return map[string]gateway.Clients{
		"tokens":                  {Tokens: true},
		"certificates":            {Certificates: &gateway.Certificates{CRL: true, Subjects: []string{"alice"}}},
		"certificates and tokens": {Tokens: true, Certificates: &gateway.Certificates{CRL: true}},
		"tokens or JWTs":          {Tokens: true, JWT: &gateway.JWT{Algorithm: "ES256", Issuer: "https://issuer.example", Audience: "fraud", Keys: 1}},
	}
}

// TestRefused plays every attack on gateways as zlaunch writes them.
func TestRefused(t *testing.T) {
	for name, clients := range byWhat() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t)
			s := serve(t, triton(clients), o, func(c string) string { return c })
			r := s.play(t, Player{})
			for _, a := range r.Attacks {
				if a.Verdict != Refused && a.Verdict != NotPlayed {
					t.Errorf("%s is %s (%s): %s %s", a.ID, a.Verdict, a.Title, a.Reply, a.Why)
				}
			}
			if strings.Join(r.Logs, ", ") != "gateway's log, server's log" {
				t.Errorf("logs that show what arrives: %q", r.Logs)
			}
		})
	}
}

// TestSilent plays on a gateway before a server that logs nothing, as many do: the gateway's
// own log is enough.
func TestSilent(t *testing.T) {
	t.Parallel()
	s := serve(t, triton(gateway.Clients{Tokens: true}), newOrigin(t), func(c string) string { return c })
	s.Server, s.Headers = nil, nil
	r := s.play(t, Player{})
	for _, a := range r.Attacks {
		if a.Verdict != Refused && a.Verdict != NotPlayed {
			t.Errorf("%s is %s (%s): %s %s", a.ID, a.Verdict, a.Title, a.Reply, a.Why)
		}
	}
	if strings.Join(r.Logs, ", ") != "gateway's log" {
		t.Errorf("logs that show what arrives: %q", r.Logs)
	}
}

func (s *served) play(t *testing.T, p Player) *Report {
	t.Helper()
	r, err := p.Play(context.Background(), &s.Target)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Controls {
		if c.Verdict != Passed {
			t.Fatalf("%s did not get through: %s %q", c.ID, c.Reply, c.By)
		}
	}
	return r
}
