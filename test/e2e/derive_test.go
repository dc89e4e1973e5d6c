package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mendable are the names of the image that is mended; what is derived of it is mendedImage.
const (
	mendable    = "localhost/zlaunch-e2e-mendable:1"
	mendedImage = "localhost/zlaunch-e2e-mendable:1-mended."
)

// vulnerable is what the stand-in scanner knows: what is vulnerable, and in which version it is
// mended, by variables of the scanner.
const vulnerable = `deb/openssl/%[2]s/CVE-2026-99001/CRITICAL deb/libssl3/%[2]s/CVE-2026-99001/CRITICAL deb/tar/1.34//CVE-2026-99002/MEDIUM pypi/greeting/1.0.0/%[1]s/CVE-2026-99010/HIGH`

// mending is a world with an image to be mended, a profile of it, and a scanner.
type mending struct {
	*world
	file string // of the profile
}

func newMending(t *testing.T) *mending {
	w := newWorld(t)
	w.clean()
	t.Cleanup(w.clean)
	buildMendable(t, w)
	m := &mending{world: w}
	m.file = w.write("zlaunch/profiles.d/greets.toml", `schema = 1
[profile.greets]
extends = "base"
kind = "server"
owner = "zlaunch tests"
ports = { http = 8000 }
publish = ["http"]
ready = { port = "http", path = "/", within = "2m" }
golden = { path = "/greet", body = "z", type = "text/plain", compare = "json", ignore = ["id"] }
derive = { keep = ["tar"] }
[profile.greets.container]
image = "`+mendable+`"
pull = "never"
`)
	script := "#!/bin/sh\nid=$(podman image inspect --format '{{.Id}}' \"$1\") || exit\nexec podman run --rm --network none --read-only \"$1\" report \"$id\" " +
		fmt.Sprintf(vulnerable, `"${GREETING:-1.0.1}"`, `"${OPENSSL:-3.0.20/3.0.21}"`) + "\n"
	if err := os.WriteFile(filepath.Join(w.dir, "scan-by"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return m
}

// mendableFile builds the image of two directories: of a history that podman knows, for of one
// without it builds no second image on top.
const mendableFile = `FROM scratch
COPY rootfs/ /
ENV PATH=/usr/bin:/bin MODE=fast
EXPOSE 8000/tcp
STOPSIGNAL SIGTERM
LABEL vendor=example
USER ibm-user
ENTRYPOINT ["/workload"]
CMD ["greet", "8000"]
`

// buildMendable makes the image that is mended, of the workload and a stand-in distribution.
func buildMendable(t *testing.T, w *world, more ...string) {
	t.Helper()
	workload, err := os.ReadFile(filepath.Join(lab.home, "root-1000", "workload"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := map[string]string{
		"Containerfile": mendableFile, "rootfs/workload": string(workload), "rootfs/tmp/.keep": "", "rootfs/run/.keep": "", "rootfs/proc/.keep": "", "rootfs/sys/.keep": "", "rootfs/dev/.keep": "",
		"rootfs/etc/passwd":                    "root:x:0:0:root:/:/bin/sh\nibm-user:x:1000:1000::/tmp:/bin/sh\n",
		"rootfs/etc/group":                     "root:x:0:\nibm-user:x:1000:\n",
		"rootfs/var/lib/standin/deb/openssl":   "3.0.20",
		"rootfs/var/lib/standin/deb/libssl3":   "3.0.20",
		"rootfs/var/lib/standin/deb/tar":       "1.34",
		"rootfs/var/lib/standin/pypi/greeting": "1.0.0",
		"rootfs/srv/archive/deb/openssl":       "3.0.22",
		"rootfs/srv/archive/deb/libssl3":       "3.0.22",
	}
	for i := 0; i+1 < len(more); i += 2 {
		files[more[i]] = more[i+1]
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o755), os.Chmod(path, 0o755))
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, link := range []string{"bin/sh", "usr/bin/apt-get"} {
		path := filepath.Join(dir, "rootfs", link)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.Symlink("/workload", path)); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.podman("build", "-q", "--isolation", "chroot", "--layers=false", "--pull=never", "-t", mendable, dir); got.code != 0 {
		t.Fatalf("building the image: %s", got.stderr)
	}
}

// clean removes the images of these tests.
func (w *world) clean() {
	names, _ := exec.Command("podman", "images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference=localhost/zlaunch-e2e-mendable").Output()
	for _, name := range strings.Fields(string(names)) {
		_ = exec.Command("podman", "rmi", "-f", name).Run()
	}
}

// scanned imports a report of an image, as a person would.
func (m *mending) scanned(image string) {
	m.t.Helper()
	report := m.do(m.command("./scan-by", image))
	if err := os.WriteFile(filepath.Join(m.dir, "report.json"), []byte(report.stdout), 0o644); err != nil {
		m.t.Fatal(err)
	}
	if got := m.zlaunch("scan", "--import", "report.json", "--image", image); got.code != 0 {
		m.t.Fatalf("importing a report: %s%s", report.stderr, got.stderr)
	}
}

func (m *mending) derive(status int, words ...string) result {
	m.t.Helper()
	got := m.zlaunch(append([]string{"derive", "--waive", "ZL-104=a test host"}, words...)...)
	if got.code != status {
		m.t.Fatalf("derive %q ended with %d and not %d:\n%s%s", words, got.code, status, got.stdout, got.stderr)
	}
	return got
}

func (m *mending) wants(text string, parts ...string) {
	m.t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			m.t.Errorf("no %q in\n%s", part, text)
		}
	}
}

// inspect is one field of an image as podman tells it.
func (m *mending) inspect(image, field string) string {
	m.t.Helper()
	got := m.podman("image", "inspect", "--format", "{{json "+field+"}}", image)
	if got.code != 0 {
		m.t.Fatalf("inspecting %s: %s", image, got.stderr)
	}
	return strings.TrimSpace(got.stdout)
}

// The story of an image that does not ship: a table of findings, those that a newer version
// mends, the upgrade of the distribution, then of a library, an empty rest, and the same
// answer as the same user, with nothing else of the image changed.
func TestDeriveStory(t *testing.T) {
	p := shows(t, "derive", "scan, mend the distribution, then a library, until nothing fixable is left; it serves as the same user and answers the same")
	m := newMending(t)
	before := m.settled()
	m.scanned(mendable)
	m.wants(m.zlaunch("scan", "show", mendable).stdout, "LANG-PKGS  high      1", "OS-PKGS    critical  2", "OS-PKGS    medium    1")
	plan := m.derive(0, "greets")
	p.saw("%s%s", plan.stderr, plan.stdout)
	m.wants(plan.stdout, "FROM localhost/zlaunch-e2e-mendable@sha256:", "'libssl3' 'openssl'", "\nUSER ibm-user\n")
	m.wants(plan.stderr, "--with-languages")

	os1 := m.derive(0, "greets", "--build", "--scan-by", "./scan-by", "--write")
	p.saw("%s", os1.stderr)
	p.saw("%s", os1.stdout)
	m.wants(os1.stdout, "2 fixed, 2 remaining, 0 new, by trivy")
	m.wants(os1.stderr, "answers POST /greet as its base does", "greets.toml runs the new image now", "its base's")
	m.wants(m.read(), `[profile.greets.arch.`, `image = "localhost/zlaunch-e2e-mendable@sha256:`, `image = "`+mendable+`"`)

	lib := m.derive(0, "greets", "--build", "--with-languages", "--loop", "--scan-by", "./scan-by", "--write")
	p.saw("%s", lib.stdout)
	m.wants(lib.stdout, "1 fixed, 1 remaining, 0 new, by trivy")
	m.wants(lib.stderr, "no newer version is known to mend anything in it")
	for _, field := range []string{".Config.User", ".Config.Env", ".Config.Entrypoint", ".Config.Cmd", ".Config.ExposedPorts", ".Config.StopSignal"} {
		if was, now := m.inspect(mendable, field), m.inspect(mendedImage+"2", field); was != now {
			t.Errorf("%s was %s and is %s", field, was, now)
		}
	}
	m.wants(m.inspect(mendedImage+"2", ".Config.Labels"), `"vendor":"example"`, `"io.zlaunch.derived.mends":"CVE-2026-99010"`)
	m.unchanged(before)

	served := m.zlaunch(append(run("-d"), "greets")...)
	t.Cleanup(func() {
		m.zlaunch("stop", "greets")
		m.unchanged(before)
	})
	if served.code != 0 {
		t.Fatalf("run: %s", served.stderr)
	}
	m.wants(m.podman("exec", "zlaunch-greets", "/workload", "read", "/var/lib/standin/pypi/greeting").stdout, "1.0.1")
	p.saw("as %s: %s", m.podman("exec", "zlaunch-greets", "/workload", "status").stdout, grep(served.stderr, "proved"))
}

func (m *mending) read() string {
	m.t.Helper()
	data, err := os.ReadFile(m.file)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(data)
}

// A mend that breaks the server is refused, whether it answers otherwise or not at all; so is
// one that mends nothing. The old image stands, what was built is gone, the profile is as it was.
func TestDeriveBreaks(t *testing.T) {
	p := shows(t, "derive", "a mend that changes the answer, ends the server or mends nothing is refused: removed, the old one stands")
	for fixed, why := range map[string]string{
		"2.0.0": `answers POST /greet otherwise than its base: "answer" is "bye z", and was "hello z"`,
		"3.0.0": "it does not serve",
	} {
		t.Run(fixed, func(t *testing.T) {
			m := newMending(t)
			m.env = append(m.env, "GREETING="+fixed)
			before, profile := m.settled(), m.read()
			m.scanned(mendable)
			got := m.derive(1, "greets", "--build", "--with-languages", "--scan-by", "./scan-by", "--write")
			p.saw("%s", got.stderr[strings.Index(got.stderr, "zlaunch: error"):])
			m.wants(got.stderr, why, mendedImage+"1 is removed, and "+mendable+" stands")
			if m.podman("image", "exists", mendedImage+"1").code == 0 || m.podman("image", "exists", mendable).code != 0 {
				t.Error("the refused image is there, or the old one is not")
			}
			if m.read() != profile {
				t.Errorf("the profile is now\n%s", m.read())
			}
			m.unchanged(before)
		})
	}
	t.Run("nothing", func(t *testing.T) {
		m := newMending(t)
		before, profile := m.settled(), m.read()
		m.scanned(mendable)
		m.env = append(m.env, "OPENSSL=3.0.22/3.0.23") // what the archive has is vulnerable by now
		got := m.derive(1, "greets", "--build", "--scan-by", "./scan-by", "--write")
		p.saw("%s", got.stderr[strings.Index(got.stderr, "zlaunch: error"):])
		m.wants(got.stderr, "nothing is gone of what was found in its base", mendedImage+"1 is removed, and "+mendable+" stands")
		if m.podman("image", "exists", mendedImage+"1").code == 0 || m.read() != profile {
			t.Error("the refused image is there, or the profile is another")
		}
		m.unchanged(before)
	})
}

// Without a scanner the build ends where it can be judged no further, and goes on once a
// report was imported. What is no child of the base is not gone on with.
func TestDeriveContinues(t *testing.T) {
	p := shows(t, "derive", "no scan of the new image: status 4 and how to go on; the imported report goes on; another image does not; no name is taken twice")
	m := newMending(t)
	m.scanned(mendable)
	got := m.derive(4, "greets", "--build")
	p.saw("%s", got.stderr[strings.Index(got.stderr, "zlaunch: error"):])
	m.wants(got.stderr, "no scan tells what is left in it", "--continue "+mendedImage+"1")
	m.derive(4, "greets", "--continue", mendedImage+"1")
	m.wants(m.derive(3, "greets", "--continue", image).stderr, "zlaunch derive has not built it")
	m.scanned(mendedImage + "1")
	done := m.derive(0, "greets", "--continue", mendedImage+"1")
	m.wants(done.stdout, "2 fixed, 2 remaining", "+image = \"localhost/zlaunch-e2e-mendable@sha256:")
	p.saw("%s", done.stdout)
	m.derive(4, mendable, "--build")
	if m.podman("image", "exists", mendedImage+"2").code != 0 {
		t.Error("the second build has no name of its own")
	}
	m.wants(m.derive(3, mendable, "--build", "--tag", mendedImage+"1").stderr, "an image has that name")
}

// TestMendPage does what docs/images.md says under "Mend it", command by command; each line that
// the page has below one must be in what it says, blanks aside, up to a "…".
func TestMendPage(t *testing.T) {
	p := shows(t, "derive", "docs/images.md tells what happens where an image is mended")
	text := page(t, "images.md")
	_, section, found := strings.Cut(text, "\n## Mend it\n")
	if !found {
		t.Fatal("the page has no such section")
	}
	section = strings.ReplaceAll(section, "localhost/server", "localhost/zlaunch-e2e-mendable")
	m := newMending(t)
	m.scanned(mendable)
	before := m.settled()
	script := "#!/bin/sh\ncase $1 in derive) exec " + lab.zlaunch + " \"$@\" --waive 'ZL-104=a test host' ;; esac\nexec " + lab.zlaunch + " \"$@\"\n"
	if err := os.WriteFile(filepath.Join(m.dir, "zlaunch"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	m.env = append(m.env, "PATH="+m.dir+":"+os.Getenv("PATH"))
	done := 0
	for _, b := range blocks(t, section, 5) {
		for _, s := range b.steps {
			got := m.do(m.command("sh", "-c", s.command))
			said := strings.Join(strings.Fields(got.stdout+" "+got.stderr), " ")
			for line := range strings.Lines(s.says) {
				line, _, _ = strings.Cut(line, "…")
				if want := strings.Join(strings.Fields(line), " "); !strings.Contains(said, want) {
					t.Errorf("%s\ndoes not say %q: %s%s", s.command, want, got.stdout, got.stderr)
				}
			}
			done++
		}
	}
	p.saw("%d commands of the page were run", done)
	if done < 8 {
		t.Errorf("only %d commands were found", done)
	}
	m.unchanged(before)
}
