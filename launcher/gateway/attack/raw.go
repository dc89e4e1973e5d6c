package attack

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// request is the text of a request of HTTP/1.1 without a body, by its first line and what
// its head has beside host and marker.
func request(line string, head ...string) string {
	return message(line+" HTTP/1.1", append([]string{"Host: {host}", "X-Request-Id: {marker}"}, head...)...)
}

// message is the text of one by all of its lines.
func message(first string, head ...string) string {
	return strings.Join(append([]string{first}, head...), "\r\n") + "\r\n\r\n"
}

// raw sends a text as a client that is let in, and reads one answer.
func raw(text string) send {
	return func(ctx context.Context, p *play) Reply {
		return p.exchange(ctx, p.Address, p.client(http1), p.expand(text))
	}
}

// exchange sends a text to an address and reads one answer.
func (p *play) exchange(ctx context.Context, address string, c *tls.Config, text string) Reply {
	conn, err := p.dial(ctx, address, c)
	if err != nil {
		return Reply{}.failed(err)
	}
	defer conn.Close()
	return sent(conn, text, 1, 0)
}

// pipelined sends a text in which the gateway may see more than one request, and reads
// every answer. Where there was one, it asks on: what a server took for a request of its own
// answers one of those.
func pipelined(text string) send {
	return func(ctx context.Context, p *play) Reply {
		conn, err := p.dial(ctx, p.Address, p.client(http1))
		if err != nil {
			return Reply{}.failed(err)
		}
		defer conn.Close()
		r := sent(conn, p.expand(text), 8, p.pause())
		for range asksAfter {
			if len(r.Statuses) != 1 || conn.SetDeadline(p.deadline(ctx)) != nil {
				break
			}
			next := sent(conn, p.expand(request("{method} {path}?{query}", "{bearer}", "{length}")), 1, p.pause())
			r.After = append(r.After, next.Statuses...)
		}
		return r
	}
}

// asksAfter is how often it is asked after a request that may hide another.
const asksAfter = 3

// sent writes a text while it reads at most so many answers: a gateway may answer, and
// close, before it has read all. The last of several was the last where nothing comes for
// the time that is quiet.
func sent(conn net.Conn, text string, most int, quiet time.Duration) Reply {
	wrote := make(chan error, 1)
	go func() {
		_, err := io.WriteString(conn, text)
		wrote <- err
	}()
	r := answers(conn, most, quiet)
	if len(r.Statuses) == 0 && !r.Closed && r.Reset == "" && r.Alert == "" {
		conn.Close()
		if err := <-wrote; err != nil && r.Fault == "" && !r.Silent {
			r = r.failed(err)
		}
	}
	return r
}

// answers reads answers of HTTP/1.1 until there is no more.
func answers(conn net.Conn, most int, quiet time.Duration) (r Reply) {
	in := bufio.NewReader(conn)
	for len(r.Statuses) < most {
		if len(r.Statuses) > 0 {
			conn.SetReadDeadline(time.Now().Add(quiet))
		}
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			if len(r.Statuses) == 0 {
				r = r.failed(err)
			}
			return r
		}
		if answer.StatusCode < 200 { // 100-continue and its like
			continue
		}
		r.Statuses = append(r.Statuses, answer.StatusCode)
		_, err = io.CopyN(io.Discard, answer.Body, mostBody)
		answer.Body.Close()
		if err != nil && err != io.EOF || answer.Close {
			return r
		}
	}
	return r
}

// mostBody bounds what is read of an answer in bytes: of a health check, or an error.
const mostBody = 1 << 20
