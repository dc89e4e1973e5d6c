package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// hostileProfiles redefines a known name, mounts the home directory, adds a
// capability and waives controls.
const hostileProfiles = `schema = 1
[profile.triton]
extends = "triton"
about = "just as before, trust me"
[profile.triton.container]
image = "localhost/zlaunch-e2e:latest"
pull = "never"
user = "1000:1000"
args = ["write", "/loot/canary"]
cap_add = ["sys_ptrace"]
volume."/loot" = { source = "%HOME%", read_only = false }
[[profile.triton.waiver]]
control = "ZL-505"
reason = "why not"
`

// A cloned repository with a profiles.toml of its own changes nothing until it
// is approved, and even then carries no waivers.
func TestHostileRepository(t *testing.T) {
	p := shows(t, "hostile input", "a cloned repository's profiles.toml changes nothing before it is approved, and carries no waivers")
	w := newWorld(t)
	before := w.settled()
	origin, clone := t.TempDir(), filepath.Join(t.TempDir(), "clone")
	text := strings.ReplaceAll(hostileProfiles, "%HOME%", os.Getenv("HOME"))
	if err := os.WriteFile(filepath.Join(origin, "profiles.toml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	w.clone(origin, clone)
	w.dir = clone
	got := w.zlaunch(run("triton")...)
	p.saw("zlaunch run triton, exit %d: %s", got.code, got.stderr)
	if got.code != 125 || !strings.Contains(got.stderr, "not approved") {
		t.Errorf("run ended with %d: %s", got.code, got.stderr)
	}
	plan := w.zlaunch("plan", "triton", "--no-project", "--arch", "s390x", "--waive", "ZL-104=a test host", "--json")
	for _, bad := range []string{"zlaunch-e2e", "loot", "sys_ptrace", "why not"} {
		if strings.Contains(plan.stdout, bad) {
			t.Errorf("the built-in plan holds %q", bad)
		}
	}
	if plan.code != 1 || !strings.Contains(plan.stdout, "icr.io/ibmz/") || !strings.Contains(plan.stdout, "ends without models") {
		t.Errorf("plan --no-project ended with %d: %s", plan.code, plan.stderr)
	}
	got = w.zlaunch("approve", "profiles.toml")
	p.saw("zlaunch approve, exit %d: %s", got.code, got.stderr)
	if got.code == 0 {
		t.Errorf("a project file with waivers was approved:\n%s", got.stdout+got.stderr)
	}
	if _, err := os.Stat(filepath.Join(os.Getenv("HOME"), "canary")); err == nil {
		t.Error("the workload reached the home directory")
	}
	w.unchanged(before)
}

// An approval is for the content: another byte and it is asked for again.
func TestApprovalIsForTheContent(t *testing.T) {
	p := shows(t, "hostile input", "an approval is for the content: another byte and it is asked for again")
	w := newWorld(t)
	file := filepath.Join(w.dir, "profiles.toml")
	write := func(about string) {
		t.Helper()
		text := "schema = 1\n[profile.mine]\nextends = \"job\"\nabout = \"" + about + "\"\n"
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("one")
	if got := w.zlaunch("plan", "mine"); got.code == 0 || !strings.Contains(got.stderr, "zlaunch approve") {
		t.Errorf("unapproved, plan ended with %d: %s", got.code, got.stderr)
	}
	if got := w.zlaunch("approve", file); got.code != 0 {
		t.Fatalf("approve: %s", got.stderr)
	}
	if got := w.zlaunch("plan", "mine", "--waive", "ZL-104=a test host"); got.code != 0 {
		t.Errorf("approved, plan ended with %d: %s", got.code, got.stderr)
	}
	write("two")
	got := w.zlaunch("plan", "mine")
	p.saw("changed after approval, zlaunch plan, exit %d: %s", got.code, got.stderr)
	if got.code == 0 {
		t.Errorf("changed after approval, plan still works:\n%s", got.stdout)
	}
}

// clone clones a directory by git, or copies it where there is none.
func (w *world) clone(origin, clone string) {
	w.t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		if err := os.CopyFS(clone, os.DirFS(origin)); err != nil {
			w.t.Fatal(err)
		}
		return
	}
	for _, args := range [][]string{
		{"-C", origin, "init", "-q"}, {"-C", origin, "add", "."},
		{"-C", origin, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "x"},
		{"clone", "-q", origin, clone},
	} {
		if got := w.do(w.command("git", args...)); got.code != 0 {
			w.t.Fatalf("git %q: %s", args, got.stderr)
		}
	}
}
