package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// builtHere makes the image of test/images where this source tree is and nobody built it;
// where its packages cannot be had the test is skipped, as where a kit lacks it.
func builtHere(t *testing.T, p *proof, name string) {
	t.Helper()
	need(t)
	if exec.Command("podman", "image", "exists", "localhost/zlaunch-"+name).Run() == nil {
		return
	}
	if build := filepath.Join("..", "images", "build"); kit == "" {
		if out, err := exec.Command(build, name).CombinedOutput(); err != nil {
			p.lacks("building the image %s of Debian packages: %v: %.500s", name, err, out)
		}
	}
	needImage(t, name)
}

// Three servers as their packages have them, each another user that writes elsewhere: a
// profile is drafted of the image, tried, patched with what the trial proposes, and runs
// read-only.
func TestAuthoring(t *testing.T) {
	for _, tt := range []struct {
		image, user string
		port        uint16
		tmpfs       []string // that the trial must find
		answers     func(t *testing.T, url string) string
	}{
		{"stock-nginx", "33:33", 8080, []string{"/var/lib/nginx", "/var/log/nginx"}, func(t *testing.T, url string) string {
			return replies(t, url, "GET / HTTP/1.0\r\n\r\n", "Welcome to nginx")
		}},
		{"jupyter", "1000:1000", 8888, []string{"/home/ibm-user"}, func(t *testing.T, url string) string {
			return replies(t, url, "GET /api HTTP/1.0\r\n\r\n", `"version"`)
		}},
		{"redis", "101:102", 6379, []string{"/var/log/redis"}, func(t *testing.T, url string) string {
			return replies(t, url, "SET k v\r\nSAVE\r\nGET k\r\nQUIT\r\n", "+OK\r\n+OK\r\n$1\r\nv")
		}},
	} {
		t.Run(tt.image, func(t *testing.T) {
			p := shows(t, "authoring", tt.image+": new, trial and its patch make a profile that runs read-only and answers")
			builtHere(t, p, tt.image)
			w := newWorld(t)
			before := w.settled()
			name := "try-" + tt.image
			file := w.write("zlaunch/profiles.d/README", "")
			file = filepath.Join(filepath.Dir(file), name+".toml")
			w.dir = filepath.Dir(file)
			if got := w.zlaunch("new", name, "--image", "localhost/zlaunch-"+tt.image+":latest", "-o", name+".toml"); got.code != 0 {
				t.Fatalf("new: %s", got.stderr)
			}
			if got := w.zlaunch("validate", name+".toml"); got.code != 0 {
				t.Fatalf("validate: %s%s", got.stdout, got.stderr)
			}
			if got := w.zlaunch("audit", name); got.code != 0 {
				t.Fatalf("audit: %s%s", got.stdout, got.stderr)
			}
			trial := w.zlaunch("trial", "--waive", "ZL-104=a test host", "--for", patience(5*time.Second).String(), name)
			if trial.code != 1 {
				t.Fatalf("trial ended with %d: %s", trial.code, trial.stderr)
			}
			p.saw("%s", trial.stderr[strings.LastIndex(trial.stderr, "\n"+name+": ")+1:])
			p.saw("%s", trial.stdout)
			w.unchanged(before)
			patch := w.command("patch", "-p0")
			patch.Stdin = strings.NewReader(trial.stdout)
			if got := w.do(patch); got.code != 0 {
				t.Fatalf("patch: %s%s\n%s", got.stdout, got.stderr, trial.stdout)
			}
			patched, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range append(tt.tmpfs, tt.user) {
				if !strings.Contains(string(patched), `"`+want+`"`) {
					t.Errorf("no %s in\n%s", want, patched)
				}
			}
			s := &server{w: w, name: "zlaunch-" + name, before: before}
			t.Cleanup(func() { w.podman("rm", "-f", "-t", "0", s.name) })
			got := w.zlaunch(append(run("-d", "-p", fmt.Sprintf("%d:%d", freePort(t), tt.port)), name)...)
			if got.code != 0 {
				t.Fatalf("run: %s", got.stderr)
			}
			p.saw("%s; %s", tt.answers(t, strings.TrimSpace(got.stdout)), grep(got.stderr, "proved"))
			s.inspected(t)
		})
	}
}

