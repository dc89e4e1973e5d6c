package launch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/internal/podmantest"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// rig is a runner beside a fake engine, with two profiles: web serves, job ends.
type rig struct {
	*Runner
	engine *podmantest.Server
	told   []string
	models string
	mu     sync.Mutex // of told
}

const profiles = `
schema = 1
[profile.web]
extends = "base"
about = "a server"
kind = "server"
ports = { http = PORT }
publish = ["http"]
ready = { port = "http", path = "/ready", within = "30s" }
models = { at = "MODELS", layout = "any" }
[profile.web.container]
image = "localhost/web:1"
pull = "never"
[profile.job]
extends = "base"
about = "a job"
kind = "job"
output = { at = "/out" }
[profile.job.container]
image = "localhost/web:1"
`

const imageID = "1111111111111111111111111111111111111111111111111111111111111111"

func newRig(t *testing.T) *rig {
	t.Helper()
	dir := t.TempDir()
	g := &rig{engine: podmantest.New(t), models: filepath.Join(dir, "models")}
	write(t, filepath.Join(g.models, "model.bin"), "weights")
	write(t, filepath.Join(dir, "conf", "profiles.toml"), strings.NewReplacer("MODELS", g.models, "PORT", itoa(freePort(t))).Replace(profiles))
	g.engine.Images["localhost/web:1"] = podmantest.Image{ID: imageID, Arch: "amd64", Config: map[string]any{"User": "1000:1000", "Entrypoint": []string{"/server"}}}
	g.engine.Images[imageID] = g.engine.Images["localhost/web:1"]
	sources, _, err := profile.Sources(profile.Dirs{User: filepath.Join(dir, "conf"), Home: dir})
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := profile.Load(sources)
	if err != nil {
		t.Fatal(err)
	}
	facts := tidyHost(dir)
	dirs := record.Dirs{Runtime: filepath.Join(dir, "run"), State: filepath.Join(dir, "state"), Data: filepath.Join(dir, "data"), Storage: dir}
	tell := func(line string) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.told = append(g.told, line)
	}
	g.Runner = &Runner{Host: facts, Dirs: dirs, Version: "test", Tell: tell,
		Planner: &plan.Planner{Catalog: catalog, Host: facts, Dirs: dirs, Version: "test"}}
	g.connect(t, false)
	return g
}

// freePort is one that nobody listened on a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// tidyHost is one where everything is in order for user 1001.
func tidyHost(dir string) *host.Facts {
	ids := host.SubIDs{File: "/etc/subuid", Exists: true, Own: []host.Range{{Owner: "u", Start: 100000, Count: 65536}}}
	tool := host.Helper{Path: "/usr/bin/newuidmap", Privileged: true}
	return &host.Facts{OS: "linux", Arch: "amd64", UID: 1001, EUID: 1001, GID: 1001, Username: "u", Home: filepath.Join(dir, "home"), ConfigHome: filepath.Join(dir, "home", ".config"),
		Conf: &host.Conf{}, SubUIDs: ids, SubGIDs: ids, NewUIDMap: tool, NewGIDMap: tool, RuntimeDir: host.RuntimeDir{Path: filepath.Join(dir, "run")}, Linger: true, UserSystemd: true,
		Cgroup: host.Cgroup{Version: host.CgroupV2, Controllers: []string{"cpu", "memory", "pids"}}}
}

