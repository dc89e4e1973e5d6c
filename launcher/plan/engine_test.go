package plan

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/internal/podmantest"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/seccomp"
)

const web = "localhost/web:1"

// beside is a planner with the profiles of text beside the built-in ones, and a fake
// engine of this host that holds an image.
func beside(t *testing.T, text string, config map[string]any) (*Planner, *podmantest.Server) {
	t.Helper()
	pl, dir := planner(t), t.TempDir()
	write(t, filepath.Join(dir, "profiles.toml"), "schema = 1\n"+text)
	sources, _, err := profile.Sources(profile.Dirs{User: dir, Home: dir})
	if err != nil {
		t.Fatal(err)
	}
	if pl.Catalog, err = profile.Load(sources); err != nil {
		t.Fatal(err)
	}
	ids := host.SubIDs{File: "/etc/subuid", Exists: true, Own: []host.Range{{Owner: "u", Start: 100000, Count: 65536}}}
	tool := host.Helper{Path: "/usr/bin/newuidmap", Privileged: true}
	pl.Host.SubUIDs, pl.Host.SubGIDs, pl.Host.NewUIDMap, pl.Host.NewGIDMap = ids, ids, tool, tool
	pl.Host.RuntimeDir.Path, pl.Host.Linger, pl.Host.UserSystemd = filepath.Join(dir, "run"), true, true
	s := podmantest.New(t)
	s.Local = true
	s.Images[web] = podmantest.Image{ID: strings.Repeat("1", 64), Arch: "amd64", Config: config}
	s.Images[strings.Repeat("1", 64)] = s.Images[web]
	pl.Engine = s.Connect(t)
	return pl, s
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const server = `[profile.web]
extends = "base"
about = "a server"
kind = "server"
ports = { http = 8000 }
publish = ["http"]
ready = { port = "http", path = "/ready", within = "30s" }
models = { at = "/models", layout = "any" }
[profile.web.container]
image = "localhost/web:1"
pull = "never"
args = ["--port", "8000"]
[profile.job]
extends = "base"
about = "a job"
kind = "job"
models = { at = "/models", layout = "any" }
output = { at = "/out" }
[profile.job.container]
image = "localhost/web:1"
args = ["run"]
`

var ibm = map[string]any{"User": "1000:1000", "Entrypoint": []string{"/server"}}

// shown writes what a plan states of a few settings.
func shown(p *Plan, keys ...string) string {
	var out []string
	for _, set := range container.Settings(p.Effective) {
		if v, _, ok := container.Env.Get(p.Effective, set.Path.Elem); ok && set.Path.Key == container.Env.Key() {
			set.Value = v // which is not shown otherwise
		}
		if slices.Contains(keys, set.Path.Key) {
			out = append(out, fmt.Sprintf("%s=%v", set.Path, set.Value))
		}
	}
	return strings.Join(out, " ")
}

// What was typed stands over the profile's, each option in its setting.
func TestOptions(t *testing.T) {
	env := func(name string) (string, bool) { return "mine", name == "HERE" }
	for _, c := range []struct {
		o    Options
		keys string
		want string // or a part of the error
	}{
		{Options{Name: "n"}, "name", "name=n"},
		{Options{Service: "s"}, "name network rm log_driver log_opt", "name=s network=[zlaunch-service-s] rm=true log_driver=journald"},
		{Options{Service: "s", Network: "n"}, "name network", "name=s network=[n]"},
		{Options{Memory: "8g"}, "memory memory_swap", "memory=8589934592 memory_swap=8589934592"},
		{Options{Memory: "much"}, "", `reading --memory "much"`},
		{Options{Memory: "-1"}, "", "reading --memory"},
		{Options{Cpus: 1.5}, "cpus", "cpus=1.5"},
		{Options{Cpus: -1}, "", "reading --cpus"},
		{Options{Network: "n"}, "network", "network=[n]"},
		{Options{Pull: "newer"}, "pull", "pull=newer"},
		{Options{Pull: "often"}, "", `reading --pull "often"`},
		{Options{Interactive: true, Tty: true}, "interactive tty", "interactive=true tty=true"},
		{Options{Env: []string{"A=1", "HERE"}, LookupEnv: env}, "env", "env[A]=1 env[HERE]=mine"},
		{Options{Env: []string{"GONE"}, LookupEnv: env}, "", `reading --env "GONE"`},
		{Options{Env: []string{"=x"}}, "", `reading --env ""`},
		{Options{Secret: []string{"s,type=env,target=T"}}, "secret", "secret[s]={env T 0}"},
		{Options{Args: []string{"--more"}}, "args", "args=[--port 8000 --more]"},
		{Options{Profile: "job", Args: []string{"--other"}}, "args", "args=[--other]"},
		{Options{PodmanArgs: []string{"--umask=0077"}}, "umask", "umask=0077"},
		{Options{PodmanArgs: []string{"--init", "x"}}, "", "is not an option"},
		{Options{Publish: []string{"9000:http"}}, "publish", "publish[8000/tcp]={127.0.0.1 9000}"},
		{Options{Profile: "job", Publish: []string{"9000:http"}}, "", "the run has no network"},
		{Options{Profile: "job", Output: "/nowhere/at/all"}, "", ""},
		{Options{Output: "/x"}, "", "takes none"},
		{Options{Profile: "none"}, "", "none"},
	} {
		pl, _ := beside(t, server, ibm)
		if c.o.Profile == "" {
			c.o.Profile = "web"
		}
		p, err := pl.Plan(t.Context(), c.o)
		got := fmt.Sprint(err)
		if err == nil {
			got = shown(p, strings.Fields(c.keys)...)
		}
		if !strings.Contains(got, c.want) || (err != nil) != (c.keys == "" && c.want != "") {
			t.Errorf("%+v: %s, want %s", c.o, got, c.want)
		}
	}
}

// Models are bound read-only and held by inode; a digest is held file by file, and
// another one refuses the run.
func TestModels(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "m", "model.bin"), "weights")
	print, err := model.Take(t.Context(), filepath.Join(dir, "m"))
	if err != nil {
		t.Fatal(err)
	}
	for digest, refused := range map[string]string{"": "", print.Digest: "", "sha256:" + strings.Repeat("0", 64): "ZL-935"} {
		text := server
		if digest != "" {
			text = strings.Replace(text, `layout = "any" }`, `layout = "any", digest = "`+digest+`" }`, 1)
		}
		pl, _ := beside(t, text, ibm)
		p, err := pl.Plan(t.Context(), Options{Profile: "web", Models: filepath.Join(dir, "m")})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(p.Refusal()); refused != "" && !strings.Contains(got, refused) || refused == "" && got != "<nil>" {
			t.Errorf("digest %q: %s", digest, got)
		}
		if v, _, _ := container.VolumeAt.Get(p.Stated, "/models"); !v.ReadOnly || !v.NoSuid || !v.NoDev || v.Source != filepath.Join(dir, "m") {
			t.Errorf("bound as %+v", v)
		}
		if p.Sources["/models"] != print.Root || (p.Print != nil) != (digest != "") {
			t.Errorf("held: %+v, print %v", p.Sources, p.Print)
		}
	}
	pl, _ := beside(t, server, ibm)
	p, err := pl.Plan(t.Context(), Options{Profile: "job", Models: filepath.Join(dir, "m"), Output: filepath.Join(dir, "out")})
	if err != nil || p.Refusal() != nil || p.MakeDir != filepath.Join(dir, "out") {
		t.Errorf("%v, %v, makes %q", err, p.Refusal(), p.MakeDir)
	}
	if p, err = pl.Plan(t.Context(), Options{Profile: "job", Models: "/nowhere"}); err != nil || p.Refusal() == nil {
		t.Errorf("models that are not there: %v", err)
	}
}

