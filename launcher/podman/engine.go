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
	"cmp"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/internal/scratch"
)

// Engine is a connection to a Podman service. It is safe for concurrent use.
type Engine struct {
	Containers Containers
	Networks   Networks
	Roots      Roots
	Images     Images
	Evidence   *Evidence
	Claims     claim.Dir // where to claim what is asked for by the way; "": nothing is claimed, and what a killed program left stays

	api      *api
	url      *url.URL
	version  string
	local    bool
	cli      []string // options that bind a podman command line to this engine
	env      func(string) string
	cacheDir string
	scratch  scratch.Place
	service  *service // nil unless this program started it
	recall   recall   // for a private service alone; empty: nothing is kept

	mu   sync.Mutex
	info *Info // the first answer; an engine does not change under a program
}

// newEngine is the engine whose API answers at u.
func newEngine(t Target, a *api, u *url.URL, version string, local bool) *Engine {
	ev := &Evidence{local: local, runtimeDir: runtimeDir(t.Env)}
	e := &Engine{
		Containers: Containers{a, ev}, Networks: Networks{a}, Evidence: ev,
		api: a, url: u, version: version, local: local, env: t.Env, cacheDir: t.CacheDir, scratch: t.Scratch,
	}
	e.Roots, e.Images = Roots{e}, Images{e}
	return e
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
	e.api.client.CloseIdleConnections()
	e.Evidence.close()
	if e.service == nil {
		return nil
	}
	return e.service.close()
}

// Rest lets go of a private service, 24 MB of memory, until the next request.
func (e *Engine) Rest() {
	if e.service != nil {
		e.api.client.CloseIdleConnections()
		e.service.rest()
	}
}

// CLI builds a podman command line that reaches the same engine and is
// killed when ctx ends. Its environment holds only what podman needs, so that
// neither CONTAINER_HOST nor a PODMAN_… default of the caller changes what it does.
func (e *Engine) CLI(ctx context.Context, args ...string) *exec.Cmd {
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
