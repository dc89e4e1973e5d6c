package haproxy_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// reload has the proxy read its files again, and waits until the new process is there. A
// signal that comes while the master starts itself anew is lost, so it is sent again, late: two
// that both count would have the next reload take the second for its own.
func (p *proxy) reload() {
	p.t.Helper()
	before := p.loaded()
	for range 60 {
		syscall.Kill(p.cmd.Process.Pid, syscall.SIGUSR2)
		for range 1000 {
			if p.loaded() > before {
				p.healthy()
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	p.t.Fatal("no new process")
}

func (p *proxy) loaded() int { return strings.Count(p.text(), "Loading success") }

// TestReload changes tokens and the certificate under load: no request fails, a stream goes
// on, and the new files hold.
func TestReload(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		g := o.behind(tokens)
		g.Limits.Rate = 1 << 20
		p := start(t, program, g, known())
		watch, err := p.grpc().Watch(as(good), &healthpb.HealthCheckRequest{Service: "fraud"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := watch.Recv(); err != nil {
			t.Fatal(err)
		}
		stop, first := p.load(), p.certificate()
		for i := range 3 {
			p.put(gateway.ServerFile, string(p.pki.server()))
			p.put(gateway.TokensFile, known()+line("zl_new", "new-app", "inference", time.Now().Add(time.Duration(i+1)*time.Hour)))
			p.reload()
		}
		p.put(gateway.TokensFile, line("zl_new", "new-app", "inference", time.Now().Add(time.Hour))+line(admin, "ops", "inference", time.Now().Add(time.Hour)))
		p.reload()
		if n := stop(); n == 0 {
			t.Error("no request was sent")
		}
		o.health.SetServingStatus("fraud", healthpb.HealthCheckResponse_SERVING)
		if got, err := watch.Recv(); err != nil {
			t.Errorf("the stream of before: %v, %v", got, err)
		}
		if bytes.Equal(p.certificate().Raw, first.Raw) {
			t.Error("the certificate is the old one")
		}
		c := p.client(nil, true)
		for secret, want := range map[string]int{"zl_new": 200, good: 401} {
			if got, _ := p.ask(c, "POST", infer, "[1]", bearer(secret)); got != want {
				t.Errorf("%s: status %d, want %d", secret, got, want)
			}
		}
	})
}

// certificate is the one that the proxy shows.
func (p *proxy) certificate() *x509.Certificate {
	return p.dial(nil, "h2").ConnectionState().PeerCertificates[0]
}

// load sends requests until the returned function is called, which tells how many. The token
// is one that stays.
func (p *proxy) load() func() int {
	var done sync.WaitGroup
	end, count := make(chan struct{}), make([]int, 4)
	for i := range count {
		c := p.client(nil, i%2 == 0)
		done.Add(1)
		go func() {
			defer done.Done()
			for ; ; count[i]++ {
				select {
				case <-end:
					return
				default:
				}
				r, _ := http.NewRequest("GET", "https://"+p.at()+"/v2/models/a", nil)
				r.Header.Set("Authorization", "Bearer "+admin)
				answer, err := c.Do(r)
				if err != nil {
					p.t.Errorf("under load: %v", err)
					continue
				}
				answer.Body.Close()
				if answer.StatusCode != 200 {
					p.t.Errorf("under load: status %d", answer.StatusCode)
				}
			}
		}()
	}
	return func() (n int) {
		close(end)
		done.Wait()
		for _, c := range count {
			n += c
		}
		return n
	}
}

// TestLog holds the lines of the log: one of JSON for a request, whatever is in it.
func TestLog(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		p := start(t, program, o.behind(tokens), known())
		c := p.client(nil, true)
		p.ask(c, "POST", infer+"?password=hunter2", `{"prompt":"my-own-words"}`, bearer(good), "X-A: my-own-header")
		p.ask(c, "POST", infer, "[1]", bearer("zl_not-a-token"))
		p.raw(request("GET /v2/models/a\"}%0a{\"client\":\"root\"} HTTP/1.1"))
		p.raw(request("GET /v2/models/a\x1b[31m HTTP/1.1"))
		p.ask(c, "GET", "/"+strings.Repeat("a", 4000), "", bearer(good))
		p.raw(request(`GE"}T /v2/models/a HTTP/1.1`))
		right := p.logged(func(e map[string]any) bool { return e["status"] == 200.0 })
		for key, want := range map[string]any{"client": "fraud-app", "method": "POST", "path": infer, "server": "http", "end": "--", "address": "127.0.0.1", "listener": "clients"} {
			if right[key] != want {
				t.Errorf("%s is %v, want %v", key, right[key], want)
			}
		}
		if _, err := time.Parse(time.RFC3339, right["time"].(string)); err != nil {
			t.Error(err)
		}
		wrong := p.logged(func(e map[string]any) bool { return e["status"] == 401.0 })
		if wrong["server"] != "<NOSRV>" || wrong["client"] != "-" {
			t.Errorf("a request that was refused: %v", wrong)
		}
		p.logged(func(e map[string]any) bool { return e["status"] == 400.0 })
		p.logged(func(e map[string]any) bool { return e["status"] == 403.0 })
		text := p.text()
		for _, secret := range []string{good, "zl_not-a-token", "hunter2", "my-own", "\x1b", "password"} {
			if strings.Contains(text, secret) {
				t.Errorf("the log has %q in it", secret)
			}
		}
		for l := range strings.Lines(text) {
			if strings.HasPrefix(l, "{") && !json.Valid([]byte(l)) {
				t.Errorf("no JSON: %s", l)
			}
		}
	})
}
