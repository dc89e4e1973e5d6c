package attack

import (
	"context"
	"encoding/base64"
	"strings"
	"unicode"
)

// denied refuses who is not known, or may not.
var denied = refusal{statuses: []int{401, 403}}

// asking is an allowed call with a head of its own, without the token.
func asking(head ...string) send {
	return raw(request("{method} {path}?{query}", append(head, "{length}")...))
}

// with is an allowed call with a secret.
func with(secret func(*play) string) send {
	return func(ctx context.Context, p *play) Reply {
		return asking("Authorization: Bearer "+secret(p))(ctx, p)
	}
}

func bearers() []Attack {
	return []Attack{
		{ID: "authorization/none", Title: "no Authorization header", needs: needsBearer, send: asking(), refused: denied},
		{ID: "authorization/wrong", Title: "a token that nobody gave", needs: needsBearer, send: asking("Authorization: Bearer zlattack-0123456789abcdef0123456789abcdef"), refused: denied},
		{ID: "authorization/empty", Title: "an empty token", needs: needsBearer, send: asking("Authorization: Bearer "), refused: denied},
		{ID: "authorization/scheme", Title: "a token without its scheme", needs: needsToken, send: asking("Authorization: {token}"), refused: denied},
		{ID: "authorization/two", Title: "a good token and a wrong one, in two headers", needs: needsToken, send: asking("{bearer}", "Authorization: Bearer zlattack"), refused: denied},
		{ID: "authorization/two-wrong-first", Title: "a wrong token and a good one, in two headers", needs: needsToken, send: asking("Authorization: Bearer zlattack", "{bearer}"), refused: denied},
		{ID: "authorization/two-in-one", Title: "two tokens in one header", needs: needsToken, send: asking("Authorization: Bearer zlattack, Bearer {token}"), refused: denied},
		{ID: "authorization/basic", Title: "the token as a password of Basic", needs: needsToken, send: basic, refused: denied},
		{ID: "authorization/case", Title: "the token in the other case", needs: needsToken, send: with(swappedToken), refused: denied},
		{ID: "authorization/part", Title: "all of the token but its end", needs: needsToken, send: with(cutToken), refused: denied},
		{ID: "authorization/query", Title: "the token in the query", needs: needsToken, send: raw(request("{method} {path}?{query}&access_token={token}&token={token}", "{length}")), refused: denied},
		{ID: "authorization/cookie", Title: "the token in a cookie", needs: needsToken, send: asking("Cookie: authorization={token}; token={token}"), refused: denied},
		{ID: "authorization/other-headers", Title: "the token in headers of other names", needs: needsToken, send: asking("Proxy-Authorization: Bearer {token}", "X-Api-Key: {token}", "X-Authorization: Bearer {token}", "Authorization_: Bearer {token}"), refused: denied},
		{ID: "authorization/identity", Title: "no token, but headers that say who the client is", needs: needsBearer, send: asking("X-Zlaunch-Client: zlattack", "X-Remote-User: zlattack", "X-Forwarded-User: zlattack"), refused: denied},
		{ID: "authorization/two-http2", Title: "a wrong token and a good one, in HTTP/2", needs: needsToken, send: frames(ask(field{"authorization", "Bearer zlattack"}, bearer), ""), refused: denied},
		{ID: "authorization/none-http2", Title: "no Authorization header, in HTTP/2", needs: needsBearer, send: frames(ask(), ""), refused: denied},
	}
}

func scopes() []Attack {
	expired := func(p *play) string { return p.Expired }
	revoked := func(p *play) string { return p.Revoked }
	other := func(p *play) string { return p.Other }
	return []Attack{
		{ID: "authorization/expired", Title: "a token that has expired", needs: needsOther(expired, "that has expired"), send: with(expired), refused: denied},
		{ID: "authorization/revoked", Title: "a token that was revoked", needs: needsOther(revoked, "that was revoked"), send: with(revoked), refused: denied},
		{ID: "authorization/other-scope", Title: "a token for metrics asks a model", needs: needsOther(other, "of another scope"), send: with(other), refused: denied},
		{ID: "authorization/admin", Title: "a token for models changes what is served", needs: needsAdmin, send: asAdmin, refused: denied},
		{ID: "authorization/metrics", Title: "a token for models asks for metrics, at their port", needs: needsMetrics, send: asMetrics, refused: denied},
		{ID: "authorization/metrics-port", Title: "a token for metrics asks a model, at the port of metrics", needs: needsMetrics, send: atMetrics(other), refused: denied},
	}
}

func basic(ctx context.Context, p *play) Reply {
	return asking("Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("zlattack:"+p.Token)))(ctx, p)
}

// swappedToken is the token with its small letters large and its large ones small.
func swappedToken(p *play) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, p.Token)
}

func cutToken(p *play) string { return p.Token[:len(p.Token)-1] }

func needsAdmin(p *play) string {
	if why := lacks(p.calls.admin != nil, "nothing may be administered"); why != "" {
		return why
	}
	if c := p.Front.Clients.Certificates; c != nil && len(c.Scopes) > 1 && p.Token == "" {
		return "certificates have more scopes than one"
	}
	return ""
}

func asAdmin(ctx context.Context, p *play) Reply {
	c := *p.calls.admin
	return raw(request(c.method+" "+c.path+"?{query}", "{bearer}", "Content-Length: 0"))(ctx, p)
}

func asMetrics(ctx context.Context, p *play) Reply {
	return p.exchange(ctx, p.Metrics, p.client(http1), p.expand(request("GET "+p.calls.metrics.path+"?{query}", "{bearer}")))
}

func atMetrics(secret func(*play) string) send {
	return func(ctx context.Context, p *play) Reply {
		return p.exchange(ctx, p.Metrics, p.client(http1), p.expand(request("{method} {path}?{query}", "Authorization: Bearer "+secret(p), "{length}")))
	}
}