// connect makes a new connection, to an engine of this host or of another.
func (g *rig) connect(t *testing.T, here bool) {
	t.Helper()
	g.engine.Local = here
	g.Engine = g.engine.Connect(t)
	g.Engine.Claims = g.Dirs.Claims()
	g.Planner.Engine = g.Engine
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

func (g *rig) plan(t *testing.T, o plan.Options) *plan.Plan {
	t.Helper()
	p, err := g.Planner.Plan(t.Context(), o)
	if err == nil {
		err = p.Refusal()
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// serve has every container that is started answer on the ports it publishes.
func (g *rig) serve(t *testing.T, status int) {
	g.engine.Start = func(c *podmantest.Container) {
		for _, p := range c.Request.PortMappings {
			l, err := net.Listen("tcp", net.JoinHostPort(p.HostIP, itoa(p.HostPort)))
			if err != nil {
				t.Error(err)
				return
			}
			h := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if status == http.StatusFound && r.URL.Path != "/elsewhere" {
					http.Redirect(w, r, "/elsewhere", status)
				} else if status != http.StatusFound {
					w.WriteHeader(status)
				}
			})}
			go h.Serve(l)
			t.Cleanup(func() { h.Close() })
		}
	}
}

// nothing wants the engine to have no container and no network, and the caller no
// claim, lock or record.
func (g *rig) nothing(t *testing.T) {
	t.Helper()
	if left := g.left(t); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// left wants the engine to have nothing, and lists the caller's files.
func (g *rig) left(t *testing.T) (names []string) {
	t.Helper()
	if c, n := g.engine.Left(); c+n > 0 {
		t.Errorf("left: %d containers, %d networks", c, n)
	}
	for _, dir := range []string{g.Dirs.Runtime, filepath.Join(g.Dirs.State, "launches")} {
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, f := range files {
			names = append(names, filepath.Base(f))
		}
	}
	return names
}

func web() plan.Options { return plan.Options{Profile: "web", Detach: true} }

// A server is created, set up, proved, started, waited for and recorded, in this
// order, and stop takes all of it away.
func TestLaunch(t *testing.T) {
	g := newRig(t)
	g.serve(t, 200)
	run, err := g.Launch(t.Context(), g.plan(t, web()))
	if err != nil {
		t.Fatal(err)
	}
	if len(run.URLs) != 1 || run.Name != "zlaunch-web" || run.ImageID != imageID || len(run.Proof) == 0 || len(run.Unproved) == 0 {
		t.Errorf("%+v", run.Record)
	}
	rec, err := g.Dirs.Load(run.Launch)
	if err != nil || rec.ID != run.ID || len(rec.Claims) != 1 {
		t.Errorf("%+v, %v", rec, err)
	}
	if c, err := g.Dirs.Claims().Load(claim.Container, run.Launch); err != nil || !c.Kept || c.ID != run.ID {
		t.Errorf("claimed: %+v, %v", c, err)
	}
	if err := g.Reap(t.Context()); err != nil || len(g.told) > 1 {
		t.Errorf("a launch that is done is reaped: %v, %q", err, g.told)
	}
	inOrder(t, g.engine.Calls(), "networks/create", "containers/create", "/init", "/json", "/start")
	list, err := g.Runs(t.Context())
	if err != nil || len(list.Runs) != 1 || list.Runs[0].URLs == nil {
		t.Errorf("%+v, %v", list, err)
	}
	for _, name := range []string{"web", "zlaunch-web", run.ID[:12]} {
		if r, err := g.One(t.Context(), name); err != nil || r.ID != run.ID {
			t.Errorf("finding %s: %+v, %v", name, r, err)
		}
	}
	if err := g.Stop(t.Context(), list.Runs[0]); err != nil {
		t.Fatal(err)
	}
	if err := g.Dirs.Forget(run.Launch); err != nil { // history, which stays
		t.Fatal(err)
	}
	g.nothing(t)
}

func inOrder(t *testing.T, calls []string, want ...string) {
	t.Helper()
	at := 0
	for _, c := range calls {
		if at < len(want) && strings.Contains(c, want[at]) {
			at++
		}
	}
	if at < len(want) {
		t.Errorf("no %s where it belongs in %q", want[at], calls)
	}
}

// A plan that is refused asks the engine for nothing.
func TestRefused(t *testing.T) {
	g := newRig(t)
	p, err := g.Planner.Plan(t.Context(), plan.Options{Profile: "web", PodmanArgs: []string{"--privileged"}})
	if err != nil {
		t.Fatal(err)
	}
	before := len(g.engine.Calls())
	var no *plan.RefusedError
	if run, err := g.Launch(t.Context(), p); !errors.As(err, &no) || run != nil || len(g.engine.Calls()) != before {
		t.Errorf("%v, %q", err, g.engine.Calls()[before:])
	}
	g.nothing(t)
}

// Whatever request fails, in whatever way, nothing is left of the launch, and the
// error says something.
func TestLaunchUndone(t *testing.T) {
	for _, at := range []string{"POST networks/create", "POST containers/create", "/init", "GET containers/", "/start"} {
		for what, fault := range map[string]http.HandlerFunc{
			"refused": podmantest.Fail(500, "it is not to be"),
			"dropped": podmantest.Drop,
			"garbage": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"Id": 7, [`)) },
		} {
			if what == "garbage" && (at == "/init" || at == "/start") || what == "dropped" && strings.HasPrefix(at, "GET") {
				continue // nothing of that answer is read; what only asks is asked again
			}
			t.Run(at+" "+what, func(t *testing.T) {
				g := newRig(t)
				g.serve(t, 200)
				p := g.plan(t, web())
				done := false
				g.engine.Fault = func(r *http.Request) http.HandlerFunc {
					if done || !strings.Contains(r.Method+" "+r.URL.Path[strings.Index(r.URL.Path, "libpod/")+7:], at) || strings.HasSuffix(r.URL.Path, "/exists") {
						return nil
					}
					done = true
					return fault
				}
				run, err := g.Launch(t.Context(), p)
				if err == nil || run != nil {
					t.Fatalf("launched %s", run.Name)
				}
				if !done {
					t.Error("the request was never made")
				}
				left := g.left(t)
				if what != "refused" && strings.HasSuffix(at, "create") { // the engine may yet be at work on it: the claim stays for Reap
					left = slices.DeleteFunc(left, func(n string) bool { return strings.HasPrefix(n, "claim-") || strings.HasPrefix(n, "network-") })
				}
				if len(left) > 0 {
					t.Errorf("left: %q", left)
				}
			})
		}
	}
}

// answerCreate has the engine make the next container and answer something else.
func (g *rig) answerCreate(answer http.HandlerFunc) {
	g.engine.Fault = func(r *http.Request) http.HandlerFunc {
		if !strings.HasSuffix(r.URL.Path, "/containers/create") {
			return nil
		}
		g.engine.Fault = nil
		return func(w http.ResponseWriter, r *http.Request) {
			g.engine.ServeHTTP(nowhere{}, r)
			answer(w, r)
		}
	}
}

// A create of which the answer never came has made the container: it is found by its
// claim and removed.
func TestLostAnswer(t *testing.T) {
	g := newRig(t)
	p := g.plan(t, web())
	g.answerCreate(podmantest.Drop)
	if _, err := g.Launch(t.Context(), p); !errors.Is(err, podman.ErrNoService) {
		t.Errorf("%v", err)
	}
	g.nothing(t)
}

// nowhere takes an answer that nobody gets.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) WriteHeader(int)             {}

// An engine that warns does something else than it was asked for.
func TestWarning(t *testing.T) {
	g := newRig(t)
	p := g.plan(t, web())
	g.answerCreate(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"Id":"` + g.engine.Last().ID + `","Warnings":["memory is not limited"]}`))
	})
	if _, err := g.Launch(t.Context(), p); err == nil || !strings.Contains(err.Error(), "memory is not limited") {
		t.Errorf("%v", err)
	}
	g.nothing(t)
}

