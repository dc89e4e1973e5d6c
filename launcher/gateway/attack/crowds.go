package attack

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

func crowds() []Attack {
	return []Attack{
		{ID: "limits/connections", Title: "more connections than one client may have", needs: needsCrowd, judged: byCount, send: manyConnections},
		{ID: "limits/rate", Title: "more requests than one client may send in ten seconds", needs: needsRate, judged: byCount, send: manyRequests},
	}
}

// Bounds of what is sent to a gateway that others may use meanwhile.
const (
	mostConnections = 2000
	mostRequests    = 10000
	workers         = 32 // that open connections at once
)

// mostOf is how many connections one client may have.
func mostOf(p *play) int { return min(p.Front.Limits.PerClient, p.Front.Limits.Connections) }

func needsCrowd(p *play) string {
	return lacks(mostOf(p) > 0 && mostOf(p) < mostConnections, "one client may have more connections than are opened at most, 2000")
}

func needsRate(p *play) string {
	r := p.Front.Limits.Rate
	return lacks(r > 0 && r < mostRequests/2, "one client may send more requests than are sent at most, 10000")
}

// manyConnections opens twice as many as there may be, and counts those that got as far as
// TLS at once.
func manyConnections(ctx context.Context, p *play) Reply {
	return p.crowd(ctx, min(2*mostOf(p)+workers, mostConnections), func() {})
}

// crowd opens n connections, and does something while they are open.
func (p *play) crowd(ctx context.Context, n int, meanwhile func()) Reply {
	var mu sync.Mutex
	var open []net.Conn
	defer func() {
		for _, c := range open {
			c.Close()
		}
	}()
	count := &Count{Sent: n, Most: mostOf(p)}
	next := make(chan struct{})
	var all sync.WaitGroup
	for range workers {
		all.Add(1)
		go func() {
			defer all.Done()
			for range next {
				conn, err := p.dial(ctx, p.Address, p.client(http1))
				mu.Lock()
				if err == nil {
					open = append(open, conn)
				} else if r := (Reply{}).failed(err); r.Fault == "" {
					count.Refused++ // also where it waits for ever to be accepted
				}
				mu.Unlock()
			}
		}()
	}
	for range n {
		next <- struct{}{}
	}
	close(next)
	all.Wait()
	meanwhile()
	count.Passed = alive(open, p.pause())
	count.Refused += len(open) - count.Passed
	return Reply{Count: count}
}

// alive counts the connections that the other side has not ended: with TLS 1.3 a client has
// shaken hands before the server has.
func alive(open []net.Conn, quiet time.Duration) (n int) {
	end := time.Now().Add(quiet)
	for _, c := range open {
		c.SetReadDeadline(end)
		if _, err := c.Read(make([]byte, 1)); (Reply{}).failed(err).Silent {
			n++
		}
	}
	return n
}

// manyRequests asks on a few connections until one request is refused.
func manyRequests(ctx context.Context, p *play) Reply {
	const connections = 4
	began := time.Now()
	counts := make(chan Count, connections)
	for range connections {
		go func() { counts <- manyOn(ctx, p, 2*p.Front.Limits.Rate/connections+1) }()
	}
	out := &Count{}
	for range connections {
		c := <-counts
		out.Sent, out.Passed, out.Refused = out.Sent+c.Sent, out.Passed+c.Passed, out.Refused+c.Refused
	}
	// What it lets through flows again while it is asked.
	out.Most = p.Front.Limits.Rate + int(time.Since(began)*time.Duration(p.Front.Limits.Rate)/(10*time.Second)) + connections
	return Reply{Count: out}
}

// manyOn asks up to n times on one connection.
func manyOn(ctx context.Context, p *play, n int) (c Count) {
	conn, err := p.dial(ctx, p.Address, p.client(http1))
	if err != nil {
		return c
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(3 * p.patience))
	in, text := bufio.NewReader(conn), p.expand(request("{method} {path}?{query}", "{bearer}", "{length}"))
	for range n {
		if _, err := io.WriteString(conn, text); err != nil {
			return c
		}
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			return c
		}
		io.CopyN(io.Discard, answer.Body, mostBody)
		answer.Body.Close()
		c.Sent++
		if answer.StatusCode == http.StatusTooManyRequests {
			c.Refused++
			return c
		}
		c.Passed++
	}
	return c
}
