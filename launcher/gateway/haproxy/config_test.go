package haproxy_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/haproxy"
)

var update = flag.Bool("update", false, "rewrite testdata")

// Rules as those of Triton.
var (
	httpRules = []gateway.Rule{
		{Scope: gateway.Inference, Method: "GET", Path: "/v2/health/ready"},
		{Scope: gateway.Inference, Method: "GET", Path: "/v2/models/{model}"},
		{Scope: gateway.Inference, Method: "POST", Path: "/v2/models/{model}/infer"},
		{Scope: gateway.Inference, Method: "POST", Path: "/v2/models/{model}/versions/{version}/infer"},
		{Scope: gateway.Inference, Method: "POST", Path: "/v1/models/{model}:predict"},
		{Scope: gateway.Inference, Method: "GET", Path: "/v1.0/a.b/{Name_1}"},
		{Scope: gateway.Inference, Method: "DELETE", Path: "/v2/jobs/{job}"},
		{Scope: gateway.Admin, Method: "POST", Path: "/v2/repository/models/{model}/load"},
	}
	grpcRules = []gateway.Rule{
		{Scope: gateway.Inference, Method: "POST", Path: "/grpc.health.v1.Health/Check"},
		{Scope: gateway.Inference, Method: "POST", Path: "/grpc.health.v1.Health/Watch"},
		{Scope: gateway.Admin, Method: "POST", Path: "/grpc.health.v1.Health/List"},
	}
	metricsRules = []gateway.Rule{{Scope: gateway.Metrics, Method: "GET", Path: "/metrics"}}
)

func onHTTP() gateway.Backend {
	return gateway.Backend{Name: "http", Host: "zlaunch-fraud-server", Port: 8000, Protocol: gateway.HTTP, Rules: httpRules}
}

func onGRPC() gateway.Backend {
	return gateway.Backend{Name: "grpc", Host: "zlaunch-fraud-server", Port: 8001, Protocol: gateway.GRPC, Rules: grpcRules}
}

func onMetrics() gateway.Backend {
	return gateway.Backend{Name: "metrics", Host: "zlaunch-fraud-server", Port: 8002, Protocol: gateway.HTTP, Rules: metricsRules}
}

func with(c gateway.Clients, backends ...gateway.Backend) *gateway.Gateway {
	return &gateway.Gateway{Name: "fraud", Backends: backends, Clients: c, Limits: gateway.DefaultLimits}
}

var (
	tokens = gateway.Clients{Tokens: true}
	issuer = &gateway.JWT{Algorithm: "RS256", Issuer: "https://idp.example.com/realms/z", Audience: "fraud", Keys: 2}
)

// gateways are the golden ones, by name.
func gateways() map[string]*gateway.Gateway {
	all := map[string]*gateway.Gateway{
		"tokens":       with(tokens, onHTTP()),
		"certificates": with(gateway.Clients{Certificates: &gateway.Certificates{Scopes: []gateway.Scope{gateway.Inference, gateway.Metrics}}}, onHTTP(), onMetrics()),
		"certificates-and-tokens": with(gateway.Clients{
			Certificates: &gateway.Certificates{CRL: true, Subjects: []string{"fraud-app", "batch@example.com"}}, Tokens: true}, onHTTP()),
		"jwt":               with(gateway.Clients{JWT: issuer}, onHTTP()),
		"jwt-and-tokens":    with(gateway.Clients{JWT: issuer, Tokens: true}, onHTTP()),
		"tls13":             with(tokens, onHTTP()),
		"grpc":              with(tokens, onGRPC()),
		"http-grpc-metrics": with(tokens, onGRPC(), onHTTP(), onMetrics()),
		"http-grpc":         with(tokens, onGRPC(), onHTTP()),
	}
	all["tls13"].TLS = gateway.TLS{Only13: true, AnyName: true}
	return all
}

