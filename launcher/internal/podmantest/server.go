// Package podmantest fakes Podman's libpod API on a socket of its own, well enough for
// a whole launch: images, networks and containers with their states, and a fault of
// any kind at any request. It runs nothing.
package podmantest

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
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

	Controllers []string        // of cgroups, that this user may use
	Execs       map[string]Exec // sessions, by their ids

	// Fault is asked before each request: an answer that it gives goes out instead of
	// the server's own; see [Fail], [Drop] and [Hang].
	Fault func(r *http.Request) http.HandlerFunc
	// Inspect may change what inspection answers: a lying engine.
	Inspect func(c *Container, reply map[string]any)
	// Start is told when a container starts; nil does nothing.
	Start func(c *Container)

	mu         sync.Mutex
	calls      []string
	containers []*Container
	networks   map[string]*network
	volumes    map[string]map[string]string // by name: its options
	secrets    map[string]string            // by name: its driver
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
	s := &Server{Version: Version, Pid: os.Getpid(), Images: map[string]Image{}, Controllers: []string{"cpu", "memory", "pids"}, networks: map[string]*network{}, volumes: map[string]map[string]string{}, secrets: map[string]string{}}
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
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.containers), len(s.networks)
}

// Last is the container that was made last.
func (s *Server) Last() *Container {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.containers[len(s.containers)-1]
}

// AddVolume makes a named volume with the options of its driver.
func (s *Server) AddVolume(name string, options map[string]string) { s.volumes[name] = options }

// AddSecret makes a secret that a driver keeps.
func (s *Server) AddSecret(name, driver string) { s.secrets[name] = driver }

// route is one kind of request; the parts of its path that differ are {}.
type route struct {
	method, path string
	answer       func(s *Server, w http.ResponseWriter, r *http.Request, part string)
}

var routes = []route{
	{"GET", "info", (*Server).info},
	{"GET", "images/{}/json", (*Server).image},
	{"POST", "images/pull", (*Server).pull},
	{"POST", "networks/create", (*Server).createNetwork},
	{"GET", "networks/{}/json", (*Server).network},
	{"DELETE", "networks/{}", (*Server).removeNetwork},
	{"GET", "volumes/{}/exists", (*Server).volume},
	{"GET", "volumes/{}/json", (*Server).volume},
	{"GET", "secrets/{}/json", (*Server).secret},
	{"GET", "exec/{}/json", (*Server).exec},
	{"POST", "containers/create", (*Server).create},
	{"GET", "containers/json", (*Server).list},
	{"GET", "containers/{}/exists", (*Server).exists},
	{"GET", "containers/{}/json", (*Server).inspect},
	{"POST", "containers/{}/init", step("initialized")},
	{"POST", "containers/{}/start", step("running")},
	{"POST", "containers/{}/stop", step("exited")},
	{"POST", "containers/{}/wait", (*Server).wait},
	{"GET", "containers/{}/logs", (*Server).logs},
	{"DELETE", "containers/{}", (*Server).remove},
}

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
	for _, to := range routes {
		if part, ok := match(to.path, path); ok && r.Method == to.method {
			to.answer(s, w, r, part)
			return
		}
	}
	Fail(http.StatusNotFound, "no such request: "+r.Method+" "+path)(w, r)
}

// match fits a path into a pattern.
func match(pattern, path string) (part string, ok bool) {
	before, after, open := strings.Cut(pattern, "{}")
	if !open {
		return "", pattern == path
	}
	rest, ok := strings.CutPrefix(path, before)
	if !ok {
		return "", false
	}
	part, ok = strings.CutSuffix(rest, after)
	if !ok || part == "" || strings.Contains(part, "/") {
		return "", false
	}
	part, err := url.PathUnescape(part)
	return part, err == nil
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

// Hang answers nothing until the caller has gone.
func Hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func reply(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

func (s *Server) info(w http.ResponseWriter, _ *http.Request, _ string) {
	reply(w, map[string]any{
		"host": map[string]any{"arch": "amd64", "cgroupVersion": "v2", "cgroupManager": "systemd", "cgroupControllers": s.Controllers,
			"ociRuntime": map[string]any{"name": "crun"}, "security": map[string]any{"rootless": true}},
		"store":   map[string]any{"graphDriverName": "overlay", "graphRoot": filepath.Dir(s.socket), "volumePath": filepath.Join(filepath.Dir(s.socket), "volumes")},
		"version": map[string]any{"Version": s.Version},
	})
}
