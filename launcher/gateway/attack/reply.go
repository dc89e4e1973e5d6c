package attack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"syscall"

	h2 "golang.org/x/net/http2"
)

// Reply is what the client saw.
type Reply struct {
	Statuses []int  // of answers of HTTP, in their order
	After    []int  // of those to allowed calls on the same connection
	GRPC     string // grpc-status of the last; "" there was none
	Alert    string // of TLS, by the other side
	Reset    string // how the other side broke off the stream or the connection
	Closed   bool   // it ended the connection
	Silent   bool   // it did nothing in time
	Fault    string // what went wrong on this side
	Count    *Count // of many requests
}

// Count is what became of many that were sent at once.
type Count struct{ Sent, Passed, Most, Refused int }

// refusal are the answers that refuse an attack. One of them must come: silence is none.
type refusal struct {
	statuses []int
	alert    bool // of TLS
	end      bool // the stream or the connection is broken off
}

// failed adds how a connection failed.
func (r Reply) failed(err error) Reply {
	var op *net.OpError
	var timeout net.Error
	switch {
	case err == nil:
	case errors.As(err, &op) && op.Op == "remote error": // what crypto/tls calls an alert
		r.Alert = strings.TrimPrefix(op.Err.Error(), "tls: ")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		r.Closed = true
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		r.Reset = "connection reset"
	case errors.As(err, &timeout) && timeout.Timeout():
		r.Silent = true
	default:
		r.Fault = err.Error()
	}
	return r
}

// failedHTTP2 adds how a stream failed that a library's client sent.
func (r Reply) failedHTTP2(err error) Reply {
	var stream h2.StreamError
	var away h2.GoAwayError
	switch {
	case errors.As(err, &stream):
		r.Reset = "stream reset: " + stream.Code.String()
		return r
	case errors.As(err, &away):
		r.Reset = "connection ended: " + away.ErrCode.String()
		return r
	case errors.Is(err, context.DeadlineExceeded):
		r.Silent = true
		return r
	}
	return r.failed(err)
}

// refuses tells whether a reply is one of a refusal, and nothing else came.
func (f refusal) refuses(r Reply) bool {
	if r.Fault != "" {
		return false
	}
	if len(r.Statuses) > 0 {
		return !slices.ContainsFunc(r.Statuses, func(s int) bool { return !slices.Contains(f.statuses, s) })
	}
	return f.alert && r.Alert != "" || f.end && (r.Reset != "" || r.Closed)
}

// inStep tells whether every call after the first was answered well, and the first once.
func (r Reply) inStep() bool {
	return len(r.Statuses) == 1 && len(r.After) == asksAfter && !slices.ContainsFunc(r.After, func(s int) bool { return s < 200 || s > 299 })
}

// early tells whether the connection failed before it could carry a request: no server
// behind can have done that.
func (r Reply) early() bool {
	return len(r.Statuses) == 0 && r.Alert != ""
}

// String tells a reply in a few words.
func (r Reply) String() string {
	var out []string
	for _, s := range r.Statuses {
		out = append(out, strconv.Itoa(s))
	}
	for word, is := range map[string]bool{"no answer": r.Silent, "closed": r.Closed && len(r.Statuses) == 0} {
		if is {
			out = append(out, word)
		}
	}
	for _, w := range []string{r.Alert, r.Reset, r.Fault} {
		if w != "" {
			out = append(out, w)
		}
	}
	if r.GRPC != "" {
		out = append(out, "grpc-status "+r.GRPC)
	}
	if c := r.Count; c != nil {
		out = append(out, fmt.Sprintf("%d of %d passed, at most %d may", c.Passed, c.Sent, c.Most))
	}
	return strings.Join(out, ", ")
}
