package profile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

const served = `schema = 1
[profile.srv]
kind = "server"
container.image = "x"
ports = { http = 8000, grpc = 8001 }
[profile.srv.gateway.http]
protocol = "http"
inference = ["GET /v2", "POST /v2/models/{model}/infer"]
admin = ["POST /v2/load"]
[profile.srv.gateway.grpc]
protocol = "grpc"
inference = ["a.B/C"]
`

// calls of all ports of a profile, as "http inference GET /v2".
func calls(p *profile.Profile) (out []string) {
	for _, b := range p.Gateway {
		for _, r := range b.Rules {
			out = append(out, b.Name+" "+string(r.Scope)+" "+r.Call(b.Protocol))
		}
	}
	return out
}

// Lists merge as every other key: a nearer list replaces, false removes, an architecture lays
// over, and a port that is gone is behind no gateway.
func TestGatewayLists(t *testing.T) {
	grpc := "grpc inference a.B/C"
	for name, c := range map[string]struct {
		near string
		want []string
	}{
		"as it is":         {"", []string{grpc, "http inference GET /v2", "http inference POST /v2/models/{model}/infer", "http admin POST /v2/load"}},
		"a nearer list":    {"gateway.http.inference = ['GET /v2']", []string{grpc, "http inference GET /v2", "http admin POST /v2/load"}},
		"a list removed":   {"gateway.http.admin = false", []string{grpc, "http inference GET /v2", "http inference POST /v2/models/{model}/infer"}},
		"a port removed":   {"gateway.http = false", []string{grpc}},
		"none at all":      {"gateway = false", nil},
		"no such port now": {"ports.http = false", []string{grpc}},
		"an overlay":       {"arch.s390x.gateway.http.admin = false\narch.s390x.gateway.http.inference = ['GET /v2']", []string{grpc, "http inference GET /v2"}},
		"of another arch":  {"arch.arm64.gateway = false\ngateway.http = false", []string{grpc}},
	} {
		files := []profile.Source{{Layer: container.LayerSystem, File: "far.toml", Data: []byte(served)},
			{Layer: container.LayerUser, File: "near.toml", Data: []byte("schema = 1\n[profile.near]\nextends = 'srv'\n" + c.near)}}
		p := resolvedOf(t, files, "near")
		if got := calls(p); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		for _, b := range p.Gateway {
			if want := map[string]int{"http": 8000, "grpc": 8001}[b.Name]; b.Port != want || b.Host != "" {
				t.Errorf("%s: port %d of %q", name, b.Port, b.Host)
			}
		}
		if c.near == "" && p.Origin("gateway.http.admin").File != "far.toml" {
			t.Errorf("decided by %v", p.Origin("gateway.http.admin"))
		}
	}
}

func resolvedOf(t *testing.T, files []profile.Source, name string) *profile.Profile {
	t.Helper()
	src, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := profile.Load(append(src, files...))
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Resolve(name, "s390x")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What is wrong is refused with the line that says it.
func TestGatewayErrors(t *testing.T) {
	for text, want := range map[string]string{
		"protocol = 'h2c'":                                                `"h2c" is none of grpc, http`,
		"inferense = []":                                                  "unknown key, did you mean inference?",
		"inference = 'GET /v2'":                                           "wants a list of at most",
		"inference = ['GET /v2/']":                                        "no segment of a path",
		"inference = ['GET /a/..']":                                       "no segment of a path",
		"inference = ['GET /%2e%2e/x']":                                   "no segment of a path",
		"inference = ['GET /.*']":                                         "no segment of a path",
		"inference = ['GET /{a}x']":                                       "is no {name}",
		"inference = ['OPTIONS /']":                                       "is none of DELETE, GET",
		"inference = ['GET /a', 'GET /a']":                                "stands there twice",
		`inference = ["GET /\u001b[2J"]`:                                  "U+001B",
		`inference = ["GET /a\nacl x"]`:                                   "U+000A",
		"inference = ['a.B/C/D']":                                         "neither METHOD /PATH",
		"metrics = ['" + strings.Repeat("x", 999) + "']":                  "longer than 256 bytes",
		"protocol = 'grpc'\ninference = ['GET /a']":                       "is a call of http",
		"protocol = 'http'\ninference = ['a.B/C']":                        "is a call of grpc",
		"protocol = 'http'\ninference = ['GET /{a}']\nadmin = ['GET /a']": "let the same call through",
	} {
		_, err := profile.Load([]profile.Source{{Layer: container.LayerUser, File: "x.toml",
			Data: []byte("schema = 1\n[profile.x]\nports.http = 80\n[profile.x.gateway.http]\n" + text)}})
		check(t, err, want, "")
		if f := fault(err); f == nil || f.Line < 4 {
			t.Errorf("%s: at %+v", text, f)
		}
	}
	for near, want := range map[string]string{
		"gateway.htp.inference = ['GET /a']":        "gateway.htp: it is no name in ports",
		"gateway.http.protocol = 'grpc'":            `gateway.http: "GET /v2" is a call of http, and the protocol is "grpc"`,
		"gateway.http.protocol = false":             "neither http nor grpc",
		"gateway.grpc.inference = false":            "gateway.grpc: nothing may be called",
		"gateway.http.metrics = ['GET /{x}']":       "let the same call through",
		"[profile.near.gateway.HTTP]\ninference=[]": "is not a port's name",
	} {
		_, err := loadBoth(served, near)
		check(t, err, want, "")
	}
}

func fault(err error) *profile.Fault {
	if e, ok := err.(*profile.FileError); ok {
		return e.Faults[0]
	}
	return nil
}

func loadBoth(far, near string) (*profile.Profile, error) {
	src, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		return nil, err
	}
	c, err := profile.Load(append(src, profile.Source{Layer: container.LayerSystem, File: "far.toml", Data: []byte(far)},
		profile.Source{Layer: container.LayerUser, File: "near.toml", Data: []byte("schema = 1\n[profile.near]\nextends = 'srv'\n" + near)}))
	if err != nil {
		return nil, err
	}
	return c.Resolve("near", "s390x")
}

