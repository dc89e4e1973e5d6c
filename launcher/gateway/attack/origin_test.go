package attack

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// origin is the server behind a gateway: it answers everything, and logs what it was asked.
type origin struct {
	t       *testing.T
	address string
	mu      sync.Mutex
	lines   []string
	headers map[string]http.Header
}

func newOrigin(t *testing.T) *origin {
	o := &origin{t: t, headers: map[string]http.Header{}}
	l := listen(t)
	o.address = l.Addr().String()
	s := &http.Server{Handler: o, Protocols: &http.Protocols{}, MaxHeaderBytes: 1 << 20}
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return o
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// ServeHTTP logs a request and answers it, also one of gRPC.
func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.saw(r.Method+" "+r.RequestURI, r.Header)
	io.Copy(io.Discard, r.Body)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status")
		io.WriteString(w, emptyMessage)
		w.Header().Set("Grpc-Status", "0")
		return
	}
	if strings.HasPrefix(r.URL.Path, "/zlattack/") {
		w.WriteHeader(http.StatusNotFound)
	}
	io.WriteString(w, "ok\n")
}

func (o *origin) saw(what string, h http.Header) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lines = append(o.lines, fmt.Sprintf("%q %q", what, h))
	o.headers[h.Get("X-Request-Id")] = h
}

// log is the [Log] of the server.
func (o *origin) log(_ context.Context, _ time.Time, line func(string)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.lines {
		line(l)
	}
	return nil
}

// header is what arrived under a marker.
func (o *origin) header(marker string) (http.Header, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	h, ok := o.headers[marker]
	return h, ok
}

// byLength is a server of HTTP/1.1 that knows Content-Length alone: what stands behind is
// the next request.
func byLength(t *testing.T) *origin {
	o := &origin{t: t, headers: map[string]http.Header{}}
	l := listen(t)
	o.address = l.Addr().String()
	go each(l, func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			head, err := readHead(in)
			if err != nil {
				return
			}
			o.saw(strings.Join(head.lines, "|"), http.Header{"X-Request-Id": {head.value("x-request-id")}})
			n, _ := strconv.Atoi(head.value("content-length"))
			io.CopyN(io.Discard, in, int64(n))
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
		}
	})
	return o
}

// each serves the connections of a listener.
func each(l net.Listener, serve func(net.Conn)) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			serve(conn)
		}()
	}
}

// head is one of HTTP/1.1, as naive readers read it.
type head struct{ lines []string }

func readHead(in *bufio.Reader) (h head, err error) {
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return h, err
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			return h, nil
		}
		h.lines = append(h.lines, line)
	}
}

func (h head) value(name string) string {
	for _, l := range h.lines {
		if k, v, _ := strings.Cut(l, ":"); strings.EqualFold(k, name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
