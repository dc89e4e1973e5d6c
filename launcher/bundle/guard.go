package bundle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// guard stands before the network and holds what a registry asks of its client against
// where the registry is. oras before v2.6.4 lets one send credentials elsewhere by a
// redirect, by the address of an upload, or by that of its token service
// (GHSA-vh4v-2xq2-g5cg, GHSA-jxpm-75mh-9fp7, GHSA-xf85-363p-868w); later versions need a
// newer Go than zlaunch asks for.
type guard struct {
	home *url.URL // scheme and host of the registry
	next http.RoundTripper
}

func (g guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := g.judge(req); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	if redirected := req.Response != nil; redirected && !g.at(req.URL) {
		req = req.Clone(req.Context())
		req.Header.Del("Authorization")
	}
	return g.next.RoundTrip(req)
}

// at tells whether an address is of the registry: the same scheme, name and port.
func (g guard) at(u *url.URL) bool {
	port := func(u *url.URL) string {
		return cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	}
	return u.Scheme == g.home.Scheme && strings.EqualFold(u.Hostname(), g.home.Hostname()) && port(u) == port(g.home)
}

// judge refuses what leaves the registry with more than a question: another host is
// asked by TLS alone, or by the registry's own host where that has none, and gets no
// upload and no body that was meant for somebody else.
func (g guard) judge(req *http.Request) error {
	if g.at(req.URL) {
		return nil
	}
	body := req.Body != nil && req.Body != http.NoBody
	form := req.Header.Get("Content-Type") == "application/x-www-form-urlencoded" && req.Method == http.MethodPost
	switch {
	case req.URL.Scheme != "https" && (g.home.Scheme != "http" || req.URL.Hostname() != g.home.Hostname()):
		return fmt.Errorf("the registry sends us to %s without TLS", quoted(req.URL.Host))
	case body && (!form || req.Response != nil): // a form asks for a token
		return fmt.Errorf("the registry wants what is for it sent to %s", quoted(req.URL.Host))
	}
	return nil
}

// patience ends a request when nothing was sent or received for a while. How long it
// takes in all is for the context to bound.
type patience struct {
	idle time.Duration
	next http.RoundTripper
}

// putting is how many times as long a registry may be silent that was given a blob: of one of
// 100 GB it computes the digest, or moves it, before it answers.
const putting = 20

var errIdle = errors.New("the registry was silent for too long")

func (p patience) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	wait := p.idle
	if req.Method == http.MethodPut {
		wait *= putting
	}
	clock := time.AfterFunc(wait, func() { cancel(errIdle) })
	w := &watched{ctx: ctx, clock: clock, idle: wait, end: func() { clock.Stop(); cancel(nil) }}
	req = req.Clone(ctx)
	if req.Body != nil && req.Body != http.NoBody {
		req.Body = &watched{ReadCloser: req.Body, ctx: ctx, clock: clock, idle: wait, end: func() {}}
	}
	resp, err := p.next.RoundTrip(req)
	if err != nil {
		w.end()
		return nil, w.cause(err)
	}
	clock.Reset(wait)
	w.ReadCloser = resp.Body
	resp.Body = w
	return resp, nil
}

// watched is a body whose every read puts the clock back.
type watched struct {
	io.ReadCloser
	ctx   context.Context
	clock *time.Timer
	idle  time.Duration
	end   func()
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if n > 0 {
		w.clock.Reset(w.idle)
	}
	return n, w.cause(err)
}

func (w *watched) Close() error {
	w.end()
	return w.ReadCloser.Close()
}

// cause is why the request ended, where that was the clock.
func (w *watched) cause(err error) error {
	if err != nil && err != io.EOF && context.Cause(w.ctx) == errIdle {
		return errIdle
	}
	return err
}
