package e2e

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The server behind the gateway of the tests: it logs what it was asked, and does what it is
// asked to look at its own network.
const guardedProfile = `schema = 1
[profile.tells]
extends = "base"
about = "tells what it was asked"
kind = "server"
models = { at = "/models", layout = "any" }
ports = { http = 8000, grpc = 8001 }
publish = ["http"]
ready = { port = "http", path = "/v2/health/ready", within = "30s" }
[profile.tells.gateway.http]
protocol = "http"
inference = ["GET /v2/health/ready", "POST /v2/models/{model}/infer", "GET /v2/models/{model}/generate_stream", "GET /do"]
admin = ["POST /v2/repository/index"]
[profile.tells.gateway.grpc]
protocol = "grpc"
inference = ["inference.GRPCInferenceService/ModelInfer"]
[profile.tells.container]
image = "localhost/zlaunch-e2e:latest"
pull = "never"
args = ["tells", "8000", "8001"]
`

// proxyImage is what the profile haproxy names.
const proxyImage = "docker.io/library/haproxy:3.4"

// guardedWorld has the profile, models and the proxy's image.
func guardedWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	image := haproxyImage(t)
	if tag := w.podman("tag", image, proxyImage); tag.code != 0 {
		t.Fatal(tag.stderr)
	}
	t.Cleanup(func() { w.podman("untag", image, proxyImage) })
	w.namesAnew()
	w.write("zlaunch/profiles.d/tells.toml", guardedProfile)
	makeModel(t, w.dir+"/m")
	return w
}

// guard starts the server behind a gateway and gives a token for it.
func (w *world) guard(words ...string) *client {
	w.t.Helper()
	args := append([]string{"run", "-d", "tells", "--models", "m", "--gateway", "--waive", waived, "-p", "19443:https"}, words...)
	up := w.zlaunch(args...)
	if up.code != 0 || up.stdout != "https://127.0.0.1:19443\n" {
		w.t.Fatalf("run ended with %d: %q %s", up.code, up.stdout, up.stderr)
	}
	w.t.Cleanup(func() { w.zlaunch("down", "tells") })
	return w.client(w.token("ann"))
}

// token is one for the gateway.
func (w *world) token(name string, words ...string) string {
	w.t.Helper()
	r := w.zlaunch(append([]string{"token", "add", "tells", name}, words...)...)
	if r.code != 0 {
		w.t.Fatalf("token add ended with %d: %s", r.code, r.stderr)
	}
	return strings.TrimSpace(r.stdout)
}

// client is somebody with a token who trusts the gateway's authority and nothing else.
type client struct {
	t     *testing.T
	http  *http.Client
	token string
}

