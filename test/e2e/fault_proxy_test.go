package e2e

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// proxy stands between zlaunch and a podman service and strikes at a chosen
// moment: before or after its nth request, or one of a certain name.
type proxy struct {
	socket  string
	back    string
	service *exec.Cmd
	count   atomic.Int64
	mu      sync.Mutex
	at      int64        // the request to strike at, counted from 1; 0 never
	match   string       // or the end of its name; "" none
	after   bool         // after its answer instead of before it is passed on
	strike  func(string) // gets the request's name
}

// newProxy starts a podman service of the test's own and a proxy before it.
func newProxy(w *world) *proxy {
	w.t.Helper()
	dir, err := os.MkdirTemp(os.Getenv("XDG_RUNTIME_DIR"), "e2e-")
	if err != nil {
		w.t.Fatal(err)
	}
	p := &proxy{socket: filepath.Join(dir, "proxy.sock")}
	said := newWatched()
	p.serve(w, said)
	ln, err := net.Listen("unix", p.socket)
	if err != nil {
		w.t.Fatal(err)
	}
	server := &http.Server{Handler: p.handler(), ErrorLog: log.New(io.Discard, "", 0)}
	go server.Serve(ln)
	w.t.Cleanup(func() {
		server.Close()
		p.kill()
		os.RemoveAll(dir)
		if text := said.String(); strings.Contains(text, "fatal error") || strings.Contains(text, "panic:") {
			w.t.Logf("podman's own service crashed:\n%.3000s", text)
		}
	})
	return p
}

// serve starts the service and waits until it listens.
func (p *proxy) serve(w *world, said *watched) {
	w.t.Helper()
	// A service that ends removes its socket: the next one gets a name of its own.
	p.back = filepath.Join(filepath.Dir(p.socket), fmt.Sprintf("podman-%d.sock", time.Now().UnixNano()))
	p.service = exec.Command("podman", "system", "service", "--time=0", "unix://"+p.back)
	p.service.Env, p.service.Stdout, p.service.Stderr = w.direct().env, said, said
	if err := p.service.Start(); err != nil {
		w.t.Fatal(err)
	}
	for range int(patience(500)) {
		if c, err := net.Dial("unix", p.back); err == nil {
			c.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.t.Fatalf("podman's service does not listen on %s: %v", p.back, said)
}

// kill ends the service as a crash would. Podman is two processes: the one below
// serves, in the user namespace.
func (p *proxy) kill() {
	killServices(p.service.Process.Pid)
	p.service.Process.Kill()
	p.service.Wait()
}

func (p *proxy) handler() http.Handler {
	rp := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "d"})
	rp.Transport = &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", p.back)
	}}
	rp.ErrorLog = log.New(io.Discard, "", 0) // clients that are gone
	// A service that is gone looks to zlaunch as it would without a proxy.
	rp.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		n, name := p.count.Add(1), requestName(r)
		p.mu.Lock()
		after, strike := p.after, p.strike
		now := n == p.at || p.match != "" && strings.HasSuffix(name, p.match)
		if now && p.match != "" {
			p.match = ""
		}
		p.mu.Unlock()
		if now && !after {
			strike("before " + name)
		}
		// What zlaunch asked for is done whether or not it still listens.
		rp.ServeHTTP(out, r.WithContext(context.WithoutCancel(r.Context())))
		if now && after {
			strike("after " + name)
		}
	})
}

// requestName is the method and path without version and ids.
func requestName(r *http.Request) string {
	parts := strings.Split(r.URL.Path, "/")
	for i, p := range parts {
		if len(p) == 64 || strings.HasPrefix(p, "v") && strings.Contains(p, ".") {
			parts[i] = "*"
		}
	}
	return r.Method + " " + strings.Join(parts, "/")
}

func (p *proxy) arm(at int64, after bool, strike func(string)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count.Store(0)
	p.at, p.match, p.after, p.strike = at, "", after, strike
}

// armAt strikes once, at the next request whose name ends with match.
func (p *proxy) armAt(match string, after bool, strike func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at, p.match, p.after, p.strike = 0, match, after, func(string) { strike() }
}
