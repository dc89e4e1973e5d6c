package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// listed is one profile of zlaunch list --json.
type listed struct {
	Name, Kind, Layer string
	Available         bool
	Archs             []string
}

// shown is what zlaunch show --json tells of a profile's ports.
type shown struct {
	Ports []struct {
		Name      string
		Port      uint16
		Published bool
	}
	Output string // where results go; "" nowhere
	Models *struct{ At string }
}

// Every built-in profile that has an image for this machine is launched under its
// own plan, on its own ports, with nothing but the image swapped for one that
// refuses what the real server could not work with.
func TestBuiltin(t *testing.T) {
	w := newWorld(t)
	before := w.settled()
	t.Cleanup(w.removeStandins)
	var list struct{ Profiles []listed }
	w.decode(&list, "list", "--json")
	launched := 0
	for _, l := range list.Profiles {
		if l.Layer != "built-in" {
			continue
		}
		t.Run(l.Name, func(t *testing.T) {
			p := shows(t, "built-in profiles", l.Name+" launches under its own plan, serves, and passes the audit")
			if !l.Available {
				p.lacks("it has images for %s only", strings.Join(l.Archs, " "))
			}
			if l.Name == "haproxy" {
				p.lacks("it runs in front of a server alone, with the files of a gateway: TestGateway runs it so")
			}
			if l.Name == "trivy" || l.Name == "grype" {
				p.lacks("it runs on an image and a database alone: TestScanReal has the real one do it, and TestScanCIPage one that plays trivy")
			}
			launched++
			inner := *w
			inner.t = t
			b := &builtin{world: &inner, p: p, name: l.Name, kind: l.Kind}
			b.prepare()
			if l.Kind == "job" || l.Kind == "shell" {
				b.works()
			} else {
				b.serves()
			}
		})
	}
	p := shows(t, "built-in profiles", "stopping them leaves nothing behind")
	w.unchanged(before)
	p.saw("%d profiles launched and stopped; before and after: %q", launched, before)
}

func (w *world) decode(into any, args ...string) {
	w.t.Helper()
	got := w.zlaunch(args...)
	if err := json.Unmarshal([]byte(got.stdout), into); err != nil {
		w.t.Fatalf("zlaunch %q ended with %d: %v\n%s", args, got.code, err, got.stderr)
	}
}

// builtin is one built-in profile under test.
type builtin struct {
	*world
	p          *proof
	name, kind string
	shown      shown
	models     string
	output     string
	args       []string  // behind --
	plan       []setting // with its own image, see planOwn
}

// prepare builds the image, the models and the place for results.
func (b *builtin) prepare() {
	b.t.Helper()
	s, ok := standinOf(b.name)
	if !ok {
		b.t.Fatalf("there is no stand-in for %s", b.name)
	}
	s.build(b.t, b.name)
	b.decode(&b.shown, "show", "--json", b.name)
	b.models = modelOf(b.t, b.name, filepath.Join(b.t.TempDir(), "models"))
	if b.shown.Output != "" {
		b.output = b.t.TempDir()
	}
}

// options are what the user gives beside the image: the data.
func (b *builtin) options() []string {
	out := []string{"--models", b.models, "--waive", "ZL-104=a test host"}
	if b.output != "" {
		out = append(out, "--output", b.output)
	}
	return out
}

// line is a command of zlaunch about the profile.
func (b *builtin) line(words ...string) []string {
	out := append(append(words, b.options()...), b.name)
	if len(b.args) > 0 {
		out = append(append(out, "--"), b.args...)
	}
	return out
}

// swap is the override, of the image alone.
func (b *builtin) swap() []string {
	return []string{"--image", standinImage(b.name), "--pull", "never"}
}

func (b *builtin) container() string { return "zlaunch-" + b.name }

