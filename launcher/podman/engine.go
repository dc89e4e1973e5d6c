// Package podman talks to the engine: the Podman service that holds images,
// networks and containers. It is the only importer of Podman's Go bindings.
//
// [Connect] finds an engine the way Podman does, or starts a private service
// that goes away with the program. Every method takes a context whose end is
// obeyed at once, and none sends a request twice: the bindings do both
// otherwise, so only their connection is used and requests are made here.
//
// What the engine answers is bounded in size and never trusted as a path, a
// length or a terminal line.
package podman

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/containers/podman/v5/version"
	"github.com/sirupsen/logrus"

	"github.com/zlaunch/zlaunch/launcher/claim"
)

// Bounds on one exchange with the engine.
const (
	// queryLimit is how long a request may take that only looks something up.
	// Podman takes its locks for it, and a busy host is slow.
	queryLimit = 30 * time.Second
	// maxReply bounds a reply read as a whole; the inspection of a container is
	// some 10 KiB, a list of a thousand containers some 2 MiB.
	maxReply = 64 << 20
	// maxError bounds the text of an error.
	maxError = 16 << 10
)

// Engine is a connection to a Podman service. It is safe for concurrent use.
type Engine struct {
	client   *http.Client
	base     string // scheme and host of request URLs
	url      *url.URL
	version  string
	local    bool
	cli      []string // options that bind a podman command line to this engine
	env      func(string) string
	cacheDir string
	claims   claim.Dir // see ClaimIn
	service  *service  // nil unless this program started it
	recall   recall    // for a private service alone; empty: nothing is kept

	mu   sync.Mutex
	info *Info // the first answer; an engine does not change under a program

	standby atomic.Pointer[pauseReader] // made by Prepare, taken by OCIConfig
}

// LogTo sends what Podman's Go packages log, warnings and worse, to w. They use
// one logger for the whole process that otherwise writes to standard error.
func LogTo(w io.Writer) {
	logrus.SetOutput(w)
	logrus.SetLevel(logrus.WarnLevel)
}

// URL is where the engine listens, a password in it hidden.
func (e *Engine) URL() string { return e.url.Redacted() }

// Version is Podman's version on the engine's side, for instance "4.3.1".
func (e *Engine) Version() string { return e.version }

// Local tells whether the engine runs on this host's kernel and its processes
// can be seen here, so that /proc and the engine's files are evidence.
func (e *Engine) Local() bool { return e.local }

// Private tells whether the engine is a service this program started and will
// end in [Engine.Close].
func (e *Engine) Private() bool { return e.service != nil }

// Close lets go of the connection and ends a private service. Containers keep
// running.
func (e *Engine) Close() error {
	e.client.CloseIdleConnections()
	if r := e.standby.Swap(nil); r != nil {
		r.close()
	}
	if e.service == nil {
		return nil
	}
	return e.service.close()
}

// Rest lets go of a private service, 24 MB of memory, until the next request.
func (e *Engine) Rest() {
	if e.service != nil {
		e.client.CloseIdleConnections()
		e.service.rest()
	}
}

// CLI is [Engine.CLIContext] for a podman that nothing ends before its time.
func (e *Engine) CLI(args ...string) *exec.Cmd { return e.CLIContext(context.Background(), args...) }

// CLIContext builds a podman command line that reaches the same engine and is
// killed when ctx ends. Its environment holds only what podman needs, so that
// neither CONTAINER_HOST nor a PODMAN_… default of the caller changes what it does.
func (e *Engine) CLIContext(ctx context.Context, args ...string) *exec.Cmd {
	program, err := findPodman(e.env)
	cmd := exec.CommandContext(ctx, cmp.Or(program, "podman"), append(append([]string(nil), e.cli...), args...)...)
	if err != nil {
		cmd.Err = err
	}
	cmd.Env = podmanEnv(e.env)
	cmd.WaitDelay = 10 * time.Second // for a child of its own that holds its output
	return cmd
}

// podmanEnv is the environment of every podman that zlaunch starts.
func podmanEnv(env func(string) string) []string {
	keep := []string{
		"HOME", "USER", "LOGNAME", "PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "TERM",
		"XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS",
		"CONTAINERS_CONF", "CONTAINERS_CONF_OVERRIDE", "CONTAINERS_STORAGE_CONF",
		"CONTAINERS_REGISTRIES_CONF", "PODMAN_CONNECTIONS_CONF", "REGISTRY_AUTH_FILE", "DOCKER_CONFIG",
		"STORAGE_DRIVER", "STORAGE_OPTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSH_AUTH_SOCK",
		"PODMAN_IGNORE_CGROUPSV1_WARNING", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	}
	var out []string
	for _, k := range keep {
		if v := env(k); v != "" {
			out = append(out, k+"="+v)
		}
	}
	return out
}

// request is one call of the libpod API.
type request struct {
	doing  string        // for errors: a gerund and its object
	method string        // HTTP's
	path   string        // below /libpod; variable parts escaped by [escaped]
	query  url.Values    // may be nil
	header http.Header   // may be nil
	body   any           // sent as JSON unless nil
	limit  time.Duration // 0: as long as the context allows
}

// escaped joins the parts of a request path, each escaped.
func escaped(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("/")
		b.WriteString(url.PathEscape(p))
	}
	return b.String()
}

// send makes the request once and returns the reply, whatever its status. The
// caller closes the body.
func (e *Engine) send(ctx context.Context, r request) (*http.Response, error) {
	var body io.Reader
	if r.body != nil {
		data, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.doing, err)
		}
		body = bytes.NewReader(data)
	}
	target := fmt.Sprintf("%s/v%s/libpod%s", e.base, version.APIVersion[version.Libpod][version.CurrentAPI], r.path)
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.doing, err)
	}
	req.URL.RawQuery = r.query.Encode()
	if r.header != nil {
		req.Header = r.header
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return nil, connectionError(r.doing, err)
	}
	return resp, nil
}

// do makes the request, reads its reply as JSON into into (unless nil) and
// returns the status. A status of 400 and above is an error.
func (e *Engine) do(ctx context.Context, r request, into any) (int, error) {
	if r.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.limit)
		defer cancel()
	}
	resp, err := e.send(ctx, r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return resp.StatusCode, replyError(r.doing, resp)
	}
	data, err := readBounded(resp.Body, maxReply)
	if err != nil {
		return resp.StatusCode, fmt.Errorf("%s: reading the reply: %w", r.doing, err)
	}
	if into == nil || len(data) == 0 {
		return resp.StatusCode, nil
	}
	if err := json.Unmarshal(data, into); err != nil {
		return resp.StatusCode, fmt.Errorf("%s: reading the reply: %w", r.doing, err)
	}
	return resp.StatusCode, nil
}

// readBounded reads r to its end; more than limit bytes are an error.
func readBounded(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("more than %d bytes", limit)
	}
	return data, err
}

// readFile reads a regular file of at most limit bytes. The name may be an engine's
// word: opening a pipe or a device does not wait.
func readFile(name string, limit int64) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("reading %s: it is no regular file", name)
	}
	if err != nil {
		return nil, err
	}
	return readBounded(f, limit)
}
