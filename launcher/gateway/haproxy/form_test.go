package haproxy_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// TestForm sends what no client would: what a proxy and a server may read in two ways.
func TestForm(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		p := start(t, program, o.behind(tokens), known())
		chunk := "5\r\nhello\r\n0\r\n\r\n"
		hidden := "GET /v2/models/hidden HTTP/1.1\r\nHost: localhost\r\n" + bearer(good) + "\r\n\r\n"
		type raw = struct {
			text string
			want int
		}
		cases := map[string]raw{
			"no host":             {"GET /v2/models/a HTTP/1.1\r\n" + bearer(good) + "\r\n\r\n", 400},
			"two hosts":           {request("GET /v2/models/a HTTP/1.1", "Host: other"), 400},
			"host with a user":    {"GET /v2/models/a HTTP/1.1\r\nHost: a@b\r\n" + bearer(good) + "\r\n\r\n", 400},
			"host with a path":    {"GET /v2/models/a HTTP/1.1\r\nHost: a/b\r\n" + bearer(good) + "\r\n\r\n", 400},
			"host of blanks":      {"GET /v2/models/a HTTP/1.1\r\nHost: \r\n" + bearer(good) + "\r\n\r\n", 400},
			"absolute form":       {request("GET http://localhost/v2/models/a HTTP/1.1"), 400},
			"absolute, elsewhere": {request("GET http://169.254.169.254/v2/models/a HTTP/1.1"), 400},
			"a star":              {request("OPTIONS * HTTP/1.1"), 400},
			"CONNECT":             {request("CONNECT localhost:8000 HTTP/1.1"), 400},
			"HTTP/1.0":            {request("GET /v2/models/a HTTP/1.0"), 400},
			"HTTP/0.9":            {"GET /v2/models/a\r\n\r\n", 400},
			"preface in TLS":      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
			"upgrade":             {request("GET /v2/models/a HTTP/1.1", "Connection: upgrade", "Upgrade: websocket"), 400},
			"upgrade to h2c":      {request("GET /v2/models/a HTTP/1.1", "Connection: upgrade, http2-settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"), 400},
			"chunks":              {request("POST "+infer+" HTTP/1.1", "Transfer-Encoding: chunked") + chunk, 411},
			"CL.TE":               {request("POST "+infer+" HTTP/1.1", "Content-Length: 5", "Transfer-Encoding: chunked") + "0\r\n\r\n" + hidden, 411},
			"TE.CL":               {request("POST "+infer+" HTTP/1.1", "Transfer-Encoding: chunked", "Content-Length: 4") + "5c\r\n" + hidden + "0\r\n\r\n", 400},
			"TE.TE":               {request("POST "+infer+" HTTP/1.1", "Transfer-Encoding: chunked", "Transfer-Encoding: x") + chunk, 400},
			"TE with a tab":       {request("POST "+infer+" HTTP/1.1", "Transfer-Encoding:\tchunked") + chunk, 411},
			"TE of another name":  {request("POST "+infer+" HTTP/1.1", "Transfer-Encoding: xchunked") + chunk, 400},
			"two lengths":         {request("POST "+infer+" HTTP/1.1", "Content-Length: 5", "Content-Length: 6") + "hello", 400},
			"length below zero":   {request("POST "+infer+" HTTP/1.1", "Content-Length: -1"), 400},
			"length of words":     {request("POST "+infer+" HTTP/1.1", "Content-Length: 5x") + "hello", 400},
			"length of nothing":   {request("POST "+infer+" HTTP/1.1", "Content-Length: "), 400},
			"a blank in a name":   {request("GET /v2/models/a HTTP/1.1", "X-A : b"), 400},
			"an empty name":       {request("GET /v2/models/a HTTP/1.1", ": b"), 400},
			"NUL in a header":     {request("GET /v2/models/a HTTP/1.1", "X-A: b\x00c"), 400},
			"a lonely CR":         {request("GET /v2/models/a HTTP/1.1", "X-A: b\rX-Zlaunch-Client: root"), 400},
		}
		for _, path := range []string{
			"/v2/models/../repository/models/x/load", "/v2/models/%2e%2e/x", "/v2/models/%2E%2E/x", "//v2/models/a", "/v2//models/a", "/v2/./models/a", "/v2/models/.", "/v2/models/..",
			"/v2/models/a%00", "/v2/models/a%0d%0aX:%20y", "/v2/models/a;x", "/v2/models/a\\b", "/v2/models/a#b", "/v2/models/a%2fb", "/v2/models/ä", "/v2/models/a\x01", "/v2/models/a,b",
			"/v2/models/a%", "/v2/models/%61", "/v2/models/a\"", "/v2/models/a<b>", "/v2/models/a|b", "/v2/models/{model}",
		} {
			cases[path] = raw{request("GET " + path + " HTTP/1.1"), 400}
		}
		p.statuses(o, cases)
		if got := p.raw(request("GET /v2/models/a HTTP/1.1")); got != 200 || o.last(t).URL.Path != "/v2/models/a" {
			t.Errorf("the well-formed one: status %d", got)
		}
		if got := p.raw(request("GET /v2/models/switch HTTP/1.1", "Connection: close")); got == 101 {
			t.Error("a server changes the protocol that nobody asked to change")
		}
	})
}

