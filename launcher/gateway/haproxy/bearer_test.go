package haproxy_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

const infer = "/v2/models/fraud/infer"

// TestTokens is who gets in by a token, to what.
func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		p := start(t, program, o.behind(tokens), known())
		both(t, p, nil, func(t *testing.T, c *http.Client) {
			for name, try := range map[string]struct {
				method, path string
				want         int
				headers      []string
			}{
				"right":                   {"POST", infer, 200, []string{bearer(good)}},
				"a query":                 {"POST", infer + "?x=%2e%2e//&y", 200, []string{bearer(good)}},
				"scheme in small letters": {"POST", infer, 200, []string{"Authorization: bearer " + good}},
				"of one version":          {"POST", "/v2/models/fraud/versions/1/infer", 200, []string{bearer(good)}},
				"a verb":                  {"POST", "/v1/models/fraud:predict", 200, []string{bearer(good)}},
				"none":                    {"POST", infer, 401, nil},
				"empty":                   {"POST", infer, 401, []string{"Authorization: "}},
				"wrong":                   {"POST", infer, 401, []string{bearer("zl_wrong")}},
				"expired":                 {"POST", infer, 401, []string{bearer(old)}},
				"two":                     {"POST", infer, 401, []string{bearer(good), bearer(admin)}},
				"twice":                   {"POST", infer, 401, []string{bearer(good), bearer(good)}},
				"two in one":              {"POST", infer, 401, []string{bearer(good + ", Bearer " + good)}},
				"more blanks":             {"POST", infer, 401, []string{"Authorization: Bearer  " + good}},
				"basic":                   {"POST", infer, 401, []string{"Authorization: Basic " + good}},
				"its hash":                {"POST", infer, 401, []string{bearer(strings.Fields(known())[0])}},
				"by proxy":                {"POST", infer, 401, []string{"Proxy-Authorization: Bearer " + good}},
				"a name that is none":     {"POST", infer, 403, []string{bearer(odd)}},
				"another method":          {"PUT", infer, 403, []string{bearer(good)}},
				"another path":            {"POST", infer + "x", 403, []string{bearer(good)}},
				"below it":                {"POST", infer + "/x", 403, []string{bearer(good)}},
				"two segments as one":     {"GET", "/v2/models/a/b", 403, []string{bearer(good)}},
				"another verb":            {"POST", "/v1/models/fraud:reload", 403, []string{bearer(good)}},
				"of another framework":    {"POST", "/invocations", 403, []string{bearer(good)}},
				"trace settings":          {"POST", "/v2/models/fraud/trace/setting", 403, []string{bearer(good)}},
				"administration":          {"POST", "/v2/repository/models/x/load", 403, []string{bearer(good)}},
				"administrator":           {"POST", "/v2/repository/models/x/load", 200, []string{bearer(admin)}},
				"of metrics":              {"POST", infer, 403, []string{bearer(scraper)}},
				"metrics at this door":    {"GET", "/metrics", 403, []string{bearer(scraper)}},
				"health":                  {"GET", gateway.HealthPath, 403, []string{bearer(good)}},
				"OPTIONS":                 {"OPTIONS", infer, 403, []string{bearer(good)}},
				"TRACE":                   {"TRACE", infer, 403, []string{bearer(good)}},
			} {
				before, body := o.arrived(), "[1]"
				if try.method == "GET" || try.method == "TRACE" {
					body = ""
				}
				got, text := p.ask(c, try.method, try.path, body, try.headers...)
				if got != try.want {
					t.Errorf("%s: status %d, want %d: %s", name, got, try.want, text)
				}
				if arrived := o.arrived() > before; arrived != (try.want == 200) {
					t.Errorf("%s: arrived at the server: %v", name, arrived)
				}
				if got == 200 && text != body {
					t.Errorf("%s: the body %q came back as %q", name, body, text)
				}
			}
			for secret, want := range map[string]int{scraper: 200, good: 403, "": 401} {
				if got, _ := p.askAt(c, p.layout.Metrics, "GET", "/metrics", "", bearer(secret)); got != want {
					t.Errorf("metrics with %q: status %d, want %d", secret, got, want)
				}
			}
			if got, _ := p.askAt(c, p.layout.Metrics, "POST", infer, "[1]", bearer(admin)); got != 403 {
				t.Errorf("inference at the door of metrics: status %d", got)
			}
		})
	})
}

// TestIdentity holds what the server is told of the client, and that the client has no say.
func TestIdentity(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		p := start(t, program, o.behind(tokens), known())
		spoofed := []string{
			"X-Zlaunch-Client: root", "x-zlaunch-client: root", "X-ZLAUNCH-Client: root", "X_Zlaunch_Client: root", "X-Zlaunch_Client: root", "X.Zlaunch.Client: root",
			"X-Forwarded-For: 10.0.0.1", "X-FORWARDED-Host: a", "x-forwarded: a", "X_Forwarded_For: 10.0.0.1", "Forwarded: for=10.0.0.1", "Via: 1.1 a",
			"X-Real-Ip: 10.0.0.1", "X-Real_IP: 1", "X-Remote-User: root", "Remote-User: root", "REMOTE_USER: root", "X-Client-Cert: a", "X-Client-Cert-Chain: a", "X-Client-Ip: a", "Client-Cert: a",
			"X-SSL-Client-CN: root", "X-SSL-Anything: a", "SSL-Client-Verify: SUCCESS", "X-Auth-Request-User: root", "X-Webauth-User: root", "X-User: root", "X-Original-Url: /metrics",
			"X-Rewrite-Url: /metrics", "X-Http-Method-Override: DELETE", "X-Method-Override: DELETE", "Proxy-Authorization: Basic a", "Proxy-Connection: a",
			"Keep-Alive: timeout=5", "True-Client-Ip: a",
		}
		check := func(t *testing.T) {
			t.Helper()
			h := o.last(t).Header.Clone()
			if got := h.Values("X-Zlaunch-Client"); len(got) != 1 || got[0] != "fraud-app" {
				t.Errorf("the server was told %q", got)
			}
			for _, kept := range []string{"X-Zlaunch-Client", "Accept-Encoding", "User-Agent", "Content-Length", "Content-Type", "Accept", "X-Request-Id"} {
				h.Del(kept)
			}
			if len(h) > 0 {
				t.Errorf("the server was told more: %v", h)
			}
		}
		both(t, p, nil, func(t *testing.T, c *http.Client) {
			headers := append([]string{bearer(good), "X-Request-Id: 7"}, spoofed...)
			if c.Transport.(*http.Transport).ForceAttemptHTTP2 { // where they cannot be
				headers = headers[:len(headers)-3]
			}
			if got, text := p.ask(c, "POST", infer, "[1]", headers...); got != 200 {
				t.Fatalf("status %d: %s", got, text)
			}
			check(t)
			if o.last(t).Header.Get("X-Request-Id") != "7" {
				t.Error("a header of the client's own is gone")
			}
		})
		// As net/http would not spell them, and named to a hop.
		if got := p.raw(request("GET /v2/models/fraud HTTP/1.1", "x-ZLAUNCH-client: root", "X-zlaunch_CLIENT: root", "aUTHORIZATION2_x: a", "Connection: X-Zlaunch-Client, close", "TE: trailers")); got != 200 {
			t.Fatalf("status %d", got)
		}
		check(t)
	})
}
