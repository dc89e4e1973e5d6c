package haproxy_test

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Secrets of tokens in the tests.
const (
	good    = "zl_8mY0Jt2vQkqS4w5rX7nB1c"
	admin   = "zl_admin0000000000000000"
	scraper = "zl_scraper00000000000000"
	old     = "zl_old000000000000000000"
	odd     = "zl_odd000000000000000000"
)

// line is one of the tokens' file.
func line(secret, name, scopes string, expiry time.Time) string {
	return fmt.Sprintf("%X %s,%s,%d\n", sha256.Sum256([]byte("Bearer "+secret)), name, scopes, expiry.Unix())
}

// known are the tokens that most tests have.
func known() string {
	later := time.Now().Add(time.Hour)
	return line(good, "fraud-app", "inference", later) + line(admin, "ops", "inference+admin", later) + line(scraper, "prometheus", "metrics", later) +
		line(old, "former", "inference", time.Now().Add(-time.Second)) + line(odd, "a\"b", "inference", later)
}

// client speaks HTTP/2 or HTTP/1.1 to the proxy.
func (p *proxy) client(own *tls.Certificate, two bool) *http.Client {
	tr := &http.Transport{TLSClientConfig: p.pki.trust(own), ForceAttemptHTTP2: two, DisableCompression: true, ExpectContinueTimeout: time.Minute}
	if !two {
		tr.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	p.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// ask sends a request and gives its status and body. Headers are "Name: value".
func (p *proxy) ask(c *http.Client, method, path, body string, headers ...string) (int, string) {
	p.t.Helper()
	return p.askAt(c, p.layout.Port, method, path, body, headers...)
}

func (p *proxy) askAt(c *http.Client, port int, method, path, body string, headers ...string) (int, string) {
	p.t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, fmt.Sprintf("https://127.0.0.1:%d%s", port, path), content)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	answer, err := c.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if answer.StatusCode == 401 && answer.Header.Get("WWW-Authenticate") != "Bearer" {
		p.t.Error("a 401 does not say what is asked for")
	}
	return answer.StatusCode, string(text)
}

func bearer(secret string) string { return "Authorization: Bearer " + secret }

// dial opens a connection of HTTP/1.1, for what no client would send.
func (p *proxy) dial(own *tls.Certificate, alpn string) *tls.Conn {
	p.t.Helper()
	c := p.pki.trust(own)
	c.NextProtos = []string{alpn}
	conn, err := tls.Dial("tcp", p.at(), c)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { conn.Close() })
	return conn
}

// raw sends bytes and gives the status of the answer; 0 is a closed connection.
func (p *proxy) raw(text string) int {
	p.t.Helper()
	conn := p.dial(nil, "http/1.1")
	defer conn.Close()
	io.WriteString(conn, text)
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// request is a well-formed head of HTTP/1.1 with more lines.
func request(first string, lines ...string) string {
	return first + "\r\nHost: localhost\r\n" + bearer(good) + "\r\n" + strings.Join(append(lines, ""), "\r\n") + "\r\n"
}

// statuses runs cases of raw requests, none of which may arrive.
func (p *proxy) statuses(o *origin, cases map[string]struct {
	text string
	want int
}) {
	p.t.Helper()
	for name, c := range cases {
		before := o.arrived()
		if got := p.raw(c.text); got != c.want && (got != 0 || c.want != 400) { // closed at once is as good
			p.t.Errorf("%s: status %d, want %d", name, got, c.want)
		}
		if o.arrived() != before {
			p.t.Errorf("%s: it arrived at the server", name)
		}
	}
}

func both(t *testing.T, p *proxy, own *tls.Certificate, test func(t *testing.T, c *http.Client)) {
	for name, two := range map[string]bool{"HTTP1": false, "HTTP2": true} {
		t.Run(name, func(t *testing.T) { test(t, p.client(own, two)) })
	}
}
