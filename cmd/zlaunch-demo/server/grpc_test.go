package server

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// call sends one gRPC message over cleartext HTTP/2 and returns the answer's
// bytes and the status of the trailer.
func call(t *testing.T, s *server, method, message string) (string, string) {
	t.Helper()
	ts := httptest.NewUnstartedServer(s.grpcHandler())
	ts.Config.Protocols = new(http.Protocols)
	ts.Config.Protocols.SetUnencryptedHTTP2(true)
	ts.Start()
	defer ts.Close()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()

	r, err := (&http.Client{Transport: transport}).Post(ts.URL+method, "application/grpc", strings.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.ProtoMajor != 2 || r.Header.Get("Content-Type") != "application/grpc" {
		t.Fatalf("%s %v: %v", r.Proto, r.Header, err)
	}
	return string(body), r.Trailer.Get("Grpc-Status")
}

func TestHealthCalls(t *testing.T) {
	const check = "/grpc.health.v1.Health/Check"
	const empty = "\x00\x00\x00\x00\x00"
	for _, c := range []struct {
		name, method, message string
		draining              bool
		answer, status        string
	}{
		{"whole server", check, empty, false, "\x00\x00\x00\x00\x02\x08\x01", "0"},
		{"service", check, "\x00\x00\x00\x00\x20\x0a\x1e" + inferenceService, false, "\x00\x00\x00\x00\x02\x08\x01", "0"},
		{"unknown service", check, "\x00\x00\x00\x00\x03\x0a\x01x", false, "", "5"},
		{"draining", check, empty, true, "\x00\x00\x00\x00\x02\x08\x02", "0"},
		{"compressed", check, "\x01\x00\x00\x00\x00", false, "", "3"},
		{"huge length", check, "\x00\xff\xff\xff\xff", false, "", "3"},
		{"truncated", check, "\x00\x00", false, "", "3"},
		{"malformed", check, "\x00\x00\x00\x00\x01\xff", false, "", "3"},
		{"watch", "/grpc.health.v1.Health/Watch", empty, false, "", "12"},
		{"live", "/" + inferenceService + "/ServerLive", empty, true, "\x00\x00\x00\x00\x02\x08\x01", "0"},
		{"ready", "/" + inferenceService + "/ServerReady", empty, false, "\x00\x00\x00\x00\x02\x08\x01", "0"},
		{"not ready", "/" + inferenceService + "/ServerReady", empty, true, "\x00\x00\x00\x00\x00", "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &server{}
			s.draining.Store(c.draining)
			answer, status := call(t, s, c.method, c.message)
			if answer != c.answer || status != c.status {
				t.Errorf("got %q with status %s, want %q with %s", answer, status, c.answer, c.status)
			}
		})
	}
}

func FuzzReadMessage(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x00\x03\x0a\x01x"))
	f.Add([]byte("\x00\x00\x00\x00\x0b\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		message, err := readMessage(bytes.NewReader(data))
		if err != nil {
			return
		}
		if service, err := firstString(message); err == nil && len(service) > len(message) {
			t.Errorf("a name longer than its message: %q", service)
		}
	})
}