// An engine that shows something else than what was planned is found out, and the
// container never starts.
func TestMismatch(t *testing.T) {
	set := func(part, key string, v any) func(*podmantest.Container, map[string]any) {
		return func(_ *podmantest.Container, reply map[string]any) {
			if part == "" {
				reply[key] = v
				return
			}
			reply[part].(map[string]any)[key] = v
		}
	}
	for want, lie := range map[string]func(*podmantest.Container, map[string]any){
		"privileged": set("HostConfig", "Privileged", true),
		"image":      set("", "Image", strings.Repeat("2", 64)),
		"restart":    set("HostConfig", "RestartPolicy", map[string]any{"Name": "always"}),
		"network":    set("NetworkSettings", "Networks", map[string]any{"zlaunch-web": map[string]any{}, "other": map[string]any{}}),
		"label[x]": func(_ *podmantest.Container, r map[string]any) {
			r["Config"].(map[string]any)["Labels"].(map[string]string)["x"] = "y"
		},
		"init":           set("HostConfig", "Init", true),
		"rm":             set("HostConfig", "AutoRemove", true),
		"no_healthcheck": set("Config", "Healthcheck", map[string]any{"Test": []string{"CMD", "x"}}),
		"stop_timeout":   set("Config", "StopTimeout", 99),
		"systemd":        set("Config", "SystemdMode", true),
		"name":           set("", "Name", "other"),
	} {
		t.Run(want, func(t *testing.T) {
			g := newRig(t)
			g.serve(t, 200)
			g.engine.Inspect = lie
			_, err := g.Launch(t.Context(), g.plan(t, web()))
			var wrong *MismatchError
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), want+": planned") {
				t.Fatalf("%v", err)
			}
			if slices.ContainsFunc(g.engine.Calls(), func(c string) bool { return strings.HasSuffix(c, "/start") }) {
				t.Error("it was started")
			}
			g.engine.Inspect = nil
			g.nothing(t)
		})
	}
}

