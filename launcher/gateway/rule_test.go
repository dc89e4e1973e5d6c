package gateway

import (
	"regexp"
	"strings"
	"testing"
)

func TestParseCall(t *testing.T) {
	for _, good := range []string{
		"GET /", "GET /v2", "HEAD /v2/health/ready", "POST /v2/models/{model}/versions/{version}/infer", "POST /v1/models/{model}:predict",
		"PUT /a.b/c_d/e-f/@g", "inference.GRPCInferenceService/ModelInfer", "grpc.health.v1.Health/Check", "Plain/Call",
	} {
		p, r, err := ParseCall(good)
		if err != nil || r.Call(p) != good || !regexp.MustCompile(Call).MatchString(good) {
			t.Errorf("%s: %s %+v, %v", good, p, r, err)
		}
		if (p == GRPC) != !strings.Contains(good, " ") {
			t.Errorf("%s is taken for %s", good, p)
		}
	}
	for _, bad := range []string{
		"", " ", "GET", "GET ", "get /v2", "GET v2", "GET  /v2", "TRACE /", "CONNECT /", "GET /v2/", "GET //v2", "GET /v2//x", "GET /.", "GET /..", "GET /a/../b",
		"GET /%2e%2e", "GET /a b", "GET /a?b", "GET /a#b", "GET /a*", "GET /a\n", "GET /\x00", "GET /ä", "GET /{}", "GET /{1a}", "GET /{a}{b}", "GET /{a", "GET /a}",
		"GET /a{b}", "GET /{a}b", "GET /{a}:", "GET /{a}/..", "GET http://x/", "GET /(x)", "GET /\\", "a", "/a.b/c", "a/b/c", "a./b", ".a/b", "a.b/", "a.b/c d", "a..b/c", "a-b/c",
		"GET /" + strings.Repeat("a", 300), "POST inference.GRPCInferenceService/ModelInfer",
	} {
		if p, r, err := ParseCall(bad); err == nil {
			t.Errorf("%q is taken: %s %+v", bad, p, r)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		rule, method, path string
		want               bool
	}{
		{"GET /v2", "GET", "/v2", true},
		{"GET /v2", "GET", "/v2/", false},
		{"GET /v2", "POST", "/v2", false},
		{"GET /v2", "GET", "/V2", false},
		{"GET /", "GET", "/", true},
		{"GET /v2/models/{m}", "GET", "/v2/models/iris-1.0@x:y", true},
		{"GET /v2/models/{m}", "GET", "/v2/models/", false},
		{"GET /v2/models/{m}", "GET", "/v2/models/..", false},
		{"GET /v2/models/{m}", "GET", "/v2/models/.", false},
		{"GET /v2/models/{m}", "GET", "/v2/models/a/b", false},
		{"GET /v2/models/{m}", "GET", "/v2/models/%2e%2e", false},
		{"GET /v2/models/{m}", "GET", "/v2/models/a?b", false},
		{"GET /v2/models/{m}", "GET", "//v2/models/a", false},
		{"POST /v1/models/{m}:predict", "POST", "/v1/models/a:predict", true},
		{"POST /v1/models/{m}:predict", "POST", "/v1/models/:predict", false},
		{"POST /v1/models/{m}:predict", "POST", "/v1/models/..:predict", false},
		{"POST /v1/models/{m}:predict", "POST", "/v1/models/a:reload", false},
		{"a.B/C", "POST", "/a.B/C", true},
		{"a.B/C", "POST", "/a.B/D", false},
		{"a.B/C", "GET", "/a.B/C", false},
	} {
		_, r, err := ParseCall(c.rule)
		if err != nil || r.Matches(c.method, c.path) != c.want {
			t.Errorf("%s, %s %s: want %t (%v)", c.rule, c.method, c.path, c.want, err)
		}
	}
}

func TestOverlaps(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"GET /a", "GET /a", true},
		{"GET /a", "POST /a", false},
		{"GET /a/{x}", "GET /a/b", true},
		{"GET /a/{x}", "GET /a/b/c", false},
		{"GET /a/{x}", "GET /{y}/b", true},
		{"GET /a/{x}:p", "GET /a/{y}", true},
		{"GET /a/{x}:p", "GET /a/{y}:q", false},
		{"GET /a/{x}:p", "GET /a/b:q:p", true},
		{"GET /a/{x}:p", "GET /a/b", false},
		{"GET /a/{x}/c", "GET /a/b/d", false},
	} {
		_, a, _ := ParseCall(c.a)
		_, b, _ := ParseCall(c.b)
		if a.Overlaps(b) != c.want || b.Overlaps(a) != c.want {
			t.Errorf("%s, %s: want %t", c.a, c.b, c.want)
		}
	}
}