// A plan writes nothing anywhere, and asks the engine for nothing that stays.
func TestPlanCreatesNothing(t *testing.T) {
	pl, s := beside(t, strings.Replace(server, `pull = "never"`, "pull = \"never\"\nseccomp_profile = \"inference\"", 1), ibm)
	p, err := pl.Plan(t.Context(), Options{Profile: "web"})
	if err != nil || p.Refusal() != nil {
		t.Fatal(err, p.Refusal())
	}
	for _, dir := range []string{pl.Dirs.Data, pl.Dirs.Runtime, pl.Dirs.State} {
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s was made", dir)
		}
	}
	if c, n := s.Left(); c+n > 0 {
		t.Errorf("the engine has %d containers and %d networks", c, n)
	}
	path, _, _ := container.SeccompProfile.Get(p.Stated)
	for range 2 { // what is there already stays
		if err := p.WriteFiles(); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != string(seccomp.Inference()) {
			t.Errorf("%s: %v", path, err)
		}
	}
	line, err := p.RunLine()
	if err != nil || !slices.Contains(line, "--security-opt=seccomp="+path) {
		t.Errorf("%q, %v", line, err)
	}
	if net := p.NetworkLine(); !slices.Contains(net, "zlaunch-web") || p.ReadyURL() != "http://127.0.0.1:8000/ready" {
		t.Errorf("%q, ready at %q", net, p.ReadyURL())
	}
	pl.Dirs.Data = ""
	if _, err := pl.Plan(t.Context(), Options{Profile: "web"}); err == nil {
		t.Error("a plan points podman at a file that nobody can write")
	}
}

