package tried

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/exposure"
)

func try(t *testing.T, o Order, kind, at string) exposure.Outcome {
	t.Helper()
	o.Tries = []exposure.Try{{Kind: kind, Addresses: []netip.AddrPort{netip.MustParseAddrPort(at)}}}
	return Do(context.Background(), o)[0]
}

// listener says word to whoever comes and closes.
func listener(t *testing.T, word string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte(word))
			conn.Close()
		}
	}()
	return l.Addr().String()
}

func TestTries(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := l.Addr().String()
	l.Close()
	word, silent := listener(t, "word"), listener(t, "")
	port := netip.MustParseAddrPort(word).Port()
	for name, c := range map[string]struct {
		order    Order
		kind, at string
		want     exposure.State
	}{
		"somebody listens":                {Order{}, exposure.Dial, word, exposure.Yes},
		"nobody listens":                  {Order{}, exposure.Dial, free, exposure.No},
		"a forwarder that closes at once": {Order{Front: true}, exposure.Dial, silent, exposure.No},
		"taken":                           {Order{}, exposure.Bind, word, exposure.Yes},
		"free":                            {Order{}, exposure.Bind, free, exposure.No},
		"only IPv4":                       {Order{}, exposure.Bind, "[::1]:1", exposure.Unknown},
		"a route":                         {Order{}, exposure.Routed, "127.0.0.1:9", exposure.Yes},
		"its own listener":                {Order{Knock: port, Word: "word"}, exposure.Knock, word, exposure.Yes},
		"another listener":                {Order{Knock: port, Word: "else"}, exposure.Knock, word, exposure.No},
		"none to reach for":               {Order{}, exposure.Knock, word, exposure.Unknown},
		"no such thing":                   {Order{}, "x", word, exposure.Unknown},
	} {
		if got := try(t, c.order, c.kind, c.at); got.Got != c.want {
			t.Errorf("%s: %+v, want %s", name, got, c.want)
		}
	}
}

// What a server says of TLS and of authentication, and nothing beyond that.
func TestAsk(t *testing.T) {
	status := func(code int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
	}
	begin := func(s *httptest.Server, secure bool, auth tls.ClientAuthType) string {
		s.Config.ErrorLog = nil
		if secure {
			s.TLS = &tls.Config{ClientAuth: auth}
			s.StartTLS()
		} else {
			s.Start()
		}
		t.Cleanup(s.Close)
		return s.Listener.Addr().String()
	}
	server := func(code int) *httptest.Server { return httptest.NewUnstartedServer(status(code)) }
	for name, c := range map[string]struct {
		at        string
		tls, auth exposure.State
	}{
		"plain, open":         {begin(server(200), false, 0), exposure.No, exposure.No},
		"plain, asks":         {begin(server(401), false, 0), exposure.No, exposure.Yes},
		"plain, no such path": {begin(server(404), false, 0), exposure.No, exposure.Unknown},
		"TLS, open":           {begin(server(200), true, tls.NoClientCert), exposure.Yes, exposure.No},
		"TLS, asks":           {begin(server(403), true, tls.NoClientCert), exposure.Yes, exposure.Yes},
		"TLS of both":         {begin(server(200), true, tls.RequireAnyClientCert), exposure.Yes, exposure.Yes},
		"something else":      {listener(t, "SSH-2.0-x\r\n"), exposure.Unknown, exposure.Unknown},
	} {
		got := try(t, Order{}, exposure.Ask, c.at)
		if got.Got != c.tls || got.Auth != c.auth || got.Detail == "" || got.Why == "" {
			t.Errorf("%s: %+v, want TLS %s, auth %s", name, got, c.tls, c.auth)
		}
	}
}

// The helper does what it is told, and refuses what is too much.
func TestServe(t *testing.T) {
	order, err := json.Marshal(Order{Tries: []exposure.Try{{Kind: exposure.Dial, Addresses: []netip.AddrPort{netip.MustParseAddrPort(listener(t, "x"))}}}})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Serve(context.Background(), bytes.NewReader(order), &out); err != nil || !strings.Contains(out.String(), `"got":"yes"`) {
		t.Errorf("%v %s", err, out.String())
	}
	many, err := json.Marshal(Order{Tries: make([]exposure.Try, exposure.MaxTries+1)})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "x", string(many)} {
		if err := Serve(context.Background(), strings.NewReader(bad), &out); err == nil {
			t.Errorf("%.20q is done", bad)
		}
	}
}
