package attack

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	h2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// naive is a gateway of a few lines that ends TLS, and passes on what it gets as serve does.
func naive(t *testing.T, o *origin, serve func(conn net.Conn, behind string, log io.Writer)) *served {
	t.Helper()
	servers := newAuthority(t, "servers")
	cert := servers.issue("localhost", x509.ExtKeyUsageServerAuth, nil)
	s := &served{}
	l := tls.NewListener(listen(t), &tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS10, NextProtos: []string{http2, http1}})
	go each(l, func(conn net.Conn) {
		if conn.(*tls.Conn).Handshake() == nil {
			serve(conn, o.address, s)
		}
	})
	s.Front, s.Name, s.Address, s.Roots = triton(gateway.Clients{Tokens: true}), "localhost", l.Addr().String(), x509.NewCertPool()
	s.Roots.AddCert(servers.cert)
	s.Server, s.Headers, s.Patience, s.quiet = o.log, o.header, 3*time.Second, 300*time.Millisecond
	s.Token = "zl_Inference0123456789"
	return s
}

// pipe passes bytes on.
func pipe(conn net.Conn, behind string, _ io.Writer) {
	server, err := net.Dial("tcp", behind)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { io.Copy(conn, server); conn.Close() }()
	io.Copy(server, conn)
}

// forward passes requests of HTTP/1.1 on one by one, each as far as size says that it goes,
// over one connection to the server, and logs them. Streams of HTTP/2 are written as
// HTTP/1.1.
func forward(size func(head, *bufio.Reader) ([]byte, error)) func(net.Conn, string, io.Writer) {
	return func(conn net.Conn, behind string, log io.Writer) {
		server, err := net.Dial("tcp", behind)
		if err != nil {
			return
		}
		defer server.Close()
		if conn.(*tls.Conn).ConnectionState().NegotiatedProtocol == http2 {
			downgrade(conn, server, log)
			return
		}
		go func() { io.Copy(conn, server); conn.Close() }()
		in := bufio.NewReader(conn)
		for {
			h, err := readHead(in)
			if err != nil {
				return
			}
			body, err := size(h, in)
			if err != nil {
				return
			}
			fmt.Fprintf(log, "%q to http\n", h.value("x-request-id"))
			io.WriteString(server, strings.Join(h.lines, "\r\n")+"\r\n\r\n")
			server.Write(body)
		}
	}
}

// length reads a body by Content-Length, whatever Transfer-Encoding says.
func length(h head, in *bufio.Reader) ([]byte, error) {
	n, _ := strconv.ParseUint(h.value("content-length"), 10, 20) // 1 MiB at most; what is no number is 0
	body := make([]byte, n)
	_, err := io.ReadFull(in, body)
	return body, err
}

// encoding reads a body by Transfer-Encoding, and by Content-Length where there is none.
func encoding(h head, in *bufio.Reader) ([]byte, error) {
	if !strings.EqualFold(h.value("transfer-encoding"), "chunked") {
		return length(h, in)
	}
	var body bytes.Buffer
	for {
		line, err := in.ReadString('\n')
		body.WriteString(line)
		n, bad := strconv.ParseUint(strings.TrimSpace(line), 16, 24)
		if err != nil || bad != nil {
			return body.Bytes(), err
		}
		if _, err := io.CopyN(&body, in, int64(n)+2); err != nil || n == 0 {
			return body.Bytes(), err
		}
	}
}

