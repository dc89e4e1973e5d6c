package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	demo "github.com/zlaunch/zlaunch/cmd/zlaunch-demo/server"
)

// serviceProfile is a server whose image tells what it does.
const serviceProfile = `schema = 1
[profile.e2e-svc]
extends = "base"
about = "a service of the tests"
kind = "server"
ports = { http = 8000 }
publish = ["http"]
ready = { port = "http", path = "/", within = "45s" }
[profile.e2e-svc.container]
image = "localhost/zlaunch-e2e:latest"
pull = "never"
args = ["serve", "8000"]
`

// serviceWorld is the user's own configuration, which systemd's units look at: with it come
// the profiles, and the files of services, and all are gone afterwards.
func serviceWorld(t *testing.T, p *proof) *world {
	t.Helper()
	need(t)
	if out, err := exec.Command("systemctl", "--user", "show-environment").CombinedOutput(); err != nil {
		p.lacks("this user has no service manager: %s", out)
	}
	_ = exec.Command("sudo", "-n", "systemctl", "start", "network-online.target").Run() // as at boot; else each start waits 90 s for it
	version, _ := exec.Command("podman", "--version").Output()
	if v := strings.Fields(string(version)); len(v) < 3 || strings.HasPrefix(v[2], "4.") {
		p.lacks("Podman reads no drop-ins of units before 5.0: %s", version)
	}
	config, err := os.UserConfigDir()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, config: config, dir: t.TempDir(), env: os.Environ()}
	path := w.write("zlaunch/profiles.d/zlaunch-e2e-service.toml", serviceProfile)
	t.Cleanup(func() { os.Remove(path) })
	return w
}

// svc is one service under test.
type svc struct {
	w         *world
	p         *proof
	name, url string
	port      string
	was       int // how often an earlier test's was proved
}

// proved is how often the gate passed a start.
func (s *svc) proved() int { return strings.Count(s.journal(), "is as planned") - s.was }

func (w *world) install(p *proof, name, profile string, args ...string) *svc {
	w.t.Helper()
	s := &svc{w: w, p: p, name: name, port: fmt.Sprint(freePort(w.t))}
	w.zlaunch("uninstall", "--force", name) // what an aborted run left
	w.t.Cleanup(func() { w.zlaunch("uninstall", "--force", s.name) })
	s.was = s.proved()
	line := append([]string{"install", "--name", name, "-p", s.port + ":http"}, append(args, profile)...)
	if !limited() {
		line = append(line, "--waive", "ZL-104=a test host")
	}
	begun := time.Now()
	got := w.zlaunch(line...)
	if got.code != 0 {
		w.t.Fatalf("install %s: status %d\n%s", profile, got.code, got.stderr)
	}
	s.url = strings.TrimSpace(got.stdout)
	p.saw("install %s: %s after %.1f s", profile, s.url, time.Since(begun).Seconds())
	return s
}

// state is what systemd says of the service, and which image its container has.
func (s *svc) state() string {
	var show []string
	for _, property := range []string{"ActiveState", "SubState", "Result"} {
		out, _ := exec.Command("systemctl", "--user", "show", "--value", "--property="+property, s.name+".service").Output()
		show = append(show, strings.TrimSpace(string(out)))
	}
	image := strings.TrimSpace(s.w.podman("inspect", "--format", "{{.Image}}", s.name).stdout)
	return strings.Join(show, " ") + " image " + image[:min(12, len(image))]
}

// answers tells whether the service answers now.
func (s *svc) answers() bool {
	client := http.Client{Timeout: patience(2 * time.Second)}
	resp, err := client.Get(s.url)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return true
}

// journal is what the gate said last.
func (s *svc) journal() string {
	line := []string{"journalctl", "--no-pager", "--output=cat", "--lines=400", "_SYSTEMD_USER_UNIT=" + s.name + ".service", "+", "USER_UNIT=" + s.name + ".service"}
	if exec.Command("sudo", "-n", "true").Run() == nil { // a journal in memory is root's
		_ = exec.Command("sudo", "-n", "journalctl", "--sync").Run()
		line = append([]string{"sudo", "-n"}, line...)
	}
	out, _ := exec.Command(line[0], line[1:]...).Output()
	return string(out)
}

