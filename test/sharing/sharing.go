// Package sharing gives tests what two teams share by: a key, and a registry.
package sharing

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// WriteKey makes a private SSH key in a file, which only its owner can read.
func WriteKey(t testing.TB, path string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
}

// DockerRegistry runs Debian's docker-registry, which knows no referrers, on loopback until
// the test ends, and gives its HOST:PORT. more are further lines of its settings, in YAML.
// The error is that there is no such program: test/setup installs it.
func DockerRegistry(t testing.TB, more string) (address string, err error) {
	t.Helper()
	exe, err := exec.LookPath("docker-registry")
	if err != nil {
		return "", err
	}
	address = freeAddress(t)
	dir := t.TempDir()
	conf := filepath.Join(dir, "config.yml")
	text := fmt.Sprintf("version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %q}}\nhttp: {addr: %q}\n%s", dir+"/data", address, more)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "serve", conf)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait(); close(ended) }()
	t.Cleanup(func() { cmd.Process.Kill(); <-ended })
	untilItAnswers(t, address, ended)
	return address, nil
}

func freeAddress(t testing.TB) string {
	t.Helper()
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	return port.Addr().String()
}

func untilItAnswers(t testing.TB, address string, ended <-chan error) {
	t.Helper()
	for {
		if resp, err := http.Get("http://" + address + "/v2/"); err == nil {
			resp.Body.Close()
			return
		}
		select {
		case err := <-ended:
			t.Fatalf("docker-registry ended: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
