package podman

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// recorder is an engine that makes nothing: it answers as little as Podman's
// client asks for and keeps what it is sent.
type recorder struct {
	podman string // the client
	major  string // its version: "4" or "5"
	dir    string

	mu   sync.Mutex
	body []byte
	pull url.Values
}

// recorded is what a client sends for one "podman create".
type recorded struct {
	body map[string]any
	pull url.Values
}

// newRecorder starts the server. $ZLAUNCH_TEST_PODMAN names another client than
// the one in the path.
func newRecorder(t *testing.T) *recorder {
	t.Helper()
	name := os.Getenv("ZLAUNCH_TEST_PODMAN")
	if name == "" {
		name = "podman"
	}
	client, err := exec.LookPath(name)
	if err != nil {
		t.Skip("PARITY NOT PROVED: no podman client here to compare with (" + name + ")")
	}
	dir, err := os.MkdirTemp("", "zl") // t.TempDir() is too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	r := &recorder{podman: client, dir: dir}
	l, err := net.Listen("unix", r.socket())
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: r}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	out, err := r.run("version", "--format", "{{.Client.Version}}")
	r.major, _, _ = strings.Cut(string(out), ".")
	if err != nil || r.major != "4" && r.major != "5" {
		t.Skipf("PARITY NOT PROVED: the client is podman %q, and the normalisations know 4 and 5 (%v)", out, err)
	}
	return r
}

func (r *recorder) socket() string { return filepath.Join(r.dir, "s") }

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	w.Header().Set("Libpod-API-Version", "5.8.2")
	w.Header().Set("Content-Type", "application/json")
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case strings.HasSuffix(req.URL.Path, "/images/pull"):
		r.pull = req.URL.Query()
		fmt.Fprintln(w, `{"id":"abc","images":["abc"]}`)
	case strings.HasSuffix(req.URL.Path, "/containers/create"):
		r.body = body
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintln(w, `{"Id":"abc","Warnings":[]}`)
	case strings.HasSuffix(req.URL.Path, "/version"):
		fmt.Fprintln(w, `{"ApiVersion":"1.41","Version":"5.8.2","Components":[]}`)
	default:
		fmt.Fprintln(w, `{}`)
	}
}

// run runs the client where nothing but its arguments decides.
func (r *recorder) run(args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.podman, append([]string{"--remote", "--url", "unix://" + r.socket()}, args...)...)
	cmd.Dir = r.dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + r.dir, "XDG_RUNTIME_DIR=" + r.dir, "TMPDIR=" + r.dir,
		"CONTAINERS_CONF=/dev/null",
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, stderr.Bytes())
	}
	return out, err
}

// create has the client run "podman create ARGS" and returns what it sent.
func (r *recorder) create(args []string) (recorded, error) {
	r.mu.Lock()
	r.body, r.pull = nil, nil
	r.mu.Unlock()
	if _, err := r.run(append([]string{"create"}, args...)...); err != nil {
		return recorded{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	body, err := object(r.body)
	return recorded{body, r.pull}, err
}

// object decodes JSON without losing digits.
func object(b []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var out map[string]any
	return out, d.Decode(&out)
}
