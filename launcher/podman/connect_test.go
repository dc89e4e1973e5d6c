package podman

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// fakeEngine answers on a socket of its own with the handler.
func fakeEngine(t *testing.T, h http.Handler) string {
	t.Helper()
	l := listen(t)
	s := &http.Server{Handler: h}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return "unix://" + l.Addr().String()
}

// listen makes a socket with a short path, whatever the test's name.
func listen(t *testing.T) net.Listener {
	t.Helper()
	dir, err := os.MkdirTemp("", "zl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// libpod answers _ping as Podman does and leaves the rest to h.
func libpod(version string, h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if version != "" {
			w.Header().Set("Libpod-API-Version", version)
		}
		if !strings.HasSuffix(r.URL.Path, "/_ping") && h != nil {
			h(w, r)
		}
	})
}

func target(url string) Target { return Target{URL: url, Env: environment(nil)} }

func TestConnectRefusesWhatIsNotPodman(t *testing.T) {
	for _, version := range []string{"", "3.4.4"} {
		_, err := Connect(t.Context(), target(fakeEngine(t, libpod(version, nil))))
		if !errors.Is(err, ErrNotPodman) || hint.Of(err) == "" {
			t.Errorf("version %q: %v, hint %q", version, err, hint.Of(err))
		}
	}
	e, err := Connect(t.Context(), target(fakeEngine(t, libpod("4.0.0", nil))))
	if err != nil {
		t.Fatal(err)
	}
	if e.Version() != "4.0.0" || e.Local() {
		t.Errorf("version %s, local %t: a socket of no podman is not evidence", e.Version(), e.Local())
	}
}

// An engine that accepts and never answers costs no more than the deadline, at
// connecting and later.
func TestDeadlinesHold(t *testing.T) {
	l := listen(t)
	silent := "unix://" + l.Addr().String()
	const limit = 200 * time.Millisecond
	took := func(f func(context.Context) error) (time.Duration, error) {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		start := time.Now()
		err := f(ctx)
		return time.Since(start), err
	}
	d, err := took(func(ctx context.Context) error { _, err := Connect(ctx, target(silent)); return err })
	if !errors.Is(err, context.DeadlineExceeded) || d > 2*limit {
		t.Errorf("connecting: %v after %v", err, d)
	}
	gone := make(chan struct{})
	defer close(gone)
	e, err := Connect(t.Context(), target(fakeEngine(t, libpod("5.0.0", func(w http.ResponseWriter, r *http.Request) { <-gone }))))
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]func(context.Context) error{
		"info":    func(ctx context.Context) error { _, err := e.Info(ctx); return err },
		"start":   func(ctx context.Context) error { return e.Containers.Start(ctx, "x") },
		"logs":    func(ctx context.Context) error { return e.Containers.Logs(ctx, "x", LogOptions{}, nil, nil) },
		"pull":    func(ctx context.Context) error { _, err := e.Pull(ctx, "x", PullOptions{}); return err },
		"create":  func(ctx context.Context) error { _, _, err := create(ctx, e.api, "x", map[string]int{}); return err },
		"network": func(ctx context.Context) error { _, err := e.Networks.Ensure(ctx, Network{Name: "x"}); return err },
	}
	for name, call := range calls {
		if d, err := took(call); !errors.Is(err, context.DeadlineExceeded) || d > 2*limit {
			t.Errorf("%s: %v after %v", name, err, d)
		}
	}
}

// The bindings alone try again for 600 ms, and would find a socket that comes late.
func TestAbsentSocketIsToldAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "late")
	late := time.AfterFunc(300*time.Millisecond, func() {
		if l, err := net.Listen("unix", path); err == nil {
			http.Serve(l, libpod("5.0.0", nil))
		}
	})
	defer late.Stop()
	_, err := Connect(t.Context(), target("unix://"+path))
	if !errors.Is(err, ErrNoService) || !errors.Is(err, fs.ErrNotExist) || hint.Of(err) == "" {
		t.Errorf("%v, hint %q", err, hint.Of(err))
	}
}

// No request is sent twice, whatever the engine does with it.
func TestNothingIsSentTwice(t *testing.T) {
	seen := make(chan string, 10)
	e, err := Connect(t.Context(), target(fakeEngine(t, libpod("5.0.0", func(w http.ResponseWriter, r *http.Request) {
		seen <- r.URL.Path
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Close()
	}))))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Containers.Start(t.Context(), "x"); !errors.Is(err, ErrNoService) {
		t.Errorf("start: %v", err)
	}
	if _, _, err := create(t.Context(), e.api, "creating", map[string]int{}); err == nil || strings.Contains(err.Error(), "ContentLength") {
		t.Errorf("create: %v", err)
	}
	if n := len(seen); n != 2 {
		t.Errorf("%d requests for 2 calls", n)
	}
}

