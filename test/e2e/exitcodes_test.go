package e2e

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"
)

// zlaunch run ends as podman run does.
func TestExitCodes(t *testing.T) {
	proof := shows(t, "exit codes", "zlaunch run ends with the status podman run ends with")
	w := newWorld(t)
	before := w.settled()
	t.Logf("%-34s %8s %8s", "case", "podman", "zlaunch")
	for _, c := range []struct {
		name       string
		entrypoint string
		args       []string
		want       int
	}{
		{"exit 0", "", []string{"exit", "0"}, 0},
		{"exit 9", "", []string{"exit", "9"}, 9},
		{"exit 125 of the workload", "", []string{"exit", "125"}, 125},
		{"command that cannot be run", "/etc/passwd", nil, 126},
		{"command that is not there", "/nowhere", nil, 127},
		{"ended by SIGTERM", "", []string{"signal", "TERM"}, 143},
		{"ended by SIGKILL", "", []string{"signal", "KILL"}, 137},
	} {
		podman := []string{"run", "--rm", "--network", "none"}
		zl := run("job")
		if c.entrypoint != "" {
			podman = append(podman, "--entrypoint", c.entrypoint)
			zl = append(zl, "--podman-arg=--entrypoint="+c.entrypoint)
		}
		p := w.podman(append(append(podman, image), c.args...)...)
		z := w.zlaunch(append(append(zl, "--"), c.args...)...)
		proof.saw("%s: podman %d, zlaunch %d", c.name, p.code, z.code)
		if p.code != c.want || z.code != c.want {
			t.Errorf("%s: podman %d, zlaunch %d, want %d\n%s%s", c.name, p.code, z.code, c.want, p.stderr, z.stderr)
		}
	}
	if z, p := w.zlaunch("run", "--no-such-option"), w.podman("run", "--no-such-option"); z.code != 125 || p.code != 125 {
		t.Errorf("an unknown option: podman %d, zlaunch %d, want 125", p.code, z.code)
	}
	w.unchanged(before)
}

// What stands behind -- reaches the workload word by word.
func TestArguments(t *testing.T) {
	proof := shows(t, "exit codes", "what stands behind -- reaches the workload word by word")
	w := newWorld(t)
	words := []string{"args", "--models", "a b", "$(id)", "'", "--", "-d", "ä\n", ""}
	z := w.zlaunch(append(run("job", "--"), words...)...)
	p := w.podman(append([]string{"run", "--rm", "--network", "none", image}, words...)...)
	proof.saw("both give %q", z.stdout)
	if z.code != 0 || z.stdout != p.stdout {
		t.Errorf("zlaunch gives\n%s\npodman\n%s\n%s", z.stdout, p.stdout, z.stderr)
	}
}

// A mebibyte goes in and comes out whole.
func TestStdin(t *testing.T) {
	p := shows(t, "attached", "a mebibyte of standard input comes out whole")
	w := newWorld(t)
	in := make([]byte, 1<<20)
	rand.Read(in)
	cmd := w.command(lab.zlaunch, run("job", "-i", "--", "cat")...)
	cmd.Stdin = bytes.NewReader(in)
	got := w.do(cmd)
	p.saw("%d bytes came back, sha256 %x of %x", len(got.stdout), sha256.Sum256([]byte(got.stdout)), sha256.Sum256(in))
	if sum := sha256.Sum256([]byte(got.stdout)); got.code != 0 || sum != sha256.Sum256(in) {
		t.Errorf("ended with %d, %d of %d bytes came back: %s", got.code, len(got.stdout), len(in), got.stderr)
	}
}

// A terminal is the workload's own: its size follows, Ctrl-C reaches it.
func TestTerminal(t *testing.T) {
	p := shows(t, "attached", "a terminal is the workload's own: its size follows, Ctrl-C reaches it")
	w := newWorld(t)
	before := w.settled()
	tty := newTerminal(t, 33, 101)
	cmd := w.command(lab.zlaunch, run("job", "-i", "-t", "--", "size")...)
	tty.start(cmd)
	tty.expect("33 101")
	tty.resize(44, 122)
	tty.expect("44 122")
	tty.write("\x03") // Ctrl-C: the workload's terminal makes it SIGINT
	err := cmd.Wait()
	p.saw("sizes seen inside: 33 101, 44 122; after Ctrl-C: %v", err)
	if code := cmd.ProcessState.ExitCode(); code != 130 && code != 2 {
		t.Errorf("after Ctrl-C: %v", err)
	}
	w.unchanged(before)
}

