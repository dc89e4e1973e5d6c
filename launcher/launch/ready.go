package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
)

// The pace of the readiness poll: quick at first, since a small server is up in
// milliseconds, and never slower than twice a second.
const (
	pollFirst = 5 * time.Millisecond
	pollMost  = 500 * time.Millisecond
	pollOne   = 2 * time.Second // one request's own deadline
	pollBody  = 64 << 10        // bytes read of an answer
)

// errExited is the cause of a wait that the container's end cut short.
var errExited = errors.New("the workload ended")

// waitReady waits until the endpoint of a plan answers.
func (l *Runner) waitReady(ctx context.Context, p *plan.Plan, exited <-chan struct{}) error {
	url := p.ReadyURL()
	if url == "" {
		return nil
	}
	return answers(ctx, url, p.Profile.Ready.Wait(p.Options.ReadyTimeout), exited, l.passing)
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
	err := answers(ctx, url, within, exited, l.passing)
	if errors.Is(err, errExited) {
		return &ExitedError{Profile: id[:min(len(id), 12)], Code: code}
	}
	return err
}

// answers asks url until it answers 2xx, the container ends (exited is closed), the time is over, or ctx is.
func answers(ctx context.Context, url string, within time.Duration, exited <-chan struct{}, passing func(string)) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	client := &http.Client{Timeout: pollOne, Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true},
		// The workload must not send this host's requests elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	begun, told, last := time.Now(), time.Now(), error(nil)
	for pause := pollFirst; ; pause = min(2*pause, pollMost) {
		if last = askOnce(ctx, client, url); last == nil {
			return nil
		}
		if time.Since(told) > 5*time.Second {
			told = time.Now()
			passing(fmt.Sprintf("waiting for %s: %s so far", url, time.Since(begun).Round(time.Second)))
		}
		select {
		case <-exited:
			return errExited
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return hint.Errorf("--ready-timeout "+(2*within).String(), "waiting for %s: not ready within %s: %w", url, within, last)
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