// TestGolden holds each configuration against the file of its name.
func TestGolden(t *testing.T) {
	for name, g := range gateways() {
		t.Run(name, func(t *testing.T) {
			got, err := haproxy.Config(g)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+".cfg")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("the configuration is not that of %s; go test -update shows how by git diff\n%s", file, got)
			}
			again, _ := haproxy.Config(g)
			if !bytes.Equal(got, again) {
				t.Error("a second call gives other bytes")
			}
		})
	}
	files, err := filepath.Glob("testdata/*.cfg")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name := filepath.Base(f); gateways()[name[:len(name)-len(".cfg")]] == nil {
			t.Errorf("nobody writes %s", f)
		}
	}
}

// TestExpressions holds what the proxy lets through against what a rule says it does.
func TestExpressions(t *testing.T) {
	text, err := haproxy.Config(with(tokens, onHTTP()))
	if err != nil {
		t.Fatal(err)
	}
	var patterns []*regexp.Regexp
	for l := range strings.Lines(string(text)) {
		if _, p, ok := strings.Cut(strings.TrimSpace(l), "acl inference_http var(txn.call) -m reg "); ok {
			patterns = append(patterns, regexp.MustCompile(p))
		}
	}
	if len(patterns) == 0 {
		t.Fatal("no expression")
	}
	for _, path := range []string{"/v2/models/a", "/v2/models/a:b", "/v2/models/", "/v2/models", "/v2/models/a/", "/v2/models/a/infer", "/v2/models/a/inferx", "/v2/models/a/b/infer",
		"/v2/models/a/versions/1/infer", "/v1/models/a:predict", "/v1/models/:predict", "/v1/models/a", "/v1/models/a:predict:predict", "/v1.0/a.b/x", "/v1x0/a.b/x", "/v1.0/axb/x", "/x/v2/models/a", "/v2/models/a b"} {
		for _, method := range []string{"GET", "POST", "DELETE", "XGET"} {
			rule := slices.ContainsFunc(httpRules, func(r gateway.Rule) bool {
				return r.Scope == gateway.Inference && strings.Contains(r.Path, "{") && r.Matches(method, path)
			})
			proxy := slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(method + path) })
			if rule != proxy {
				t.Errorf("%s %s: the rules say %v, the proxy %v", method, path, rule, proxy)
			}
		}
	}
}

// TestRefused gives each way a gateway can be wrong.
func TestRefused(t *testing.T) {
	bad := []string{"", " ", "a b", "a\nb", "a\n", `a"b`, "a'b", "a#b", `a\b`, "a$b", "%[src]", "a%b", "a,b", "a(b)", "a{b", "a\x00", "ä", "-m", "a;b"}
	for _, s := range bad {
		for name, change := range map[string]func(*gateway.Gateway){
			"name":     func(g *gateway.Gateway) { g.Name = s },
			"port":     func(g *gateway.Gateway) { g.Backends[0].Name = s },
			"host":     func(g *gateway.Gateway) { g.Backends[0].Host = s },
			"protocol": func(g *gateway.Gateway) { g.Backends[0].Protocol = gateway.Protocol(s) },
			"scope":    func(g *gateway.Gateway) { g.Backends[0].Rules[0].Scope = gateway.Scope(s) },
			"method":   func(g *gateway.Gateway) { g.Backends[0].Rules[0].Method = s },
			"path":     func(g *gateway.Gateway) { g.Backends[0].Rules[0].Path = s },
			"in path":  func(g *gateway.Gateway) { g.Backends[0].Rules[0].Path = "/" + s + "?/x" },
			"grpc":     func(g *gateway.Gateway) { g.Backends[0].Protocol = gateway.GRPC; g.Backends[0].Rules[0].Path = s },
			"issuer":   func(g *gateway.Gateway) { g.Clients.JWT.Issuer = s },
			"audience": func(g *gateway.Gateway) { g.Clients.JWT.Audience = s },
			"alg":      func(g *gateway.Gateway) { g.Clients.JWT.Algorithm = s },
			"granted":  func(g *gateway.Gateway) { g.Clients.Certificates.Scopes = []gateway.Scope{gateway.Scope(s)} },
		} {
			if g := fresh(); refuses(g, change) == nil {
				t.Errorf("%s %q is written", name, s)
			}
		}
		if s == "-m" { // a file of names is no line of words
			continue
		}
		if g := fresh(); refuses(g, func(g *gateway.Gateway) { g.Clients.Certificates.Subjects = []string{s} }) == nil {
			t.Errorf("subject %q is written", s)
		}
	}
}

