package pki

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/gateway/files"
)

// tool runs a program of this machine and returns what it says, and whether it is content.
func tool(t *testing.T, name string, args ...string) (string, bool) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not here; crypto/x509 judges the same certificates in the other tests", name)
	}
	c := exec.Command(name, args...)
	c.Stdin = strings.NewReader("")
	out, err := c.CombinedOutput()
	return string(out), err == nil
}

// laid are a gateway's files, and beside them its authorities and a client, as PEM.
type laid struct {
	root           files.Root
	d              files.Dir
	ca, server     string // paths
	clients, crl   string
	cert, key      string
	revoked, other string // a client that was revoked; one of another gateway
}

func lay(t *testing.T) laid {
	t.Helper()
	root, d := state(t)
	out := laid{root: root, d: d, server: d.Path(ServerFile), clients: d.Path("files/clients.pem"), crl: d.Path("files/clients.crl")}
	l, dir := LocalOf(root, "zhost"), t.TempDir()
	put := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	out.ca = put("ca.pem", certificatePEM(must[*x509.Certificate](t)(l.Certificate(ctx, now))))
	must[*x509.Certificate](t)(l.Issue(ctx, d, nil, now))
	app := must[*Pair](t)(ClientsOf(d).Issue(ctx, "app", now))
	out.cert, out.key = put("app.pem", app.Certificates()), put("app.key", must[[]byte](t)(app.Key()))
	gone := must[*Pair](t)(ClientsOf(d).Issue(ctx, "gone", now))
	out.revoked = put("gone.pem", append(gone.Certificates(), must[[]byte](t)(gone.Key())...))
	must[int](t)(ClientsOf(d).Revoke(ctx, "gone", now))
	other, _ := root.Gateway("other")
	foreign := must[*Pair](t)(ClientsOf(other).Issue(ctx, "app", now))
	out.other = put("other.pem", append(foreign.Certificates(), must[[]byte](t)(foreign.Key())...))
	return out
}

// openssl takes what it should and nothing else, with strict checks.
func TestOpenSSL(t *testing.T) {
	f := lay(t)
	evil := filepath.Join(t.TempDir(), "evil.pem")
	a := must[*authority](t)(load(f.root.Authority(), authorityFile))
	leaf := newLeaf("evil", x509.ExtKeyUsageServerAuth, now)
	leaf.DNSNames = []string{"evil.example"}
	if err := os.WriteFile(evil, must[*Pair](t)(a.issue(leaf)).Certificates(), 0o600); err != nil {
		t.Fatal(err)
	}
	leaf = newLeaf("evil", x509.ExtKeyUsageServerAuth, now)
	leaf.IPAddresses = []net.IP{net.IPv4(10, 0, 0, 1)}
	address := filepath.Join(t.TempDir(), "address.pem")
	if err := os.WriteFile(address, must[*Pair](t)(a.issue(leaf)).Certificates(), 0o600); err != nil {
		t.Fatal(err)
	}
	server := "-purpose sslserver -CAfile " + f.ca
	client := "-purpose sslclient -CAfile " + f.clients + " -crl_check -CRLfile " + f.crl
	for _, c := range []struct{ args, want string }{ // want "": it is taken
		{server + " -verify_hostname localhost " + f.server, ""},
		{server + " -verify_hostname zhost " + f.server, ""},
		{server + " -verify_ip 127.0.0.1 " + f.server, ""},
		{server + " -verify_ip ::1 " + f.server, ""},
		{server + " -verify_hostname other " + f.server, "hostname mismatch"},
		{server + " " + evil, "permitted subtree violation"},
		{server + " " + address, "permitted subtree violation"},
		{"-purpose sslclient -CAfile " + f.ca + " " + f.server, "purpose"},
		{"-purpose sslserver -CAfile " + f.clients + " " + f.cert, "purpose"},
		{client + " " + f.cert, ""},
		{client + " " + f.revoked, "certificate revoked"},
		{client + " " + f.other, "unable to get local issuer certificate"},
		{client + " " + f.server, "unable to get local issuer certificate"},
	} {
		out, ok := tool(t, "openssl", append([]string{"verify", "-x509_strict", "-no-CApath", "-no-CAstore"}, strings.Fields(c.args)...)...)
		if ok != (c.want == "") || !strings.Contains(out, c.want) {
			t.Errorf("openssl verify %s: %t, want %q\n%s", c.args, ok, c.want, out)
		}
	}
	if out, ok := tool(t, "openssl", "crl", "-in", f.crl, "-CAfile", f.clients, "-noout", "-text"); !ok || !strings.Contains(out, "verify OK") || !strings.Contains(out, "X509v3 CRL Number") {
		t.Errorf("%s", out)
	}
}