// The image's user is resolved in numbers and judged as such, and the caller is
// pinned to it.
func TestIdentity(t *testing.T) {
	for user, want := range map[string]string{
		"1000:1000": "uid 1000 in the container = uid 1001 (you) on the host",
		"0":         "ZL-301",
		"":          "ZL-301",
		"1000":      "uid 1000 in the container = uid 1001 (you) on the host",
	} {
		pl, _ := beside(t, server, map[string]any{"User": user, "Entrypoint": []string{"/server"}})
		p, err := pl.Plan(t.Context(), Options{Profile: "web"})
		if err != nil {
			t.Fatal(err)
		}
		if got := Identity(p.Effective, pl.Host) + fmt.Sprint(p.Refusal()); !strings.Contains(got, want) {
			t.Errorf("USER %q: %s", user, got)
		}
	}
	pl, _ := beside(t, server, map[string]any{"User": "1000", "Entrypoint": []string{"/server"}})
	p, err := pl.Plan(t.Context(), Options{Profile: "web", PodmanArgs: []string{"--user=8888"}})
	if err != nil {
		t.Fatal(err)
	}
	user, m, _ := container.User.Get(p.Effective)
	userns, why, _ := container.Userns.Get(p.Effective)
	if user != "8888:0" || m.Origin[0].Layer != container.LayerCommandLine || userns != "keep-id:uid=8888,gid=8888" || !strings.Contains(why.Why, "your group is 8888") {
		t.Errorf("--user=8888: %q of %v, %q: %q", user, m.Origin, userns, why.Why)
	}
	pl, s := beside(t, server, ibm)
	s.Images = map[string]podmantest.Image{}
	if p, err := pl.Plan(t.Context(), Options{Profile: "web"}); err != nil || len(p.Open) != 2 {
		t.Errorf("without the image: %v, open %q", err, p.Open)
	}
}

// Limits that the host cannot enforce refuse the run; under a waiver they are not
// asked for.
func TestLimits(t *testing.T) {
	for _, waive := range [][]string{nil, {"ZL-104=a test"}} {
		pl, s := beside(t, server, ibm)
		s.Controllers, pl.Host.Cgroup.Controllers = nil, nil
		p, err := pl.Plan(t.Context(), Options{Profile: "web", Waive: waive})
		if err != nil {
			t.Fatal(err)
		}
		_, _, asked := container.Memory.Get(p.Stated)
		refused := p.Refusal()
		if waived := len(waive) > 0; asked == waived || (refused == nil) != waived || (len(p.Dropped) > 0) != waived {
			t.Errorf("waived %t: asked %t, %v, left out %d", waived, asked, refused, len(p.Dropped))
		}
	}
	pl, s := beside(t, server, ibm)
	s.Controllers, pl.Host.Cgroup.Controllers = nil, nil
	if p, err := pl.Plan(t.Context(), Options{Profile: "web", Memory: "8", Waive: []string{"ZL-104=a test"}}); err != nil || p.Refusal() == nil {
		t.Errorf("8 bytes of memory: %v, %v", err, p.Refusal())
	}
	for _, bad := range []string{"ZL-104", "ZL-999=x", "=x"} {
		if _, err := pl.Plan(t.Context(), Options{Profile: "web", Waive: []string{bad}}); err == nil {
			t.Errorf("waiver %q was taken", bad)
		}
	}
}

