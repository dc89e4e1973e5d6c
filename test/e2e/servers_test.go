package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// server is one real server, launched from its profile of test/profiles.
type server struct {
	w         *world
	name, url string   // of the container; of its http port
	mounts    []string // where the host's files are, each read-only
	before    []string
}

// launchServer runs the profile zl-NAME until it is ready.
func launchServer(t *testing.T, name string, args ...string) *server {
	t.Helper()
	p := shows(t, "servers", name+": a read-only, unprivileged run from its profile comes to answer its health endpoint")
	needImage(t, name)
	w := newWorld(t)
	text, err := os.ReadFile(testProfile(name + ".toml"))
	if err != nil {
		t.Fatal(err)
	}
	w.write("zlaunch/profiles.d/"+name+".toml", string(text))
	s := &server{w: w, name: "zlaunch-zl-" + name, before: w.settled()}
	line := append(run("-d", "-p", fmt.Sprint(freePort(t), ":http")), args...)
	t.Cleanup(func() { w.podman("rm", "-f", "-t", "0", s.name) })
	begun := time.Now()
	got := w.zlaunch(append(line, "zl-"+name)...)
	if got.code != 0 {
		t.Fatalf("run zl-%s: %s", name, got.stderr)
	}
	s.url = strings.TrimSpace(got.stdout)
	p.saw("%s ready after %.1f s; %s", s.url, time.Since(begun).Seconds(), grep(got.stderr, "proved"))
	return s
}

// ask sends a request and gives the status and the body of the answer. The
// header is a list of names and values.
func (s *server) ask(method, path string, body any, header ...string) (int, []byte) {
	s.w.t.Helper()
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			s.w.t.Fatal(err)
		}
		sent = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, s.url+path, sent)
	if err != nil {
		s.w.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := http.Client{Timeout: patience(20 * time.Second)}
	resp, err := client.Do(req)
	if err != nil {
		s.w.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		s.w.t.Fatal(err)
	}
	return resp.StatusCode, text
}

// inspected looks at the running server and stops it: what every one must show.
func (s *server) inspected(t *testing.T) {
	t.Run("kernel", s.kernel)
	t.Run("audit", s.audited)
	t.Run("stop", s.stopped)
}

func (s *server) kernel(t *testing.T) {
	p := shows(t, "servers", s.name+": the kernel's record: no capability, no new privileges, a filter, an ordinary uid, a read-only root")
	pid := strings.TrimSpace(s.w.podman("inspect", "--format", "{{.State.Pid}}", s.name).stdout)
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		t.Fatal(err)
	}
	uid := os.Getuid()
	lines := grep(string(status), "CapBnd", "CapEff", "NoNewPrivs", "Seccomp:", "Uid")
	for _, want := range []string{"CapBnd:\t0000000000000000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2",
		fmt.Sprintf("Uid:\t%d\t%d\t%d\t%d", uid, uid, uid, uid)} {
		if !strings.Contains(lines, want) {
			t.Errorf("no %q in\n%s", want, lines)
		}
	}
	mounts, err := os.ReadFile("/proc/" + pid + "/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range append([]string{"/"}, s.mounts...) {
		options := mountOptions(string(mounts), at)
		if !strings.HasPrefix(options, "ro,") {
			t.Errorf("%s is mounted %q", at, options)
		}
		p.saw("%s: %s", at, options)
	}
	if options := mountOptions(string(mounts), "/tmp"); !strings.HasPrefix(options, "rw,") || !strings.Contains(options, "noexec") {
		t.Errorf("/tmp is mounted %q", options)
	}
	p.saw("%s", lines)
	if _, err := os.Stat("/sys/fs/selinux/enforce"); err == nil {
		label, err := os.ReadFile("/proc/" + pid + "/attr/current")
		if err != nil || !strings.Contains(string(label), ":container_t:s0:c") {
			t.Errorf("the label is %q: %v", label, err)
		}
		p.saw("label %s", strings.Trim(string(label), "\x00\n"))
	}
}

func (s *server) audited(t *testing.T) {
	p := shows(t, "servers", s.name+": the audit of the running container has no finding of high or critical")
	var doc struct {
		Results []struct {
			Findings []struct{ Control, Verdict, Severity, Message string }
		}
	}
	got := s.w.zlaunch("audit", "--json", "--all", "--container", s.name)
	if err := json.Unmarshal([]byte(got.stdout), &doc); err != nil || got.code != 0 || len(doc.Results) != 1 {
		t.Fatalf("the audit ended with %d (%v): %s", got.code, err, got.stderr)
	}
	count := map[string]int{}
	for _, f := range doc.Results[0].Findings {
		count[f.Verdict]++
		if f.Verdict == "fail" && (f.Severity == "high" || f.Severity == "critical") {
			t.Errorf("%s %s: %s", f.Severity, f.Control, f.Message)
		}
	}
	if count["pass"] < 60 {
		t.Errorf("only %v passed", count)
	}
	p.saw("%d pass, %d fail below high", count["pass"], count["fail"])
}

func (s *server) stopped(t *testing.T) {
	p := shows(t, "servers", s.name+": stop leaves nothing behind")
	begun := time.Now()
	if got := s.w.zlaunch("stop", s.name); got.code != 0 {
		t.Fatalf("stop: %s", got.stderr)
	}
	p.saw("stopped in %.1f s", time.Since(begun).Seconds())
	s.w.unchanged(s.before)
	p.saw("the same %d containers, networks, volumes, files and processes as before", len(s.before))
}