// Every server that is built in says what may be called of each port it publishes, and a
// notebook nothing.
func TestBuiltInGateways(t *testing.T) {
	each(t, func(t *testing.T, p *profile.Profile) {
		if p.Kind != "server" || p.Name == "haproxy" { // it is one
			if len(p.Gateway) > 0 {
				t.Errorf("a %s, %s, with a gateway", p.Kind, p.Name)
			}
			return
		}
		named := map[string]gateway.Backend{}
		for _, b := range p.Gateway {
			named[b.Name] = b
		}
		for _, name := range p.Publish {
			if len(named[name].Of(gateway.Inference)) == 0 {
				t.Errorf("nothing can be asked of %s", name)
			}
		}
		if b := named[p.Ready.Port]; !lets(b, gateway.Inference, "GET", p.Ready.Path) {
			t.Errorf("its readiness, %s, cannot be asked for", p.Ready.Path)
		}
	})
}

func lets(b gateway.Backend, s gateway.Scope, method, path string) bool {
	return slices.ContainsFunc(b.Of(s), func(r gateway.Rule) bool { return r.Matches(method, path) })
}

// What loads code, reads or writes others' data, or is a second way to the same, is let
// through in no server that is built in, whatever the scope.
func TestBuiltInGatewaysRefuse(t *testing.T) {
	never := []string{
		"/v2/repository/models/m/load", "/v2/repository/models/m/unload", "/v2/systemsharedmemory/status", "/v2/systemsharedmemory/region/r/register",
		"/v2/cudasharedmemory/region/r/register", "/v2/trace/setting", "/v2/models/m/trace/setting", "/v2/logging", "/v1/config/reload",
		"/invocations", "/ping", "/sleep", "/wake_up", "/collective_rpc", "/v1/load_lora_adapter", "/v1/unload_lora_adapter", "/update_weights",
		"/init_weight_transfer_engine", "/tokenize", "/detokenize", "/tokenizer_info", "/server_info", "/reset_prefix_cache", "/start_profile", "/scale_elastic_ep",
		"/abort_requests", "/pooling", "/v1/responses/r", "/v1/responses/r/cancel", "/slots", "/slots/0", "/props", "/models/load", "/tools", "/cors-proxy", "/apply-template",
		"/inference.GRPCInferenceService/RepositoryModelLoad", "/inference.GRPCInferenceService/RepositoryModelUnload",
		"/inference.GRPCInferenceService/SystemSharedMemoryRegister", "/inference.GRPCInferenceService/CudaSharedMemoryRegister",
		"/inference.GRPCInferenceService/TraceSetting", "/inference.GRPCInferenceService/LogSettings",
		"/tensorflow.serving.ModelService/HandleReloadConfigRequest", "/tensorflow.serving.SessionService/SessionRun",
		"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "/v2/docs", "/docs", "/openapi.json", "/dataplane.json",
	}
	each(t, func(t *testing.T, p *profile.Profile) {
		for _, b := range p.Gateway {
			for _, r := range b.Rules {
				for _, path := range never {
					if r.Matches(r.Method, path) {
						t.Errorf("%s of %s lets %s through", r.Call(b.Protocol), b.Name, path)
					}
				}
				if r.Scope != gateway.Metrics && (strings.HasSuffix(r.Path, "/metrics") || r.Path == "/load") {
					t.Errorf("metrics for %s", r.Scope)
				}
			}
			for _, s := range []string{"POST /v2/repository/index", "POST /pause", "POST /lora-adapters", "GET /v1/config"} {
				method, path, _ := strings.Cut(s, " ")
				if lets(b, gateway.Inference, method, path) || lets(b, gateway.Metrics, method, path) {
					t.Errorf("%s is not for admin alone", s)
				}
			}
		}
	})
}

// behind_gateway is a key like any other: a nearer file decides, and it wants calls.
func TestBehindGateway(t *testing.T) {
	far := profile.Source{Layer: container.LayerSystem, File: "far.toml", Data: []byte(served + "[profile.front]\nextends = 'srv'\nbehind_gateway = true\n")}
	for name, c := range map[string]struct {
		near string
		want bool
	}{
		"as it is":   {"", true},
		"not":        {"behind_gateway = false", false},
		"an overlay": {"arch.s390x.behind_gateway = false", false},
		"of another": {"arch.arm64.behind_gateway = false", true},
	} {
		near := profile.Source{Layer: container.LayerUser, File: "near.toml", Data: []byte("schema = 1\n[profile.near]\nextends = 'front'\n" + c.near)}
		if p := resolvedOf(t, []profile.Source{far, near}, "near"); p.BehindGateway != c.want {
			t.Errorf("%s: %v", name, p.BehindGateway)
		}
	}
	src, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	alone := profile.Source{Layer: container.LayerUser, File: "near.toml", Data: []byte("schema = 1\n[profile.near]\nextends = 'base'\nkind = 'server'\nbehind_gateway = true\ncontainer.image = 'x'\n")}
	c, err := profile.Load(append(src, far, alone))
	if err == nil {
		_, err = c.Resolve("near", "s390x")
	}
	if err == nil || !strings.Contains(err.Error(), "behind_gateway: no gateway.PORT says") {
		t.Errorf("without calls: %v", err)
	}
}
