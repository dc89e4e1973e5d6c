package attack

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"net"

	h2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// field is a header field of HTTP/2, as it goes over the wire.
type field struct{ name, value string }

// ask is the head of an allowed call with its :method, :path and :authority; more follows,
// and replaces what has its name among the first four.
func ask(more ...field) []field {
	out := []field{{":method", "{method}"}, {":scheme", "https"}, {":path", "{path}?{query}"}, {":authority", "{host}"}}
	var rest []field
	for _, f := range more {
		at := -1
		for i := range out {
			if out[i].name == f.name {
				at = i
			}
		}
		if at >= 0 {
			out[at] = f
			continue
		}
		rest = append(rest, f)
	}
	return append(append(out, field{"x-request-id", "{marker}"}), rest...)
}

// bearer is the field that authorizes, where a token is asked for.
var bearer = field{"authorization", "Bearer {token}"}

// frames sends one stream of HTTP/2 with a body, as a client that is let in.
func frames(head []field, body string) send {
	return func(ctx context.Context, p *play) Reply {
		return p.stream(ctx, p.client(http2), head, p.expand(body))
	}
}

// stream sends one stream of HTTP/2 as it stands, which no client of a library would, and
// reads its answer.
func (p *play) stream(ctx context.Context, c *tls.Config, head []field, body string) Reply {
	conn, err := p.dial(ctx, p.Address, c)
	if err != nil {
		return Reply{}.failed(err)
	}
	defer conn.Close()
	if conn.ConnectionState().NegotiatedProtocol != http2 {
		return Reply{Fault: "the gateway does not speak HTTP/2"}
	}
	// Behind a writer of its own: the other side may answer, and stop reading, before all was sent.
	go p.writeStream(conn, head, body)
	return readStream(conn)
}

// mostFrame is the largest payload that every peer must take (RFC 9113, section 4.2).
const mostFrame = 16 << 10

// writeStream writes head and body in one go where they fit into one: a gateway that gets the
// head alone may well pass it on before it can see that the body does not belong to it.
func (p *play) writeStream(conn net.Conn, head []field, body string) error {
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	for _, f := range head {
		if f == bearer && p.Token == "" {
			continue
		}
		enc.WriteField(hpack.HeaderField{Name: p.expand(f.name), Value: p.expand(f.value)})
	}
	once := bufio.NewWriterSize(conn, mostFrame) // the largest record of TLS, too
	once.WriteString(h2.ClientPreface)
	out := h2.NewFramer(once, nil)
	out.AllowIllegalWrites = true
	if err := out.WriteSettings(); err != nil {
		return err
	}
	err := writeHead(out, block.Bytes(), body == "")
	if err == nil && body != "" {
		err = out.WriteData(1, true, []byte(body))
	}
	return cmp.Or(err, once.Flush())
}

func writeHead(out *h2.Framer, block []byte, end bool) error {
	begin := block[:min(len(block), mostFrame)]
	block = block[len(begin):]
	err := out.WriteHeaders(h2.HeadersFrameParam{StreamID: 1, BlockFragment: begin, EndStream: end, EndHeaders: len(block) == 0})
	for err == nil && len(block) > 0 {
		part := block[:min(len(block), mostFrame)]
		block = block[len(part):]
		err = out.WriteContinuation(1, len(block) == 0, part)
	}
	return err
}

// readStream reads until the first stream or the connection has ended.
func readStream(conn net.Conn) (r Reply) {
	in := h2.NewFramer(io.Discard, conn)
	in.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	for {
		f, err := in.ReadFrame()
		if err != nil {
			return r.failed(err)
		}
		switch f := f.(type) {
		case *h2.MetaHeadersFrame:
			r = r.heard(f)
		case *h2.RSTStreamFrame:
			if r.Reset = "stream reset: " + f.ErrCode.String(); true {
				return r
			}
		case *h2.GoAwayFrame:
			if r.Reset = "connection ended: " + f.ErrCode.String(); true {
				return r
			}
		}
		if h := f.Header(); h.StreamID == 1 && h.Flags.Has(h2.FlagDataEndStream) && (h.Type == h2.FrameData || h.Type == h2.FrameHeaders) {
			return r
		}
	}
}

// heard adds what a head or a trailer says.
func (r Reply) heard(f *h2.MetaHeadersFrame) Reply {
	if s := statusOf(f.PseudoValue("status")); s >= 200 {
		r.Statuses = append(r.Statuses, s)
	}
	for _, h := range f.RegularFields() {
		if h.Name == "grpc-status" {
			r.GRPC = h.Value
		}
	}
	return r
}

// statusOf reads a status; 0 is none.
func statusOf(text string) int {
	n := 0
	for _, c := range []byte(text) {
		if c < '0' || c > '9' || n > 999 {
			return 0
		}
		n = 10*n + int(c-'0')
	}
	return n
}