// listen serves the gateway's certificate on loopback, as the proxy does, and asks clients
// for theirs. It returns the port.
func listen(t *testing.T, f laid) string {
	t.Helper()
	cert, err := tls.LoadX509KeyPair(f.server, f.server)
	if err != nil {
		t.Fatal(err)
	}
	pool, data := x509.NewCertPool(), must[[]byte](t)(os.ReadFile(f.clients))
	if !pool.AppendCertsFromPEM(data) {
		t.Fatal("no authority of clients")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{ErrorLog: log.New(&strings.Builder{}, "", 0), TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "hello %s", r.TLS.PeerCertificates[0].Subject.CommonName)
		})}
	go func() { _ = srv.ServeTLS(ln, "", "") }()
	t.Cleanup(func() { _ = srv.Close() })
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	return port
}

// curl, openssl s_client and Python reach a server by the names that its certificate has, and
// by no other; without a client's certificate nobody is let in.
func TestClientsOfOthers(t *testing.T) {
	f := lay(t)
	port := listen(t, f)
	curl := []string{"-sS", "--max-time", "60", "--noproxy", "*", "--cacert", f.ca, "--cert", f.cert, "--key", f.key}
	for host, want := range map[string]bool{"localhost": true, "127.0.0.1": true, "zhost": true, "evil.example": false} {
		out, ok := tool(t, "curl", append(curl, "--connect-to", "::127.0.0.1:"+port, "https://"+host+":"+port+"/")...)
		if ok != want || want && out != "hello app" {
			t.Errorf("curl to %s: %s", host, out)
		}
	}
	for _, cert := range []string{"", f.other, f.server} {
		args := []string{"-sS", "--max-time", "60", "--noproxy", "*", "--cacert", f.ca, "https://127.0.0.1:" + port + "/"}
		if cert != "" {
			args = append(args, "--cert", cert)
		}
		if out, ok := tool(t, "curl", args...); ok {
			t.Errorf("curl with %q: %s", cert, out)
		}
	}
	if out, ok := tool(t, "curl", "-sS", "--max-time", "60", "--noproxy", "*", "--cert", f.cert, "--key", f.key, "https://127.0.0.1:"+port+"/"); ok {
		t.Errorf("curl that trusts others: %s", out)
	}
	out, ok := tool(t, "openssl", "s_client", "-connect", "127.0.0.1:"+port, "-CAfile", f.ca, "-no-CApath", "-no-CAstore", "-verify_return_error", "-verify_ip", "127.0.0.1", "-cert", f.cert, "-key", f.key, "-tls1_3")
	if !ok || !strings.Contains(out, "Verify return code: 0 (ok)") {
		t.Errorf("%s", out)
	}
	t.Run("python", func(t *testing.T) {
		script := `import ssl,sys,urllib.request
c=ssl.create_default_context(cafile=sys.argv[1]); c.load_cert_chain(sys.argv[2],sys.argv[3])
print(urllib.request.build_opener(urllib.request.ProxyHandler({}),urllib.request.HTTPSHandler(context=c)).open("https://localhost:"+sys.argv[4]+"/").read().decode())`
		if out, ok := tool(t, "python3", "-c", script, f.ca, f.cert, f.key, port); !ok || strings.TrimSpace(out) != "hello app" {
			t.Errorf("%s", out)
		}
	})
}
