package bundle

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// certDir is the directory of a host, named as references name it: with its port where
// they have one. "" there is none.
func (s Settings) certDir(host string) (string, error) {
	for _, dir := range s.Certs {
		dir = filepath.Join(dir, host)
		info, err := os.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
			continue
		}
		if err == nil {
			err = trust.Caller().Path(dir)
		}
		return dir, err
	}
	return "", nil
}

// tls reads the directory of a host: *.crt are authorities beside the system's, NAME.cert
// with NAME.key is who we are.
func (s Settings) tls(host string) (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	dir, err := s.certDir(host)
	if dir == "" || err != nil {
		return conf, err
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if err == nil {
			err = addCert(conf, filepath.Join(dir, e.Name()))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading the certificates of %s: %w", host, err)
	}
	return conf, nil
}

func addCert(conf *tls.Config, file string) error {
	switch filepath.Ext(file) {
	case ".crt":
		data, err := believed(file)
		if err != nil {
			return err
		}
		if conf.RootCAs == nil {
			if conf.RootCAs, err = x509.SystemCertPool(); err != nil {
				return err
			}
		}
		if !conf.RootCAs.AppendCertsFromPEM(data) {
			return fmt.Errorf("%s holds no certificate", file)
		}
	case ".cert":
		cert, err1 := believed(file)
		key, err2 := believed(strings.TrimSuffix(file, ".cert") + ".key")
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return fmt.Errorf("%s and its key: %w", file, err)
		}
		conf.Certificates = append(conf.Certificates, pair)
	}
	return nil
}
