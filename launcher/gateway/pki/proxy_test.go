package pki

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// HAProxy takes the files as they stand: who has a certificate of this gateway gets in, who
// was revoked, has one of another gateway or none does not.
func TestProxy(t *testing.T) {
	f := lay(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	socket, err := ln.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	config := filepath.Join(t.TempDir(), "haproxy.cfg")
	text := fmt.Sprintf(`defaults
 mode http
 timeout connect 5s
 timeout client 30s
 timeout server 30s
frontend f
 bind fd@3 ssl crt %s ca-file %s crl-file %s verify required alpn h2,http/1.1
 http-request return status 200 content-type text/plain lf-string "hello %%[ssl_c_s_dn(cn)]"
`, f.server, f.clients, f.crl)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("haproxy")
	if err != nil {
		program = "/usr/sbin/haproxy"
	}
	c := exec.Command(program, "-f", config, "-db")
	c.ExtraFiles = []*os.File{socket}
	var said strings.Builder
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Skip("haproxy is not here; openssl verify and crypto/tls judge the same files in the other tests")
	}
	defer func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	}()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	for name, want := range map[string]bool{f.cert: true, f.revoked: false, f.other: false, f.server: false, "": false} {
		args := []string{"-sS", "--max-time", "120", "--noproxy", "*", "--cacert", f.ca, "https://localhost:" + port + "/", "--connect-to", "::127.0.0.1:" + port}
		if name != "" {
			args = append(args, "--cert", name)
		}
		if name == f.cert {
			args = append(args, "--key", f.key)
		}
		if out, ok := tool(t, "curl", args...); ok != want || want && out != "hello app" {
			t.Errorf("%s: %s", filepath.Base(name), out)
		}
	}
}
