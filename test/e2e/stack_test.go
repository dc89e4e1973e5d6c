package e2e

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The members of the stack of the tests: a server that nothing outside reaches, a front end
// that does what it is asked, and a third behind both.
const (
	stackProfile = `schema = 1
[profile.obeys]
extends = "base"
about = "does what it is asked"
kind = "server"
models = { at = "/models", layout = "any" }
ports = { http = 8000 }
publish = ["http"]
ready = { port = "http", path = "/", within = "30s" }
[profile.obeys.container]
image = "localhost/zlaunch-e2e:latest"
pull = "never"
args = ["obey", "8000"]
`
	stackFile = `schema = 1
name = "shop"
[network.inner]
internal = true
[network.edge]

[member.server]
profile  = "web"
models   = "m"
networks = ["inner"]
[member.front]
profile  = "obeys"
models   = "m"
networks = ["edge", "inner"]
after    = ["server"]
publish  = ["18431:http"]
env      = { SERVER = "{server.host}:8000" }
[member.third]
profile  = "web"
models   = "m"
networks = ["inner"]
after    = ["front"]
`
)

const waived = "ZL-104=a test host"

func stackWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.namesAnew()
	w.write("zlaunch/profiles.d/obeys.toml", stackProfile)
	makeModel(t, w.dir+"/m")
	w.stack("stack.toml", stackFile)
	return w
}

