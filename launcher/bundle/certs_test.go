package bundle

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// known is somebody with a certificate, as certs.d has it.
type known struct {
	*x509.Certificate
	cert, key []byte // PEM
}

func someone(t *testing.T) known {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	says := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err1 := x509.CreateCertificate(rand.Reader, says, says, key.Public(), key)
	private, err2 := x509.MarshalPKCS8PrivateKey(key)
	cert, err3 := x509.ParseCertificate(der)
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	return known{cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})}
}

// A registry that wants to know who asks is shown the certificate of certs.d. Without one,
// and with one that it does not know, it is told where ours is to stand; a certificate and
// a key that do not belong together are not used.
func TestClientCertificate(t *testing.T) {
	ann, eve := someone(t), someone(t)
	server := httptest.NewUnstartedServer(inProcess(true))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool()}
	server.TLS.ClientCAs.AddCert(ann.Certificate)
	server.StartTLS()
	defer server.Close()
	r := refAt(t, server.URL)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	place := func(files map[string][]byte) (Place, error) {
		certs := t.TempDir()
		dir := filepath.Join(certs, r.Host)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		files["ca.crt"] = ca
		for name, data := range files {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return Open(r, Settings{Certs: []string{certs}})
	}
	p, err := place(map[string][]byte{"ann.cert": ann.cert, "ann.key": ann.key})
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, p)
	for name, files := range map[string]map[string][]byte{"missing": {}, "unknown": {"eve.cert": eve.cert, "eve.key": eve.key}} {
		p, err := place(files)
		if err != nil {
			t.Fatal(err)
		}
		_, read := Read(t.Context(), p, "latest")
		for _, err := range []error{read, p.Put(t.Context(), versioned(t, "9.0.0"), "latest")} {
			if err == nil || hint.Of(err) != "cp ME.cert ME.key ~/.config/containers/certs.d/"+r.Host+"/" {
				t.Errorf("%s: %v (%s)", name, err, hint.Of(err))
			}
		}
	}
	if _, err := place(map[string][]byte{"ann.cert": ann.cert, "ann.key": eve.key}); err == nil || !strings.Contains(err.Error(), "ann.cert and its key") {
		t.Errorf("a key of somebody else: %v", err)
	}
}