// A waiver at the place that the finding names is as good as one without a place; one
// at another place is none.
func TestLimitsWaivedAtTheirPlace(t *testing.T) {
	for waive, passes := range map[string]bool{"ZL-104@memory=a test": true, "ZL-104@cpus=a test": false} {
		pl, s := beside(t, server, ibm)
		s.Controllers, pl.Host.Cgroup.Controllers = nil, nil
		p, err := pl.Plan(t.Context(), Options{Profile: "web", Waive: []string{waive}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, asked := container.Memory.Get(p.Stated); asked == passes || (p.Refusal() == nil) != passes || (p.LimitsWaiver() != nil) != passes {
			t.Errorf("%s: asked %t, %v, left out %d", waive, asked, p.Refusal(), len(p.Dropped))
		}
	}
}

// Models that the workload ends without, and a file where the profile mounts a
// directory or the other way, are refused before the runtime says so in its own words.
func TestModelsMeant(t *testing.T) {
	const file = `[profile.file]
extends = "web"
models = { at = "/models/one.onnx", layout = "any", required = true }
`
	dir := filepath.Join(t.TempDir(), "m")
	write(t, filepath.Join(dir, "one.onnx"), "x")
	for _, c := range []struct{ profile, models, says string }{
		{"file", "", "the workload of file ends without models"},
		{"file", dir, "are a directory, and file mounts one file at /models/one.onnx"},
		{"file", dir + "/one.onnx", ""},
		{"web", "", ""},
		{"web", dir, ""},
		{"web", dir + "/one.onnx", "are a file, and web mounts a directory at /models"},
	} {
		pl, _ := beside(t, server+file, ibm)
		p, err := pl.Plan(t.Context(), Options{Profile: c.profile, Models: c.models})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(p.Refusal()); c.says == "" && got != "<nil>" || !strings.Contains(got, c.says) {
			t.Errorf("%s --models %q: %s", c.profile, c.models, got)
		}
	}
}

// A volume that another brought is judged by what its driver mounts, and a path of
// the host by what it is.
func TestVolumes(t *testing.T) {
	pl, s := beside(t, server, ibm)
	s.Volumes["tame"] = nil
	s.Volumes["wild"] = map[string]string{"device": "/etc", "type": "none", "o": "bind"}
	for arg, want := range map[string]string{
		"tame:/x:ro":                           "<nil>",
		"wild:/x:ro":                           "ZL-506",
		"/etc:/x:ro,z,nosuid,nodev":            "ZL-506",
		"/nowhere/at/all:/x:ro,z,nosuid,nodev": "/nowhere/at/all",
	} {
		p, err := pl.Plan(t.Context(), Options{Profile: "web", PodmanArgs: []string{"--volume=" + arg}})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(p.Refusal()); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", arg, got, want)
		}
	}
}

// A seccomp profile that anybody may change, or that is none, is not used.
func TestSeccompFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "good.json"), string(seccomp.Inference()))
	write(t, filepath.Join(dir, "bad.json"), "{")
	write(t, filepath.Join(dir, "open.json"), string(seccomp.Inference()))
	if err := os.Chmod(filepath.Join(dir, "open.json"), 0o666); err != nil {
		t.Fatal(err)
	}
	pl, s := beside(t, server, ibm)
	plan := func(name string) error {
		p, err := pl.Plan(t.Context(), Options{Profile: "web", PodmanArgs: []string{"--security-opt=seccomp=" + name}})
		if err == nil {
			err = p.Refusal()
		}
		return err
	}
	for name, good := range map[string]bool{"good.json": true, "bad.json": false, "open.json": false, "none.json": false, "": false} {
		if err := plan(filepath.Join(dir, name)); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
	s.Local = false
	pl.Engine = s.Connect(t)
	if err := plan("inference"); err == nil || !strings.Contains(err.Error(), "another host") {
		t.Errorf("a file of this host for an engine of another: %v", err)
	}
}

// A secret that is not there, or for which the engine would run a program, refuses the run.
func TestSecretDrivers(t *testing.T) {
	pl, s := beside(t, server, ibm)
	s.Secrets["kept"] = "file"
	s.Secrets["run"] = "shell"
	for name, want := range map[string]string{"kept": "<nil>", "run": "ZL-108", "none": `the engine holds no secret "none"`} {
		p, err := pl.Plan(t.Context(), Options{Profile: "web", Secret: []string{name + ",type=mount"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(p.Refusal()); !strings.Contains(got, want) {
			t.Errorf("secret %s: %s, want %s", name, got, want)
		}
	}
}

// A run that joins a container which is not there, or does not run, is refused before the
// runtime is.
func TestJoined(t *testing.T) {
	pl, s := beside(t, server, ibm)
	e := s.Connect(t)
	pl.Containers = e.Containers
	other := &container.Spec{}
	container.Image.Set(other, web, container.Mark{})
	container.Name.Set(other, "idle", container.Mark{})
	id, _, err := e.Containers.Create(t.Context(), other, nil)
	if err != nil {
		t.Fatal(err)
	}
	for arg, want := range map[string]string{
		"--userns=container:nobody":  `joins the userns namespace of container "nobody", which is not there`,
		"--network=container:nobody": `joins the network namespace of container "nobody", which is not there`,
		"--pid=container:idle":       `joins the pid namespace of container "idle", which does not run`,
		"--ipc=container:" + id:      "does not run",
	} {
		p, err := pl.Plan(t.Context(), Options{Profile: "web", PodmanArgs: []string{arg}})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(p.Refusal()); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", arg, got, want)
		}
	}
}

// Every run of a deprecated profile is told what to use instead, and none is stopped.
func TestDeprecatedIsTold(t *testing.T) {
	pl, _ := beside(t, strings.Replace(server, "kind =", "deprecated = \"use web-2\"\nkind =", 1), map[string]any{"User": "1000:1000"})
	p, err := pl.Plan(t.Context(), Options{Profile: "web"})
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(p.Problems, func(pr audit.Problem) bool { return pr.Message == "profile web is deprecated: use web-2" }); i < 0 || p.Problems[i].Fatal {
		t.Errorf("%+v", p.Problems)
	}
}