// A server that ends, or answers that it is not ready, was not launched; its last
// lines and the likely cause are told.
func TestNotReady(t *testing.T) {
	g := newRig(t)
	g.engine.Start = func(c *podmantest.Container) {
		g.engine.Exit(c, 3, "OSError: [Errno 30] Read-only file system: '/cache/x'\n")
	}
	_, err := g.Launch(t.Context(), g.plan(t, web()))
	var ended *ExitedError
	if !errors.As(err, &ended) || ended.Code != 3 || !strings.Contains(ended.Tail, "Errno 30") {
		t.Errorf("%v", err)
	}
	g.nothing(t)
	for _, status := range []int{503, 302} { // a redirect is not followed, and no answer
		g := newRig(t)
		g.serve(t, status)
		o := web()
		o.ReadyTimeout = 50 * time.Millisecond
		if _, err := g.Launch(t.Context(), g.plan(t, o)); err == nil || !strings.Contains(err.Error(), "not ready within") {
			t.Errorf("%d: %v", status, err)
		}
		g.nothing(t)
	}
}

// The end of the caller's context ends a launch wherever it is, and leaves nothing. The server
// answers, so that a launch that goes on comes to its end, and is told from one that ended.
func TestInterrupted(t *testing.T) {
	for _, at := range []string{"networks/create", "containers/create", "/init", "/start"} {
		t.Run(at, func(t *testing.T) {
			g := newRig(t)
			g.serve(t, http.StatusOK)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			p := g.plan(t, web())
			g.engine.Fault = func(r *http.Request) http.HandlerFunc {
				if strings.HasSuffix(r.URL.Path, at) {
					cancel()
				}
				return nil
			}
			if _, err := g.Launch(ctx, p); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
			g.nothing(t)
		})
	}
}

