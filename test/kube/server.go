// Package kube runs a real kube-apiserver and holds manifests against it: strict fields,
// Pod Security, admission policies. Nothing runs in it; every object is a dry run.
package kube

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

// Server is an API server with an etcd of its own, both on loopback, until the test ends.
type Server struct {
	url    string
	token  string
	client *http.Client
}

// Start starts the two programs found in dir, and waits until the API is ready or one of
// them ends.
func Start(t testing.TB, dir string) *Server {
	t.Helper()
	state := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	ports := freePorts(t, 3)
	etcd := fmt.Sprintf("http://127.0.0.1:%d", ports[0])
	peer := fmt.Sprintf("http://127.0.0.1:%d", ports[1])
	gone := make(chan error, 2)
	ended := []<-chan struct{}{
		launch(ctx, t, gone, filepath.Join(dir, "etcd"), "--data-dir="+filepath.Join(state, "etcd"), "--unsafe-no-fsync", "--log-level=error",
			"--listen-client-urls="+etcd, "--advertise-client-urls="+etcd,
			"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer, "--initial-cluster=default="+peer),
		launch(ctx, t, gone, filepath.Join(dir, "kube-apiserver"), flags(t, state, etcd, ports[2])...),
	}
	t.Cleanup(func() {
		cancel()
		for _, e := range ended {
			<-e
		}
	})
	s := &Server{url: fmt.Sprintf("https://127.0.0.1:%d", ports[2]), token: "test", client: &http.Client{
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, // its certificate is made anew for each test, for loopback alone
	}}
	s.await(t, gone)
	return s
}

// flags are those of the server: it listens on loopback, knows one token and runs nothing.
func flags(t testing.TB, state, etcd string, port int) []string {
	key := filepath.Join(state, "accounts.pem")
	tokens := filepath.Join(state, "tokens.csv")
	write(t, key, accountKey(t))
	write(t, tokens, []byte("test,test,1,system:masters\n"))
	return []string{
		"--etcd-servers=" + etcd, "--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", port),
		"--endpoint-reconciler-type=none", // else loopback is refused as the address to tell others
		"--cert-dir=" + filepath.Join(state, "certs"), "--token-auth-file=" + tokens, "--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file=" + key, "--service-account-signing-key-file=" + key,
		"--service-cluster-ip-range=10.0.0.0/24", "--disable-admission-plugins=ServiceAccount", // nobody makes the default account
		"--allow-privileged=true", // as every cluster has it: a privileged pod is for policies to refuse
	}
}

func accountKey(t testing.TB) []byte {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

func write(t testing.TB, path string, data []byte) {
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// launch starts a program that goes with the test; gone gets its end, with what it said at
// last. The channel is closed once it has ended.
func launch(ctx context.Context, t testing.TB, gone chan<- error, program string, args ...string) <-chan struct{} {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		err := cmd.Wait()
		gone <- fmt.Errorf("%s ended: %w\n%s", filepath.Base(program), err, tail(said.Bytes(), 4000))
		close(ended)
	}()
	return ended
}

func tail(b []byte, most int) []byte { return b[max(0, len(b)-most):] }

// freePorts finds ports that nobody listens on just now.
func freePorts(t testing.TB, n int) []int {
	var out []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		out = append(out, l.Addr().(*net.TCPAddr).Port)
	}
	return out
}

// await asks until the server is ready. Only its end, or the test's, ends the waiting.
func (s *Server) await(t testing.TB, gone <-chan error) {
	for {
		if code, _, err := s.Do("GET", "/readyz", nil); err == nil && code == http.StatusOK {
			return
		}
		select {
		case err := <-gone:
			t.Fatal(err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Do asks the API; a body is YAML. The warnings of the answer stand before its text.
func (s *Server) Do(method, path string, body []byte) (int, string, error) {
	return s.ask(method, path, "application/yaml", body)
}

// patch changes an object as kubectl does.
func (s *Server) patch(path, body string) (int, string, error) {
	json, err := yaml.YAMLToJSON([]byte(body))
	if err != nil {
		return 0, "", err
	}
	return s.ask("PATCH", path, "application/strategic-merge-patch+json", json)
}

func (s *Server) ask(method, path, kind string, body []byte) (int, string, error) {
	req, err := http.NewRequest(method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", kind)
	res, err := s.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	for _, w := range res.Header.Values("Warning") {
		text = append([]byte("warning: "+w+"\n"), text...)
	}
	return res.StatusCode, string(text), err
}