func (s *svc) systemctl(args ...string) string {
	out, err := exec.Command("systemctl", append([]string{"--user"}, args...)...).CombinedOutput()
	if err != nil {
		return strings.TrimSpace(string(out)) + " (" + err.Error() + ")"
	}
	return ""
}

// becomes waits for a state.
func (s *svc) becomes(want string) string {
	s.w.t.Helper()
	var now string
	for range patience(60) {
		if now = s.state(); strings.HasPrefix(now, want) {
			return now
		}
		time.Sleep(500 * time.Millisecond)
	}
	s.w.t.Fatalf("%s is %q, not %q\n%s", s.name, now, want, s.journal())
	return ""
}

// files are those of units and records that there are of services.
func (w *world) serviceFiles() (out []string) {
	home, _ := os.UserHomeDir()
	for _, pattern := range []string{w.config + "/containers/systemd/*", w.config + "/containers/systemd/*/*", home + "/.local/state/zlaunch/services/*"} {
		found, _ := filepath.Glob(pattern)
		out = append(out, found...)
	}
	networks := strings.Fields(w.podman("network", "ls", "--format", "{{.Name}}").stdout)
	return append(out, slices.DeleteFunc(networks, func(n string) bool { return !strings.HasPrefix(n, "zlaunch-service-") })...)
}

// uninstalled takes the service away and wants nothing of it left.
func (s *svc) uninstalled(before []string) {
	s.w.t.Helper()
	got := s.w.zlaunch("uninstall", s.name)
	if got.code != 0 || strings.TrimSpace(got.stdout) != s.name {
		s.w.t.Fatalf("uninstall: status %d\n%s", got.code, got.stderr)
	}
	load, _ := exec.Command("systemctl", "--user", "show", "--value", "--property=LoadState", s.name+".service").Output()
	after := s.w.serviceFiles()
	there := s.w.podman("container", "exists", s.name).code == 0
	s.p.saw("uninstalled: unit %s, container there %t, files and networks as before %t", strings.TrimSpace(string(load)), there, slices.Equal(before, after))
	if !slices.Equal(before, after) || there || strings.TrimSpace(string(load)) != "not-found" || s.answers() {
		s.w.t.Errorf("left: %q, before %q; container %t; unit %s", after, before, there, load)
	}
}

// variant makes an image of the tests' with another entrypoint.
func (w *world) variant(name, lines string, options ...string) string {
	w.t.Helper()
	dir := w.t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Containerfile"), []byte("FROM localhost/zlaunch-e2e:latest\nLABEL variant="+name+"\n"+lines), 0o600); err != nil {
		w.t.Fatal(err)
	}
	ref := "localhost/zlaunch-e2e-" + name + ":latest"
	line := append([]string{"build", "--quiet", "--format", "docker", "--pull=never", "--isolation", "chroot", "--tag", ref}, options...)
	got := w.podman(append(line, dir)...)
	if got.code != 0 {
		w.t.Fatalf("building %s: %s", ref, got.stderr)
	}
	w.t.Cleanup(func() { w.podman("rmi", "-f", ref) })
	return ref
}

