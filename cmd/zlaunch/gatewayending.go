package main

import (
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/gateway/pki"
	"github.com/zlaunch/zlaunch/launcher/gateway/token"
)

// warnEnding warns of what nobody is let in by before long: the certificate of a gateway, and the
// tokens and certificates of its clients that end within 30 days. What cannot be read is told of
// by those who need it.
func warnEnding(std *stdio, d files.Dir, now time.Time) {
	if cert, err := pki.Server(d); err == nil && cert != nil {
		next := "zlaunch gateway renew " + d.Name()
		if !ownAuthority(cert) {
			next = "replace its files, and start the gateway anew"
		}
		if warning := pki.Expiring("the certificate of gateway "+d.Name(), cert, now, next); warning != "" {
			std.note("warning: %s", warning)
		}
	}
	soon := func(end time.Time) bool { return now.Before(end) && end.Sub(now) <= token.Soon }
	tokens, _ := token.Of(d).List()
	for _, t := range tokens {
		if soon(t.Expires) {
			std.note("warning: token %s of gateway %s ends on %s: zlaunch token add %s NAME makes another", t.Name, d.Name(), day(t.Expires), d.Name())
		}
	}
	clients, _ := pki.ClientsOf(d).List()
	for _, c := range clients {
		newer := func(o pki.Client) bool { return o.Name == c.Name && o.Revoked == nil && o.Expires.After(c.Expires) }
		if c.Revoked == nil && soon(c.Expires) && !slices.ContainsFunc(clients, newer) {
			std.note("warning: the certificate of client %s of gateway %s ends on %s: zlaunch gateway client %s %s makes another", c.Name, d.Name(), day(c.Expires), d.Name(), c.Name)
		}
	}
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }
