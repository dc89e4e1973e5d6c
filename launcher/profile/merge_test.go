package profile_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// far is a minimal base, and one profile in a farther layer.
const far = `schema = 1
[profile.base.container]
read_only = true
cap_drop = ["all"]
memory = "4g"
memory_swap = "4g"
tmpfs."/tmp" = { size = "16m", mode = "1777" }
ulimit.core = 0
[profile.base.why]
read_only = "why of base"
"tmpfs /tmp" = "scratch"
[profile.srv]
kind = "server"
about = "far"
ports = { http = 8000, metrics = 8002 }
publish = ["http"]
ready = { port = "http", path = "/ready" }
[profile.srv.container]
image = "far:1"
args = ["a", "b"]
env = { A = "1", B = "2" }
[profile.srv.arch.arm64.container]
image = "far:arm"
env.A = "arm"
`

func source(layer container.Layer, file, data string) profile.Source {
	return profile.Source{Layer: layer, File: file, Data: []byte(data)}
}

// load reads far as built in, and near over it as a user's file.
func load(near string) (*profile.Catalog, error) {
	return profile.Load([]profile.Source{
		source(container.LayerBuiltIn, "profiles/far.toml", far),
		source(container.LayerUser, "profiles.toml", "schema = 1\n"+near),
	})
}

func resolve(t *testing.T, near, name, arch string) *profile.Profile {
	t.Helper()
	c, err := load(near)
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Resolve(name, arch)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// value prints the setting at path, or "-" where it is not stated.
func value(s *container.Spec, path string) string {
	for _, r := range container.Rows {
		if r.Key() == "env" { // its settings are redacted
			for k, v := range s.Env {
				if "env["+k+"]" == path {
					return v
				}
			}
			continue
		}
		for _, set := range r.Settings(s) {
			if set.Path.String() == path {
				return fmt.Sprint(set.Value)
			}
		}
	}
	return "-"
}

func TestMerge(t *testing.T) {
	const head = "[profile.srv]\nextends = \"srv\"\n"
	for name, tt := range map[string]struct{ near, path, want string }{
		"a scalar replaces":           {head + "container.image = 'near:1'", "image", "near:1"},
		"a list replaces":             {head + "container.args = ['c']", "args", "[c]"},
		"a table merges, near":        {head + "container.env.C = '3'", "env[C]", "3"},
		"a table merges, far":         {head + "container.env.C = '3'", "env[A]", "1"},
		"false removes an element":    {head + "container.env.A = false", "env[A]", "-"},
		"false keeps its siblings":    {head + "container.env.A = false", "env[B]", "2"},
		"false removes a table":       {head + "container.tmpfs = false", "tmpfs[/tmp]", "-"},
		"false removes a scalar":      {head + "container.args = false", "args", "-"},
		"false is a boolean's value":  {head + "container.read_only = false", "read_only", "false"},
		"an element merges":           {head + "container.tmpfs.'/tmp'.exec = true", "tmpfs[/tmp]", "size=16777216,mode=1777,exec,nosuid,nodev,rw"},
		"swap follows memory":         {head + "container.memory = '8g'", "memory_swap", "8589934592"},
		"swap stated beside stays":    {head + "container = { memory = '8g', memory_swap = '9g' }", "memory_swap", "9663676416"},
		"swap goes with memory":       {head + "container.memory = false", "memory_swap", "-"},
		"sizes are also bytes":        {head + "container.shm_size = 4096", "shm_size", "4096"},
		"a bare string is a list":     {head + "container.network = 'none'", "network", "[none]"},
		"a capability is normalised":  {head + "container.cap_add = ['CAP_NET_RAW']", "cap_add", "[net_raw]"},
		"the default filter is empty": {head + "container.seccomp_profile = 'default'", "seccomp_profile", ""},
		"a limit has two sides":       {head + "container.ulimit.nofile = '10:20'", "ulimit[nofile]", "{10 20}"},
		"a volume is read-only":       {head + "container.volume.'/d' = { source = '/h', relabel = 'shared' }", "volume[/d]", "/h ro,z,nosuid,nodev"},
		"a secret has a target":       {head + "container.secret.tok = {}", "secret[tok]", "{mount /run/zl/tok 0}"},
		"nothing extends base":        {"[profile.x]\nkind='job'\ncontainer.image='x:1'", "read_only", "true"},
	} {
		t.Run(name, func(t *testing.T) {
			who := "srv"
			if strings.Contains(tt.near, "profile.x") {
				who = "x"
			}
			if got := value(resolve(t, tt.near, who, "amd64").Stated, tt.path); got != tt.want {
				t.Errorf("%s is %q, want %q", tt.path, got, tt.want)
			}
		})
	}
}

func TestMergeWords(t *testing.T) {
	p := resolve(t, `
[profile.srv]
extends = "srv"
owner = "me"
ports = { grpc = 8001, metrics = false }
publish = ["grpc"]
ready = { within = "5m" }
docs = "https://example.com/x"
`, "srv", "amd64")
	if want := []profile.Port{{Name: "http", Number: 8000}, {Name: "grpc", Number: 8001}}; !reflect.DeepEqual(p.Ports, want) {
		t.Errorf("ports %v, want %v", p.Ports, want)
	}
	if p.About != "far" || p.Owner != "me" || p.Kind != "server" || p.Ready.Path != "/ready" || p.Ready.Within.Minutes() != 5 {
		t.Errorf("got %+v %+v", p, p.Ready)
	}
	if want := []string{"srv", "base"}; !reflect.DeepEqual(p.Chain, want) {
		t.Errorf("chain %v, want %v", p.Chain, want)
	}
	for key, want := range map[string]string{
		"about": "profiles/far.toml: srv.about", "owner": "profiles.toml: srv.owner",
		"ready.within": "profiles.toml: srv.ready.within", "ready.path": "profiles/far.toml: srv.ready.path",
		"ports.http": "profiles/far.toml: srv.ports.http", "ports.metrics": "", "nnpa": "",
		"container.tmpfs./tmp": "profiles/far.toml: base.container.tmpfs./tmp",
	} {
		if got := p.Origin(key).String(); got != want {
			t.Errorf("origin of %s is %q, want %q", key, got, want)
		}
	}
}

// The overlay of an architecture belongs to its own definition: a nearer one
// still wins over it.
func TestArch(t *testing.T) {
	near := "[profile.srv]\nextends='srv'\ncontainer.image='near:1'\narch.arm64.container.env.C='c'"
	for _, tt := range []struct{ arch, path, want string }{
		{"amd64", "image", "near:1"}, {"arm64", "image", "near:1"},
		{"amd64", "env[A]", "1"}, {"arm64", "env[A]", "arm"},
		{"amd64", "env[C]", "-"}, {"arm64", "env[C]", "c"}, {"arm64", "env[B]", "2"},
	} {
		if got := value(resolve(t, near, "srv", tt.arch).Stated, tt.path); got != tt.want {
			t.Errorf("on %s %s is %q, want %q", tt.arch, tt.path, got, tt.want)
		}
	}
}

func origins(m container.Mark) string {
	var out []string
	for _, o := range m.Origin {
		out = append(out, o.String())
	}
	return strings.Join(out, " < ")
}

func TestOrigins(t *testing.T) {
	p := resolve(t, `
[profile.team]
extends = "srv"
[profile.team.container]
memory = "8g"
tmpfs."/tmp".size = "32m"
[profile.team.arch.arm64.container]
image = "team:arm"
`, "team", "arm64")
	for _, tt := range []struct {
		path container.Path
		want string
	}{
		{container.Path{Key: "image"}, "profiles.toml: team.arch.arm64.container.image < profiles/far.toml: srv.arch.arm64.container.image < profiles/far.toml: srv.container.image"},
		{container.Path{Key: "memory"}, "profiles.toml: team.container.memory < profiles/far.toml: base.container.memory"},
		{container.Path{Key: "memory_swap"}, "derived: from memory < profiles.toml: team.container.memory < profiles/far.toml: base.container.memory_swap"},
		{container.Path{Key: "tmpfs", Elem: "/tmp"}, "profiles.toml: team.container.tmpfs./tmp < profiles/far.toml: base.container.tmpfs./tmp"},
		{container.Path{Key: "read_only"}, "profiles/far.toml: base.container.read_only"},
	} {
		m, ok := p.Stated.MarkOf(tt.path)
		if got := origins(m); !ok || got != tt.want || m.Evidence != container.Planned {
			t.Errorf("%s: got  %s\nwant %s", tt.path, got, tt.want)
		}
	}
}

// A reason speaks of the value it stands beside, not of one that replaced it.
func TestWhy(t *testing.T) {
	p := resolve(t, `
[profile.team]
extends = "srv"
container.read_only = true
container.tmpfs."/tmp" = { size = "32m", why = "ours" }
container.tmpfs."/x" = { size = "1m" }
why."tmpfs /x" = "by table"
`, "team", "amd64")
	for path, want := range map[container.Path]string{
		{Key: "read_only"}:           "",
		{Key: "tmpfs", Elem: "/tmp"}: "ours",
		{Key: "tmpfs", Elem: "/x"}:   "by table",
	} {
		if m, _ := p.Stated.MarkOf(path); m.Why != want {
			t.Errorf("why %s is %q, want %q", path, m.Why, want)
		}
	}
	q := resolve(t, "", "srv", "amd64")
	if m, _ := q.Stated.MarkOf(container.Path{Key: "read_only"}); m.Why != "why of base" {
		t.Errorf("why read_only is %q", m.Why)
	}
}