// Two real servers as services: each serves, again after systemctl restart, is proved by the
// kernel's record each time, is listed, and leaves nothing.
func TestServiceOfServers(t *testing.T) {
	for _, c := range []struct{ name, profile, image string }{{"e2e-demo", "demo", ""}, {"e2e-nginx", "zl-nginx", "nginx"}} {
		t.Run(c.profile, func(t *testing.T) {
			p := shows(t, "services", c.profile+" as a service: held against its plan at every start, and gone without a rest")
			w := serviceWorld(t, p)
			var args []string
			if c.image == "" {
				if got := w.zlaunch("demo"); got.code != 0 {
					t.Fatal(got.stderr)
				}
			} else {
				needImage(t, c.image)
				text, err := os.ReadFile(testProfile(c.image + ".toml"))
				if err != nil {
					t.Fatal(err)
				}
				path := w.write("zlaunch/profiles.d/"+c.image+".toml", string(text))
				t.Cleanup(func() { os.Remove(path) })
			}
			models := filepath.Join(w.dir, "models")
			repository, err := demo.Repository()
			if err == nil {
				err = os.CopyFS(models, repository)
			}
			if err != nil {
				t.Fatal(err)
			}
			args = append(args, "--models", models)
			before := w.serviceFiles()
			s := w.install(p, c.name, c.profile, args...)
			p.saw("%s", s.state())
			if !s.answers() {
				t.Error("it does not answer")
			}
			pid := strings.TrimSpace(w.podman("inspect", "--format", "{{.State.Pid}}", s.name).stdout)
			status, _ := os.ReadFile("/proc/" + pid + "/status")
			p.saw("%s", grep(string(status), "CapBnd", "NoNewPrivs", "Seccomp:"))
			p.saw("%s", having(s.journal(), "is as planned", "serves at"))
			if why := s.systemctl("restart", s.name); why != "" || !s.answers() {
				t.Errorf("restarted: %s", why)
			}
			again := strings.TrimSpace(w.podman("inspect", "--format", "{{.State.Pid}}", s.name).stdout)
			p.saw("restarted: process %s, was %s; %s; proved %d times", again, pid, s.state(), s.proved())
			if s.proved() != 2 || again == pid {
				t.Errorf("the second start was not held against the plan:\n%s", s.journal())
			}
			if got := w.zlaunch("diff", s.name); got.code != 0 {
				t.Errorf("diff: status %d\n%s%s", got.code, got.stdout, got.stderr)
			}
			if got := w.zlaunch("ps"); !strings.Contains(got.stdout, s.name) || !strings.Contains(got.stdout, "active (running)") || strings.Contains(got.stderr, "no record here knows it") {
				t.Errorf("ps: %s%s", got.stdout, got.stderr)
			}
			if got := w.zlaunch("logs", s.name); !strings.Contains(got.stdout, "is as planned") && !strings.Contains(got.stderr, "it is root's here") {
				t.Errorf("logs: status %d, %s%s", got.code, got.stdout, got.stderr)
			}
			s.uninstalled(before)
		})
	}
}

// A good image is taken over; one that never serves or that crashes is taken back, and the
// old one runs again; a rollback returns to it by hand.
func TestServiceUpgrade(t *testing.T) {
	p := shows(t, "services", "upgrade to a good image stays; to one that never serves, or crashes, is taken back; rollback returns")
	w := serviceWorld(t, p)
	good := w.variant("good", "")
	silent := w.variant("silent", `ENTRYPOINT ["/workload", "each", "sleep 1h"]`)
	crash := w.variant("crash", `ENTRYPOINT ["/workload", "exit", "3"]`)
	steers := w.variant("steers", "", "--format", "oci", "--annotation", "io.podman.annotations.checkpoint.runtime.name=crun")
	before := w.serviceFiles()
	s := w.install(p, "e2e-up", "e2e-svc")
	first := s.becomes("active running")
	step := func(what string, code int, image string, words []string, args ...string) string {
		t.Helper()
		was := s.state()
		got := w.zlaunch(args...)
		now := s.state()
		p.saw("%s: %s -> status %d, %s; %s", what, was, got.code, now, having(got.stderr, words...))
		if got.code != code || !strings.HasPrefix(now, "active running success image") || (image != "" && now != image) || !s.answers() {
			t.Errorf("%s: status %d, %s\n%s%s", what, got.code, now, got.stdout, got.stderr)
		}
		return now
	}
	second := step("upgrade to a good image", 0, "", []string{"runs the new image"}, "upgrade", s.name, "--image", good)
	if first == second {
		t.Error("the image is the old one")
	}
	dropin, err := os.ReadFile(filepath.Join(w.config, "containers/systemd", s.name+".container.d/10-image.conf"))
	p.saw("10-image.conf: %s", having(string(dropin), "Image="))
	if err != nil || !strings.Contains(string(dropin), "Image=localhost/zlaunch-e2e-good@sha256:") {
		t.Errorf("%v %s", err, dropin)
	}
	step("upgrade to one that never serves", 1, second, []string{"not ready within", "runs again"}, "upgrade", s.name, "--image", silent)
	step("upgrade to one that crashes", 1, second, []string{"ended with status", "runs again"}, "upgrade", s.name, "--image", crash)
	step("upgrade to one that has podman restore it", 1, second, []string{"io.podman.annotations.checkpoint"}, "upgrade", s.name, "--image", steers)
	step("upgrade to what runs", 0, second, []string{"already"}, "upgrade", s.name, "--image", good)
	step("rollback", 0, first, []string{"as before"}, "rollback", s.name)
	step("rollback of that", 0, second, []string{"as before"}, "rollback", s.name)
	s.uninstalled(before)
}

