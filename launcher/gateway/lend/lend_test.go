package lend

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/gateway/token"
)

func lender(t *testing.T, reload func(context.Context) error) (Lender, files.Dir) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d, err := files.Root(dir).Gateway("fraud")
	if err != nil {
		t.Fatal(err)
	}
	return Lender{Tokens: token.Of(d), Reload: reload, Run: "0a1b2c3d"}, d
}

// What is lent is there while it is played with, and afterwards all is as it was.
func TestLend(t *testing.T) {
	reloads := 0
	l, d := lender(t, func(context.Context) error { reloads++; return nil })
	now := time.Now().UTC()
	theirs := token.Token{Name: "attack-of-theirs", Scopes: []gateway.Scope{gateway.Admin}, Created: now, Expires: now.Add(time.Hour)}
	if _, err := l.Tokens.Add(context.Background(), theirs); err != nil {
		t.Fatal(err)
	}
	c, back, err := l.Lend(context.Background())
	if err != nil || c.Token == "" || c.Other == "" || c.Expired == "" || c.Revoked == "" || reloads != 2 {
		t.Fatalf("%+v after %d reloads, %v", c, reloads, err)
	}
	if got := names(t, l.Tokens); got != "attack-0a1b2c3d-expired attack-0a1b2c3d-good attack-0a1b2c3d-metrics attack-of-theirs" {
		t.Errorf("while it is lent: %s", got)
	}
	if err := back(context.Background()); err != nil || reloads != 3 {
		t.Errorf("%d reloads, %v", reloads, err)
	}
	if got := names(t, l.Tokens); got != "attack-of-theirs" {
		t.Errorf("afterwards: %s", got)
	}
	data, err := os.ReadFile(d.Path("files/" + gateway.TokensFile))
	if err != nil || strings.Contains(string(data), "0a1b2c3d") {
		t.Errorf("the proxy's file: %q, %v", data, err)
	}
}

// A gateway that takes nothing over, and an interrupt, leave nothing lent.
func TestFailing(t *testing.T) {
	broken := errors.New("broken")
	l, _ := lender(t, func(context.Context) error { return broken })
	_, back, err := l.Lend(context.Background())
	if !errors.Is(err, broken) || names(t, l.Tokens) == "" {
		t.Errorf("%v", err)
	}
	if err := back(context.Background()); !errors.Is(err, broken) || names(t, l.Tokens) != "" {
		t.Errorf("left %q, %v", names(t, l.Tokens), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.Reload = func(context.Context) error { cancel(); return nil }
	_, back, err = l.Lend(ctx)
	if err == nil {
		t.Error("an interrupt is no error")
	}
	if err := back(context.WithoutCancel(ctx)); err != nil || names(t, l.Tokens) != "" {
		t.Errorf("left %q, %v", names(t, l.Tokens), err)
	}
}

func names(t *testing.T, s token.Store) string {
	t.Helper()
	all, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, tk := range all {
		out = append(out, tk.Name)
	}
	return strings.Join(out, " ")
}