// TestRefusedValues gives each number and combination that is out of bounds.
func TestRefusedValues(t *testing.T) {
	for name, change := range map[string]func(*gateway.Gateway){
		"nobody":           func(g *gateway.Gateway) { g.Clients = gateway.Clients{} },
		"no backend":       func(g *gateway.Gateway) { g.Backends = nil },
		"no rule":          func(g *gateway.Gateway) { g.Backends[0].Rules, g.Backends[1].Rules = nil, nil },
		"twice":            func(g *gateway.Gateway) { g.Backends = append(g.Backends, g.Backends[0]) },
		"call twice":       func(g *gateway.Gateway) { g.Backends[1].Rules = g.Backends[0].Rules },
		"no port":          func(g *gateway.Gateway) { g.Backends[0].Port = 0 },
		"port":             func(g *gateway.Gateway) { g.Backends[0].Port = 65536 },
		"HS256":            func(g *gateway.Gateway) { g.Clients.JWT.Algorithm = "HS256" },
		"none":             func(g *gateway.Gateway) { g.Clients.JWT.Algorithm = "none" },
		"PS256":            func(g *gateway.Gateway) { g.Clients.JWT.Algorithm = "PS256" },
		"no key":           func(g *gateway.Gateway) { g.Clients.JWT.Keys = 0 },
		"header":           func(g *gateway.Gateway) { g.Limits.Header = 8 << 10 },
		"body":             func(g *gateway.Gateway) { g.Limits.Body = 0 },
		"connections":      func(g *gateway.Gateway) { g.Limits.Connections = 100_000 },
		"per client":       func(g *gateway.Gateway) { g.Limits.PerClient = -1 },
		"rate":             func(g *gateway.Gateway) { g.Limits.Rate = 0 },
		"slow":             func(g *gateway.Gateway) { g.Limits.Slow = 0 },
		"CONNECT":          func(g *gateway.Gateway) { g.Backends[0].Rules[0].Method = "CONNECT" },
		"dots":             func(g *gateway.Gateway) { g.Backends[0].Rules[0].Path = "/v2/../x" },
		"metrics of gRPC":  func(g *gateway.Gateway) { g.Backends[0].Protocol = gateway.GRPC },
		"a star":           func(g *gateway.Gateway) { g.Backends[0].Rules[0].Path = "/v2/*" },
		"name inside":      func(g *gateway.Gateway) { g.Backends[0].Rules[0].Path = "/v2/a{model}" },
		"expression in it": func(g *gateway.Gateway) { g.Backends[0].Rules[0].Path = "/v2/{.*}" },
	} {
		if g := fresh(); refuses(g, change) == nil {
			t.Errorf("%s is written", name)
		}
	}
	for _, dir := range []string{"", "relative", "/a b", "/a\n"} {
		if _, err := (haproxy.Layout{Dir: dir, Address: "::", Port: 1, Metrics: 2, Health: 3}).Config(fresh()); err == nil {
			t.Errorf("directory %q is written", dir)
		}
	}
	for _, at := range []string{"", "*", "::1%lo", "localhost", "0.0.0.0\n"} {
		if _, err := (haproxy.Layout{Dir: "/x", Address: at, Port: 1, Metrics: 2, Health: 3}).Config(fresh()); err == nil {
			t.Errorf("address %q is written", at)
		}
	}
}

// fresh is a gateway with all there is, which nobody else holds.
func fresh() *gateway.Gateway {
	jwt := *issuer
	a, b := onMetrics(), onHTTP()
	a.Name, a.Rules, b.Rules = "a", slices.Clone(a.Rules), slices.Clone(b.Rules)
	return with(gateway.Clients{Tokens: true, JWT: &jwt, Certificates: &gateway.Certificates{Subjects: []string{"fraud-app"}}}, a, b)
}

func refuses(g *gateway.Gateway, change func(*gateway.Gateway)) error {
	change(g)
	_, err := haproxy.Config(g)
	return err
}
