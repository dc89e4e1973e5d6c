package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/pki"
	"github.com/zlaunch/zlaunch/launcher/gateway/token"
)

// What ends within 30 days is told of by name, and what has ended, was revoked or was made anew
// is not.
func TestGatewayEnding(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	d := w.begun(t, "fraud", now)
	for name, days := range map[string]int{"soon": 29, "later": 31} {
		if _, err := token.Of(d).Add(context.Background(), token.Token{Name: name, Scopes: []gateway.Scope{gateway.Inference}, Created: now, Expires: now.AddDate(0, 0, days)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		ago  int
	}{{"old", 70}, {"twice", 70}, {"twice", 1}, {"gone", 70}, {"fresh", 1}} {
		if _, err := pki.ClientsOf(d).Issue(context.Background(), c.name, now.AddDate(0, 0, -c.ago)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pki.ClientsOf(d).Revoke(context.Background(), "gone", now); err != nil {
		t.Fatal(err)
	}
	w.run("gateway", "list")
	said := w.stderr.String()
	for _, want := range []string{"token soon of gateway fraud ends on", "client old of gateway fraud ends on"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	if strings.Count(said, "warning") != 2 {
		t.Errorf("told of more:\n%s", said)
	}
}