// Ctrl-C at the terminal reaches a workload that has none once: podman, which is in
// the terminal's foreground too, passes it on, and zlaunch does not a second time.
func TestInterruptComesOnce(t *testing.T) {
	p := shows(t, "attached", "Ctrl-C reaches a workload without a terminal once")
	w := newWorld(t)
	before := w.settled()
	tty := newTerminal(t, 24, 80)
	cmd := w.command(lab.zlaunch, run("job", "--", "interrupts", patience(time.Second).String())...)
	tty.start(cmd)
	tty.expect("counting SIGINT")
	tty.write("\x03")
	tty.expect("SIGINT came")
	err := cmd.Wait()
	_, times, _ := strings.Cut(tty.seen.String(), "SIGINT came ")
	times, _, _ = strings.Cut(times, "\r")
	p.saw("SIGINT came %s; %v", times, err)
	if times != "1 times" || err != nil {
		t.Errorf("it ended with %v:\n%s", err, tty.seen)
	}
	w.unchanged(before)
}

// Ctrl-P Ctrl-Q leaves the workload running, and zlaunch knows it.
func TestDetachKeys(t *testing.T) {
	p := shows(t, "attached", "Ctrl-P Ctrl-Q leaves the workload running, and zlaunch ps knows it")
	w := newWorld(t)
	before := w.settled()
	tty := newTerminal(t, 24, 80)
	cmd := w.command(lab.zlaunch, run("job", "--name", "zlaunch-keys", "-i", "-t", "--", "size")...)
	tty.start(cmd)
	tty.expect("24 80")
	for _, key := range []string{"\x10", "\x11"} { // as typed: podman takes one key a read
		tty.write(key)
		time.Sleep(200 * time.Millisecond)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after Ctrl-P Ctrl-Q: %v", err)
	}
	ps := w.zlaunch("ps")
	p.saw("zlaunch ps: %s", line(ps.stdout, "zlaunch-keys"))
	if !strings.Contains(ps.stdout, "zlaunch-keys") || !strings.Contains(ps.stdout, "running") {
		t.Errorf("ps does not show it running:\n%s%s", ps.stdout, ps.stderr)
	}
	if stop := w.zlaunch("stop", "zlaunch-keys"); stop.code != 0 {
		t.Errorf("stop: %s", stop.stderr)
	}
	w.unchanged(before)
}

// A server in the foreground says its URL on stderr and ends with a signal.
func TestAttachedServer(t *testing.T) {
	p := shows(t, "attached", "a server in the foreground says its URL on stderr and ends with a signal")
	w := newWorld(t)
	before := w.settled()
	cmd := w.command(lab.zlaunch, run("web")...)
	errs := newWatched()
	cmd.Stderr = errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	errs.expect(t, "http://127.0.0.1:")
	cmd.Process.Signal(interrupt)
	err := cmd.Wait()
	p.saw("%s; after SIGINT: %v", grep(errs.String(), "url"), err)
	w.unchanged(before)
}

// With -d stdout is the URL and nothing else, and it answers.
func TestDetached(t *testing.T) {
	p := shows(t, "detached", "standard output is the URL alone, and it answers")
	w := newWorld(t)
	before := w.settled()
	first := w.zlaunch(run("-d", "web")...)
	second := w.zlaunch(run("-d", "-e", "SECOND=1", "web")...)
	for i, r := range []result{first, second} {
		if r.code != 0 || r.stdout != fmt.Sprintf("http://127.0.0.1:%d\n", 8000+i) {
			t.Errorf("run %d ended with %d, stdout %q: %s", i, r.code, r.stdout, r.stderr)
		}
	}
	got := get(t, strings.TrimSpace(first.stdout))
	p.saw("standard output %q and %q; the first answers %d", first.stdout, second.stdout, got)
	if got != 200 {
		t.Errorf("the URL answers %d", got)
	}
	equal := w.zlaunch(run("-d", "web")...)
	p.saw("an equal one: exit %d, %s", equal.code, grep(equal.stderr, "zlaunch: error"))
	if equal.code != 125 || !strings.Contains(equal.stderr, "serves at "+strings.TrimSpace(first.stdout)) || !strings.Contains(equal.stderr, "--name NAME") {
		t.Errorf("an equal run ended with %d: %s", equal.code, equal.stderr)
	}
	if both := w.zlaunch("stop", "web"); both.code != 3 || !strings.Contains(both.stderr, "2 runs of that profile, zlaunch-web, zlaunch-web-2") {
		t.Errorf("stop of two: %d: %s", both.code, both.stderr)
	}
	if ids := w.zlaunch("ps", "-aq"); ids.code != 0 || len(strings.Fields(ids.stdout)) != 2 {
		t.Errorf("ps -aq: %d, %q: %s", ids.code, ids.stdout, ids.stderr)
	}
	if stop := w.zlaunch("stop", "zlaunch-web-2"); stop.code != 0 || stop.stdout != "zlaunch-web-2\n" {
		t.Errorf("stop: %q %s", stop.stdout, stop.stderr)
	}
	if stop := w.zlaunch("stop", "web"); stop.code != 0 || stop.stdout != "zlaunch-web\n" {
		t.Errorf("stop: %q %s", stop.stdout, stop.stderr)
	}
	w.unchanged(before)
}
