package attack

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// weakness is a gateway with a hole, and what must be found to get through it.
type weakness struct {
	clients string
	only    []Theme
	weaken  []string // pairs: an expression, what it becomes
	found   string   // IDs of attacks that arrive
}

// dropped is a line of the configuration that is left out.
func dropped(words string) []string { return []string{`(?m)^.*` + words + `.*\n`, ""} }

var weaknesses = map[string]weakness{
	"anything may be called": {"tokens", []Theme{Paths, Authorization}, slices.Concat(
		dropped(`string "gateway: (a path has|a request names a path|HTTP is spoken)`), dropped(`string "gateway: (no rule of|the client has not)`),
		[]string{`(?m)^.*wait-for-body time 1s if !led .*\n`, "    http-request set-var(txn.to) str(http) unless led\n"}),
		"paths/dot-dot paths/encoded-dots paths/encoded-twice paths/slashes paths/null paths/encoded-slash paths/parameter paths/long paths/case paths/absolute " +
			"paths/delete paths/trace paths/http-1.0 paths/repository paths/invocations paths/ping paths/metrics paths/http2-repository authorization/admin"},
	"any method of a service may be called": {"tokens", []Theme{GRPC}, []string{"-m str POST/inference.GRPCInferenceService/ServerLive", "-m beg POST/inference.GRPCInferenceService/"},
		"grpc/trace grpc/trace-plain grpc/log-plain grpc/shared-memory grpc/repository-index grpc/repository-load-plain"},
	"paths are not looked at": {"tokens", []Theme{Paths}, slices.Concat(
		dropped(`string "gateway: (a path has|a request names a path)`), []string{`-m str GET/v2/health/ready`, "-m sub /v2/health/ready"}),
		"paths/dot-dot paths/encoded-dots paths/slashes paths/null paths/delete"},
	"headers are passed on": {"tokens", []Theme{Headers}, slices.Concat(
		dropped("del-header"), dropped("set-header X-Zlaunch-Client"), dropped("http-restrict-req-hdr-names")),
		"headers/spoof headers/spoof-underscore headers/spoof-dot headers/spoof-case headers/spoof-http2 headers/authorization"},
	"underscores are passed on": {"tokens", []Theme{Headers}, dropped("http-restrict-req-hdr-names"), "headers/spoof-underscore"},
	"heads are large": {"tokens", []Theme{Headers}, slices.Concat(
		[]string{`tune.bufsize \d+`, "tune.bufsize 200000", `tune.http.maxhdr \d+`, "tune.http.maxhdr 1000"}, dropped("names one host"), dropped("no name of a host")),
		"headers/large headers/large-http2 headers/many"},
	"TLS is old": {"tokens", []Theme{TLS}, []string{`ssl-min-ver TLSv1.2 ciphers \S+`, "ssl-min-ver TLSv1.0 ciphers ALL:@SECLEVEL=0", "strict-sni", ""},
		"tls/1.0 tls/1.1 tls/cbc tls/unknown-name"},
	"certificates are not looked at": {"certificates and tokens", []Theme{TLS}, slices.Concat(
		[]string{"verify required", "verify optional ca-ignore-err all crt-ignore-err all"}, dropped(`set-var\(txn.refused\).*txn.cert`)),
		"tls/no-certificate tls/foreign-certificate tls/expired-certificate tls/revoked-certificate"},
	"no list of the revoked": {"certificates", []Theme{TLS}, slices.Concat([]string{`crl-file \S+`, ""}, dropped(`set-var\(txn.refused\).*subjects`)),
		"tls/revoked-certificate tls/other-certificate"},
	"nobody is asked": {"tokens", []Theme{Authorization, GRPC}, []string{`(?m)^    acl known .*\n`,
		"    http-request set-var(txn.client) str(anyone) unless { var(txn.client) -m found }\n    http-request set-var(txn.scopes) str(inference) unless { var(txn.scopes) -m found }\n$0"},
		"authorization/none authorization/wrong authorization/two authorization/basic authorization/case authorization/query authorization/expired authorization/revoked authorization/none-http2 grpc/no-token grpc/wrong-token"},
	"expiry is not looked at": {"tokens", []Theme{Authorization}, []string{"(if .*) token_lives", "$1"}, "authorization/expired"},
	"a JWT says how it is verified": {"tokens or JWTs", []Theme{JWT}, slices.Concat(dropped("acl jwt_algorithm"), []string{"(if .*) jwt_algorithm", "$1",
		`jwt_verify\(ES256,`, "jwt_verify(txn.alg,", `(?m)^    acl jwt_form .*\n`, "    http-request set-var(txn.alg) var(txn.secret),jwt_header_query('$$.alg')\n    acl jwt_form always_true\n",
		`(?m)^    acl bearer .*\n`, "    acl bearer req.fhdr(authorization) -m found\n"}),
		"jwt/none"},
	"a JWT lives for ever": {"tokens or JWTs", []Theme{JWT}, []string{"(if .*) jwt_ends", "$1", "(if .*) jwt_lives", "$1", "(if .*) !jwt_early", "$1", "(if .*) jwt_audience", "$1", "(if .*) jwt_issuer", "$1"},
		"jwt/no-exp jwt/expired jwt/nbf jwt/aud jwt/no-aud jwt/aud-array jwt/iss jwt/no-iss"},
	"nothing is counted": {"tokens", []Theme{Limits}, slices.Concat(dropped(`string "gateway: the (body|length)`), dropped("string \"gateway: too many"), dropped("tcp-request connection reject"),
		dropped("wait-for-body")),
		"limits/body limits/body-chunked limits/body-http2 limits/connections limits/rate"},
}

// TestWeak plays on gateways that each have a hole.
func TestWeak(t *testing.T) {
	for name, w := range weaknesses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t)
			s := serve(t, triton(byWhat()[w.clients]), o, func(c string) string {
				for i := 0; i < len(w.weaken); i += 2 {
					before := c
					if c = regexp.MustCompile(w.weaken[i]).ReplaceAllString(c, w.weaken[i+1]); c == before {
						t.Errorf("the configuration has no %s", w.weaken[i])
					}
				}
				return c
			})
			arrived(t, s.play(t, Player{Only: w.only}), strings.Fields(w.found))
		})
	}
}

// arrived wants attacks to have arrived.
func arrived(t *testing.T, r *Report, want []string) {
	t.Helper()
	for _, a := range r.Attacks {
		i := slices.Index(want, a.ID)
		if i < 0 {
			continue
		}
		want = slices.Delete(want, i, i+1)
		if a.Verdict != Arrived {
			t.Errorf("%s is %s (%s): %s %s %q", a.ID, a.Verdict, a.Title, a.Reply, a.Why, a.By)
		}
	}
	if len(want) > 0 {
		t.Errorf("not played: %q", want)
	}
	if !r.Failed() {
		t.Error("the gateway did not fail")
	}
}
