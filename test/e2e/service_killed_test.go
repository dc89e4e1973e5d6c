package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// killPoints is how many moments of a change, evenly over the time one takes, are tried.
const killPoints = 8

// Wherever in an upgrade zlaunch is killed, the next command finds a service of one image: the
// old one is put back, or the new one runs. The next is each of those in turn that change one.
func TestServiceUpgradeKilled(t *testing.T) {
	p := shows(t, "services", "an upgrade killed by SIGKILL at many moments: the next command leaves the old image or the new one, serving and proved")
	w := serviceWorld(t, p)
	good := w.variant("good", "")
	before := w.serviceFiles()
	s := w.install(p, "e2e-kill", "e2e-svc")
	first := s.becomes("active running")
	begun := time.Now()
	if got := w.zlaunch("upgrade", s.name, "--image", good); got.code != 0 {
		t.Fatal(got.stderr)
	}
	whole, second := time.Since(begun), s.state()
	nexts := [][]string{{"upgrade", s.name}, {"rollback", s.name}, {"upgrade", s.name, "--check"}, {"install", "--name", s.name, "e2e-svc"}}
	for i := range killPoints {
		w.zlaunch("upgrade", s.name)
		at := whole * time.Duration(i+1) / (killPoints + 1)
		w.killed(at, "upgrade", s.name, "--image", good)
		was, next := s.state(), nexts[i%len(nexts)]
		got := w.zlaunch(next...)
		now := s.state()
		p.saw("killed after %.1f of %.1f s: %s; then %s: status %d, %s; %s", at.Seconds(), whole.Seconds(), was, next[0], got.code, now, having(got.stderr, "putting", "already", "as before"))
		if now != first && now != second || !s.answers() || w.zlaunch("diff", s.name).code != 0 {
			t.Errorf("killed after %s, then %s: %s, was %s, before %s\n%s%s", at, next, now, was, first, got.stderr, s.journal())
		}
	}
	s.uninstalled(before)
	if left := having(w.podman("images", "--format", "{{.Repository}}:{{.Tag}}").stdout, ":zlaunch-e2e-kill-"); left != "" {
		t.Errorf("tags left: %s", left)
	}
}

// An installation that is killed is taken away by the next one, which then installs it.
func TestServiceInstallKilled(t *testing.T) {
	p := shows(t, "services", "an installation killed by SIGKILL at many moments: the next one takes its rest away and installs it; uninstall leaves nothing")
	w := serviceWorld(t, p)
	before := w.serviceFiles()
	begun := time.Now()
	s := w.install(p, "e2e-half", "e2e-svc")
	whole := time.Since(begun)
	line := []string{"install", "--name", s.name, "-p", s.port + ":http", "e2e-svc"}
	if !limited() {
		line = append(line, "--waive", "ZL-104=a test host")
	}
	for i := range killPoints / 2 {
		w.zlaunch("uninstall", s.name)
		at := whole * time.Duration(i+1) / (killPoints/2 + 1)
		w.killed(at, line...)
		was := s.state()
		got := w.zlaunch(line...)
		p.saw("killed after %.1f of %.1f s: %s; again: status %d, %s; %s", at.Seconds(), whole.Seconds(), was, got.code, s.state(), having(got.stderr, "half done"))
		if got.code != 0 && !strings.Contains(got.stderr, "it is installed") || !s.answers() {
			t.Errorf("killed after %s: status %d, %s\n%s", at, got.code, s.state(), got.stderr)
		}
	}
	s.uninstalled(before)
	w.killed(whole/2, line...)
	got := w.zlaunch("uninstall", s.name)
	p.saw("uninstall of one killed after %.1f s: status %d, as before %t", whole.Seconds()/2, got.code, fmt.Sprint(w.serviceFiles()) == fmt.Sprint(before))
	if fmt.Sprint(w.serviceFiles()) != fmt.Sprint(before) {
		t.Errorf("left: %q, before %q", w.serviceFiles(), before)
	}
}

// killed runs zlaunch and kills it after a while, and none of what it began.
func (w *world) killed(after time.Duration, args ...string) {
	w.t.Helper()
	cmd := w.command(lab.zlaunch, args...)
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Signal(syscall.SIGKILL) }) // one that ended meanwhile: nothing is lost
	defer timer.Stop()
	_ = cmd.Wait()
}

// What the page says of a service that is stopped, and of what lists and shows it.
func TestServiceStopped(t *testing.T) {
	p := shows(t, "services", "stop stops, --all does not; ps, logs, diff and prove say so; systemctl start brings it back, proved")
	w := serviceWorld(t, p)
	s := w.install(p, "e2e-stop", "e2e-svc")
	first := s.becomes("active running")
	step := func(code int, state, says string, args ...string) {
		t.Helper()
		got := w.zlaunch(args...)
		p.saw("%s: status %d, %s; %s", strings.Join(args, " "), got.code, s.state(), having(got.stdout+got.stderr, says))
		if got.code != code || !strings.HasPrefix(s.state(), state) || !strings.Contains(got.stdout+got.stderr, says) {
			t.Errorf("%s: status %d, %s\n%s%s", args, got.code, s.state(), got.stdout, got.stderr)
		}
	}
	step(0, first, "is a service, and goes on", "stop", "--all")
	step(0, "inactive dead success", "starts again with your session", "stop", s.name)
	if s.answers() {
		t.Error("it answers after stop")
	}
	step(0, "inactive dead", "inactive", "ps")
	step(3, "inactive dead", "was not started", "prove", s.name)
	step(3, "inactive dead", s.name, "diff", s.name)
	got := w.zlaunch("logs", "--tail", "5", s.name)
	p.saw("logs: status %d, %d lines %s", got.code, strings.Count(got.stdout, "\n"), having(got.stderr, "root's"))
	if got.code == 0 && strings.Count(got.stdout, "\n") != 5 || got.code != 0 && !strings.Contains(got.stderr, "it is root's here") {
		t.Errorf("logs: status %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	if why := s.systemctl("start", s.name); why != "" || s.state() != first || !s.answers() || s.proved() != 2 {
		t.Errorf("started: %s %s, proved %d times", why, s.state(), s.proved())
	}
	step(0, first, s.name, "prove", s.name)
}