// replies sends a request to a server that may still be starting, and wants a text in its
// answer.
func replies(t *testing.T, url, request, want string) string {
	t.Helper()
	_, address, _ := strings.Cut(url, "://")
	last := ""
	for until := time.Now().Add(patience(30 * time.Second)); time.Now().Before(until); time.Sleep(200 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			last = err.Error()
			continue
		}
		_ = conn.SetDeadline(time.Now().Add(patience(5 * time.Second)))
		_, _ = io.WriteString(conn, request)
		text, _ := io.ReadAll(io.LimitReader(conn, 64<<10))
		conn.Close()
		if last = string(text); strings.Contains(last, want) {
			return fmt.Sprintf("%s answers %q", url, want)
		}
	}
	t.Fatalf("%s answers %.300q, and not %q", url, last, want)
	return ""
}

// litter writes 100,000 files with names that act on a terminal, listens on a thousand
// ports, and says what would be a proposal if it were believed.
const litter = `
import os, socket, time
print("\x1b]0;owned\x07\x1b[2J open /etc/x\"]\\n[profile.base]: Permission denied", flush=True)
keep = []
for port in range(20000, 21000):
    s = socket.socket(); s.bind(("0.0.0.0", port)); s.listen(1); keep.append(s)
for d in range(1000):
    os.mkdir("/home/ibm-user/d%d" % d)
    for f in range(100):
        os.close(os.open("/home/ibm-user/d%d/\x1b[31m\n%d" % (d, f), os.O_CREAT))
print("littered", flush=True)
time.sleep(600)
`

// What a hostile workload does in a trial is told in bounds, and nothing of it acts.
func TestTrialHostile(t *testing.T) {
	p := shows(t, "authoring", "a workload that writes 100,000 files and listens on 1,000 ports is told of in bounds, escaped, and gone")
	builtHere(t, p, "jupyter")
	w := newWorld(t)
	script := "import base64; exec(base64.b64decode('" + base64.StdEncoding.EncodeToString([]byte(litter)) + "'))"
	w.write("zlaunch/profiles.d/litter.toml", "schema = 1\n[profile.litter]\nextends = \"base\"\nabout = \"litters\"\nkind = \"job\"\n[profile.litter.container]\n"+
		"image = \"localhost/zlaunch-jupyter:latest\"\npull = \"never\"\nentrypoint = [\"/usr/bin/python3\", \"-c\", \""+script+"\"]\n")
	before := w.settled()
	begun := time.Now()
	got := w.zlaunch("trial", "--waive", "ZL-104=a test host", "--for", patience(40*time.Second).String(), "--json", "litter")
	var doc struct {
		Wrote     []struct{ Dir string }
		Listens   []string
		Proposals []struct{ Setting string }
		Advice    []string
	}
	if err := json.Unmarshal([]byte(got.stdout), &doc); err != nil || got.code != 1 {
		t.Fatalf("trial ended with %d (%v): %s%.2000s", got.code, err, got.stderr, got.stdout)
	}
	if len(got.stdout) > 64<<10 || strings.ContainsAny(got.stdout+got.stderr, "\x1b\x07") || len(doc.Listens) > 64 || len(doc.Proposals) > 20 {
		t.Errorf("%d bytes, %d listeners, %d proposals:\n%.3000s", len(got.stdout), len(doc.Listens), len(doc.Proposals), got.stdout)
	}
	if !slices.ContainsFunc(doc.Proposals, func(q struct{ Setting string }) bool {
		return q.Setting == "tmpfs[/home/ibm-user]" || q.Setting == "ports"
	}) {
		t.Errorf("proposed: %v, told: %v", doc.Proposals, doc.Advice)
	}
	p.saw("%d bytes of JSON after %.0f s: %d places, %d listeners, %d proposals; %s", len(got.stdout), time.Since(begun).Seconds(), len(doc.Wrote), len(doc.Listens), len(doc.Proposals), strings.Join(doc.Advice, "; "))
	w.unchanged(before)
}