// An absent image is pulled, and what it brings to light refuses the run.
func TestPull(t *testing.T) {
	for user, refused := range map[string]bool{"1000:1000": false, "0:0": true} {
		g := newRig(t)
		g.serve(t, 200)
		img := g.engine.Images["localhost/web:1"]
		img.Remote, img.Config = true, map[string]any{"User": user, "Entrypoint": []string{"/server"}}
		g.engine.Images["localhost/web:1"] = img
		o := web()
		o.Pull = "missing"
		_, err := g.Launch(t.Context(), g.plan(t, o))
		var no *plan.RefusedError
		if errors.As(err, &no) != refused || !refused && err != nil {
			t.Errorf("USER %s: %v", user, err)
		}
		if !slices.Contains(g.told, "pulling localhost/web:1") {
			t.Errorf("told %q", g.told)
		}
		if refused {
			g.nothing(t)
		}
	}
	g := newRig(t)
	if err := g.Pull(t.Context(), "localhost/none", "never"); err == nil {
		t.Error("pulled against the policy")
	}
	if err := g.Pull(t.Context(), "localhost/none", ""); err == nil {
		t.Error("pulled what is nowhere")
	}
}

// Two launches of one plan at once have a name, a port and a container each, and one
// network; the plan stays as it was.
func TestTwoAtOnce(t *testing.T) {
	g := newRig(t)
	g.serve(t, 200)
	type result struct {
		run *Run
		err error
	}
	results := make(chan result, 2)
	p := g.plan(t, web())
	before := settingsOf(p)
	for range 2 {
		go func() {
			run, err := g.Launch(t.Context(), p)
			results <- result{run, err}
		}()
	}
	a, b := <-results, <-results
	if a.err != nil || b.err != nil {
		t.Fatal(a.err, b.err)
	}
	if settingsOf(p) != before {
		t.Errorf("the launches changed their plan from %s to %s", before, settingsOf(p))
	}
	if a.run.Name == b.run.Name || a.run.URLs[0] == b.run.URLs[0] {
		t.Errorf("%s at %s, %s at %s", a.run.Name, a.run.URLs, b.run.Name, b.run.URLs)
	}
	if c, n := g.engine.Left(); c != 2 || n != 1 {
		t.Errorf("%d containers, %d networks", c, n)
	}
	found, err := g.Find(t.Context(), "web")
	if err != nil || len(found) != 2 {
		t.Fatalf("%+v, %v", found, err)
	}
	if _, err := g.One(t.Context(), "web"); err == nil {
		t.Error("two are one")
	}
	for _, r := range found {
		if err := g.Stop(t.Context(), r); err != nil {
			t.Error(err)
		}
	}
	if c, n := g.engine.Left(); c+n > 0 {
		t.Errorf("after stop: %d containers, %d networks", c, n)
	}
}

func settingsOf(p *plan.Plan) string {
	return fmt.Sprint(container.Settings(p.Stated), container.Settings(p.Effective), p.Sources)
}

// What another made under the name of a run's network or container stays.
func TestForeign(t *testing.T) {
	g := newRig(t)
	g.serve(t, 200)
	if _, err := g.Engine.Networks.Ensure(t.Context(), podman.Network{Name: "zlaunch-web"}); err != nil {
		t.Fatal(err)
	}
	p := g.plan(t, web())
	id, _, err := g.Engine.Containers.Create(t.Context(), p.Stated, nil) // by hand, under the same name and labels
	if err != nil {
		t.Fatal(err)
	}
	run, err := g.Launch(t.Context(), g.plan(t, web()))
	if err != nil {
		t.Fatal(err)
	}
	if run.Name != "zlaunch-web-2" {
		t.Errorf("named %s beside another's zlaunch-web", run.Name)
	}
	list, err := g.Runs(t.Context())
	if err != nil || len(list.Runs) != 1 || len(list.Foreign) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := g.Stop(t.Context(), list.Runs[0]); err != nil {
		t.Fatal(err)
	}
	if err := g.Reap(t.Context()); err != nil {
		t.Fatal(err)
	}
	if there, err := g.Engine.Containers.Exists(t.Context(), id); !there || err != nil {
		t.Errorf("another's container is gone: %v", err)
	}
	if _, n := g.engine.Left(); n != 1 {
		t.Error("another's network is gone")
	}
	if _, err := g.Find(t.Context(), "zlaunch-web"); err == nil || !strings.Contains(err.Error(), "no claim") {
		t.Errorf("another's container is found: %v", err)
	}
}

