package haproxy_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// slow is a body that does not say how long it is.
type slow struct{ text string }

func (s *slow) Read(b []byte) (int, error) {
	if s.text == "" {
		return 0, io.EOF
	}
	n := copy(b, s.text)
	s.text = s.text[n:]
	return n, nil
}

func set(h http.Header, line string) {
	name, value, _ := strings.Cut(line, ": ")
	h.Set(name, value)
}

// expect has a client wait for a word of the proxy before it sends a body, which would break
// off where the answer is no.
const expect = "Expect: 100-continue"

// TestLimits is what a client can use up.
func TestLimits(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		g := o.behind(tokens)
		g.Limits.Body, g.Limits.Slow = 1<<20, 3*time.Second // which a busy machine has a client need
		p := start(t, program, g, known())
		both(t, p, nil, func(t *testing.T, c *http.Client) {
			large := strings.Repeat("a", 1<<20)
			for body, want := range map[string]int{large: 200, large + "a": 413} {
				if got, _ := p.ask(c, "POST", infer, body, bearer(good), expect); got != want {
					t.Errorf("a body of %d bytes: status %d, want %d", len(body), got, want)
				}
			}
			if got := p.posted(c, infer, large, expect); got != 411 && got != 408 { // the proxy may wait for what the client waits to send
				t.Errorf("a body of no length: status %d", got)
			}
			r, _ := http.NewRequest("GET", "https://"+p.at()+"/v2/models/a", nil)
			r.Header.Set("Authorization", "Bearer "+good)
			r.Header.Set("X-A", strings.Repeat("a", 40<<10))
			if answer, err := c.Do(r); err == nil && answer.StatusCode < 400 {
				t.Errorf("a header of 40 kB: status %d", answer.StatusCode)
			}
		})
		for _, length := range []string{"4294967301", "9223372036854775807", "18446744073709551621"} { // beyond 32, 63 and 64 bits
			before := o.arrived()
			if got := p.raw(request("POST "+infer+" HTTP/1.1", "Content-Length: "+length) + "hello"); got < 400 && got != 0 || o.arrived() != before {
				t.Errorf("a length of %s: status %d", length, got)
			}
		}
		if got := p.raw(request("GET /v2/models/a HTTP/1.1", slices.Repeat([]string{"X-A: b"}, 120)...)); got != 400 {
			t.Errorf("120 headers: status %d", got)
		}
		p.slowHead(t)
	})
}

// TestConnections opens more than there may be, which nobody may notice who asks for health.
func TestConnections(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		g := newOrigin(t).behind(tokens)
		g.Limits.PerClient, g.Limits.Slow, g.Limits.Idle = 20, time.Minute, time.Minute
		p := start(t, program, g, known())
		open := 0
		for range 2 * g.Limits.PerClient {
			if c, err := tls.Dial("tcp", p.at(), p.pki.trust(nil)); err == nil {
				defer c.Close()
				open++
			}
		}
		if open != g.Limits.PerClient {
			t.Errorf("%d connections of one address, %d at most", open, g.Limits.PerClient)
		}
		p.healthy()
	})
}

// slowHead sends the beginning of a request and no more.
func (p *proxy) slowHead(t *testing.T) {
	conn := p.dial(nil, "http/1.1")
	io.WriteString(conn, "GET /v2/models/a HTTP/1.1\r\nHost: local")
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err == nil && answer.StatusCode != 408 {
		t.Errorf("half a head: status %d", answer.StatusCode)
	}
	if _, err := io.ReadAll(conn); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Error("half a head: the connection stays")
	}
}

// TestRate is too many requests of one client, which are no matter of another's.
func TestRate(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		g := o.behind(tokens)
		g.Limits.Rate = 20
		p := start(t, program, g, known())
		c, count := p.client(nil, true), map[int]int{}
		for n := 0; n < 1000 && count[429] < 5; n++ { // a slow machine has some of ten seconds go by
			got, _ := p.ask(c, "GET", "/v2/models/a", "", bearer(good))
			count[got]++
		}
		if count[200] < 20 || count[429] == 0 || len(count) != 2 {
			t.Errorf("requests by status: %v", count)
		}
		if got, _ := p.ask(c, "GET", "/v2/models/a", "", bearer(admin)); got != 200 {
			t.Errorf("another client: status %d", got)
		}
	})
}
