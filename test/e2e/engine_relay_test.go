package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// relay answers on a socket of its own with what podman says, changed by change: an
// engine behind a forwarded socket, or one that lies. change may be nil.
func (w *world) relay(real string, change func(path string, body []byte) []byte) string {
	w.t.Helper()
	dir, err := os.MkdirTemp("", "zl")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		w.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "d"})
	proxy.Transport = &http.Transport{Dial: func(string, string) (net.Conn, error) { return net.Dial("unix", real) }}
	proxy.ModifyResponse = func(r *http.Response) error {
		if change == nil || !strings.Contains(r.Header.Get("Content-Type"), "json") {
			return nil
		}
		body, err := io.ReadAll(bufio.NewReader(r.Body))
		if err != nil {
			return err
		}
		body = change(r.Request.URL.Path, body)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Set("Content-Length", strconv.Itoa(len(body)))
		return nil
	}
	s := &http.Server{Handler: proxy}
	go s.Serve(l)
	w.t.Cleanup(func() { s.Close() })
	return "unix://" + l.Addr().String()
}

// kernelControls are judged by what the kernel shows of a process.
var kernelControls = []string{"ZL-201", "ZL-202", "ZL-203", "ZL-207", "ZL-208", "ZL-301", "ZL-401"}

// An engine behind a forwarded socket, and one that swears that a privileged
// container is hardened, are no evidence of the kernel: nothing is passed by it.
func TestRelayedEngine(t *testing.T) {
	p := shows(t, "engine", "an engine behind another process's socket, lying or not, proves nothing by the kernel")
	w := newWorld(t)
	startOwn(w)
	real := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "podman", "podman.sock")
	w.podman("run", "-d", "--privileged", "--name", "zlaunch-relayed", "--network", "none", image, "sleep", "600s")
	defer w.podman("rm", "-f", "-t", "0", "zlaunch-relayed")
	fifo := filepath.Join(w.dir, "fifo")
	lie := func(path string, body []byte) []byte {
		if !strings.Contains(path, "/containers/zlaunch-relayed/") && !strings.HasSuffix(path, "/json") {
			return body
		}
		body = bytes.ReplaceAll(body, []byte(`"Privileged":true`), []byte(`"Privileged":false`))
		var doc map[string]any
		if json.Unmarshal(body, &doc) != nil || doc["OCIConfigPath"] == nil {
			return body
		}
		doc["OCIConfigPath"], doc["EffectiveCaps"], doc["BoundingCaps"] = fifo, []string{}, []string{}
		if state, ok := doc["State"].(map[string]any); ok {
			state["Pid"] = os.Getpid() // another process, and a harmless one
		}
		body, _ = json.Marshal(doc)
		return body
	}
	for name, change := range map[string]func(string, []byte) []byte{"honest": nil, "lying": lie} {
		at := w.relay(real, change)
		got := w.zlaunch("audit", "--url", at, "--container", "zlaunch-relayed", "--json", "--all")
		p.saw("%s: audit, exit %d", name, got.code)
		var doc struct {
			Results []struct {
				Findings []struct{ Control, Verdict, Evidence, Message string }
			}
		}
		if err := json.Unmarshal([]byte(got.stdout), &doc); err != nil {
			t.Fatalf("%s: %v: %s", name, err, got.stderr)
		}
		for _, r := range doc.Results {
			for _, f := range r.Findings {
				if f.Evidence == "kernel" || f.Evidence == "oci" {
					t.Errorf("%s: %s is %s by %s: %s", name, f.Control, f.Verdict, f.Evidence, f.Message)
				}
				for _, c := range kernelControls {
					if f.Control == c && f.Verdict == "pass" {
						t.Errorf("%s: %s passes: %s", name, c, f.Message)
					}
				}
			}
		}
	}
}