// downgrade writes a stream of HTTP/2 as HTTP/1.1, just as it comes.
func downgrade(conn, server net.Conn, log io.Writer) {
	io.ReadFull(conn, make([]byte, len(h2.ClientPreface)))
	f := h2.NewFramer(conn, conn)
	f.WriteSettings()
	var head []hpack.HeaderField
	var body []byte
	dec := hpack.NewDecoder(4096, func(h hpack.HeaderField) { head = append(head, h) })
	for ended := false; !ended; {
		frame, err := f.ReadFrame()
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *h2.HeadersFrame:
			dec.Write(frame.HeaderBlockFragment())
			ended = frame.StreamEnded()
		case *h2.ContinuationFrame:
			dec.Write(frame.HeaderBlockFragment())
		case *h2.DataFrame:
			body = append(body, frame.Data()...)
			ended = frame.StreamEnded()
		}
	}
	pseudo, text := map[string]string{}, ""
	for _, h := range head {
		if strings.HasPrefix(h.Name, ":") {
			pseudo[h.Name] = h.Value
			continue
		}
		text += h.Name + ": " + h.Value + "\r\n"
		if h.Name == "x-request-id" {
			fmt.Fprintf(log, "%q to http\n", h.Value)
		}
	}
	if len(body) > 0 && !strings.Contains(text, "content-length") && !strings.Contains(text, "transfer-encoding") {
		text += fmt.Sprintf("content-length: %d\r\n", len(body))
	}
	fmt.Fprintf(server, "%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n%s", pseudo[":method"], pseudo[":path"], pseudo[":authority"], text, body)
	r := answers(server, 1, 0)
	var block bytes.Buffer
	hpack.NewEncoder(&block).WriteField(hpack.HeaderField{Name: ":status", Value: fmt.Sprint(append(r.Statuses, 502)[0])})
	f.WriteHeaders(h2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true})
	answers(server, 2, time.Second) // the server goes on to what it takes for the next request
	io.Copy(io.Discard, conn)
}

// TestNaive plays on gateways that let everything through: nothing is refused but what TLS
// or the server itself refuses, and what is hidden arrives where both read otherwise.
func TestNaive(t *testing.T) {
	t.Run("bytes", func(t *testing.T) {
		t.Parallel()
		s := naive(t, newOrigin(t), pipe)
		r := s.play(t, Player{Only: []Theme{Authorization, Paths, GRPC, Headers}})
		for _, a := range r.Attacks {
			if a.Verdict == Refused || a.Verdict == Answered {
				t.Errorf("%s is %s: %s %q", a.ID, a.Verdict, a.Reply, a.By)
			}
		}
		arrived(t, r, strings.Fields("authorization/none authorization/two authorization/none-http2 paths/dot-dot paths/http2-repository paths/connect "+
			"grpc/no-token grpc/trace grpc/trace-plain headers/large headers/many headers/spoof headers/authorization"))
	})
	for name, c := range map[string]struct {
		origin func(*testing.T) *origin
		size   func(head, *bufio.Reader) ([]byte, error)
		found  string
	}{
		"length before encoding": {newOrigin, length, "smuggling/cl.te smuggling/te.tab smuggling/te.case smuggling/h2.te smuggling/h2.cl smuggling/h2.header-line smuggling/h2.header-request " +
			"smuggling/h2.name-line smuggling/h2.path-line smuggling/h2.method-line"},
		"encoding before length": {byLength, encoding, "smuggling/te.cl"},
		"none":                   {newOrigin, encoding, "smuggling/expect"}, // pipelined, and nobody asks who sends it
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := naive(t, c.origin(t), forward(c.size))
			s.Front.Backends = s.Front.Backends[1:] // it makes no HTTP/2 of gRPC
			arrived(t, s.play(t, Player{Only: []Theme{Smuggling}}), strings.Fields(c.found))
		})
	}
	// By its own log such a gateway looks well, and by the answers it does not.
	t.Run("the server logs nothing", func(t *testing.T) {
		t.Parallel()
		s := naive(t, newOrigin(t), forward(length))
		s.Front.Backends = s.Front.Backends[1:]
		s.Gateway, s.Server = s.lines, nil
		for _, a := range s.play(t, Player{Only: []Theme{Smuggling}}).Attacks {
			if a.ID == "smuggling/cl.te" && a.Verdict != Unknown {
				t.Errorf("%s is %s: %s %q", a.ID, a.Verdict, a.Reply, a.By)
			}
		}
	})
}
