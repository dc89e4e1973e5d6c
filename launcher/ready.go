package launcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// The pace of the readiness poll: quick at first, since a small server is up in
// milliseconds, and never slower than twice a second.
const (
	pollFirst = 5 * time.Millisecond
	pollMost  = 500 * time.Millisecond
	pollOne   = 2 * time.Second // one request's own deadline
	pollBody  = 64 << 10        // bytes read of an answer
)

// urls lists where the run's published ports answer, in port order.
func urls(p *Plan) []URL {
	var out []URL
	for _, port := range p.Profile.Ports {
		at, _, ok := container.Publish.Get(p.Stated, strconv.Itoa(int(port.Number))+"/tcp")
		if !ok {
			continue
		}
		scheme := "http"
		if port.Name == "grpc" {
			scheme = "grpc"
		}
		out = append(out, URL{port.Name, scheme + "://" + net.JoinHostPort(reachable(at.HostIP), strconv.Itoa(int(at.HostPort)))})
	}
	return out
}

// reachable turns "every address" into one a client can use.
func reachable(ip string) string {
	if a := net.ParseIP(ip); a == nil || a.IsUnspecified() {
		return "127.0.0.1"
	}
	return ip
}

// readyURL is the profile's own endpoint as the host sees it; "" when the
// profile has none or its port is not published.
func readyURL(p *Plan) string {
	if p.Profile.Ready == nil {
		return ""
	}
	for _, u := range urls(p) {
		if u.Name == p.Profile.Ready.Port {
			return u.URL + p.Profile.Ready.Path
		}
	}
	return ""
}

// errExited is the cause of a wait that the container's end cut short.
var errExited = errors.New("the workload ended")

// waitReady asks the endpoint until it answers 2xx, the container ends (exited is closed), the time is over, or ctx is.
func (l *Launcher) waitReady(ctx context.Context, p *Plan, exited <-chan struct{}) error {
	url := readyURL(p)
	if url == "" {
		return nil
	}
	within := p.Profile.Ready.Within
	if p.Options.ReadyTimeout > 0 {
		within = p.Options.ReadyTimeout
	}
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
			l.passing(fmt.Sprintf("waiting for %s: %s so far", url, time.Since(begun).Round(time.Second)))
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
