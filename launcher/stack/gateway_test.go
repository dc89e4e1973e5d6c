package stack

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

const guarded = `schema = 1
name = "shop"
[member.server]
profile = "triton"

[gateway]
backend = "server"
publish = ["9443:https"]
`

// A gateway brings its member and networks: what is behind it has no way out and no names.
func TestGateway(t *testing.T) {
	for name, c := range map[string]struct{ text, networks, server string }{
		"alone":   {guarded, "[{gateway-edge false false} {gateway-inner true true}]", "[gateway-inner]"},
		"several": {guarded + "[member.other]\nprofile = \"demo\"\n", "[{net true false} {gateway-edge false false} {gateway-inner true true}]", "[net gateway-inner]"},
		"own networks": {strings.Replace(guarded, "\n[gateway]", "networks = [\"out\"]\n[network.out]\n[gateway]", 1),
			"[{out false false} {gateway-edge false false} {gateway-inner true true}]", "[out gateway-inner]"},
	} {
		s, err := Parse("stack.toml", []byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		proxy := s.Members[len(s.Members)-1]
		want := Member{Name: "gateway", Profile: "haproxy", After: []string{"server"}, Networks: []string{"gateway-edge", "gateway-inner"}, Publish: []string{"9443:https"}}
		if got := fmt.Sprint(s.Networks); got != c.networks || fmt.Sprint(s.Member("server").Networks) != c.server || !reflect.DeepEqual(proxy, want) {
			t.Errorf("%s: networks %s, server in %v, proxy %+v", name, got, s.Member("server").Networks, proxy)
		}
	}
}

// The example of the page is one.
func TestGatewayPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/gateway.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "```toml\n")
	text, _, _ = strings.Cut(text, "```")
	s, err := Parse("/srv/shop.toml", []byte(text))
	if err != nil || s.Gateway == nil || s.Gateway.Settings.JWT == nil || len(s.Members) != 3 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestGatewayRefused(t *testing.T) {
	for text, want := range map[string]string{
		strings.Replace(guarded, "backend = \"server\"", "", 1):                                   "in front of no member",
		strings.Replace(guarded, "\"server\"", "\"nobody\"", 1):                                   `there is no member "nobody"`,
		strings.Replace(guarded, "\"triton\"", "\"triton\"\npublish=[\"1:a\"]", 1):                "beside its gateway",
		strings.ReplaceAll(guarded, "server", "gateway"):                                          "the gateway's own member",
		guarded + "[network.gateway-edge]":                                                        "the gateway's own network",
		guarded + "Tokens = true":                                                                 `"gateway.Tokens" is not known`,
		guarded + "token = true":                                                                  "did you mean tokens",
		guarded + "[gateway.jwt]\nalg=\"none\"":                                                   `"gateway.jwt.alg" is not known`,
		guarded + "[gateway.jwt]\nkeys=[\"a\"]\nalgorithm=\"none\"\nissuer=\"a\"\naudience=\"b\"": "RS256",
		guarded + "[gateway.limits]\nbody = \"much\"":                                             "is no size",
		guarded + "[gateway.limits]\nheader = \"1g\"":                                             "limits.header",
		guarded + "[gateway.limits]\nanswer = \"1ms\"":                                            "limits.answer",
		guarded + "subjects = [\"a\"]":                                                            "certificates = true",
		guarded + "certificate = \"a.pem\"":                                                       "belong together",
	} {
		if _, err := Parse("stack.toml", []byte(text)); err == nil || !strings.Contains(err.Error()+hint.Of(err), want) {
			t.Errorf("%s\ngave %v, not %s", text, err, want)
		}
	}
}

// Each key of the table is known as it is spelt.
func TestGatewayKeys(t *testing.T) {
	for table, of := range map[string]reflect.Type{
		"gateway": reflect.TypeFor[front](), "gateway.jwt": reflect.TypeFor[gateway.JWTSettings](), "gateway.limits": reflect.TypeFor[gateway.LimitSettings](),
	} {
		var keys []string
		for _, f := range reflect.VisibleFields(of) {
			if tag, _, _ := strings.Cut(f.Tag.Get("toml"), ","); tag != "" {
				keys = append(keys, tag)
			}
		}
		want := slices.Sorted(slices.Values(keysOf[table]))
		if slices.Sort(keys); !slices.Equal(keys, want) {
			t.Errorf("[%s] has %v, known are %v", table, keys, want)
		}
	}
}