func (w *world) client(token string) *client {
	w.t.Helper()
	pool := x509.NewCertPool()
	if ca := w.zlaunch("gateway", "ca"); ca.code != 0 || !pool.AppendCertsFromPEM([]byte(ca.stdout)) {
		w.t.Fatalf("gateway ca ended with %d: %s", ca.code, ca.stderr)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	w.t.Cleanup(transport.CloseIdleConnections)
	return &client{w.t, &http.Client{Transport: transport}, token}
}

// ask is one request; the answer is "STATUS BODY".
func (c *client) ask(ctx context.Context, method, path string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, "https://127.0.0.1:19443"+path, nil)
	if err != nil {
		return "", err
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return fmt.Sprintf("%d %s", resp.StatusCode, body), err
}

func (c *client) must(path, begins string) string {
	c.t.Helper()
	got, err := c.ask(c.t.Context(), "GET", path)
	if err != nil || !strings.HasPrefix(got, begins) {
		c.t.Errorf("%s: %q, %v; want %s", path, got, err, begins)
	}
	return got
}

// do has the server do something and gives what that said.
func (c *client) do(words ...string) string {
	c.t.Helper()
	got := c.must("/do?"+url.Values{"a": words}.Encode(), "200 ")
	return strings.TrimSpace(strings.TrimPrefix(got, "200 "))
}

// A run with --gateway serves by TLS alone, to whoever has a token, what its profile lists;
// the server publishes nothing, has no way out and resolves no names; down leaves nothing.
func TestGateway(t *testing.T) {
	p := shows(t, "gateway", "one command, a server behind TLS and tokens: what is listed is served, the server reaches nothing")
	w := guardedWorld(t)
	before := w.settled()
	if plan := w.zlaunch("plan", "tells", "--models", "m", "--gateway", "--waive", waived); plan.code != 0 || strings.Count(plan.stdout, "nothing refuses it") != 2 {
		t.Errorf("the plan before a first run ended with %d: %s", plan.code, plan.stderr)
	}
	ann := w.guard()
	nobody := w.client("")
	nobody.must("/v2/health/ready", "401 ")
	told := ann.must("/v2/health/ready", "200 ")
	if !strings.Contains(told, `"X-Zlaunch-Client":["ann"]`) || strings.Contains(told, "Authorization") {
		t.Errorf("the server was told %s", told)
	}
	ann.must("/v2/repository/index", "403 ")
	ann.must("/invocations", "403 ")
	p.saw("without a token 401, with one 200, a call that is not listed 403")
	w.noWayOut(p, ann)
	if ports := w.podman("port", "zlaunch-tells-server"); ports.stdout != "" {
		t.Errorf("the server publishes %s", ports.stdout)
	}
	audit := w.zlaunch("audit", "tells", "--fail-on", "critical")
	diffs := w.zlaunch("diff", "zlaunch-tells-server").code + w.zlaunch("diff", "zlaunch-tells-gateway").code
	p.saw("audit %d, diffs %d", audit.code, diffs)
	if audit.code != 0 || diffs != 0 {
		t.Errorf("audit: %s %s", audit.stdout, audit.stderr)
	}
	if down := w.zlaunch("down", "tells"); down.code != 0 || down.stdout != "zlaunch-tells-gateway\nzlaunch-tells-server\n" {
		t.Errorf("down ended with %d: %q %s", down.code, down.stdout, down.stderr)
	}
	w.unchanged(before)
}

// noWayOut has the server try names, addresses, the metadata address, the host and the other
// network. Nothing is sent to an outside address: there is no route by which it could be.
func (w *world) noWayOut(p *proof, c *client) {
	w.t.Helper()
	edge := w.podman("network", "inspect", "zlaunch-tells-gateway-edge", "--format", "{{(index .Subnets 0).Gateway}}").stdout
	edge = strings.TrimSpace(edge)
	for what, words := range map[string][]string{
		"a name":               {"resolve", "registry.example.org"},
		"the proxy's name":     {"resolve", "zlaunch-tells-gateway"},
		"an address":           {"connect", "192.0.2.1:443"},
		"the metadata address": {"connect", "169.254.169.254:80"},
		"the edge network":     {"connect", edge + ":53"},
		"the host":             {"connect", "10.0.2.2:19443"},
	} {
		said := c.do(words...)
		if !strings.Contains(said, "unreachable") && !strings.Contains(said, "no such host") && !strings.Contains(said, "lookup") {
			w.t.Errorf("%s: the server said %s", what, said)
		}
	}
	routes := c.do("read", "/proc/net/route")
	p.saw("from the server no name, no address, no metadata, no host, no other network; default route: %t", defaultRoute(routes))
	if defaultRoute(routes) || !strings.Contains(routes, "Iface") {
		w.t.Errorf("routes: %s", routes)
	}
}

// A gateway in front of a front end in front of a server: each reaches the next, by its name
// where the network has names, and nothing else is reached from outside.
func TestGatewayOfStack(t *testing.T) {
	p := shows(t, "gateway-stack", "server, front end and gateway as one: the front end reaches the server, others reach the gateway alone")
	w := guardedWorld(t)
	w.stack("tells.toml", `schema = 1
[member.server]
profile = "web"
models  = "m"
[member.front]
profile = "tells"
models  = "m"
after   = ["server"]
env     = { SERVER = "{server.host}:8000" }
[gateway]
backend = "front"
publish = ["19443:https"]
tls13   = true
[gateway.limits]
body = "1k"
`)
	before := w.settled()
	up := w.zlaunch("up", "tells.toml", "--waive", waived)
	if up.code != 0 || up.stdout != "gateway https://127.0.0.1:19443\n" || !strings.Contains(up.stderr, "nobody may call it yet") {
		t.Fatalf("up ended with %d: %q %s", up.code, up.stdout, up.stderr)
	}
	t.Cleanup(func() { w.zlaunch("down", "tells") })
	ann := w.client(w.token("ann"))
	said := ""
	for try := 0; try < 3 && !strings.Contains(said, "connected"); try++ { // the DNS of a network reads its file anew for each container
		said = ann.do("connect", "zlaunch-tells-server:8000")
		if !strings.Contains(said, "connect:") {
			said += " connected"
		}
	}
	ports := w.podman("port", "zlaunch-tells-server").stdout + w.podman("port", "zlaunch-tells-front").stdout
	routes := ann.do("read", "/proc/net/route")
	p.saw("the front end on its server: %s; ports of both: %q; the front end has a default route: %t", said, ports, defaultRoute(routes))
	if !strings.Contains(said, "connected") || ports != "" || defaultRoute(routes) {
		t.Errorf("%s; ports %q; routes %s", said, ports, routes)
	}
	if down := w.zlaunch("down", "tells"); down.code != 0 {
		t.Errorf("down ended with %d: %s", down.code, down.stderr)
	}
	w.unchanged(before)
}

// A token that is made or revoked while the gateway serves counts at once, and no request and
// no stream that is under way is lost by it, nor by a new certificate.
func TestGatewayRotates(t *testing.T) {
	p := shows(t, "gateway-rotates", "tokens and certificates change under load: no request fails, no stream breaks")
	w := guardedWorld(t)
	ann := w.guard()
	bob := w.client(w.token("bob"))
	bob.must("/v2/health/ready", "200 ")
	ctx, stop := context.WithCancel(t.Context())
	var asked, failed atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Add(1)
		go func() {
			defer all.Done()
			for ctx.Err() == nil {
				began := time.Now()
				got, err := ann.ask(t.Context(), "GET", "/v2/health/ready")
				time.Sleep(max(10*time.Millisecond, time.Since(began))) // what one client may ask, and a slow host can bear
				if asked.Add(1); err != nil || !strings.HasPrefix(got, "200 ") {
					failed.Add(1)
					t.Errorf("a request failed: %q %v", got, err)
				}
			}
		}()
	}
	pieces := make(chan int, 1)
	go func() { pieces <- ann.stream(100) }()
	rounds := 0
	for ; rounds < 3; rounds++ {
		w.changes(bob, rounds)
	}
	stop()
	all.Wait()
	got := <-pieces
	p.saw("%d rounds of a token, its end and a new certificate: %d failed, %d of 100 pieces of a stream", rounds, failed.Load(), got)
	if failed.Load() > 0 || got != 100 || asked.Load() == 0 {
		t.Errorf("%d of %d requests failed, %d pieces", failed.Load(), asked.Load(), got)
	}
}

