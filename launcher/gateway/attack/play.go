package attack

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// play is one attack that is played on a target.
type play struct {
	*Target
	calls    calls
	marker   string        // of this attack, in its query and as its X-Request-Id
	patience time.Duration // for an answer
}

// markerOf is the marker of the attack number n in a run.
func markerOf(run string, n int) string { return fmt.Sprintf("zlattack-%s-%04d", run, n) }

// inner is the marker of a request that is hidden in another.
func (p *play) inner() string { return p.marker + "i" }

func newRun() (string, error) {
	var b [4]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return hex.EncodeToString(b[:]), nil
}

// allowed is the call that the attacks are made of: one that is let through, but for what
// the attack does to it.
func (p *play) allowed() *call { return first(p.calls.http, p.calls.grpc) }

// posted is an allowed call that has a body, where there is one.
func (p *play) posted() *call { return first(p.calls.post, p.allowed()) }

// expand puts what the target has into a text: {method} and {path} of an allowed call,
// {post} and {posted} of one with a body,
// {host}, {bearer} with the header's name, {token}, {marker} and {inner}, {query} and, where
// the method wants it, {length}.
func (p *play) expand(text string) string {
	c, post := p.allowed(), p.posted()
	bearer, length := "Accept: */*", "Accept-Language: en"
	if p.Token != "" {
		bearer = "Authorization: Bearer " + p.Token
	}
	if c.method == "POST" || c.method == "PUT" {
		length = "Content-Length: 0"
	}
	return strings.NewReplacer(
		"{method}", c.method, "{path}", c.path, "{post}", post.method, "{posted}", post.path, "{host}", p.Name, "{bearer}", bearer, "{length}", length, "{token}", p.Token,
		"{marker}", p.marker, "{inner}", p.inner(), "{query}", "attack="+url.QueryEscape(p.marker),
	).Replace(text)
}

// patience is how long an answer is waited for: longer than a gateway waits for the head of
// a request.
func (t *Target) patience() time.Duration {
	return cmp.Or(t.Patience, 2*t.Front.Limits.Slow+10*time.Second)
}

func (t *Target) pause() time.Duration { return cmp.Or(t.quiet, time.Second) }

func (p *play) deadline(ctx context.Context) time.Time {
	end := time.Now().Add(p.patience)
	if d, ok := ctx.Deadline(); ok && d.Before(end) {
		return d
	}
	return end
}
