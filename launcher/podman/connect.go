package podman

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/containers/podman/v5/pkg/bindings"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/scratch"
)

// Oldest is the oldest Podman that zlaunch works with: Debian 12's, RHEL 9.2's.
const Oldest = "4.3"

const (
	// connectLimit is how long an engine may take to answer the first time; ssh
	// may ask for a passphrase.
	connectLimit = 30 * time.Second
	// socketLimit is how long the default socket may take before it counts as
	// not answering. systemd starts the service on the first connection.
	socketLimit = 5 * time.Second
)

// Target says which engine is wanted.
type Target struct {
	URL        string              // --url: unix, tcp or ssh
	Connection string              // --connection: a name of `podman system connection list`
	Env        func(string) string // the environment, as [os.Getenv]
	NoService  bool                // never start a private service
	Lazy       bool                // start one only for what is not known from before
	ThisHost   bool                // containers.conf is known to name no other engine; it is not read again
	CacheDir   string              // for what is known of images; "" keeps nothing
	Scratch    scratch.Place       // where podman's temporary files have room
	ImageIndex string              // the file Podman replaces when images change; "" none is known

	// Here tells whether who answers on a unix socket is an engine of this host, whose
	// processes and files are evidence; nil: as the kernel tells. Fakes say it of themselves.
	Here func(conn net.Conn) bool
}

// Connect finds the engine: the URL or connection asked for, CONTAINER_CONNECTION,
// CONTAINER_HOST, the default connection where Podman would use it (containers.conf
// remote=true, and everywhere but on Linux), the user's own socket if it answers,
// else a private service. A server that is not Podman 4.0 or later is refused.
func Connect(ctx context.Context, t Target) (*Engine, error) {
	d, err := resolve(t)
	if err != nil {
		return nil, err
	}
	if d != nil {
		return open(ctx, t, *d)
	}
	dir := runtimeDir(t.Env)
	if e := openDefault(ctx, t, dir); e != nil {
		return e, nil
	}
	if t.NoService {
		return nil, hint.Wrap(fmt.Errorf("connecting to podman: %w on %s", ErrNoService, defaultSocket(dir)),
			"systemctl --user start podman.socket")
	}
	return openPrivate(ctx, t, dir)
}

// openDefault connects to the user's own socket; nil when it does not answer.
func openDefault(ctx context.Context, t Target, dir string) *Engine {
	ctx, cancel := context.WithTimeout(ctx, socketLimit)
	defer cancel()
	e, err := open(ctx, t, destination{options: bindings.Options{URI: "unix://" + defaultSocket(dir)}})
	if err != nil {
		return nil
	}
	return e
}

// open connects to one destination.
func open(ctx context.Context, t Target, d destination) (*Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	u, err := parseURL(d.options.URI)
	if err != nil {
		return nil, err
	}
	local, err := probe(ctx, u, t)
	if err != nil {
		return nil, unreachable(u, err)
	}
	conn, version, err := dial(ctx, d.options)
	if err != nil {
		return nil, unreachable(u, err)
	}
	a := &api{client: conn.Client, base: "http://d"}
	if u.Scheme == "tcp" {
		a.base = "http://" + u.Host + u.Path
		if d.options.TLSCAFile+d.options.TLSCertFile != "" {
			a.base = "https" + strings.TrimPrefix(a.base, "http")
		}
	}
	e := newEngine(t, a, u, version, local)
	e.cli = d.cli
	return e, nil
}

// probe reaches for the socket once, for the bindings would try an absent one
// for 600 ms. It tells whether the engine is on this kernel. An ssh host may be
// an alias only the bindings can resolve, so it is not tried.
func probe(ctx context.Context, u *url.URL, t Target) (local bool, err error) {
	address := u.Path
	switch u.Scheme {
	case "ssh":
		return false, nil
	case "tcp":
		if t.Env("CONTAINER_PROXY") != "" {
			return false, nil
		}
		address = u.Host
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, u.Scheme, address)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	here := t.Here
	if here == nil {
		here = peerIsLocal
	}
	return u.Scheme == "unix" && here(conn), nil
}

// dial makes the connection through the bindings and returns the engine's
// version. The bindings do not look at ctx while they dial ssh or wait between
// tries, hence the goroutine; it ends when they do.
func dial(ctx context.Context, o bindings.Options) (*bindings.Connection, string, error) {
	type dialed struct {
		ctx context.Context
		err error
	}
	done := make(chan dialed, 1)
	go func() {
		c, err := bindings.NewConnectionWithOptions(ctx, o)
		done <- dialed{c, err}
	}()
	var d dialed
	select {
	case <-ctx.Done():
		return nil, "", ctx.Err()
	case d = <-done:
	}
	if d.err != nil {
		return nil, "", d.err
	}
	v := bindings.ServiceVersion(d.ctx)
	if v.Major < 4 { // the bindings take a missing header for version 0.0.0
		return nil, "", ErrNotPodman
	}
	conn, err := bindings.GetClient(d.ctx)
	return conn, v.String(), err
}

// unreachable explains why there is no engine at u.
func unreachable(u *url.URL, err error) error {
	where := u.Redacted()
	switch {
	case errors.Is(err, ErrNotPodman), strings.Contains(err.Error(), "server API version is too old"):
		return hint.Errorf("podman --version on the engine's host; zlaunch needs Podman "+Oldest+" or later",
			"connecting to %s: %w", where, fmt.Errorf("%w (API below 4.0, or no Libpod-API-Version)", ErrNotPodman))
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("connecting to %s: no answer: %w", where, err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return hint.Errorf("systemctl --user start podman.socket, or podman machine start",
			"connecting to %s: %w: %w", where, ErrNoService, err)
	}
	return hint.Errorf("podman system connection list", "connecting to %s: %w", where, err)
}

// runtimeDir is where the user's sockets live.
func runtimeDir(env func(string) string) string {
	if dir := env("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		return dir
	}
	dir := filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return dir
	}
	return os.TempDir()
}

// defaultSocket is the socket of podman.socket: the user's, or root's.
func defaultSocket(dir string) string {
	if os.Getuid() == 0 {
		return "/run/podman/podman.sock"
	}
	return filepath.Join(dir, "podman", "podman.sock")
}