func TestBackendCheck(t *testing.T) {
	rule := func(s Scope, call string) Rule {
		_, r, err := ParseCall(call)
		if err != nil {
			t.Fatal(err)
		}
		r.Scope = s
		return r
	}
	for name, c := range map[string]struct {
		of   Backend
		says string
	}{
		"as it should be": {Backend{Protocol: HTTP, Rules: []Rule{rule(Inference, "GET /a/{x}"), rule(Admin, "POST /a/{x}"), rule(Metrics, "GET /metrics")}}, ""},
		"of gRPC":         {Backend{Protocol: GRPC, Rules: []Rule{rule(Inference, "a.B/C"), rule(Admin, "a.B/D")}}, ""},
		"no protocol":     {Backend{Rules: []Rule{rule(Inference, "GET /a")}}, "neither http nor grpc"},
		"nothing":         {Backend{Protocol: HTTP}, "nothing may be called"},
		"twice":           {Backend{Protocol: HTTP, Rules: []Rule{rule(Inference, "GET /a"), rule(Inference, "GET /a")}}, "twice"},
		"two scopes":      {Backend{Protocol: HTTP, Rules: []Rule{rule(Inference, "GET /{x}"), rule(Admin, "GET /a")}}, "let the same call through"},
		"HTTP over gRPC":  {Backend{Protocol: GRPC, Rules: []Rule{rule(Inference, "GET /a/{x}")}}, "neither METHOD"},
	} {
		err := c.of.Check()
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

// Whatever text is taken for a call is written as it was read, has nothing in it that a proxy
// would have to quote, and lets no path through that a server could read as another.
func FuzzParseCall(f *testing.F) {
	f.Add("GET /v2/models/{model}/infer", "/v2/models/a/infer")
	f.Add("POST /v1/models/{m}:predict", "/v1/models/..:predict")
	f.Add("a.B/C", "/a.B/C")
	f.Add("GET /{a}", "/%2e")
	plain := regexp.MustCompile(`^/[A-Za-z0-9._:@/-]*$`)
	f.Fuzz(func(t *testing.T, call, path string) {
		p, r, err := ParseCall(call)
		if err != nil {
			return
		}
		if r.Call(p) != call || !regexp.MustCompile(Call).MatchString(call) {
			t.Errorf("%q is written %q", call, r.Call(p))
		}
		if r.Matches(r.Method, path) && (!plain.MatchString(path) && p == HTTP || strings.Contains(path+"/", "/../") || strings.Contains(path+"/", "/./") || strings.Contains(path, "//")) {
			t.Errorf("%q lets %q through", call, path)
		}
	})
}

// Two rules that let a call through together are known to overlap.
func FuzzOverlaps(f *testing.F) {
	f.Add("GET /a/{x}:p", "GET /{y}/b:p", "/a/b:p")
	f.Add("GET /{x}", "GET /{y}:q", "/a:q")
	f.Fuzz(func(t *testing.T, a, b, path string) {
		_, one, errA := ParseCall(a)
		_, two, errB := ParseCall(b)
		if errA != nil || errB != nil || one.Method != two.Method {
			return
		}
		if one.Matches(one.Method, path) && two.Matches(two.Method, path) && !(one.Overlaps(two) && two.Overlaps(one)) {
			t.Errorf("%q and %q both let %q through", a, b, path)
		}
	})
}
