// Package setup readies the files of a gateway: certificate, hashes of tokens, authorities of
// clients and keys, from zlaunch's own state or from files of the user's.
package setup

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/gateway/haproxy"
	"github.com/zlaunch/zlaunch/launcher/gateway/pki"
	"github.com/zlaunch/zlaunch/launcher/gateway/token"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// Setup is a gateway whose files are to be written.
type Setup struct {
	Dir      files.Dir
	Local    pki.Local
	Settings gateway.Settings
	Beside   func(path string) string // a path of the settings from where they stand
	Now      time.Time
}

// Write writes what a proxy reads, but for its configuration.
func (w *Setup) Write(ctx context.Context) error {
	for _, step := range []func(context.Context) error{w.certificate, w.tokens, w.clients, w.keys} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("readying the gateway of %s: %w", w.Dir.Name(), err)
		}
	}
	return nil
}

// certificate is the one that is given, or of zlaunch's own authority.
func (w *Setup) certificate(ctx context.Context) error {
	set := w.Settings
	if set.Certificate == "" {
		_, err := w.Local.Keep(ctx, w.Dir, set.Names, w.Now)
		return err
	}
	pair, err := pki.Given(w.Beside(set.Certificate), w.Beside(set.Key), w.Now)
	if err != nil {
		return err
	}
	return pki.Put(ctx, w.Dir, pair)
}

func (w *Setup) tokens(ctx context.Context) error { return token.Of(w.Dir).Publish(ctx, w.Now) }

// clients are the authority of clients' certificates, what it revoked, and who is let in.
func (w *Setup) clients(ctx context.Context) error {
	set := w.Settings
	if !set.Certificates {
		return nil
	}
	names, err := haproxy.Subjects(&gateway.Certificates{Subjects: set.Subjects})
	if err == nil {
		err = w.put(gateway.SubjectFile, names)
	}
	if err != nil {
		return err
	}
	if set.ClientCA == "" {
		return pki.ClientsOf(w.Dir).Publish(ctx, w.Now)
	}
	if err := w.take(set.ClientCA, gateway.ClientsFile, "CERTIFICATE"); err != nil || set.ClientCRL == "" {
		return err
	}
	return w.take(set.ClientCRL, gateway.RevokedFile, "X509 CRL")
}

// keys are those by which JSON Web Tokens are verified.
func (w *Setup) keys(context.Context) error {
	if w.Settings.JWT == nil {
		return nil
	}
	for i, file := range w.Settings.JWT.Keys {
		if err := w.take(file, fmt.Sprintf(gateway.KeysFile, i), "PUBLIC KEY"); err != nil {
			return err
		}
	}
	return nil
}

// mostPEM bounds a file of certificates or keys, in bytes: the authorities of a Linux
// distribution are some 230 KiB.
const mostPEM = 1 << 20

// take copies a file of the user's, of which each block is of one kind and can be read.
func (w *Setup) take(from, to, kind string) error {
	from = w.Beside(from)
	err := trust.Caller().Path(from)
	var data []byte
	if err == nil {
		data, err = claim.ReadFile(from, mostPEM)
	}
	if err == nil {
		err = blocks(data, kind)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", from, err)
	}
	return w.put(to, data)
}

func (w *Setup) put(file string, data []byte) error {
	return w.Dir.Write(filepath.Join(files.Mounted, file), data)
}

// blocks wants PEM of one kind. A private key has no business there.
func blocks(data []byte, kind string) error {
	n := 0
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != kind {
			return hint.Errorf("openssl x509 -in FILE -noout -text", "a block is %q, not %q", block.Type, kind)
		}
		var err error
		switch kind {
		case "CERTIFICATE":
			_, err = x509.ParseCertificate(block.Bytes)
		case "PUBLIC KEY":
			_, err = x509.ParsePKIXPublicKey(block.Bytes)
		default:
			_, err = x509.ParseRevocationList(block.Bytes)
		}
		if err != nil {
			return err
		}
		n++
	}
	if n == 0 {
		return errors.New("it holds no PEM block of " + kind)
	}
	return nil
}
