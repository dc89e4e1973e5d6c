package dockerrun

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/internal/drawn"
)

// client is Docker's own client, and a server that notes what it asks for and makes nothing.
type client struct {
	program, dir string
	target       string // that of its release

	mu   sync.Mutex
	name string
	body []byte
}

// newClient finds the client: $ZLAUNCH_TEST_DOCKER, or docker.
func newClient(t *testing.T) *client {
	t.Helper()
	program := os.Getenv("ZLAUNCH_TEST_DOCKER")
	if program == "" {
		program = "docker"
	}
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skip("DOCKER LINES NOT PROVED: no docker client here (" + program + "); Debian has it in docker.io, from trixie on in docker-cli")
	}
	out, err := exec.Command(path, "--version").Output()
	words := strings.Fields(string(out))
	if err != nil || len(words) < 3 || words[0] != "Docker" {
		t.Skipf("DOCKER LINES NOT PROVED: %s is no client of Docker: %q %v", path, out, err)
	}
	c := &client{program: path, target: Targets[0]}
	if major, _, _ := strings.Cut(words[2], "."); number(t, major) >= 28 {
		c.target = Targets[1]
	}
	if c.dir, err = os.MkdirTemp("", "zl"); err != nil { // t.TempDir() is too long for a socket's path
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(c.dir) })
	l, err := net.Listen("unix", filepath.Join(c.dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: c}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return c
}

func number(t *testing.T, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (c *client) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	w.Header().Set("Api-Version", "1.50")
	w.Header().Set("Ostype", "linux")
	w.Header().Set("Content-Type", "application/json")
	if !strings.HasSuffix(req.URL.Path, "/containers/create") {
		fmt.Fprintln(w, `{}`)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.name, c.body = req.URL.Query().Get("name"), body
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintln(w, `{"Id":"abc","Warnings":[]}`)
}

// create has the client create what is to be run, and returns what it sent.
func (c *client) create(t *testing.T, run []string) *request {
	t.Helper()
	cmd := exec.Command(c.program, append([]string{"create"}, run[2:]...)...)
	cmd.Dir, cmd.Env = c.dir, []string{"HOME=" + c.dir, "DOCKER_HOST=unix://" + filepath.Join(c.dir, "s")}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%.3000q: %v: %s", run, err, out)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	r := &request{name: c.name}
	if err := json.Unmarshal(c.body, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// What Docker's own client makes of the lines is what an audit reads in them, setting by
// setting, over runs drawn by lot; nothing else is asked for.
func TestClientReads(t *testing.T) {
	c := newClient(t)
	profile := filepath.Join(c.dir, "seccomp.json")
	if err := os.WriteFile(profile, []byte(`{"defaultAction":"SCMP_ACT_ALLOW"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	drawnRuns := 0
	for seed := range uint64(60) {
		s := drawn.Spec(rand.New(rand.NewPCG(seed, 11)), hostile[seed%(uint64(len(hostile))-1)])
		if v, m, ok := container.SeccompProfile.Get(s); ok && v != "unconfined" {
			container.SeccompProfile.Set(s, profile, m)
		}
		if v, m, ok := container.SecurityLabel.Get(s); ok {
			container.SecurityLabel.Set(s, append(v[:1:1], "type:a_t"), m)
		}
		if v, m, ok := container.Image.Get(s); ok { // the client knows a digest by its length
			container.Image.Set(s, strings.ReplaceAll(v, "sha256:0", "sha256:"+strings.Repeat("0", 64)), m)
		}
		if v, _, _ := container.Entrypoint.Get(s); podmanrun.Check(s) != nil || len(v) > 0 && v[0] == "" {
			continue
		}
		r := runOf(s)
		r.Attached = true // docker create waits for nothing
		line, err := Write(r, c.target)
		if err != nil {
			t.Fatal(err)
		}
		drawnRuns++
		for _, off := range c.create(t, line.Words).apart(read(t, line.Words)) {
			t.Errorf("seed %d: %s\n%.2000q", seed, off, line.Words)
		}
	}
	if drawnRuns < 30 {
		t.Errorf("only %d runs", drawnRuns)
	}
}

// The client refuses what the table says docker has no words for.
func TestClientRefuses(t *testing.T) {
	c := newClient(t)
	for _, option := range []string{
		"--pid=private", "--uts=private", "--cgroupns=container:x", "--userns=keep-id", "--umask=0027", "--secret=x", "--image-volume=ignore",
		"--read-only-tmpfs=false", "--systemd=false", "--http-proxy=false", "--cpus=1.1234567891", "--mount=type=bind,src=/a,dst=/b,relabel=shared",
	} {
		cmd := exec.Command(c.program, "create", option, "x")
		cmd.Env = []string{"HOME=" + c.dir, "DOCKER_HOST=unix://" + filepath.Join(c.dir, "s")}
		if out, err := cmd.CombinedOutput(); err == nil {
			t.Errorf("%s: taken: %s", option, out)
		}
		name, _, _ := strings.Cut(option, "=")
		if r, err := command.Read([]string{"docker", "run", option, "x"}); err == nil && len(r.Open) == 0 && name != "--cpus" {
			t.Errorf("%s: nothing is open", option)
		}
	}
}
