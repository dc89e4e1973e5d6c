package oms

import (
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/signoff"
)

// maxKey bounds a file of keys or certificates in bytes; one of ten certificates has 20 KB.
const maxKey = 1 << 20

// SignatureOf is where the signature of the model at path lies where nothing else is said:
// beside it, so that neither what is mounted nor its digest has a file more; or in it, as
// model.sig, where the reference implementation's users put it.
func SignatureOf(path string) string {
	beside := strings.TrimRight(path, "/") + ".sig"
	inside := filepath.Join(path, "model.sig")
	if _, err := os.Lstat(beside); err != nil {
		if _, err := os.Lstat(inside); err == nil {
			return inside
		}
	}
	return beside
}

// Inside is the path of a file relative to the tree it lies in; none where it lies elsewhere.
func Inside(tree, file string) []string {
	tree, errTree := filepath.Abs(tree)
	file, errFile := filepath.Abs(file)
	rel, err := filepath.Rel(tree, file)
	if errTree != nil || errFile != nil || err != nil || !local(rel) {
		return nil
	}
	return []string{filepath.ToSlash(rel)}
}

// OpenSigner reads a private key in PEM, and the certificates that say whose it is, "" for none.
func OpenSigner(key, certificates string) (s Signer, err error) {
	const create = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out KEY"
	text, err := ReadFile(key, maxKey)
	if err != nil {
		return s, hint.Wrap(err, create)
	}
	if s.Key, err = signoff.ParsePrivate(text); err != nil {
		return s, hint.Wrap(fmt.Errorf("reading %q: %w", key, err), create)
	}
	if certificates == "" {
		return s, nil
	}
	s.Chain, err = openCertificates(certificates)
	return s, err
}

// OpenKeys reads public keys in PEM; each is called as its file is.
func OpenKeys(files []string) (out []*signoff.PublicKey, err error) {
	for _, file := range files {
		text, err := ReadFile(file, maxKey)
		if err != nil {
			return nil, err
		}
		k, err := signoff.ParsePublic(file, text)
		if err != nil {
			return nil, hint.Wrap(fmt.Errorf("reading %q: %w", file, err), "openssl pkey -in KEY -pubout -out KEY.pub")
		}
		if !signs(k.Kind()) {
			return nil, fmt.Errorf("reading %q: the key is of %s, and OpenSSF Model Signing has ECDSA on P-256, P-384 and P-521", file, k.Kind())
		}
		out = append(out, k)
	}
	return out, nil
}

// OpenAuthorities reads the certificates of authorities in PEM.
func OpenAuthorities(files []string) (out []*x509.Certificate, err error) {
	for _, file := range files {
		certs, err := openCertificates(file)
		if err != nil {
			return nil, err
		}
		out = append(out, certs...)
	}
	return out, nil
}

func openCertificates(file string) ([]*x509.Certificate, error) {
	text, err := ReadFile(file, maxKey)
	if err != nil {
		return nil, err
	}
	certs, err := ParseCertificates(text)
	if err != nil {
		err = fmt.Errorf("%q: %w", file, err)
	}
	return certs, err
}

// ReadFile reads a regular file of at most so many bytes; what waits, as a FIFO, it does not
// wait for.
func ReadFile(name string, most int64) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("reading %q: %w", name, cause(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("reading %q: it is no regular file", name)
	}
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("it is larger than %d KiB", most>>10)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %q: %w", name, cause(err))
	}
	return data, nil
}

// WriteFile writes a signature, which everybody may read, whole or not at all.
func WriteFile(name string, text []byte) error {
	if err := renameio.WriteFile(name, text, 0o644, renameio.WithTempDir(filepath.Dir(name))); err != nil {
		return fmt.Errorf("writing %q: %w", name, cause(err))
	}
	return nil
}

// cause is an error without the path that the message has already.
func cause(err error) error {
	if pe, ok := err.(*os.PathError); ok {
		return pe.Err
	}
	return err
}
