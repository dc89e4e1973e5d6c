package haproxy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/haproxy"
	"github.com/zlaunch/zlaunch/launcher/internal/proxytest"
)

// each runs a test with every HAProxy there is, beside other tests.
func each(t *testing.T, test func(t *testing.T, program string)) {
	t.Parallel()
	all := proxytest.Programs()
	if len(all) == 0 {
		t.Skip("there is no haproxy here (test/setup installs it); TestGolden holds what it would be given")
	}
	for _, p := range all {
		t.Run(version(t, p), func(t *testing.T) { test(t, p) })
	}
}

func version(t testing.TB, program string) string {
	t.Helper()
	out, err := exec.Command(program, "-v").Output()
	words := strings.Fields(string(out))
	if err != nil || len(words) < 3 {
		t.Fatalf("%s -v: %v\n%s", program, err, out)
	}
	number, _, _ := strings.Cut(words[2], "-") // 2.6.12-1+deb12u4
	return number
}

// proxy is a running one.
type proxy struct {
	t       testing.TB
	cmd     *exec.Cmd
	layout  haproxy.Layout
	file    string
	pki     *pki
	end     chan struct{} // closed when it has ended
	mu      sync.Mutex
	printed bytes.Buffer
}

// start runs an HAProxy before the gateway's backends until the test ends. The files that it
// names are there: certificates, keys, and the given tokens.
func start(t testing.TB, program string, g *gateway.Gateway, tokens ...string) *proxy {
	t.Helper()
	p := &proxy{t: t, pki: newPKI(t), end: make(chan struct{})}
	p.layout = haproxy.Layout{Dir: t.TempDir(), Address: "127.0.0.1", Port: proxytest.Port(t), Metrics: proxytest.Port(t), Health: proxytest.Port(t)}
	p.pki.write(p.layout.Dir, g)
	p.put(gateway.TokensFile, strings.Join(tokens, ""))
	p.configure(g)
	args := []string{"-db", "-f", p.file}
	p.cmd = exec.Command(program, append(args, "-W")...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.cmd.Wait(); close(p.end) }()
	t.Cleanup(func() {
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.end
		if t.Failed() {
			t.Logf("the proxy printed:\n%s", p.text())
		}
	})
	p.healthy()
	for p.loaded() == 0 { // the master says so a little later
		time.Sleep(5 * time.Millisecond)
	}
	return p
}

// configure writes what a gateway is.
func (p *proxy) configure(g *gateway.Gateway) {
	p.t.Helper()
	text, err := p.layout.Config(g)
	if err != nil {
		p.t.Fatal(err)
	}
	p.file = p.put(gateway.ConfigFile, string(text))
}

func (p *proxy) put(name, text string) string {
	p.t.Helper()
	file := filepath.Join(p.layout.Dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return file
}

// healthy waits until the proxy says that it is up.
func (p *proxy) healthy() {
	p.t.Helper()
	for {
		answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", p.layout.Health, gateway.HealthPath))
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == 200 {
				return
			}
		}
		select {
		case <-p.end:
			p.t.Fatal("the proxy ended")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Write takes what the proxy prints.
func (p *proxy) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.printed.Write(b)
}

func (p *proxy) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.printed.String()
}

// logged waits for a line of the log that the test is looking for.
func (p *proxy) logged(is func(map[string]any) bool) map[string]any {
	p.t.Helper()
	for range 3000 { // a minute: who writes may have to wait for a processor
		for line := range strings.Lines(p.text()) {
			var entry map[string]any
			if json.Unmarshal([]byte(line), &entry) == nil && is(entry) {
				return entry
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	p.t.Fatal("no such line in the log")
	return nil
}

func (p *proxy) at() string { return fmt.Sprintf("127.0.0.1:%d", p.layout.Port) }

// TestAccepted has each HAProxy check every golden configuration.
func TestAccepted(t *testing.T) {
	each(t, func(t *testing.T, program string) {
		for name, g := range gateways() {
			l := haproxy.Inside()
			l.Dir = t.TempDir()
			newPKI(t).write(l.Dir, g)
			text, err := l.Config(g)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(l.Dir, gateway.ConfigFile)
			os.WriteFile(filepath.Join(l.Dir, gateway.TokensFile), nil, 0o600)
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(context.Background(), program, "-c", "-f", file).CombinedOutput()
			if err != nil && !strings.Contains(string(out), "JWTs need HAProxy") { // what TestJWT is about
				t.Errorf("%s: %v\n%s", name, err, out)
			}
			for line := range strings.Lines(string(out)) {
				if strings.Contains(line, "[WARNING]") && !strings.Contains(line, "could not resolve address") {
					t.Errorf("%s: %s", name, line)
				}
			}
		}
	})
}
