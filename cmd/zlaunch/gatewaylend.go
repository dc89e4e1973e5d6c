package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/attack"
	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/gateway/lend"
	"github.com/zlaunch/zlaunch/launcher/gateway/pki"
	"github.com/zlaunch/zlaunch/launcher/gateway/token"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// lending gives a target credentials for a test.
type lending struct {
	std  *stdio
	name string
	t    *attack.Target
	own  testOptions
}

// maxBearer bounds a file with a token in bytes.
const maxBearer = 64 << 10

// lend lends what zlaunch can make, and reads what the caller has. Back takes back what was
// made, also where there is an error.
func (l *lending) lend(ctx context.Context) (back func(context.Context) error, err error) {
	var backs []func(context.Context) error
	back = func(ctx context.Context) error {
		var errs []error
		for _, b := range backs {
			errs = append(errs, b(ctx))
		}
		return errors.Join(errs...)
	}
	root, err := l.std.gatewayRoot()
	if err != nil {
		return back, err
	}
	dir, err := root.Gateway(l.name)
	if err != nil {
		return back, err
	}
	var run [4]byte
	rand.Read(run[:]) // never fails (crypto/rand)
	reload := func(ctx context.Context) error { return liveGateways{l.std}.reload(ctx, l.name) }
	if l.t.Front.Clients.Tokens {
		l.std.progress.passing("lending tokens of gateway " + l.name)
		lent, b, err := lend.Lender{Tokens: token.Of(dir), Reload: reload, Run: hex.EncodeToString(run[:])}.Lend(ctx)
		if backs = append(backs, b); err != nil {
			return back, fmt.Errorf("lending tokens for the test: %w", err)
		}
		l.t.Credentials = lent
	}
	if c := l.t.Front.Clients.Certificates; c != nil && len(c.Subjects) == 0 && signsItself(ctx, dir) {
		l.std.progress.passing("lending certificates of gateway " + l.name)
		b, err := lend.Certificates{Clients: pki.ClientsOf(dir), Reload: reload, Run: hex.EncodeToString(run[:])}.Lend(ctx, &l.t.Credentials)
		if backs = append(backs, b); err != nil {
			return back, fmt.Errorf("lending certificates for the test: %w", err)
		}
	}
	return back, l.given()
}

// signsItself tells whether the clients of a gateway are those that zlaunch's authority
// signs for, and not those of another one.
func signsItself(ctx context.Context, dir files.Dir) bool {
	own, err := pki.ClientsOf(dir).Certificate(ctx, time.Now())
	if err != nil {
		return false
	}
	read, err := dir.Read(filepath.Join(files.Mounted, gateway.ClientsFile), maxBearer)
	return err == nil && bytes.Contains(read, (&pki.Pair{Chain: []*x509.Certificate{own}}).Certificates())
}

// given reads the credentials that the caller has, and wants those that are needed.
func (l *lending) given() error {
	if l.own.bearer != "" {
		text, err := readSecret(l.own.bearer)
		if err != nil {
			return err
		}
		l.t.Token = strings.TrimSpace(string(text))
	}
	if (l.own.cert == "") != (l.own.key == "") {
		return &usageError{hint.Errorf("--cert FILE --key FILE", "a certificate and its key belong together")}
	}
	if l.own.cert != "" {
		cert, err := tls.LoadX509KeyPair(l.own.cert, l.own.key)
		if err != nil {
			return fmt.Errorf("reading the client's certificate: %w", err)
		}
		l.t.Certificate = &cert
	}
	c := l.t.Front.Clients
	switch {
	case c.Certificates != nil && l.t.Certificate == nil:
		return hint.Errorf("--cert FILE --key FILE", "the gateway %s takes certificates that zlaunch cannot make: without one nothing gets through", l.name)
	case (c.Tokens || c.JWT != nil) && l.t.Token == "":
		return hint.Errorf("--bearer FILE", "the gateway %s takes tokens that zlaunch cannot make: without one nothing gets through", l.name)
	}
	return nil
}

// readSecret reads a small file that nobody else may read.
func readSecret(path string) ([]byte, error) {
	if err := files.Private(path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxBearer))
}
