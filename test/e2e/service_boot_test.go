package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// With linger a service comes up with the user's manager, as it does when the host boots,
// and is proved then too.
func TestServiceSession(t *testing.T) {
	p := shows(t, "services", "the user's manager starts anew: the service comes up by itself, proved")
	w := serviceWorld(t, p)
	p.needRoot("restarting the user's manager")
	s := w.install(p, "e2e-boot", "e2e-svc")
	if out, err := sudo("systemctl", "restart", fmt.Sprintf("user@%d.service", os.Getuid())).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	now := s.becomes("active running")
	p.saw("%s; proved %d times", now, s.proved())
	if !s.answers() || s.proved() != 2 {
		t.Errorf("%s", s.journal())
	}
}

// rebootFile is what a test writes that wants the host booted anew and itself run again: a
// regular expression of tests. Only test/lab/e2e can, and names it.
var rebootFile = os.Getenv("ZLAUNCH_E2E_REBOOT")

// A service comes back with the host. The first half installs it, the second is run after the
// host has booted anew.
func TestServiceReboot(t *testing.T) {
	p := shows(t, "services", "the host boots anew: the service comes up by itself, proved, with nobody logged in before it")
	w := serviceWorld(t, p)
	if rebootFile == "" {
		p.lacks("nobody boots this host for a test: test/lab/e2e does it to a guest")
	}
	s := &svc{w: w, p: p, name: "e2e-reboot"}
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	kept := filepath.Join(kit, "reboot.was")
	was, err := os.ReadFile(kept)
	if err != nil {
		lab.zlaunch = filepath.Join(kit, "zlaunch") // the unit names it, and what is in /tmp goes
		s := w.install(p, s.name, "e2e-svc")
		p.saw("%s", s.state())
		text := fmt.Sprintf("%s%s\n%s\n", boot, s.url, s.state())
		if err := os.WriteFile(kept, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(rebootFile, []byte("^TestServiceReboot$"), 0o600); err != nil {
			t.Fatal(err)
		}
		s.name = "e2e-reboot-none" // install's cleanup takes that away, and not the service
		return
	}
	t.Cleanup(func() { w.zlaunch("uninstall", "--force", s.name); os.Remove(kept) })
	lines := strings.Split(string(was), "\n")
	if s.url = lines[1]; lines[0] == strings.TrimSpace(string(boot)) {
		t.Fatal("the host was not booted anew")
	}
	now := s.becomes("active running")
	since, _ := exec.Command("systemctl", "--user", "show", "--value", "--property=ActiveEnterTimestampMonotonic", s.name).Output()
	p.saw("before: %s; after: %s, %.9s µs after the boot; %s", lines[2], now, since, having(s.journal(), "is as planned"))
	if now != lines[2] || !s.answers() || s.proved() == 0 || w.zlaunch("diff", s.name).code != 0 {
		t.Errorf("%s, was %s\n%s", now, lines[2], s.journal())
	}
}

// Without linger a service ends with the last session of its user, and comes back with the
// next; with linger it goes on. Where there was no session at all, zlaunch tells the way.
func TestServiceLinger(t *testing.T) {
	p := shows(t, "services", "no linger: the service ends with the last session and comes back with the next; linger: it goes on; su: the message tells the way")
	w := serviceWorld(t, p)
	u, login := visitor(p)
	port := fmt.Sprint(freePort(t))
	install := "./zlaunch install --name mine -p " + port + ":http e2e-svc"
	su := u.run(w, "sh", "-c", "cd && "+install)
	p.saw("as after su: status %d, %s", su.code, having(su.stderr, "error:", "enable-linger"))
	if su.code != 3 || !strings.Contains(su.stderr, "enable-linger "+u.name) {
		t.Errorf("as after su: status %d\n%s", su.code, su.stderr)
	}
	got := w.do(login(install))
	p.saw("install: status %d, %s", got.code, having(got.stderr, "linger"))
	if got.code != 0 || !strings.Contains(got.stderr, "loginctl enable-linger") {
		t.Fatalf("install: status %d\n%s", got.code, got.stderr)
	}
	s := &svc{w: w, p: p, url: "http://127.0.0.1:" + port}
	u.ended(t)
	p.saw("logged out: it answers %t", s.answers())
	if s.answers() {
		t.Error("it goes on without a session and without linger")
	}
	look := "for i in $(seq 200); do systemctl --user is-active -q mine && break; sleep 0.5; done; ./zlaunch ps; ./zlaunch diff mine | tail -n 3"
	got = w.do(login(look))
	p.saw("logged in again: %s", having(got.stdout, "mine"))
	if got.code != 0 || !strings.Contains(got.stdout, "active (running)") {
		t.Errorf("logged in again: status %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	u.ended(t)
	p.must(sudo("loginctl", "enable-linger", u.name))
	for range patience(30) {
		if s.answers() {
			break
		}
		time.Sleep(500 * time.Millisecond)
	}
	w.do(login("true"))
	time.Sleep(15 * time.Second) // logind keeps a manager 10 s for the next session (logind.conf, UserStopDelaySec)
	p.saw("with linger, logged out: it answers %t", s.answers())
	if !s.answers() {
		t.Error("with linger it is gone with the session")
	}
	if got := w.do(login("./zlaunch uninstall mine")); got.code != 0 {
		t.Errorf("uninstall: %s", got.stderr)
	}
}

// visitor is another user of this host with the tests' image, who logs in by SSH.
func visitor(p *proof) (u *stranger, login func(string) *exec.Cmd) {
	p.t.Helper()
	p.needRoot("making a user")
	u = &stranger{name: "zle2e-visitor", home: "/home/zle2e-visitor"}
	p.t.Cleanup(func() {
		_ = sudo("loginctl", "disable-linger", u.name).Run()
		u.remove()
	})
	dir := p.t.TempDir()
	profile, key := filepath.Join(dir, "svc.toml"), filepath.Join(dir, "key")
	if err := os.WriteFile(profile, []byte(serviceProfile), 0o600); err != nil {
		p.t.Fatal(err)
	}
	const make = `set -e; useradd -m -s /bin/bash $0; grep -q ^$0: /etc/subuid || usermod --add-subuids 2000000-2065535 --add-subgids 2000000-2065535 $0
cd /home/$0; install -d -m 700 -o $0 -g $0 .ssh .config .config/zlaunch .config/zlaunch/profiles.d run
install -m 600 -o $0 -g $0 $1.pub .ssh/authorized_keys; install -m 600 -o $0 -g $0 $2 .config/zlaunch/profiles.d/; install -m 755 $3 zlaunch
restorecon -R . 2>/dev/null || true`
	p.must(exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key))
	p.must(sudo("sh", "-c", make, u.name, key, profile, lab.zlaunch))
	id, err := exec.Command("id", "-u", u.name).Output()
	if err != nil {
		p.t.Fatal(err)
	}
	u.uid = strings.TrimSpace(string(id))
	options := []string{"-F", "/dev/null", "-i", key, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", u.name + "@127.0.0.1"}
	login = func(line string) *exec.Cmd { return exec.Command("ssh", append(options, line)...) }
	archive := filepath.Join(dir, "image.tar")
	p.must(exec.Command("podman", "save", "-q", "-o", archive, image))
	load := login("podman load -q")
	if load.Stdin, err = os.Open(archive); err != nil {
		p.t.Fatal(err)
	}
	p.must(load)
	return u, login
}

// ended waits until the user's service manager has ended, as it does after the last session.
func (u *stranger) ended(t *testing.T) {
	t.Helper()
	for range patience(60) {
		out, _ := exec.Command("systemctl", "show", "--value", "--property=ActiveState", "user@"+u.uid+".service").Output()
		if state := strings.TrimSpace(string(out)); state == "inactive" || state == "failed" {
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
	t.Fatalf("the manager of %s goes on without a session", u.name)
}
