package profile_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

const asked = `schema = 1
[profile.srv]
kind = "server"
container.image = "x"
ports = { http = 8000, other = 8001 }
ready = { port = "http", path = "/" }
derive = { keep = ["openssl"] }
golden = { path = "/infer", body = '{"x": 1}', type = "application/json", compare = "json", ignore = ["id", "usage.time"] }
`

// The request merges as every other table, and what it does not say follows from the rest.
func TestGoldenRequest(t *testing.T) {
	for name, c := range map[string]struct {
		near string
		want *profile.Golden
		keep []string
	}{
		"as it is": {"", &profile.Golden{Port: "http", Path: "/infer", Method: "POST", Type: "application/json", Body: `{"x": 1}`, JSON: true, Ignore: []string{"id", "usage.time"}, Within: time.Minute}, []string{"openssl"}},
		"nearer": {"golden.path = '/v2'\ngolden.within = '5s'\ngolden.port = 'other'\nderive.keep = ['a', 'b']",
			&profile.Golden{Port: "other", Path: "/v2", Method: "POST", Type: "application/json", Body: `{"x": 1}`, JSON: true, Ignore: []string{"id", "usage.time"}, Within: 5 * time.Second}, []string{"a", "b"}},
		"a GET": {"golden.body = false\ngolden.type = false\ngolden.compare = 'exact'\ngolden.ignore = false", &profile.Golden{Port: "http", Path: "/infer", Method: "GET", Within: time.Minute}, []string{"openssl"}},
		"none":  {"golden = false\nderive = false", nil, nil},
	} {
		p := resolvedOf(t, []profile.Source{{Layer: container.LayerSystem, File: "far.toml", Data: []byte(asked)},
			{Layer: container.LayerUser, File: "near.toml", Data: []byte("schema = 1\n[profile.near]\nextends = 'srv'\n" + c.near)}}, "near")
		switch got := p.Golden; {
		case (got == nil) != (c.want == nil) || !slices.Equal(p.Keep, c.keep):
			t.Errorf("%s: %+v, keeps %q", name, got, p.Keep)
		case got != nil && (!slices.Equal(got.Ignore, c.want.Ignore) || got.Port != c.want.Port || got.Path != c.want.Path || got.Method != c.want.Method ||
			got.Type != c.want.Type || got.Body != c.want.Body || got.JSON != c.want.JSON || got.Within != c.want.Within):
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// What cannot be a request, or a package, is refused with its key.
func TestGoldenRefused(t *testing.T) {
	for near, want := range map[string]string{
		"golden.path = 'infer'":                               "golden.path",
		"golden.path = false":                                 "golden.path: there is none",
		"golden.port = 'nope'":                                `golden.port: "nope" is no name in ports`,
		"golden.method = 'DELETE'":                            "golden.method",
		"golden.method = 'GET'":                               "a GET has none",
		"golden.type = \"a/b\\r\\nX: y\"":                     "golden.type",
		"golden.compare = 'exact'":                            `members are those of compare = "json"`,
		"golden.ignore = ['a..b']":                            "golden.ignore",
		"golden.within = '0s'":                                "golden.within",
		"golden.body = \"" + strings.Repeat("x", 5000) + "\"": "longer than 4096",
		"ready = false\ngolden.port = 'http'":                 "without ready nobody knows",
		"golden.pth = '/'":                                    "pth",
		"derive.keep = ['-o']":                                "derive.keep",
		"derive.keep = [\"a\\nb\"]":                           "derive.keep",
	} {
		sources, _, err := profile.Sources(profile.Dirs{}) // with base
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, profile.Source{Layer: container.LayerUser, File: "near.toml", Data: []byte(asked + "[profile.near]\nextends = 'srv'\n" + near)})
		v := profile.Validate(sources, "near.toml", time.Now(), nil)
		if len(v.Faults) == 0 || !strings.Contains(v.Faults[0].Message(), want) {
			t.Errorf("%.60s: %v, want %s", near, v.Faults, want)
		}
	}
}
