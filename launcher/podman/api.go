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
	"strings"
	"time"

	"github.com/containers/podman/v5/version"
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

// api is the libpod API of one engine: all requests are made here, each once.
type api struct {
	client *http.Client
	base   string // scheme and host of request URLs
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
func (a *api) send(ctx context.Context, r request) (*http.Response, error) {
	var body io.Reader
	if r.body != nil {
		data, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.doing, err)
		}
		body = bytes.NewReader(data)
	}
	target := fmt.Sprintf("%s/v%s/libpod%s", a.base, version.APIVersion[version.Libpod][version.CurrentAPI], r.path)
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
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, connectionError(r.doing, err)
	}
	return resp, nil
}

// do makes the request, reads its reply as JSON into into (unless nil) and
// returns the status. A status of 400 and above is an error.
func (a *api) do(ctx context.Context, r request, into any) (int, error) {
	if r.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.limit)
		defer cancel()
	}
	resp, err := a.send(ctx, r)
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

// exists asks for a path that is there or not.
func (a *api) exists(ctx context.Context, doing, path string) (bool, error) {
	_, err := a.do(ctx, request{doing: doing, method: "GET", path: path, limit: queryLimit}, nil)
	if isNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// dialled is a client all of whose connections f makes.
func dialled(f func(ctx context.Context) (net.Conn, error)) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext:        func(ctx context.Context, _, _ string) (net.Conn, error) { return f(ctx) },
		DisableCompression: true,
	}}
}
