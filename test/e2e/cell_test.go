package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// cellImage is the test image with what a hardened run must make nothing of: a
// setuid program, a VOLUME, a health check that would fail.
const cellImage = "localhost/zlaunch-e2e-cell"

const cellProfile = `
[profile.cell]
extends = "base"
about = "a server that does what it is told"
kind = "server"
models = { at = "/models", layout = "any" }
output = { at = "/output" }
ports = { http = 8000, metrics = 8002 }
publish = ["http"]
ready = { port = "http", path = "/", within = "60s" }
[profile.cell.container]
image = "localhost/zlaunch-e2e-cell:latest"
pull = "never"
args = ["obey", "8000", "8002"]
memory = "1g"
memory_swap = "1g"
pids_limit = 512
cpus = 0.5
shm_size = "32m"
`

// leaks are variables of the caller's that no workload is given.
var leaks = []string{"http_proxy=http://user:hunter2@192.0.2.9:3128", "ZLAUNCH_E2E_LEAK=hunter2"}

// cell is one running server of the tests that many rows look at, from outside
// through the kernel's files and from inside by what it is told to do.
type cell struct {
	w       *world
	name    string
	url     string
	pid     string
	said    string // what zlaunch said while it launched
	model   string
	output  string
	control map[string]answer // what the same image answers under podman run
}

// answer is what an action of the workload said, and its exit code.
type answer struct {
	text string
	code int
}

// cellWorld is a world with the profile and the image of the cell.
func cellWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.namesAnew()
	w.write("zlaunch/profiles.toml", profiles+cellProfile)
	w.env = append(w.env, leaks...)
	root := filepath.Join(t.TempDir(), "root")
	script := `cp -a "$1" "$2" && cp "$2/workload" "$2/setuid" && chmod 4755 "$2/setuid" && chmod 1777 "$2/tmp" "$2/var/tmp" &&
		tar -C "$2" --numeric-owner --owner=0 --group=0 -cf "$2.tar" . &&
		podman import -q -c "USER ibm-user" -c "VOLUME /canary" -c 'ENTRYPOINT ["/workload"]' "$2.tar" "$3-base" &&
		printf 'FROM %s-base\nHEALTHCHECK CMD ["/workload", "exit", "1"]\n' "$3" >"$2.file" &&
		podman build -q --format docker --pull=never -t "$3" -f "$2.file" "${2%/root}"`
	if got := w.do(w.command("sh", "-c", script, "sh", filepath.Join(lab.home, "root-1000"), root, cellImage)); got.code != 0 {
		t.Fatalf("building %s: %s", cellImage, got.stderr)
	}
	t.Cleanup(func() { w.podman("rmi", "-f", cellImage, cellImage+"-base") })
	return w
}

// namesAnew ends the DNS server of this user's networks while there is no
// container. Where Podman's service was killed as it set a network up, as other
// tests do, the server keeps an entry for ever, outlives its network namespace and
// is not started again in the next one.
func (w *world) namesAnew() {
	w.t.Helper()
	dir := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "containers/networks/aardvark-dns")
	text, err := os.ReadFile(filepath.Join(dir, "aardvark.pid"))
	if err != nil || strings.TrimSpace(w.podman("ps", "-aq").stdout) != "" {
		return
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err == nil && strings.HasPrefix(string(comm), "aardvark") {
		w.t.Logf("ending the DNS server %d of an earlier network namespace", pid)
		syscall.Kill(pid, syscall.SIGTERM)
	}
	os.RemoveAll(dir)
}

// home makes a directory in the home directory, where labels are user_home_t.
func (w *world) home(name string) string {
	w.t.Helper()
	dir, err := os.MkdirTemp(os.Getenv("HOME"), "zlaunch-e2e-"+name+"-")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { w.podman("unshare", "rm", "-rf", dir) })
	return dir
}

// launchCell runs a cell until the test's end.
func launchCell(w *world, name, model string, args ...string) *cell {
	w.t.Helper()
	c := &cell{w: w, name: name, model: model}
	w.t.Cleanup(func() { w.zlaunch("stop", name) })
	line := append([]string{"-d", "cell", "--name", name, "--models", model}, args...)
	got := w.zlaunch(run(line...)...)
	if got.code != 0 {
		w.t.Fatalf("zlaunch run %q: %s", line, got.stderr)
	}
	c.url, c.said = strings.TrimSpace(got.stdout), got.stderr
	c.pid = strings.TrimSpace(w.podman("inspect", "--format", "{{.State.Pid}}", name).stdout)
	return c
}

// row is one subtest, and one line of the table.
func (c *cell) row(area, what string, check func(p *proof)) {
	c.w.t.Run(what, func(t *testing.T) { check(shows(t, area, what)) })
}

// do has the cell do an action of the workload's.
func (c *cell) do(p *proof, words ...string) answer {
	p.t.Helper()
	resp, err := http.Get(c.url + "/do?" + url.Values{"a": words}.Encode())
	if err != nil {
		p.t.Fatalf("asking %s to %q: %v", c.name, words, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	code, _ := strconv.Atoi(resp.Header.Get("Code"))
	return answer{strings.TrimSpace(string(body)), code}
}

// denied wants an action to fail with one of the kernel's errors, and shows it.
func (c *cell) denied(p *proof, errnos []string, words ...string) {
	p.t.Helper()
	got := c.do(p, words...)
	p.saw("%s: %s", strings.Join(words, " "), got.text)
	if got.code == 0 || !slices.ContainsFunc(errnos, func(e string) bool { return strings.Contains(got.text, "("+e+")") }) {
		p.t.Errorf("%q ended with %d: %s, want %s", words, got.code, got.text, errnos)
	}
}

// proc reads a file of the kernel's about the cell's first process.
func (c *cell) proc(p *proof, file string) string {
	p.t.Helper()
	data, err := os.ReadFile("/proc/" + c.pid + "/" + file)
	if err != nil {
		p.t.Fatal(err)
	}
	return strings.TrimRight(string(data), "\x00\n")
}

// under answers what the image says under podman run: the positive control.
func (c *cell) under(p *proof, action string) answer {
	p.t.Helper()
	got, ok := c.control[action]
	if !ok {
		p.t.Fatalf("the control run did not do %q", action)
	}
	return got
}

// each runs actions in one container under podman run and tells their answers.
func (w *world) each(options []string, actions ...string) map[string]answer {
	w.t.Helper()
	line := append([]string{"run", "--rm", "--network", "none", "--pull", "never"}, options...)
	got := w.podman(append(append(line, cellImage, "each"), actions...)...)
	out := answers(got.stdout)
	if len(out) != len(actions) {
		w.t.Fatalf("the control run ended with %d: %s%s", got.code, got.stdout, got.stderr)
	}
	return out
}

// answers reads what the workload's each prints.
func answers(text string) map[string]answer {
	out := map[string]answer{}
	action, said := "", []string(nil)
	for _, l := range strings.Split(text, "\n") {
		code, ends := strings.CutPrefix(l, "== code ")
		name, begins := strings.CutPrefix(l, "== ")
		switch {
		case ends:
			n, _ := strconv.Atoi(code)
			out[action] = answer{strings.TrimSpace(strings.Join(said, "\n")), n}
		case begins:
			action, said = name, nil
		default:
			said = append(said, l)
		}
	}
	return out
}

// line is the first line of a text that begins with a word.
func line(text, word string) string {
	first, _, _ := strings.Cut(grep(text, word), "\n")
	return first
}
