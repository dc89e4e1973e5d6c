package attack

import (
	"context"
	"net/http"
	"strings"
)

// tooMuch refuses a head that is too large, or odd.
var tooMuch = refusal{statuses: []int{400, 403, 413, 414, 431}, end: true}

// largeHead is beyond what any gateway here takes for a head by default, in bytes.
const largeHead = 40 << 10

// largeValue is a header's value beyond the limit of the target.
func largeValue(p *play) string { return strings.Repeat("a", max(largeHead, p.Front.Limits.Header+1)) }

func oddHeaders() []Attack {
	odd := func(id, title string, head ...string) Attack {
		return Attack{ID: "headers/" + id, Title: title, send: raw(request("{method} {path}?{query}", append([]string{"{bearer}", "{length}"}, head...)...)), refused: tooMuch}
	}
	return []Attack{
		{ID: "headers/large", Title: "a header of 40 kB, or more than the limit", send: large, refused: tooMuch},
		{ID: "headers/large-http2", Title: "a header of 40 kB, or more than the limit, in HTTP/2", send: largeHTTP2, refused: tooMuch},
		odd("many", "200 headers", many()...),
		odd("null", "a null in a header", "X-Attack: a\x00b"),
		odd("control", "a control character in a header", "X-Attack: a\x01b"),
		odd("no-colon", "a header without a colon", "X-Attack"),
		odd("no-name", "a header without a name", ": a"),
		odd("blank-name", "a blank in a header's name", "X Attack: a"),
		odd("return", "a bare return in a header", "X-Attack: a\rX-Zlaunch-Client: zlattack"),
		odd("two-hosts", "two Host headers", "Host: zlattack.invalid"),
		{ID: "headers/no-host", Title: "no Host header", send: raw(message("{method} {path}?{query} HTTP/1.1", "X-Request-Id: {marker}", "{bearer}", "{length}")), refused: tooMuch},
		{ID: "headers/host", Title: "a Host that is no name", send: raw(message("{method} {path}?{query} HTTP/1.1", "Host: {host}/zlattack?", "X-Request-Id: {marker}", "{bearer}", "{length}")), refused: tooMuch},
	}
}

func large(ctx context.Context, p *play) Reply {
	return raw(request("{method} {path}?{query}", "{bearer}", "{length}", "X-Attack: "+largeValue(p)))(ctx, p)
}

func largeHTTP2(ctx context.Context, p *play) Reply {
	return frames(ask(bearer, field{"x-attack", largeValue(p)}), "")(ctx, p)
}

func many() []string {
	out := make([]string, 200)
	for i := range out {
		out[i] = "X-Attack: a"
	}
	return out
}

// spoof is what a client says of itself that must not arrive.
const spoof = "zlattack-spoofed"

// spoofed are the names of headers by which servers believe who a client is, or where it
// comes from: in dashes, and in the underscores that some servers take for dashes.
var spoofed = []string{
	"X-Zlaunch-Client", "X-Zlaunch-Scope", "X-Remote-User", "Remote-User", "X-Forwarded-User", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
	"X-Forwarded-Client-Cert", "X-Real-Ip", "Forwarded", "X-Client-Dn", "X-Ssl-Client-Cn", "X-Auth-Request-User", "X-Original-Url", "X-Rewrite-Url", "X-Http-Method-Override",
	"Proxy-Authorization",
}

// spoofs are let through, without what they say.
func spoofs() (out []Attack) {
	spelled := func(id, title string, spell func(string) string) Attack {
		var head []string
		for _, name := range spoofed {
			head = append(head, spell(name)+": "+spoof)
		}
		return headersThatArrive(id, title, raw(request("{method} {path}?{query}", append(head, "{bearer}", "{length}")...)))
	}
	same := func(s string) string { return s }
	var fields []field
	for _, name := range spoofed {
		fields = append(fields, field{strings.ToLower(name), spoof})
	}
	return []Attack{
		spelled("spoof", "headers that say who the client is", same),
		spelled("spoof-underscore", "the same in underscores", func(s string) string { return strings.ReplaceAll(s, "-", "_") }),
		spelled("spoof-dot", "the same in dots", func(s string) string { return strings.ReplaceAll(s, "-", ".") }),
		spelled("spoof-case", "the same in capitals", strings.ToUpper),
		headersThatArrive("spoof-http2", "the same in HTTP/2", frames(ask(append(fields, bearer)...), "")),
		headersThatArrive("spoof-connection", "the same as headers of the connection", raw(request("{method} {path}?{query}", "Connection: close, X-Zlaunch-Client, X-Request-Id", "X-Zlaunch-Client: "+spoof, "{bearer}", "{length}"))),
		{ID: "headers/authorization", Title: "the token is not passed on", needs: needsEchoedToken, judged: byHeaders, send: asking("{bearer}")},
	}
}

func headersThatArrive(id, title string, send send) Attack {
	return Attack{ID: "headers/" + id, Title: title, needs: needsHeaders, judged: byHeaders, send: send}
}

func needsEchoedToken(p *play) string {
	if why := needsToken(p); why != "" {
		return why
	}
	return needsHeaders(p)
}

// judgeHeaders looks at a request that arrived for what its client said, and its token.
func (p *play) judgeHeaders(r Reply) (Verdict, []string, string) {
	h, ok := p.Headers(p.marker)
	switch {
	case !ok && len(r.Statuses) > 0 && r.Statuses[0] >= 400:
		return Refused, []string{byAnswer}, "" // all of it, which is more than was asked for
	case !ok:
		return Unknown, nil, "it did not arrive"
	case says(h, spoof) || p.Token != "" && says(h, p.Token):
		return Arrived, []string{byServer}, ""
	}
	return Refused, []string{byServer}, ""
}

func says(h http.Header, text string) bool {
	for name, values := range h {
		if strings.Contains(name+" "+strings.Join(values, " "), text) {
			return true
		}
	}
	return false
}