// serves launches a server, detached, and looks at it from outside.
func (b *builtin) serves() {
	b.t.Helper()
	b.planOwn("-d")
	got := b.zlaunch(b.line(append([]string{"run", "-d"}, b.swap()...)...)...)
	b.t.Cleanup(func() { b.zlaunch("stop", b.container()) })
	if got.code != 0 {
		b.t.Fatalf("run ended with %d: %s", got.code, got.stderr)
	}
	url := strings.TrimSpace(got.stdout)
	if want := b.url(); url != want {
		b.t.Errorf("it printed %q, not %q", url, want)
	}
	b.samePlan(b.record(b.state() + "/zlaunch/launches/*.json"))
	b.answers(url)
	b.ports()
	b.examine()
	if got := b.zlaunch("stop", b.container()); got.code != 0 {
		b.t.Errorf("stop: %s", got.stderr)
	}
}

// state is this world's XDG_STATE_HOME.
func (b *builtin) state() string {
	for _, pair := range slices.Backward(b.env) {
		if dir, ok := strings.CutPrefix(pair, "XDG_STATE_HOME="); ok {
			return dir
		}
	}
	return ""
}

// record reads the launch record of this profile among the files that match.
func (b *builtin) record(pattern string) launchRecord {
	b.t.Helper()
	var files []string
	for end := time.Now().Add(patience(10 * time.Second)); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		files, _ = filepath.Glob(pattern)
		for _, name := range files { // of an attached run, written once the workload runs
			data, err := os.ReadFile(name)
			var r launchRecord
			if err == nil && json.Unmarshal(data, &r) == nil && r.Profile == b.name {
				return r
			}
		}
	}
	b.t.Fatalf("no launch record of %s among %q", b.name, files)
	return launchRecord{}
}

// url is where the profile's first HTTP port answers.
func (b *builtin) url() string {
	for _, port := range b.shown.Ports {
		if port.Published && port.Name != "grpc" {
			return fmt.Sprintf("http://127.0.0.1:%d", port.Port)
		}
	}
	return ""
}

// ports asks each port of the profile on the host: the published ones take a
// connection, the others do not, though the server listens inside.
func (b *builtin) ports() {
	b.t.Helper()
	inside := b.listens()
	for _, port := range b.shown.Ports {
		conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port.Port), 2*time.Second)
		if err == nil {
			conn.Close()
		}
		if !slices.Contains(inside, port.Port) {
			b.t.Errorf("nothing listens on %d in the container: %v", port.Port, inside)
		}
		switch {
		case port.Published && err != nil:
			b.t.Errorf("port %s: %v", port.Name, err)
		case !port.Published && err == nil:
			b.t.Errorf("port %s (%d) is not published, and answers", port.Name, port.Port)
		case !port.Published:
			b.p.saw("%s: the server listens on %d, and on the host %v", port.Name, port.Port, err)
		}
	}
}

// listens reads the ports that something listens on in the container's network.
func (b *builtin) listens() []uint16 {
	var out []uint16
	pid := b.pid()
	for _, name := range []string{"tcp", "tcp6"} {
		data, _ := os.ReadFile("/proc/" + pid + "/net/" + name)
		for line := range strings.Lines(string(data)) {
			f := strings.Fields(line)
			if len(f) < 4 || f[3] != "0A" { // TCP_LISTEN
				continue
			}
			_, hex, _ := strings.Cut(f[1], ":")
			if n, err := strconv.ParseUint(hex, 16, 16); err == nil {
				out = append(out, uint16(n))
			}
		}
	}
	return out
}

// fetch asks a URL and returns status, head and body.
func (b *builtin) fetch(method, url, body string) (int, http.Header, string) {
	b.t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := (&http.Client{Timeout: patience(5 * time.Second)}).Do(req)
	if err != nil {
		b.t.Errorf("%s %s: %v", method, url, err)
		return 0, nil, ""
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		b.t.Errorf("%s %s: %v", method, url, err)
	}
	return resp.StatusCode, resp.Header, strings.TrimSpace(string(data))
}