// Whatever weakens a unit, the gate stops it: the service ends as failed, and says why.
func TestServiceWeakened(t *testing.T) {
	p := shows(t, "services", "a unit weakened by a drop-in or by hand does not run: it is failed, and the journal says what differs")
	w := serviceWorld(t, p)
	s := w.install(p, "e2e-weak", "e2e-svc")
	units := filepath.Join(w.config, "containers/systemd")
	unit := filepath.Join(units, s.name+".container")
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, file, lines, says string }{
		{"a drop-in adds a capability", unit + ".d/50-own.conf", "[Container]\nAddCapability=CAP_NET_RAW\n", "cap"},
		{"a drop-in takes the filter away", unit + ".d/50-own.conf", "[Container]\nSeccompProfile=unconfined\n", "seccomp"},
		{"by hand: a writable root", unit, strings.Replace(string(text), "ReadOnly=true", "ReadOnly=false", 1), "read_only"},
	} {
		was := s.state()
		if err := os.WriteFile(c.file, []byte(c.lines), 0o600); err != nil {
			t.Fatal(err)
		}
		s.systemctl("daemon-reload")
		why := s.systemctl("restart", s.name)
		now := s.becomes("failed failed")
		p.saw("%s: %s -> %s; %s", c.what, was, now, having(s.journal(), "planned "))
		if why == "" || s.answers() || !strings.Contains(s.journal(), c.says) {
			t.Errorf("%s: %s\n%s", c.what, now, s.journal())
		}
		if got := w.zlaunch("ps"); !strings.Contains(got.stdout, "failed") {
			t.Errorf("ps: %s", got.stdout)
		}
		if c.file == unit {
			got := w.zlaunch("uninstall", s.name)
			p.saw("uninstall: status %d, %s", got.code, having(got.stderr, "somebody changed"))
			if got.code != 3 || !strings.Contains(got.stderr, "somebody changed") {
				t.Errorf("uninstall of a changed unit: %d %s", got.code, got.stderr)
			}
			err = os.WriteFile(unit, text, 0o600)
		} else {
			err = os.Remove(c.file)
		}
		if err != nil {
			t.Fatal(err)
		}
		s.systemctl("daemon-reload")
		s.systemctl("reset-failed", s.name)
		if why := s.systemctl("start", s.name); why != "" || !s.answers() {
			t.Fatalf("as it was again: %s\n%s", why, s.journal())
		}
	}
}

// An upgrade beside a drop-in that weakens the unit brings neither image up: it is failed, and
// runs again as it was once the drop-in is gone.
func TestServiceUpgradeWeakened(t *testing.T) {
	p := shows(t, "services", "an upgrade beside a weakening drop-in: neither image runs, the record is of the old one, no image stays tagged")
	w := serviceWorld(t, p)
	good := w.variant("good", "")
	tags := func() string {
		return having(w.podman("images", "--format", "{{.Repository}}:{{.Tag}}").stdout, ":zlaunch-e2e-mix-")
	}
	before := w.serviceFiles()
	s := w.install(p, "e2e-mix", "e2e-svc")
	first, kept := s.state(), tags()
	own := filepath.Join(w.config, "containers/systemd", s.name+".container.d/50-own.conf")
	if err := os.WriteFile(own, []byte("[Container]\nNoNewPrivileges=false\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := w.zlaunch("upgrade", s.name, "--image", good)
	now := s.becomes("failed failed")
	p.saw("upgrade: %s -> status %d, %s; %s", first, got.code, now, having(got.stderr, "planned ", "either"))
	if got.code != 3 || tags() != kept || s.answers() {
		t.Errorf("status %d, tags %q, were %q\n%s", got.code, tags(), kept, got.stderr)
	}
	if err := os.Remove(own); err != nil {
		t.Fatal(err)
	}
	s.systemctl("daemon-reload")
	s.systemctl("reset-failed", s.name)
	if why := s.systemctl("start", s.name); why != "" || s.state() != first {
		t.Errorf("without the drop-in: %s, %s", s.state(), why)
	}
	s.uninstalled(before)
	if left := tags(); left != "" {
		t.Errorf("tags left: %s", left)
	}
}

// having are the last lines of a text that have one of the words.
func having(text string, words ...string) string {
	var out []string
	for line := range strings.Lines(text) {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(line, w) }) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return strings.Join(out[max(0, len(out)-3):], "; ")
}
