package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A 0600 model of the caller is read by the workload as ibm-user, whatever
// ibm-user's uid is; the images hold no id program.
func TestModelIsReadAsTheImagesUser(t *testing.T) {
	w := newWorld(t)
	before := w.settled()
	other := "localhost/zlaunch-e2e-1234:latest"
	must(buildImage(lab.home, other, 1234))
	model := filepath.Join(w.dir, "m")
	makeModel(t, model)
	for _, c := range []struct{ image, uid string }{{image, "1000"}, {other, "1234"}} {
		got := w.zlaunch(run("job", "--image", c.image, "--models", model, "--", "read", "/models/model.bin")...)
		if got.code != 0 || got.stdout != "weights" {
			t.Errorf("%s: ended with %d: %s%s", c.image, got.code, got.stdout, got.stderr)
		}
		status := w.zlaunch(run("job", "--image", c.image, "--", "status")...)
		if !strings.Contains(status.stdout, c.uid) {
			t.Errorf("%s: the workload is not uid %s:\n%s", c.image, c.uid, status.stdout)
		}
	}
	w.podman("rmi", other)
	w.unchanged(before)
}

func makeModel(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "model.bin"), []byte("weights"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What must not be bound as a model is refused, with the reason and a hint, and
// before anything is created.
func TestRefusedModels(t *testing.T) {
	w := newWorld(t)
	home := os.Getenv("HOME")
	if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err == nil {
		defer os.Remove(filepath.Join(home, ".ssh"))
	}
	tree := func(name string, change func(dir string)) string {
		dir := filepath.Join(w.dir, name)
		makeModel(t, dir)
		change(dir)
		return dir
	}
	link := tree("link", func(d string) { os.Symlink("/etc/passwd", filepath.Join(d, "out")) })
	fifo := tree("fifo", func(d string) { unix.Mkfifo(filepath.Join(d, "pipe"), 0o600) })
	open := tree("open", func(d string) { os.Chmod(filepath.Join(d, "model.bin"), 0o666) })
	before := w.settled()
	for _, c := range []struct{ name, models, says string }{
		{"symlink leaving the tree", link, "out"},
		{"FIFO", fifo, "pipe"},
		{"world-writable", open, "model.bin"},
		{"$HOME", home, "home"},
		{"$HOME/.", home + "/.", "home"},
		{"~/.ssh", filepath.Join(home, ".ssh"), ".ssh"},
		{"/etc", "/etc", "/etc"},
		{"/", "/", "/"},
		{"not there", filepath.Join(w.dir, "nowhere"), "nowhere"},
	} {
		got := w.zlaunch(run("job", "--models", c.models, "--", "exit", "0")...)
		t.Logf("--models %s (exit %d): %s", c.name, got.code, strings.TrimSpace(got.stderr))
		if got.code != 125 || !strings.Contains(got.stderr, c.says) || !strings.Contains(got.stderr, "hint:") {
			t.Errorf("%s: ended with %d: %s", c.name, got.code, got.stderr)
		}
	}
	w.unchanged(before)
}

// groupModel is what test/setup makes as root: root's file, 0640, of a group the
// test user is in.
const groupModel = "/var/lib/zlaunch-test/group-model"

// A model the caller reads through a supplementary group only is not the
// workload's to read: under keep-id it has the caller's uid and gid, no groups.
func TestSupplementaryGroup(t *testing.T) {
	w := newWorld(t)
	if _, err := os.ReadFile(groupModel + "/model.bin"); err != nil {
		t.Skip("root makes the model for this test, in test/setup: " + err.Error())
	}
	before := w.settled()
	got := w.zlaunch(run("job", "--models", groupModel, "--", "read", "/models/model.bin")...)
	t.Logf("zlaunch says (exit %d): %s", got.code, got.stderr)
	if got.code != 125 || !strings.Contains(got.stderr, "supplementary") || !strings.Contains(got.stderr, "hint:") {
		t.Errorf("ended with %d: %s", got.code, got.stderr)
	}
	w.unchanged(before)
}
