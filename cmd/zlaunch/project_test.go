package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const hostile = `schema = 1
[profile.demo]
extends = "demo"
[profile.demo.container]
cap_add = ["sys_admin"]
volume."/home" = { source = "/home", read_only = false }
[profile.mine]
extends = "demo"
`

// An unapproved project file has no effect: a command that names what it defines
// is refused, any other leaves it out and says so.
func TestUnapproved(t *testing.T) {
	w := newWorld(t)
	w.write(t, "profiles.toml", hostile)
	for _, tt := range []struct {
		line   string
		status int
		says   string
	}{
		{"run demo", 125, "hint: zlaunch approve ./profiles.toml"},
		{"run mine", 125, "--no-project"},
		{"plan demo", 3, "defines it and is not approved"},
		{"show demo", 3, "defines it and is not approved"},
		{"show triton", 0, "has no effect"},
		{"list", 0, "has no effect"},
		{"show demo --no-project", 0, ""},
		{"show mine --no-project", 3, "no profile"},
	} {
		if got := w.run(strings.Fields(tt.line)...); got != tt.status || !strings.Contains(w.stderr.String(), tt.says) {
			t.Errorf("%s: status %d, standard error:\n%s", tt.line, got, w.stderr.String())
		}
		if strings.Contains(w.stdout.String(), "sys_admin") || strings.Contains(w.stdout.String(), "mine ") {
			t.Errorf("%s shows something of the file:\n%s", tt.line, w.stdout.String())
		}
	}
}

// Approval shows what the file decides, holds for these bytes at this place, and
// can be taken back.
func TestApprove(t *testing.T) {
	w := newWorld(t)
	w.write(t, "profiles.toml", hostile)
	if status := w.run("approve"); status != 0 {
		t.Fatalf("status %d: %s", status, w.stderr.String())
	}
	for _, want := range []string{"cap_add = sys_admin", "volume[/home] = /home rw", "profile mine", "sha256:"} {
		if !strings.Contains(w.stderr.String(), want) {
			t.Errorf("approve does not show %q:\n%s", want, w.stderr.String())
		}
	}
	if status := w.run("show", "mine"); status != 0 {
		t.Errorf("approved, and yet %d: %s", status, w.stderr.String())
	}
	w.write(t, "profiles.toml", hostile+"# changed\n")
	if status := w.run("show", "mine"); status != 3 {
		t.Errorf("changed, and yet %d", status)
	}
	w.write(t, "profiles.toml", hostile)
	for _, says := range []string{"is taken back", "was not approved"} {
		if status := w.run("approve", "--revoke"); status != 0 || !strings.Contains(w.stderr.String(), says) {
			t.Errorf("revoking: %d: %s", status, w.stderr.String())
		}
	}
	if status := w.run("show", "mine"); status != 3 {
		t.Errorf("revoked, and yet %d", status)
	}
}

// What weakens is marked by the control that says so, a change is shown as one, and what
// cannot be used is not approved.
func TestApproveShows(t *testing.T) {
	w := newWorld(t)
	const weak = `schema = 1
[profile.mine]
extends = "demo"
[profile.mine.container]
memory = "2g"
cap_drop = false
network = ["host"]
read_only = false
`
	w.write(t, "profiles.toml", weak)
	if status := w.run("approve", "--show"); status != 0 {
		t.Fatalf("status %d: %s", status, w.stderr.String())
	}
	for _, want := range []string{"    memory = 2", "  ! network = host", "[ZL-701 ", "  ! read_only = false  [ZL-", "  ! cap_drop  [ZL-203 cap-drop-all, high]", "\n! weakens what the profile extends"} {
		if !strings.Contains(w.stdout.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, w.stdout.String())
		}
	}
	if status := w.run("show", "mine"); status != 3 {
		t.Errorf("showing approved it: %d", status)
	}
	if status := w.run("approve"); status != 0 || !strings.Contains(w.stderr.String(), "  ! network = host") {
		t.Errorf("status %d: %s", status, w.stderr.String())
	}
	w.write(t, "profiles.toml", strings.Replace(weak, "2g", "4g", 1))
	if status := w.run("approve", "--show"); status != 0 || !strings.Contains(w.stdout.String(), "-memory = \"2g\"\n+memory = \"4g\"\n") ||
		!strings.Contains(w.stdout.String(), "\n+    memory = 4") || strings.Contains(w.stdout.String(), "\n  ! network") {
		t.Errorf("the change: %d: %s%s", status, w.stdout.String(), w.stderr.String())
	}
	for text, want := range map[string]string{
		"schema = 1\n[profile.mine]\nextends = \"demo\"\npublish = [\"x\"]\n": "./profiles.toml:2: ", "schema = 1\n[profile.mine\n": "./profiles.toml:3: ",
	} {
		w.write(t, "profiles.toml", text)
		for _, line := range []string{"approve", "approve --show"} {
			if status := w.run(strings.Fields(line)...); status != 3 || !strings.Contains(w.stderr.String(), want) || !strings.Contains(w.stderr.String(), "hint: zlaunch validate ./profiles.toml") {
				t.Errorf("%s: %d: %s", line, status, w.stderr.String())
			}
		}
	}
}

// On a terminal the user is asked; only a yes is one.
func TestAsk(t *testing.T) {
	for answer, want := range map[string]int{"y\n": 0, "yes\n": 0, "n\n": 3, "\n": 3, "": 3, "\x1b\n": 3} {
		w := newWorld(t)
		w.write(t, "profiles.toml", hostile)
		w.in, w.tty.in, w.tty.err = strings.NewReader(answer), true, true
		if got := w.run("show", "mine"); got != want {
			t.Errorf("%q: status %d: %s", answer, got, w.stderr.String())
		}
		if !strings.Contains(w.stderr.String(), "[y/N]") || !strings.Contains(w.stderr.String(), "cap_add = sys_admin") {
			t.Errorf("%q: the question does not show the file: %s", answer, w.stderr.String())
		}
	}
}

// A file that is none, or cannot be read as profiles, blocks nothing for ever,
// shows nothing raw and never has an effect.
func TestBrokenProject(t *testing.T) {
	w := newWorld(t)
	w.write(t, "profiles.toml", "schema = 1\n[profile.demo]\nabout = \"\\u001b[2J\"\n")
	if got := w.run("run", "demo"); got != 125 || strings.Contains(w.stderr.String(), "\x1b") {
		t.Errorf("status %d: %q", got, w.stderr.String())
	}
	if got := w.run("list"); got != 0 {
		t.Errorf("list: status %d: %s", got, w.stderr.String())
	}
	path := filepath.Join(w.dir, "profiles.toml")
	os.Remove(path)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skipf("making a FIFO: %v", err)
	}
	if got := w.run("run", "demo"); got != 125 {
		t.Errorf("a FIFO: status %d: %s", got, w.stderr.String())
	}
	if got := w.run("list", "--no-project"); got != 0 {
		t.Errorf("a FIFO ignored: status %d: %s", got, w.stderr.String())
	}
}
