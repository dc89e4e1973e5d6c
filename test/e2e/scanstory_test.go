package e2e

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// orders is the image of the story, of Debian packages, and what is derived of it.
const (
	orders       = "localhost/zlaunch-e2e-orders:1"
	ordersMended = "localhost/zlaunch-e2e-orders:1-mended."
)

// ordersServer answers which version is the newest, as setuptools orders them. What is none, since
// setuptools 66, is an error: a server that is given one at its start does not start.
const ordersServer = `import json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pkg_resources import parse_version

least = parse_version(sys.argv[2])

class Handler(BaseHTTPRequestHandler):
    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer("ready")
    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer({"newest": max(text.split(), key=parse_version)})

HTTPServer(("", int(sys.argv[1])), Handler).serve_forever()
`

const ordersFile = `FROM scratch
ADD root.tar /
COPY server.py /opt/serve/server.py
COPY sources.list /etc/apt/sources.list
COPY pip.conf /etc/pip.conf
ENV PATH=/usr/local/bin:/usr/bin:/bin
EXPOSE 8000/tcp
USER ibm-user
ENTRYPOINT ["/usr/bin/python3", "-I", "/opt/serve/server.py"]
CMD ["8000", "1.0"]
`

const ordersProfile = `schema = 1
[profile.orders]
extends = "base"
about   = "says which version is the newest"
kind    = "server"
owner   = "zlaunch tests"
ports   = { http = 8000 }
publish = ["http"]
ready   = { port = "http", path = "/", within = "5m" }
golden  = { path = "/newest", body = "1.9 1.10", type = "text/plain", compare = "json" }
[profile.orders.container]
image = "` + orders + `"
pull  = "never"
[profile.legacy]
extends = "orders"
about   = "the same, of versions as they were given once"
container.args = ["8000", "2004d"]
`

const ordersPolicy = `schema = 1
[scan]
required     = true
severity     = "high"
fixable_only = true
tools        = ["grype", "trivy"]
`

// ordersStory is a world with real scanners, and an image that they find much in.
type ordersStory struct {
	*mending
	p         *proof
	dir       string // what test/scanners/story made
	databases []string
	policy    string
}

// newOrdersStory is skipped where nobody built what it needs.
func newOrdersStory(t *testing.T) *ordersStory {
	dir := ""
	for _, s := range realScanners {
		dir = s.built(t)
	}
	made := filepath.Join(dir, "story")
	_, err := os.Stat(filepath.Join(made, "debsecan", "bookworm"))
	if _, missing := exec.LookPath("debsecan"); err != nil || missing != nil {
		t.Skipf("no story here: test/scanners/story makes it, and debsecan is a package of Debian; "+
			"TestDeriveStory and TestDerivePrisoner tell the same of a stand-in distribution (%v, %v)", err, missing)
	}
	t.Setenv("ZLAUNCH_E2E_SLOW", "1") // an image of 170 MB is written out, read and copied some twenty times
	st := &ordersStory{dir: made}
	st.p = shows(t, "derive", "the talk's story with real grype, trivy and debsecan on Debian packages, to an empty table")
	w := newWorld(t)
	l := w.scanners()
	st.mending = &mending{world: w, file: w.write("zlaunch/profiles.d/orders.toml", ordersProfile)}
	st.policy = w.write("scans.toml", ordersPolicy)
	for _, s := range realScanners {
		s.imported(l, dir)
		list := st.read("known")
		if s.name == "trivy" {
			list += st.read("known-debian")
		}
		st.databases = append(st.databases, "--db", s.name+"="+s.written(l, dir, list, time.Now().Add(-time.Hour)))
	}
	st.image()
	return st
}

func (st *ordersStory) read(name string) string {
	st.t.Helper()
	data, err := os.ReadFile(filepath.Join(st.dir, name))
	if err != nil {
		st.t.Fatal(err)
	}
	return string(data)
}

// image builds the image. Its archive and its index are on this host.
func (st *ordersStory) image() {
	st.t.Helper()
	site := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(st.dir, "web"))))
	st.t.Cleanup(site.Close)
	dir := st.t.TempDir()
	for name, text := range map[string]string{
		"Containerfile": ordersFile, "server.py": ordersServer,
		"sources.list": "deb [trusted=yes] " + site.URL + "/archive ./\n", "pip.conf": "[global]\nindex-url = " + site.URL + "/simple\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			st.t.Fatal(err)
		}
	}
	clean := func() {
		const ours = "reference=localhost/zlaunch-e2e-orders"
		names, _ := exec.Command("podman", "images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", ours).Output()
		for _, name := range strings.Fields(string(names)) {
			_ = exec.Command("podman", "rmi", "-f", name).Run()
		}
	}
	clean()
	st.t.Cleanup(clean)
	err := exec.Command("cp", filepath.Join(st.dir, "root.tar"), dir).Run()
	got := st.podman("build", "-q", "--isolation", "chroot", "--layers=false", "--pull=never", "-t", orders, dir)
	if err != nil || got.code != 0 {
		st.t.Fatalf("building the image: %v %s", err, got.stderr)
	}
}

// says does what a line of the transcript says, as a person would type it, and holds its status.
func (st *ordersStory) says(status int, words ...string) result {
	st.t.Helper()
	got := st.zlaunch(words...)
	st.p.saw("$ zlaunch %s\n%s%s[status %d]", strings.Join(words, " "), got.stdout, got.stderr, got.code)
	if got.code != status {
		st.t.Fatalf("%q ended with %d and not %d", words, got.code, status)
	}
	return got
}

