package e2e

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/haproxy"
)

// haproxyImageName is what haproxyImage makes.
const haproxyImageName = "localhost/zlaunch-e2e-haproxy:latest"

// haproxyImage makes an image of an HAProxy, as the official one is: user haproxy is 99:99 and
// SIGUSR1 its stop signal. It is the one that test/images/build made, where a kit has it; else
// this host's own program with the libraries that it is linked to, FROM scratch.
func haproxyImage(t *testing.T) string {
	t.Helper()
	if flags, _ := os.ReadFile("/proc/cpuinfo"); runtime.GOARCH == "amd64" && !bytes.Contains(flags, []byte(" cx16")) {
		t.Skip("this processor has no cmpxchg16b, without which Debian's haproxy ends by SIGILL: ZLAUNCH_LAB_CX16=1 test/lab/e2e amd64 --run Gateway has it")
	}
	if archive := filepath.Join(imagesDir(t), "haproxy.tar"); exists(archive) {
		out, err := exec.Command("sh", "-ec", `id=$(podman load -q -i "$1" | sed 's/^Loaded image: *//'); podman tag "$id" "$2"`, "sh", archive, haproxyImageName).CombinedOutput()
		if err != nil {
			t.Fatalf("loading %s: %v\n%s", archive, err, out)
		}
		return haproxyImageName
	}
	const program = "/usr/sbin/haproxy"
	if !exists(program) {
		t.Skip("there is no " + program + " here (test/setup installs it), and no image of test/images/build haproxy; launcher/gateway/haproxy tests the file alone")
	}
	root := filepath.Join(t.TempDir(), "root")
	if err := layHAProxy(root, program); err != nil {
		t.Fatal(err)
	}
	script := `tar -C "$1" --numeric-owner --owner=0 --group=0 -cf "$1.tar" .
podman import -q -c "USER haproxy" -c "ENV PATH=/usr/sbin" -c "STOPSIGNAL SIGUSR1" -c 'CMD ["haproxy","-W","-db","-f","/etc/zlaunch-gateway/haproxy.cfg"]' "$1.tar" "$2"`
	if out, err := exec.Command("sh", "-ec", script, "sh", root, haproxyImageName).CombinedOutput(); err != nil {
		t.Fatalf("importing HAProxy: %v\n%s", err, out)
	}
	return haproxyImageName
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// layHAProxy makes the root tree of an image with the program in it.
func layHAProxy(root, program string) error {
	files := map[string]string{"/etc/passwd": "root:x:0:0:root:/:/sbin/nologin\nhaproxy:x:99:99:haproxy:/:/sbin/nologin\n", "/etc/group": "root:x:0:\nhaproxy:x:99:\n"}
	for name, text := range files {
		if err := writeTree(filepath.Join(root, name), []byte(text)); err != nil {
			return err
		}
	}
	for _, dir := range []string{"tmp", "run", "var/tmp", "proc", "sys", "dev", "etc/zlaunch-gateway"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return err
		}
	}
	// Each library at the place where the loader looked for it, whatever links lead there.
	script := `cp --parents -L "$1" "$2"; ldd "$1" | grep -o '/[^ ]*' | sort -u | while read -r lib; do cp --parents -L "$lib" "$2"; done; chmod 1777 "$2/tmp" "$2/var/tmp"`
	if out, err := exec.Command("sh", "-ec", script, "sh", program, root).CombinedOutput(); err != nil {
		return fmt.Errorf("copying %s and its libraries: %w\n%s", program, err, out)
	}
	return nil
}

// gatewayFiles writes what a gateway before one server needs, with no token in it.
func gatewayFiles(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "gateway")
	g := &gateway.Gateway{Name: "e2e", Clients: gateway.Clients{Tokens: true}, Limits: gateway.DefaultLimits, Backends: []gateway.Backend{{
		Name: "http", Host: "nobody", Port: 8000, Protocol: gateway.HTTP, Rules: []gateway.Rule{{Scope: gateway.Inference, Method: "GET", Path: "/v2"}}}}}
	config, err := haproxy.Config(g)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{gateway.ConfigFile: config, gateway.TokensFile: nil, gateway.ServerFile: localhostPEM(t)} {
		if err := writeTree(filepath.Join(dir, name), text); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// localhostPEM is a certificate of localhost, which signed itself, and its key.
func localhostPEM(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})...)
}

// TestHAProxyImage runs HAProxy as its profile does, with all that is taken from it, and asks
// it for what it refuses; it reads its files again, and ends when it is told to.
func TestHAProxyImage(t *testing.T) {
	p := shows(t, "gateway-image", "HAProxy, read-only and without privileges as 99:99, refuses who it does not know, reloads and ends")
	w := newWorld(t)
	image, dir, port := haproxyImage(t), gatewayFiles(t), freePort(t)
	const name = "zlaunch-e2e-haproxy"
	started := w.podman("run", "-d", "--name", name, "--pull", "never", "--read-only", "--read-only-tmpfs=false", "--cap-drop", "all", "--security-opt", "no-new-privileges",
		"--user", "99:99", "--memory", "256m", "-p", fmt.Sprintf("127.0.0.1:%d:8443", port), "-v", dir+":/etc/zlaunch-gateway:ro,z", image, "haproxy", "-W", "-db", "-f", "/etc/zlaunch-gateway/haproxy.cfg")
	t.Cleanup(func() { exec.Command("podman", "rm", "-f", "-t", "0", name).Run() })
	if started.code != 0 {
		t.Fatal(started.stderr)
	}
	first := w.refusal(port)
	loads := func() int {
		logs := w.podman("logs", name)
		return strings.Count(logs.stdout+logs.stderr, "Loading success")
	}
	for i := 0; loads() < 2; i++ { // a signal that comes while the master starts itself anew is lost
		if i == 60 {
			t.Fatal("it does not reload")
		}
		w.podman("kill", "-s", "USR2", name)
		time.Sleep(time.Second)
	}
	again := w.refusal(port)
	begun := time.Now()
	w.podman("stop", "-t", "60", name)
	p.saw("%s; after a reload: %s; stopped in %s: %s", first, again, time.Since(begun).Round(100*time.Millisecond), "exit status "+strings.TrimSpace(w.podman("inspect", "-f", "{{.State.ExitCode}}", name).stdout))
}

// refusal asks the gateway at a port without a token, until it answers, and wants a 401.
func (w *world) refusal(port int) string {
	w.t.Helper()
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: "localhost"}}} // which certificate it is, is no matter here
	for range 300 {
		answer, err := client.Get(fmt.Sprintf("https://127.0.0.1:%d/v2", port))
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		if answer.StatusCode != 401 {
			w.t.Errorf("status %d: %s", answer.StatusCode, text)
		}
		return fmt.Sprintf("%d %s", answer.StatusCode, strings.TrimSpace(string(text)))
	}
	w.t.Fatal("the gateway does not answer")
	return ""
}