// What a killed launch left goes with the next look, what it had started stays, and
// what is another engine's is not touched.
func TestReap(t *testing.T) {
	g := newRig(t)
	left := func(c byte, state string) string {
		t.Helper()
		token := strings.Repeat(string(c), 32)
		s := &container.Spec{}
		container.Image.Set(s, "localhost/web:1", container.Mark{})
		container.Name.Set(s, "left-"+string(c), container.Mark{})
		container.Labels.Set(s, plan.LabelLaunch, token, container.Mark{})
		id, _, err := g.Engine.Containers.Create(t.Context(), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		cl := claim.Claim{Kind: claim.Container, Token: token, Engine: g.Engine.Place(), Name: "left-" + string(c), ID: id}
		switch state {
		case "running":
			err = g.Engine.Containers.Start(t.Context(), id)
		case "elsewhere":
			cl.Engine = "tcp://other"
		}
		if err = errors.Join(err, g.Dirs.Claims().Put(cl)); err != nil {
			t.Fatal(err)
		}
		return id
	}
	gone, runs, other := left('a', "created"), left('b', "running"), left('c', "elsewhere")
	if err := g.Reap(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{gone: false, runs: true, other: true} {
		if there, err := g.Engine.Containers.Exists(t.Context(), id); there != want || err != nil {
			t.Errorf("%.12s is there %t, want %t, %v", id, there, want, err)
		}
	}
	if told := strings.Join(g.told, "\n"); !strings.Contains(told, "removed container left-a") || !strings.Contains(told, "left-b was started") {
		t.Errorf("told %q", g.told)
	}
}

// proofOf is what a rung of the kernel shows of a plan, changed by change.
func proofOf(p *plan.Plan, change func(*container.Spec)) *observe.Proof {
	s := container.At(p.Effective, container.Kernel)
	if change != nil {
		change(s)
	}
	return &observe.Proof{Rungs: []*container.Spec{s}}
}

// On this host the kernel's word counts, before the start and after, and what is
// mounted is what was judged.
func TestKernelsWord(t *testing.T) {
	kernel := func(key container.Field[bool], v bool) func(*container.Spec) {
		return func(s *container.Spec) { key.Set(s, v, container.Mark{Evidence: container.Kernel}) }
	}
	for name, c := range map[string]struct {
		waiting, started func(*container.Spec)
		notes            []string
		before           func(t *testing.T, g *rig)
		want             string
	}{
		"as planned":     {},
		"before":         {waiting: kernel(container.NoNewPrivileges, false), want: "no_new_privileges: planned true, effective false"},
		"after":          {started: kernel(container.ReadOnly, false), want: "what runs is not what was planned"},
		"a hook":         {notes: []string{"hook prestart /x"}, want: "hook prestart"},
		"exchanged":      {before: exchange, want: "it was exchanged or changed"},
		"no longer here": {before: func(t *testing.T, g *rig) { remove(t, g.models) }, want: "looking at what is mounted"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newRig(t)
			g.connect(t, true)
			g.serve(t, 200)
			o := web()
			o.Models = g.models
			p := g.plan(t, o)
			g.look = func(_ context.Context, _ *podman.Container, started bool) (*observe.Proof, error) {
				if started {
					return proofOf(p, c.started), nil
				}
				proof := proofOf(p, c.waiting)
				proof.Notes = c.notes
				return proof, nil
			}
			if c.before != nil {
				c.before(t, g)
			}
			run, err := g.Launch(t.Context(), p)
			if c.want == "" {
				if err == nil && len(run.Unproved) > 0 {
					t.Errorf("unproved: %v", run.Unproved)
				}
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v", err)
			}
			g.nothing(t)
		})
	}
}

func exchange(t *testing.T, g *rig) {
	t.Helper()
	if err := os.Rename(g.models, g.models+".old"); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(g.models, "model.bin"), "others")
}

func remove(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
}
