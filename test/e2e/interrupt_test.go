package e2e

import (
	"context"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// proxy stands between zlaunch and a podman service and strikes at a chosen
// moment: before or after its nth request.
type proxy struct {
	socket string
	count  atomic.Int64
	mu     sync.Mutex
	at     int64        // the request to strike at, counted from 1; 0 never
	after  bool         // after its answer instead of before it is passed on
	strike func(string) // gets the request's name
}

// newProxy starts a podman service of the test's own and a proxy before it.
func newProxy(w *world) *proxy {
	w.t.Helper()
	dir, err := os.MkdirTemp(os.Getenv("XDG_RUNTIME_DIR"), "e2e-")
	if err != nil {
		w.t.Fatal(err)
	}
	back := filepath.Join(dir, "podman.sock")
	service := exec.Command("podman", "system", "service", "--time=0", "unix://"+back)
	service.Env = w.env
	said := newWatched()
	service.Stdout, service.Stderr = said, said
	if err := service.Start(); err != nil {
		w.t.Fatal(err)
	}
	p := &proxy{socket: filepath.Join(dir, "proxy.sock")}
	ln, err := net.Listen("unix", p.socket)
	if err != nil {
		w.t.Fatal(err)
	}
	server := &http.Server{Handler: p.handler(back)}
	go server.Serve(ln)
	w.t.Cleanup(func() {
		server.Close()
		service.Process.Kill()
		service.Wait()
		os.RemoveAll(dir)
		if text := said.String(); strings.Contains(text, "fatal error") || strings.Contains(text, "panic:") {
			w.t.Logf("podman's own service crashed:\n%.3000s", text)
		}
	})
	for range 100 {
		if c, err := net.Dial("unix", back); err == nil {
			c.Close()
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return p
}

func (p *proxy) handler(back string) http.Handler {
	rp := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "d"})
	rp.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", back)
	}}
	rp.ErrorLog = log.New(io.Discard, "", 0) // clients that are gone
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		n := p.count.Add(1)
		p.mu.Lock()
		at, after, strike := p.at, p.after, p.strike
		p.mu.Unlock()
		if n == at && !after {
			strike("before " + requestName(r))
		}
		// What zlaunch asked for is done whether or not it still listens.
		rp.ServeHTTP(out, r.WithContext(context.WithoutCancel(r.Context())))
		if n == at && after {
			strike("after " + requestName(r))
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
	p.at, p.after, p.strike = at, after, strike
}

// SIGINT, SIGTERM and SIGKILL before and after every request of a launch: what
// is there afterwards, for SIGKILL after one more zlaunch call, is what was
// there before.
func TestInterrupted(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) { interrupted(t, sig) })
	}
}

func interrupted(t *testing.T, sig syscall.Signal) {
	w := newWorld(t)
	p := newProxy(w)
	w.env = append(w.env, "CONTAINER_HOST=unix://"+p.socket)
	p.arm(0, false, nil)
	if got := w.zlaunch(run("-d", "web")...); got.code != 0 {
		t.Fatalf("undisturbed, the launch ended with %d: %s", got.code, got.stderr)
	}
	requests := p.count.Load()
	w.zlaunch("stop", "web")
	before := w.settled()
	histogram := map[string]int{}
	strikes := 0
	for round := 0; strikes < 20 || round < 1; round++ {
		for at := int64(1); at <= requests; at++ {
			for _, after := range []bool{false, true} {
				strikes += strikeAt(w, p, sig, moment{at, after}, histogram)
				if sig != syscall.SIGKILL {
					w.unchanged(before)
				}
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(histogram)) {
		t.Logf("%-9s %-44s %d", sig, k, histogram[k])
	}
	t.Logf("%s: struck %d times at %d moments", sig, strikes, len(histogram))
	if sig == syscall.SIGKILL {
		if got := w.zlaunch("ps"); got.code != 0 {
			t.Errorf("the call that cleans up: %s", got.stderr)
		}
	}
	w.unchanged(before)
}

type moment struct {
	at    int64
	after bool
}

// strikeAt runs one launch and signals it; it returns 1 when the moment came. A
// launch that was already done is stopped like any other.
func strikeAt(w *world, p *proxy, sig syscall.Signal, m moment, histogram map[string]int) int {
	cmd := exec.Command(lab.zlaunch, run("-d", "web")...)
	cmd.Env, cmd.Dir = w.env, w.dir
	started := make(chan struct{})
	struck := make(chan string, 1)
	p.arm(m.at, m.after, func(name string) {
		<-started
		cmd.Process.Signal(sig)
		struck <- name
	})
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	close(started)
	err := cmd.Wait()
	p.arm(0, false, nil)
	if err == nil {
		w.zlaunch("stop", "web")
	}
	select {
	case name := <-struck:
		histogram[name]++
		return 1
	default:
		return 0
	}
}

// The private service dies at every stage of a launch.
func TestServiceKilled(t *testing.T) {
	w := newWorld(t)
	before := w.settled()
	killed := 0
	for i := range 20 {
		cmd := exec.Command(lab.zlaunch, run("-d", "web")...)
		cmd.Env, cmd.Dir = w.env, w.dir
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(30+15*i) * time.Millisecond)
		for _, pid := range strings.Fields(w.services()) {
			if exec.Command("kill", "-9", pid).Run() == nil {
				killed++
			}
		}
		if cmd.Wait() == nil {
			w.zlaunch("stop", "web")
		}
	}
	t.Logf("killed %d services in 20 launches", killed)
	// Podman 4.3 leaves its own network namespace half made when its service is
	// killed while making it; this is its remedy.
	w.podman("system", "migrate")
	if killed == 0 {
		t.Error("no service was killed: the test proves nothing")
	}
	w.zlaunch("ps")
	w.unchanged(before)
}

// Fifty launches at once all get a name, a port and an answer.
func TestFiftyAtOnce(t *testing.T) {
	w := newWorld(t)
	p := newProxy(w)
	w.env = append(w.env, "CONTAINER_HOST=unix://"+p.socket)
	before := w.settled()
	const n = 50
	urls := make([]string, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			cmd := exec.Command(lab.zlaunch, run("-d", "--ready-timeout", "5m", "web")...)
			cmd.Env, cmd.Dir = w.env, w.dir
			out, err := cmd.Output()
			if err != nil {
				t.Errorf("launch %d: %v %s", i, err, err.(*exec.ExitError).Stderr)
			}
			urls[i] = strings.TrimSpace(string(out))
		}()
	}
	wg.Wait()
	slices.Sort(urls)
	if distinct := slices.Compact(slices.Clone(urls)); len(distinct) != n {
		t.Errorf("%d distinct URLs of %d: %q", len(distinct), n, urls)
	}
	if got := w.zlaunch("stop", "--all"); got.code != 0 {
		t.Errorf("stop --all: %s", got.stderr)
	}
	w.unchanged(before)
}

// A record that cannot be written ends the launch with a message and nothing
// left, however far it has come. (A disk that is really full takes root to make:
// the lab does that.)
func TestRecordCannotBeWritten(t *testing.T) {
	w := newWorld(t)
	full := filepath.Join(t.TempDir(), "full")
	if err := os.Mkdir(full, 0o500); err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env, "XDG_STATE_HOME="+full)
	before := w.settled()
	got := w.zlaunch(run("-d", "web")...)
	t.Logf("zlaunch says (exit %d): %s", got.code, got.stderr)
	if got.code != 125 || !strings.Contains(got.stderr, "record") {
		t.Errorf("ended with %d: %s", got.code, got.stderr)
	}
	w.unchanged(before)
}