func (w *world) stack(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(w.dir+"/"+name, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// A stack comes up in its order, each member proved; members find each other by name, what
// is on the internal network alone reaches nothing outside and cannot be reached, and down
// leaves nothing.
func TestStack(t *testing.T) {
	p := shows(t, "stack", "three members are up as one, on networks of their own, and down leaves nothing")
	w := stackWorld(t)
	before := w.settled()
	up := w.zlaunch("up", "--waive", waived)
	if up.code != 0 || up.stdout != "front http://127.0.0.1:18431\n" {
		t.Fatalf("up ended with %d: %q %s", up.code, up.stdout, up.stderr)
	}
	t.Cleanup(func() { w.zlaunch("down") })
	p.saw("%d members are proved", strings.Count(up.stderr, "\nproved "))
	ps := w.zlaunch("ps", "--format", "{{.Stack}} {{.Member}} {{.Name}} {{.State}}")
	if want := "shop front zlaunch-shop-front running\nshop server zlaunch-shop-server running\nshop third zlaunch-shop-third running\n"; ps.stdout != want {
		t.Errorf("ps: %q", ps.stdout)
	}
	w.reaches(p)
	audit := w.zlaunch("audit", "shop", "--fail-on", "critical")
	diff := w.zlaunch("diff", "zlaunch-shop-front")
	p.saw("audit of the stack: %d; diff of a member: %d", audit.code, diff.code)
	if audit.code != 0 || strings.Count(audit.stdout, "zlaunch-shop-") < 3 || diff.code != 0 {
		t.Errorf("audit: %s %s\ndiff: %s %s", audit.stdout, audit.stderr, diff.stdout, diff.stderr)
	}
	if again := w.zlaunch("up", "--waive", waived); again.code != 3 || !strings.Contains(again.stderr, "is up already") {
		t.Errorf("up again ended with %d: %s", again.code, again.stderr)
	}
	if down := w.zlaunch("down"); down.code != 0 || down.stdout != "zlaunch-shop-third\nzlaunch-shop-front\nzlaunch-shop-server\n" {
		t.Errorf("down ended with %d: %q %s", down.code, down.stdout, down.stderr)
	}
	w.unchanged(before)
}

// reaches asks the front end what it reaches, and the host what it does.
func (w *world) reaches(p *proof) {
	w.t.Helper()
	ask := func(words ...string) (string, bool) {
		resp, err := http.Get("http://127.0.0.1:18431/do?" + url.Values{"a": words}.Encode())
		if err != nil {
			w.t.Fatal(err)
		}
		defer resp.Body.Close()
		var body strings.Builder
		if err := resp.Write(&body); err != nil {
			w.t.Fatal(err)
		}
		return body.String(), resp.Header.Get("Code") == "0"
	}
	var found bool
	var text string
	for try := 0; try < 3 && !found; try++ { // the DNS of a network reads its file anew for each container
		text, found = ask("connect", "zlaunch-shop-server:8000")
	}
	if !found {
		w.t.Errorf("the front end does not reach the server: %s", text)
	}
	ports := w.podman("port", "zlaunch-shop-server").stdout + w.podman("port", "zlaunch-shop-third").stdout
	routes := w.podman("exec", "zlaunch-shop-server", "/workload", "read", "/proc/net/route").stdout
	p.saw("the front end reaches the server by its name; ports of the others: %q; the server has a default route: %t", ports, defaultRoute(routes))
	if ports != "" || defaultRoute(routes) || !strings.Contains(routes, "Iface") {
		w.t.Errorf("ports %q, routes %s", ports, routes)
	}
}

// A member that never serves, or cannot be made, takes the others down with it.
func TestStackFails(t *testing.T) {
	p := shows(t, "stack", "a member that does not come up takes the others down")
	w := stackWorld(t)
	before := w.settled()
	for name, c := range map[string]struct{ find, put, says string }{
		"never":    {"[member.third]\nprofile  = \"web\"", "[member.third]\nprofile  = \"web\"\nargs = [\"x\"]", "member third of shop"},
		"mistyped": {"[member.third]\nprofile  = \"web\"", "[member.third]\nprofile  = \"wbe\"", `no profile "wbe"`},
		"taken":    {"18431", "18432", "18432"},
	} {
		if name == "taken" {
			server := http.Server{Addr: "127.0.0.1:18432"}
			go server.ListenAndServe()
			defer server.Close()
		}
		w.stack("stack.toml", strings.Replace(stackFile, c.find, c.put, 1))
		got := w.zlaunch("up", "--waive", waived, "--ready-timeout", "10s")
		p.saw("%s: %d, %.120s", name, got.code, line(got.stderr, "zlaunch: error"))
		if got.code == 0 || !strings.Contains(got.stderr, c.says) {
			t.Errorf("%s: ended with %d: %s", name, got.code, got.stderr)
		}
		w.unchanged(before)
	}
}

// Whenever up or down is killed, the stack is up whole, or what comes next leaves nothing.
// ZLAUNCH_E2E_KILLS is how often; 6 without it.
func TestStackKilled(t *testing.T) {
	p := shows(t, "stack", "an up or down that is killed leaves a whole stack or none")
	w := stackWorld(t)
	kills := number("ZLAUNCH_E2E_KILLS", 6)
	before := w.settled()
	begun := time.Now()
	w.zlaunch("up", "--waive", waived)
	took := map[string]time.Duration{"up": time.Since(begun)}
	begun = time.Now()
	w.zlaunch("down")
	took["down"] = time.Since(begun)
	whole := 0
	for i := range kills {
		args := []string{"up", "--waive", waived}
		if i%2 == 1 {
			if got := w.zlaunch(args...); got.code != 0 {
				t.Fatalf("up ended with %d: %s", got.code, got.stderr)
			}
			args = []string{"down"}
		}
		cmd := exec.Command(lab.zlaunch, args...)
		cmd.Env, cmd.Dir = w.env, w.dir
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(took[args[0]]))))
		_ = cmd.Process.Kill() // it may be over
		_ = cmd.Wait()
		w.zlaunch("stop", "zlaunch-e2e-none") // which removes what is left
		switch n := len(strings.Fields(w.podman("ps", "-q", "--filter", "name=zlaunch-shop-").stdout)); n {
		case 0:
		case 3:
			whole++
			if got := w.zlaunch("down"); got.code != 0 {
				t.Errorf("down ended with %d: %s", got.code, got.stderr)
			}
		default:
			t.Errorf("%d members are left of a killed %s", n, args[0])
		}
		w.unchanged(before)
	}
	p.saw("killed %d times: %d times the stack was up whole, else nothing was left", kills, whole)
}