// changes makes a token, ends another, and has a new certificate made.
func (w *world) changes(bob *client, round int) {
	w.t.Helper()
	late := w.client(w.token(fmt.Sprintf("late-%d", round)))
	late.must("/v2/health/ready", "200 ")
	if r := w.zlaunch("token", "revoke", "tells", fmt.Sprintf("late-%d", round)); r.code != 0 {
		w.t.Errorf("revoke ended with %d: %s", r.code, r.stderr)
	}
	w.client(late.token).must("/v2/health/ready", "401 ")
	bob.must("/v2/health/ready", "200 ")
	if r := w.zlaunch("gateway", "renew", "tells"); r.code != 0 {
		w.t.Errorf("renew ended with %d: %s", r.code, r.stderr)
	}
	w.client(bob.token).must("/v2/health/ready", "200 ")
}

// stream is how many pieces of a streamed answer arrive.
func (c *client) stream(n int) (pieces int) {
	req, err := http.NewRequest("GET", fmt.Sprintf("https://127.0.0.1:19443/v2/models/m/generate_stream?n=%d", n), nil)
	if err != nil {
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := c.http.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	for {
		if _, err := lines.ReadString('\n'); err != nil {
			return pieces
		}
		pieces++
	}
}

// A gateway or a server that ends is seen, and down takes the rest away.
func TestGatewayDies(t *testing.T) {
	p := shows(t, "gateway-dies", "the server or the gateway is killed: a clear state, and down leaves nothing")
	w := guardedWorld(t)
	before := w.settled()
	for _, who := range []string{"server", "gateway"} {
		ann := w.guard()
		w.podman("kill", "zlaunch-tells-"+who)
		waitFor(t, func() bool {
			return strings.Contains(w.zlaunch("ps", "-a", "--format", "{{.Member}} {{.State}}").stdout, who+" exited")
		})
		got, err := ann.ask(t.Context(), "GET", "/v2/health/ready")
		p.saw("%s killed: a client sees %.40q, %v", who, got, err != nil)
		if who == "server" && !strings.HasPrefix(got, "503 ") || who == "gateway" && err == nil {
			t.Errorf("%s killed: %q, %v", who, got, err)
		}
		if down := w.zlaunch("down", "tells"); down.code != 0 {
			t.Errorf("down ended with %d: %s", down.code, down.stderr)
		}
		w.zlaunch("token", "revoke", "tells", "ann")
		w.unchanged(before)
	}
}

// waitFor waits until something is so, at most for what a slow machine may take.
func waitFor(t *testing.T, is func() bool) {
	t.Helper()
	for range 600 {
		if is() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("it did not come to that")
}

// TestNetworkingPage reads docs/networking.md and does what it says, command by command.
func TestNetworkingPage(t *testing.T) {
	p := shows(t, "networking", "docs/networking.md tells what happens: what the guidelines ask of networks, done")
	w := guardedWorld(t)
	w.env = append(w.env, "PATH="+onPath(t)+":"+os.Getenv("PATH"))
	s := &story{world: w, registry: "127.0.0.1:5000", teams: map[string]*world{"you": w}}
	s.demoImage()
	before := w.settled()
	t.Cleanup(func() { w.zlaunch("down", "demo"); w.zlaunch("stop", "demo") })
	seen := 0
	text := strings.NewReplacer("9443", "19443", "9444", "19444").Replace(page(t, "networking.md")) // which somebody else may have
	for _, block := range blocks(t, text, 4) {
		for _, step := range block.steps {
			s.does(block.team, step)
			seen++
		}
	}
	p.saw("%d commands say what the page says", seen)
	w.unchanged(before)
}
