package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// The pace of the readiness poll: quick at first, since a small server is up in
// milliseconds, and never slower than twice a second.
const (
	pollFirst = 5 * time.Millisecond
	pollMost  = 500 * time.Millisecond
	pollOne   = 2 * time.Second // one request's own deadline
	// pollInside is that of one from within a container's network, for which a program starts
	// first: with sixty of them at once on two processors no request ended within pollOne.
	pollInside = 30 * time.Second
	pollBody   = 64 << 10 // bytes read of an answer
)

// errExited is the cause of a wait that the container's end cut short.
var errExited = errors.New("the workload ended")

// waitReady waits until the endpoint of a run answers, if it has one.
func (r *Run) waitReady(ctx context.Context, exited <-chan struct{}) error {
	e := endpointOf(r.l.r.Engine, r.Plan, r.pid)
	if e == nil {
		return nil
	}
	return e.answers(ctx, exited, r.l.r.passing)
}

// endpoint is what answers once a workload serves.
type endpoint struct {
	url    string
	within time.Duration
	dial   func(ctx context.Context, network, address string) (net.Conn, error) // nil: from this host
}

// endpointOf is that of a plan, whose first process is pid; nil: it has none.
func endpointOf(engine *podman.Engine, p *plan.Plan, pid int) *endpoint {
	e := &endpoint{url: p.ReadyURL()}
	if e.url == "" && engine.Local() {
		e.url, e.dial = plan.ReadyInside(p), inside(engine, pid)
	}
	if e.url == "" {
		return nil
	}
	e.within = p.Profile.Ready.Wait(p.Options.ReadyTimeout)
	return e
}

// Serves waits as a launch does for a container that somebody else started.
func Serves(ctx context.Context, l *Runner, id, url string, within time.Duration) error {
	watch, cancel := context.WithCancel(ctx)
	defer cancel()
	exited, code := make(chan struct{}), 0
	go func() {
		defer close(exited)
		code, _ = l.Engine.Containers.Wait(watch, id) // one that is gone has ended
	}()
	err := endpoint{url: url, within: within}.answers(ctx, exited, l.passing)
	if errors.Is(err, errExited) {
		return &ExitedError{Profile: id[:min(len(id), 12)], Code: code}
	}
	return err
}

// answers asks until it answers 2xx, the container ends (exited is closed), the time is over, or ctx is.
func (e endpoint) answers(ctx context.Context, exited <-chan struct{}, passing func(string)) error {
	ctx, cancel := context.WithTimeout(ctx, e.within)
	defer cancel()
	one := pollOne
	if e.dial != nil {
		one = pollInside
	}
	client := &http.Client{Timeout: one, Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true, DialContext: e.dial},
		// The workload must not send this host's requests elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	begun, told, last := time.Now(), time.Now(), error(nil)
	for pause := pollFirst; ; pause = min(2*pause, pollMost) {
		if last = askOnce(ctx, client, e.url); last == nil {
			return nil
		}
		if time.Since(told) > 5*time.Second {
			told = time.Now()
			passing(fmt.Sprintf("waiting for %s: %s so far", e.url, time.Since(begun).Round(time.Second)))
		}
		select {
		case <-exited:
			return errExited
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return hint.Errorf("--ready-timeout "+(2*e.within).String(), "waiting for %s: not ready within %s: %w", e.url, e.within, last)
			}
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

func askOnce(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, pollBody)); err != nil {
		return err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("it answers %s", resp.Status)
	}
	return nil
}
