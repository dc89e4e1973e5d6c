package podman

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/containers/podman/v5/pkg/bindings"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/scratch"
)

const (
	// serviceIdle is how long a private service outlives its last connection.
	// It must be longer than serviceBeat.
	serviceIdle = 5 * time.Second
	serviceBeat = 2 * time.Second
	// serviceStart bounds the start: the first podman of a boot also sets up the
	// user namespace and the storage.
	serviceStart = 60 * time.Second
	// servicePoll is how often the socket is tried until it listens. Passing a
	// listening socket instead needs a shell (LISTEN_PID must be the child's own)
	// and was slower: 58 ms at best to 38 ms, measured.
	servicePoll = 2 * time.Millisecond
	// serviceStop is how long the service may take to end when told to.
	serviceStop = 3 * time.Second
)

// service is a `podman system service` of this program's own. It listens in a
// directory only the user can enter, in a session of its own so that the
// terminal's Ctrl-C does not reach it. Should the program be killed, the service
// ends when it has been idle, and [Engine.Reap] removes the directory.
type service struct {
	dir    *serviceDir
	env    []string
	caller func(string) string // the caller's environment
	place  scratch.Place
	quit   chan struct{} // closed by close

	mu     sync.Mutex
	aside  *scratch.Dir // of its temporary files; nil until it is started first, or where none can be made
	cmd    *exec.Cmd
	exited chan struct{} // closed when cmd has ended
	closed bool
}

// openPrivate starts a service below dir and connects to it. Where its version is
// known from before, it does not wait for the service, and a lazy one is not even
// started yet.
func openPrivate(ctx context.Context, t Target, dir string) (*Engine, error) {
	d, err := newServiceDir(dir)
	if err != nil {
		return nil, fmt.Errorf("starting podman: %w", err)
	}
	s := &service{dir: d, env: podmanEnv(t.Env), caller: t.Env, place: t.Scratch, quit: make(chan struct{})}
	r := recall{dir: t.CacheDir, index: t.ImageIndex, env: t.Env}
	version := r.version()
	if version == "" {
		if version, err = s.ask(ctx, t); err != nil {
			s.close()
			return nil, err
		}
		r.keepVersion(version)
	} else if !t.Lazy {
		go s.warm(ctx)
	}
	a := &api{client: dialled(s.dial), base: "http://d"}
	go s.beat(a)
	e := newEngine(t, a, &url.URL{Scheme: "unix", Path: d.socket()}, version, true)
	e.service, e.recall = s, r
	return e, nil
}

// ask starts the service and asks it for its version.
func (s *service) ask(ctx context.Context, t Target) (version string, err error) {
	conn, err := s.dial(ctx)
	if err != nil {
		return "", err
	}
	conn.Close()
	e, err := open(ctx, t, destination{options: bindings.Options{URI: "unix://" + s.dir.socket()}})
	if err != nil {
		return "", err
	}
	e.api.client.CloseIdleConnections()
	return e.version, nil
}

// dial connects to the service and starts it where it does not run: it may have
// been killed. A refused connection has carried nothing, so no request is sent
// twice.
func (s *service) dial(ctx context.Context) (net.Conn, error) {
	conn, err := s.connect(ctx)
	if err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ECONNREFUSED) {
		return conn, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, net.ErrClosed
	}
	if conn, err := s.connect(ctx); err == nil { // another request has started it
		return conn, nil
	}
	return s.start(ctx)
}

// warm starts the service for requests to come, which meet what went wrong.
func (s *service) warm(ctx context.Context) {
	if conn, err := s.dial(ctx); err == nil {
		conn.Close()
	}
}

func (s *service) connect(ctx context.Context) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "unix", s.dir.socket())
}

// start runs podman and waits until its socket listens.
func (s *service) start(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, serviceStart)
	defer cancel()
	if err := s.spawn(); err != nil {
		return nil, err
	}
	tick := time.NewTicker(servicePoll)
	defer tick.Stop()
	for {
		if conn, err := s.connect(ctx); err == nil {
			return conn, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("starting podman: waiting for its socket: %w", ctx.Err())
		case <-s.exited:
			return nil, hint.Errorf("zlaunch doctor, which shows what this host lacks; podman info", "starting podman: the service ended at once: %s", s.dir.lastWords())
		case <-tick.C:
		}
	}
}

// beat keeps the service from going idle while the program lives.
func (s *service) beat(a *api) {
	tick := time.NewTicker(serviceBeat)
	defer tick.Stop()
	for {
		select {
		case <-s.quit:
			return
		case <-tick.C:
			if !s.started() {
				continue
			}
			ctx, cancel := context.WithTimeout(context.Background(), serviceIdle)
			a.do(ctx, request{doing: "keeping podman awake", method: "GET", path: "/_ping"}, nil)
			cancel()
		}
	}
}

// started tells whether the service was needed yet.
func (s *service) started() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cmd != nil
}
