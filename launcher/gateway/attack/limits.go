package attack

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	h2 "golang.org/x/net/http2"
)

// tooLarge refuses a body.
var tooLarge = refusal{statuses: []int{400, 403, 408, 411, 413}, end: true}

func bodies() []Attack {
	return []Attack{
		{ID: "limits/body", Title: "a body that is said to be larger than the limit", send: declaredBody, refused: tooLarge},
		{ID: "limits/body-chunked", Title: "a body in chunks, larger than the limit", needs: needsBody, judged: byEnd, send: chunkedBody, refused: tooLarge},
		{ID: "limits/body-http2", Title: "a body larger than the limit, in HTTP/2 and not said to be", needs: needsBody, judged: byEnd, send: bodyOfHTTP2, refused: tooLarge},
		{ID: "limits/slow-head", Title: "a head that never ends, a line each second", send: slowHead, refused: refusal{statuses: []int{408, 400}, end: true}},
	}
}

// mostPlayed bounds the body that is really sent, in bytes.
const mostPlayed = 1 << 30

func needsBody(p *play) string {
	if p.Front.Limits.Body > mostPlayed {
		return fmt.Sprintf("the limit is above the %d bytes that are sent at most", mostPlayed)
	}
	return lacks(p.calls.post != nil, "no call has a body")
}

// declaredBody says how large it is, and sends the begin of it.
func declaredBody(ctx context.Context, p *play) Reply {
	size := strconv.FormatInt(p.Front.Limits.Body+1, 10)
	return raw(request("{post} {posted}?{query}", "{bearer}", "Content-Length: "+size)+"{}")(ctx, p)
}

// zeros are so many of them: a body.
type zeros struct{ left int64 }

// Read gives some of them.
func (z *zeros) Read(b []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(b)), z.left)
	clear(b[:n])
	z.left -= n
	return int(n), nil
}

// pieceSize is that of a chunk, in bytes.
const pieceSize = 32 << 10

func chunkedBody(ctx context.Context, p *play) Reply {
	conn, err := p.dial(ctx, p.Address, p.client(http1))
	if err != nil {
		return Reply{}.failed(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(transfer(p)))
	head := p.expand(request("{post} {posted}?{query}", "{bearer}", "Transfer-Encoding: chunked"))
	go func() {
		io.WriteString(conn, head)
		chunk := fmt.Sprintf("%x\r\n%s\r\n", pieceSize, make([]byte, pieceSize))
		for left := p.Front.Limits.Body + 1; left > 0; left -= pieceSize {
			if _, err := io.WriteString(conn, chunk); err != nil {
				return // refused meanwhile
			}
		}
		io.WriteString(conn, "0\r\n\r\n")
	}()
	return answers(conn, 1, 0)
}

// transfer is how long a body beyond the limit may take: a mebibyte a second at least.
func transfer(p *play) time.Duration {
	return p.patience + time.Duration(p.Front.Limits.Body>>20)*time.Second
}

// bodyOfHTTP2 leaves the flow control to a client of a library.
func bodyOfHTTP2(ctx context.Context, p *play) Reply {
	ctx, cancel := context.WithTimeout(ctx, transfer(p))
	defer cancel()
	url := p.expand("https://" + p.Address + "{posted}?{query}")
	req, err := http.NewRequestWithContext(ctx, p.posted().method, url, &zeros{p.Front.Limits.Body + 1})
	if err != nil {
		return Reply{Fault: err.Error()}
	}
	req.Host, req.ContentLength = p.Name, -1
	req.Header.Set("X-Request-Id", p.marker)
	if p.Token != "" {
		req.Header.Set("Authorization", "Bearer "+p.Token)
	}
	t := &h2.Transport{TLSClientConfig: p.client(http2)}
	defer t.CloseIdleConnections()
	answer, err := t.RoundTrip(req)
	if err != nil {
		return Reply{}.failedHTTP2(err)
	}
	answer.Body.Close()
	return Reply{Statuses: []int{answer.StatusCode}}
}

// slowHead sends a line of a head each second.
func slowHead(ctx context.Context, p *play) Reply {
	conn, err := p.dial(ctx, p.Address, p.client(http1))
	if err != nil {
		return Reply{}.failed(err)
	}
	defer conn.Close()
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for text := p.expand("{method} {path}?{query} HTTP/1.1\r\nHost: {host}\r\nX-Request-Id: {marker}\r\n{bearer}\r\n"); ; text = "X-Attack: a\r\n" {
			if _, err := io.WriteString(conn, text); err != nil {
				return
			}
			select {
			case <-ended:
				return
			case <-tick.C:
			}
		}
	}()
	return answers(conn, 1, 0)
}
