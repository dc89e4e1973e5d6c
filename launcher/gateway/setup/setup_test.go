package setup

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/gateway/pki"
)

func ready(t *testing.T, s gateway.Settings) (files.Dir, error) {
	t.Helper()
	root := files.Root(t.TempDir())
	dir, err := root.Gateway("shop")
	if err != nil {
		t.Fatal(err)
	}
	w := &Setup{Dir: dir, Local: pki.LocalOf(root, "host"), Settings: s, Beside: func(p string) string { return p }, Now: time.Now()}
	return dir, w.Write(context.Background())
}

func in(dir files.Dir, name string) string {
	data, _ := os.ReadFile(dir.Path(filepath.Join(files.Mounted, name)))
	return string(data)
}

// What the proxy reads is there for each way to ask who calls.
func TestWrite(t *testing.T) {
	dir, err := ready(t, gateway.Settings{})
	if err != nil || !strings.Contains(in(dir, gateway.ServerFile), "PRIVATE KEY") || in(dir, gateway.TokensFile) != "" {
		t.Errorf("tokens: %v, %q", err, in(dir, gateway.TokensFile))
	}
	dir, err = ready(t, gateway.Settings{Certificates: true, Subjects: []string{"ann", "bob"}})
	if err != nil || !strings.Contains(in(dir, gateway.ClientsFile), "CERTIFICATE") || !strings.Contains(in(dir, gateway.RevokedFile), "X509 CRL") || in(dir, gateway.SubjectFile) != "ann\nbob\n" {
		t.Errorf("certificates: %v", err)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, []byte(in(dir, gateway.ClientsFile)), 0o600); err != nil {
		t.Fatal(err)
	}
	given, err := ready(t, gateway.Settings{Certificates: true, ClientCA: ca})
	if err != nil || in(given, gateway.ClientsFile) != in(dir, gateway.ClientsFile) {
		t.Errorf("an authority of the user's: %v", err)
	}
}

// A file of another kind is no authority, and no key: a private one least of all.
func TestRefused(t *testing.T) {
	dir, err := ready(t, gateway.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	server := dir.Path(filepath.Join(files.Mounted, gateway.ServerFile))
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("no PEM"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]gateway.Settings{
		"a key among authorities": {Certificates: true, ClientCA: server},
		"no block":                {Certificates: true, ClientCA: empty},
		"no file":                 {Certificates: true, ClientCA: empty + "x"},
		"a certificate for a key": {JWT: &gateway.JWTSettings{Keys: []string{server}}},
		"a name of two lines":     {Certificates: true, Subjects: []string{"ann\nbob"}},
		"no certificate":          {Certificate: empty, Key: empty},
	} {
		if _, err := ready(t, s); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func FuzzBlocks(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "CERTIFICATE")
	f.Add([]byte("-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"), "X509 CRL")
	f.Fuzz(func(t *testing.T, data []byte, kind string) {
		if blocks(data, kind) == nil && !strings.Contains(string(data), "-----BEGIN "+kind) {
			t.Errorf("%q is taken for a %s", data, kind)
		}
	})
}
