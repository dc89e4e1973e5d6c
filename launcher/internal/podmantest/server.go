// Package podmantest fakes Podman's libpod API on a socket of its own, well enough for
// a whole launch: images, networks and containers with their states, and a fault of
// any kind at any request. It runs nothing.
package podmantest

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/podman"
)

// Version is the Podman that a server says to be unless told otherwise.
const Version = "5.4.2"

// Server is a fake engine. Its fields may be changed while it is not asked anything.
type Server struct {
	Version string
	Local   bool             // it counts as this host's engine
	Pid     int              // of the first process of every container that has one
	Images  map[string]Image // by reference and by id

	Controllers []string                     // of cgroups, that this user may use
	Execs       map[string]Exec              // sessions, by their ids
	Volumes     map[string]map[string]string // by name: the options of the driver
	Secrets     map[string]string            // by name: the driver that keeps it

	// Fault is asked before each request: an answer that it gives goes out instead of
	// the server's own; see [Fail] and [Drop].
	Fault func(r *http.Request) http.HandlerFunc
	// Inspect may change what inspection answers: a lying engine.
	Inspect func(c *Container, reply map[string]any)
	// Start is told when a container starts; nil does nothing.
	Start func(c *Container)

	mu         sync.Mutex
	calls      []string
	containers containers
	networks   networks
	socket     string
}

// Image is what an image says of itself.
type Image struct {
	ID     string // 64 hexadecimal digits
	Arch   string
	Config map[string]any // User, Env, Entrypoint, Labels …
	Remote bool           // in a registry, not here yet
}

// Exec is what a session may do.
type Exec struct {
	User       string
	Privileged bool
}

// New starts a server that ends with the test.
func New(t *testing.T) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "zl") // the path of a socket has at most some 100 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Server{Version: Version, Pid: os.Getpid(), Images: map[string]Image{}, Controllers: []string{"cpu", "memory", "pids"},
		Volumes: map[string]map[string]string{}, Secrets: map[string]string{}, networks: networks{byName: map[string]*network{}}}
	s.socket = filepath.Join(dir, "s")
	l, err := net.Listen("unix", s.socket)
	if err != nil {
		t.Fatal(err)
	}
	h := &http.Server{Handler: s}
	go h.Serve(l)
	t.Cleanup(func() { h.Close() })
	return s
}

// Connect is an engine that speaks to the server.
func (s *Server) Connect(t *testing.T) *podman.Engine {
	t.Helper()
	dir := t.TempDir()
	env := func(key string) string {
		return map[string]string{"HOME": dir, "XDG_RUNTIME_DIR": dir, "PATH": dir}[key]
	}
	e, err := podman.Connect(t.Context(), podman.Target{URL: "unix://" + s.socket, Env: env, Here: func(net.Conn) bool { return s.Local }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// Socket is the path at which the server listens.
func (s *Server) Socket() string { return s.socket }

// Calls are the requests so far: "POST containers/create".
func (s *Server) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.calls...)
}

// Left counts what the engine has: containers and networks.
func (s *Server) Left() (containers, networks int) {
	s.containers.mu.Lock()
	defer s.containers.mu.Unlock()
	s.networks.mu.Lock()
	defer s.networks.mu.Unlock()
	return len(s.containers.list), len(s.networks.byName)
}

// Last is the container that was made last.
func (s *Server) Last() *Container {
	s.containers.mu.Lock()
	defer s.containers.mu.Unlock()
	return s.containers.list[len(s.containers.list)-1]
}

// Exit ends a running container.
func (s *Server) Exit(c *Container, code int, log string) { s.containers.exit(c, code, log) }

var apiPath = regexp.MustCompile(`^/(?:v[0-9.]+/)?libpod/`)

// ServeHTTP answers as Podman does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Libpod-API-Version", s.Version)
	path := apiPath.ReplaceAllString(r.URL.EscapedPath(), "")
	if path == "_ping" {
		return
	}
	s.mu.Lock()
	s.calls = append(s.calls, r.Method+" "+path)
	fault := s.Fault
	s.mu.Unlock()
	if fault != nil {
		if answer := fault(r); answer != nil {
			answer(w, r)
			return
		}
	}
	for _, to := range routes(s) {
		if part, ok := match(to.path, path); ok && r.Method == to.method {
			to.answer(w, r, part)
			return
		}
	}
	Fail(http.StatusNotFound, "no such request: "+r.Method+" "+path)(w, r)
}

// Fail answers with an error of Podman's.
func Fail(status int, cause string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		reply(w, map[string]any{"cause": cause, "message": cause, "response": status})
	}
}

// Drop breaks the connection off without an answer.
func Drop(w http.ResponseWriter, _ *http.Request) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		conn.Close()
	}
}

func reply(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }
