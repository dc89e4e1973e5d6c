// Package lend gives credentials of a gateway to who tries it, for minutes, and takes them
// back.
package lend

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/attack"
	"github.com/zlaunch/zlaunch/launcher/gateway/token"
)

// prefix begins the name of whatever is lent.
const prefix = "attack-"

// Life is how long it counts if it is not taken back, as where zlaunch is killed.
const Life = 30 * time.Minute

// short is how long a credential counts that is to expire before it is played with: longer
// than a gateway takes to read its files.
const short = 5 * time.Second

// Lender lends tokens of one gateway.
type Lender struct {
	Tokens token.Store
	Reload func(context.Context) error // has the gateway read what has changed
	Run    string                      // parts its names from those of others
}

// Lend makes tokens of each kind that is played with, and has the gateway know them: one
// that counts, one for metrics, one that has expired, and one that was revoked after the
// gateway took it. Back takes back what was made, also where there is an error.
func (l Lender) Lend(ctx context.Context) (c attack.Credentials, back func(context.Context) error, err error) {
	now := time.Now().UTC().Truncate(time.Second)
	over := now.Add(short)
	for _, one := range []struct {
		kind  string
		scope gateway.Scope
		ends  time.Time
		to    *string
	}{
		{"good", gateway.Inference, now.Add(Life), &c.Token},
		{"metrics", gateway.Metrics, now.Add(Life), &c.Other},
		{"expired", gateway.Inference, over, &c.Expired},
		{"revoked", gateway.Inference, now.Add(Life), &c.Revoked},
	} {
		if err == nil {
			*one.to, err = l.Tokens.Add(ctx, token.Token{Name: l.name(one.kind), Scopes: []gateway.Scope{one.scope}, Created: now, Expires: one.ends})
		}
	}
	for _, do := range []func() error{
		func() error { return l.Reload(ctx) },
		func() error { return l.Tokens.Revoke(ctx, l.name("revoked"), time.Now()) },
		func() error { return l.Reload(ctx) },
		func() error { return until(ctx, over) },
	} {
		if err == nil {
			err = do()
		}
	}
	return c, l.back, err
}

func (l Lender) name(kind string) string { return prefix + l.Run + "-" + kind }

// back takes back the tokens of this run, and those of others that are over.
func (l Lender) back(ctx context.Context) error {
	all, err := l.Tokens.List()
	errs := []error{err}
	for _, t := range all {
		own := strings.HasPrefix(t.Name, prefix+l.Run+"-")
		if own || isLent(t.Name) && t.Over(time.Now()) {
			errs = append(errs, l.Tokens.Revoke(ctx, t.Name, time.Now()))
		}
	}
	return errors.Join(append(errs, l.Reload(ctx))...)
}

// isLent tells whether a token has a name that a lender gives.
func isLent(name string) bool {
	kind := name[strings.LastIndexByte(name, '-')+1:]
	return strings.HasPrefix(name, prefix) && slices.Contains([]string{"good", "metrics", "expired", "revoked"}, kind)
}

// until waits for a time to have passed.
func until(ctx context.Context, t time.Time) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(t) + time.Second):
		return nil
	}
}