// derives does what a line of zlaunch derive says, on the loopback's archives.
func (st *ordersStory) derives(status int, words ...string) result {
	st.t.Helper()
	words = append([]string{"derive"}, words...)
	words = append(words, "--build", "--network", "host", "--waive", waived)
	return st.says(status, append(words, st.databases...)...)
}

// debsecan has debsecan look at an image's list of packages, and imports what it says.
func (st *ordersStory) debsecan(image string) {
	st.t.Helper()
	status, out := filepath.Join(st.t.TempDir(), "status"), filepath.Join(st.dir, "debsecan")
	list := st.podman("run", "--rm", "--network", "none", "--entrypoint", "/bin/cat", image, "/var/lib/dpkg/status")
	if err := os.WriteFile(status, []byte(list.stdout), 0o600); err != nil || list.code != 0 {
		st.t.Fatalf("%v %s", err, list.stderr)
	}
	words := []string{"--suite", "bookworm", "--source", "file://" + out, "--status", status, "--format", "detail"}
	report, err := exec.Command("debsecan", words...).Output()
	if err = errors.Join(err, os.WriteFile(filepath.Join(st.world.dir, "debsecan.txt"), report, 0o600)); err != nil {
		st.t.Fatal(err)
	}
	st.p.saw("$ debsecan %s > debsecan.txt\n%d lines", strings.Join(words, " "), strings.Count(string(report), "\n"))
	today := time.Now().UTC().Format(time.DateOnly)
	st.says(0, "scan", "--import", "debsecan.txt", "--image", image, "--scanned", today, "--db-built", today)
}

// The talk's story (a good model in an image that does not ship): what scanners find, what of it can
// be mended, a mend that breaks the server and is refused, the upgrade of the distribution, then of
// the library, and an empty table; served again, as the same user, with the same answer.
func TestScanStoryReal(t *testing.T) {
	st := newOrdersStory(t)
	before := st.settled()
	scan := append([]string{"scan", "orders", "--scanner", "grype,trivy", "--waive", waived}, st.databases...)
	st.says(0, scan...)
	st.debsecan(orders)
	st.wants(st.says(0, "scan", "show", orders).stdout, "OS-PKGS    low       1", "LANG-PKGS  high      2")
	fixable := st.says(0, "scan", "show", orders, "--only-fixable").stdout
	st.wants(fixable, "OS-PKGS    high      24", "LANG-PKGS  medium    1")
	st.wants(st.says(0, "scan", "diff", orders, "--tool", "grype,trivy").stdout, "only trivy", "CVE-2005-2541")
	st.wants(st.says(0, "scan", "diff", orders, "--tool", "debsecan,trivy").stdout, "only trivy", "setuptools")
	st.wants(st.says(125, "run", "-d", "--policy", st.policy, "--waive", waived, "orders").stderr, "mends it")

	refused := st.derives(1, "legacy", "--with-languages")
	st.wants(refused.stderr, "it does not serve", ordersMended+"1 is removed, and "+orders+" stands")

	os1 := st.derives(0, "orders", "--write", "--policy", st.policy)
	st.wants(os1.stdout, "24 fixed, 4 remaining, 0 new, by grype and trivy")
	st.wants(os1.stderr, "answers POST /newest as its base does", "zlaunch run refuses it yet")
	lib := st.derives(0, "orders", "--with-languages", "--write", "--policy", st.policy)
	st.wants(lib.stdout, "3 fixed, 1 remaining, 0 new, by grype and trivy")
	if strings.Contains(lib.stderr, "refuses it yet") {
		t.Error("the policy still has something against it")
	}

	st.debsecan(ordersMended + "2")
	empty := st.says(0, "scan", "show", ordersMended+"2", "--only-fixable").stdout
	if strings.Contains(empty, "PKGS ") {
		t.Errorf("the table is not empty:\n%s", empty)
	}
	clean := st.says(0, "scan", "show", ordersMended+"2", "--tool", "grype").stdout
	if !strings.Contains(clean, "as a prisoner") || strings.Contains(clean, "packages not counted") {
		t.Errorf("grype did not say which packages it saw:\n%s", clean)
	}
	st.wants(st.says(0, "scan", "diff", orders, ordersMended+"2", "--tool", "grype,trivy").stdout, "27 fixed")
	st.served(before)
}

// served runs the mended image under the policy, and asks it as whom it runs and what it answers.
func (st *ordersStory) served(before []string) {
	st.t.Helper()
	got := st.says(0, "run", "-d", "--policy", st.policy, "--waive", waived, "orders")
	st.t.Cleanup(func() {
		st.zlaunch("stop", "orders")
		st.unchanged(before)
	})
	url := strings.TrimSuffix(strings.TrimSpace(got.stdout), "/") + "/newest"
	resp, err := http.Post(url, "text/plain", strings.NewReader("1.9 1.10"))
	if err != nil {
		st.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	who := st.podman("exec", "zlaunch-orders", "/usr/bin/id")
	st.p.saw("$ curl --data '1.9 1.10' %s\n%s %v\n$ podman exec zlaunch-orders id\n%s", url, body, err, who.stdout)
	st.wants(string(body), `{"newest": "1.10"}`)
	st.wants(who.stdout, "uid=1000(ibm-user)")
	for _, field := range []string{".Config.User", ".Config.Env", ".Config.Entrypoint", ".Config.Cmd", ".Config.ExposedPorts"} {
		if was, now := st.inspect(orders, field), st.inspect(ordersMended+"2", field); was != now {
			st.t.Errorf("%s was %s and is %s", field, was, now)
		}
	}
}