// TestForm2 is the same for HTTP/2, whose frames say what no line can.
func TestForm2(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		p := start(t, program, o.behind(tokens), known())
		head := func(method, path string, more ...string) []string {
			return append([]string{":method", method, ":scheme", "https", ":path", path, ":authority", "localhost", "authorization", "Bearer " + good}, more...)
		}
		may := map[string]bool{} // arrive at the server
		for name, try := range map[string]struct {
			head []string
			body string
			open bool // the stream does not end
			want string
		}{
			"well formed":         {head("POST", infer, "content-length", "5"), "hello", false, "200"},
			"no body":             {head("GET", "/v2/models/a"), "", false, "200"},
			"no length":           {head("POST", infer), "hello", false, "411"},
			"GET with a body":     {head("GET", "/v2/models/a"), "hello", false, "411"},
			"a body to come":      {head("GET", "/v2/models/a"), "", true, "408"},
			"h2.CL, more":         {head("POST", infer, "content-length", "2"), "hello", false, "reset"},
			"h2.CL, less":         {head("POST", infer, "content-length", "20"), "hello", false, "reset"},
			"h2.TE":               {head("POST", infer, "transfer-encoding", "chunked"), "5\r\nhello\r\n0\r\n\r\n", false, "reset"},
			"line in a value":     {head("GET", "/v2/models/a", "x-a", "b\r\nX-Zlaunch-Client: root"), "", false, "reset"},
			"line in a path":      {head("GET", "/v2/models/a HTTP/1.1\r\nX: y"), "", false, "reset"},
			"blank in a path":     {head("GET", "/v2/models/a b"), "", false, "reset"},
			"blank in a method":   {head("GET /v2", "/models/a"), "", false, "reset"},
			"dots":                {head("GET", "/v2/models/../x"), "", false, "400"},
			"coded dots":          {head("GET", "/v2/models/%2e%2e/x"), "", false, "400"},
			"no slash":            {head("GET", "v2/models/a"), "", false, "reset"},
			"path of an URI":      {head("GET", "http://localhost/v2/models/a"), "", false, "reset"},
			"empty path":          {head("GET", ""), "", false, "reset"},
			"a large letter":      {head("GET", "/v2/models/a", "X-A", "b"), "", false, "reset"},
			"connection":          {head("GET", "/v2/models/a", "connection", "close"), "", false, "reset"},
			"two methods":         {append([]string{":method", "GET"}, head("POST", infer)...), "", false, "reset"},
			"two paths":           {append([]string{":path", "/v2/models/a"}, head("GET", "/metrics")...), "", false, "reset"},
			"a method at the end": {head("GET", "/v2/models/a", ":method", "POST"), "", false, "reset"},
			"odd authority":       {[]string{":method", "GET", ":scheme", "https", ":path", "/v2/models/a", ":authority", "a@b", "authorization", "Bearer " + good}, "", false, "400 or reset"},
			"CONNECT":             {[]string{":method", "CONNECT", ":authority", "localhost:8000", "authorization", "Bearer " + good}, "", true, "400"},
			"a websocket":         {head("CONNECT", "/v2/models/a", ":protocol", "websocket"), "", true, "400 or reset"},
			"two tokens":          {head("GET", "/v2/models/a", "authorization", "Bearer "+admin), "", false, "401"},
			"another's name":      {head("GET", "/v2/models/a", "x-zlaunch-client", "root", "x_zlaunch_client", "root"), "", false, "200"},
		} {
			got := p.frames(append(try.head, "x-try", name), try.body, !try.open)
			if !strings.Contains(try.want, got) && (try.want != "reset" || got != "400") {
				t.Errorf("%s: %s, want %s", name, got, try.want)
			}
			// One whose length proves wrong later may have been begun, and arrive when it is refused.
			if try.want == "200" || name == "h2.CL, more" || name == "h2.CL, less" {
				may[name] = true
			}
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, r := range o.seen {
			if name := r.Header.Get("X-Try"); !may[name] {
				t.Errorf("%s: arrived at the server", name)
			}
			if got := r.Header.Values("X-Zlaunch-Client"); len(got) != 1 || got[0] != "fraud-app" || r.Header["X_zlaunch_client"] != nil {
				t.Errorf("the server was told %v", r.Header)
			}
		}
		for _, n := range o.sent {
			if n != 0 && n != 5 {
				t.Errorf("the server was sent %d bytes", n)
			}
		}
	})
}

// frames sends one request in frames and gives its status, or "reset".
func (p *proxy) frames(head []string, body string, end bool) string {
	p.t.Helper()
	conn := p.dial(nil, "h2")
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute)) // no answer at all is a fault too
	io.WriteString(conn, http2.ClientPreface)
	f := http2.NewFramer(conn, conn)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	f.WriteSettings()
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	for i := 0; i < len(head); i += 2 {
		e.WriteField(hpack.HeaderField{Name: head[i], Value: head[i+1]})
	}
	f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: end && body == ""})
	if body != "" {
		f.WriteData(1, end, []byte(body))
	}
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return "reset"
		}
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			return frame.PseudoValue("status")
		case *http2.RSTStreamFrame, *http2.GoAwayFrame:
			return "reset"
		}
	}
}