func TestResolve(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "podman-connections.json")
	os.WriteFile(conf, []byte(`{"Connection":{"Default":"far","Connections":{"far":{"URI":"ssh://u@far/run/p.sock","Identity":"/k"}}}}`), 0o600)
	t.Setenv("PODMAN_CONNECTIONS_CONF", conf)
	env := func(kv ...string) func(string) string {
		m := map[string]string{}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i]] = kv[i+1]
		}
		return func(k string) string { return m[k] }
	}
	tests := []struct {
		name    string
		target  Target
		url, ls string
	}{
		{"url wins", Target{URL: "unix:///a", Connection: "far", Env: env("CONTAINER_HOST", "unix:///b")}, "unix:///a", "--remote --url unix:///a"},
		{"connection", Target{Connection: "far", Env: env("CONTAINER_HOST", "unix:///b")}, "ssh://u@far/run/p.sock", "--remote --connection far"},
		{"CONTAINER_CONNECTION before CONTAINER_HOST", Target{Env: env("CONTAINER_CONNECTION", "far", "CONTAINER_HOST", "unix:///b")}, "ssh://u@far/run/p.sock", "--remote --connection far"},
		{"CONTAINER_HOST", Target{Env: env("CONTAINER_HOST", "ssh://h/s", "CONTAINER_SSHKEY", "/id")}, "ssh://h/s", "--remote --url ssh://h/s --identity /id"},
		{"default is for remote only", Target{Env: env()}, "", ""},
	}
	for _, tt := range tests {
		d, err := resolve(tt.target)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var url, cli string
		if d != nil {
			url, cli = d.options.URI, strings.Join(d.cli, " ")
		}
		if url != tt.url || cli != tt.ls {
			t.Errorf("%s: %q %q", tt.name, url, cli)
		}
	}
	if _, err := resolve(Target{Connection: "none", Env: env()}); err == nil || hint.Of(err) == "" {
		t.Errorf("an unknown connection: %v", err)
	}
}

func TestBadURLs(t *testing.T) {
	for _, u := range []string{"http://x", "x", "ssh://a:secret@[", "unix:"} {
		_, err := Connect(t.Context(), target(u))
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", u, err)
		}
	}
}

// A reply of any size or form ends in an error, not in memory or a panic.
func TestHostileReplies(t *testing.T) {
	replies := map[string]func(http.ResponseWriter){
		"not JSON":   func(w http.ResponseWriter) { fmt.Fprint(w, "\x1b[31m") },
		"other JSON": func(w http.ResponseWriter) { fmt.Fprint(w, `[1]`) },
		"escape codes": func(w http.ResponseWriter) {
			w.WriteHeader(500)
			fmt.Fprint(w, `{"cause":"\u001b]0;x\u0007","message":"a\nb\u001b[2J"}`)
		},
		"endless error": func(w http.ResponseWriter) {
			w.WriteHeader(500)
			for range 100 {
				fmt.Fprint(w, strings.Repeat("x", 1<<16))
			}
		},
	}
	for name, reply := range replies {
		e, err := Connect(t.Context(), target(fakeEngine(t, libpod("5.0.0", func(w http.ResponseWriter, r *http.Request) { reply(w) }))))
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Containers.Inspect(t.Context(), strings.Repeat("a", 64))
		if err == nil || strings.ContainsAny(err.Error(), "\x1b\n") || len(err.Error()) > 2*maxError {
			t.Errorf("%s: %.200v", name, err)
		}
	}
}

// A workload that ends while the engine looks at it is looked at again, for a while.
func TestInspectOfWhatEnds(t *testing.T) {
	failing := 0
	e, err := Connect(t.Context(), target(fakeEngine(t, libpod("4.3.1", func(w http.ResponseWriter, r *http.Request) {
		if failing--; failing >= 0 {
			w.WriteHeader(http.StatusInternalServerError)
			io.WriteString(w, `{"cause":"no such process","message":"read /proc/5/cgroup: no such process","response":500}`)
			return
		}
		fmt.Fprintf(w, `{"Id":%q,"State":{"Status":"exited"}}`, strings.Repeat("0a", 32))
	}))))
	if err != nil {
		t.Fatal(err)
	}
	failing = inspectTries - 1 // the last try is answered
	if c, err := e.Containers.Inspect(t.Context(), "x"); err != nil || c.State.Status != "exited" {
		t.Errorf("got %+v, %v", c, err)
	}
	failing = inspectTries + 5
	if _, err := e.Containers.Inspect(t.Context(), "x"); err == nil || failing != 5 {
		t.Errorf("got %v after %d more tries than meant", err, 5-failing)
	}
}
