package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A 0600 model of the caller is read by the workload as ibm-user, whatever
// ibm-user's uid is; the images hold no id program.
func TestModelIsReadAsTheImagesUser(t *testing.T) {
	p := shows(t, "identity", "a 0600 model is read as the image's user, whatever its uid is")
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
		p.saw("%s reads %q as %s", c.image, got.stdout, line(status.stdout, "Uid"))
		if !strings.Contains(status.stdout, c.uid) {
			t.Errorf("%s: the workload is not uid %s:\n%s", c.image, c.uid, status.stdout)
		}
	}
	w.podman("rmi", other)
	w.unchanged(before)
}

// identity looks at who the running cell is, inside and outside.
func (c *cell) identity() {
	me := fmt.Sprint(os.Getuid())
	c.row("identity", "uid 1000 inside is this user outside, and no other id of theirs is in use", func(p *proof) {
		outside, inside := line(c.proc(p, "status"), "Uid"), line(c.do(p, "status").text, "Uid")
		p.saw("outside %s; inside %s; groups inside %q", outside, inside, line(c.do(p, "status").text, "Groups"))
		p.saw("uid_map: %s", c.proc(p, "uid_map"))
		if outside != "Uid:"+strings.Repeat("\t"+me, 4) || inside != "Uid:"+strings.Repeat("\t1000", 4) {
			p.t.Errorf("outside %q, inside %q", outside, inside)
		}
	})
	c.row("identity", "what it writes to --output is this user's own, and not for others to read", func(p *proof) {
		if got := c.do(p, "write", "/output/result"); got.code != 0 {
			p.t.Fatal(got.text)
		}
		info, err := os.Stat(filepath.Join(c.output, "result"))
		if err != nil {
			p.t.Fatal(err)
		}
		st := info.Sys().(*syscall.Stat_t)
		p.saw("result: %s, uid %d gid %d; this user is %s", info.Mode(), st.Uid, st.Gid, me)
		if int(st.Uid) != os.Getuid() || int(st.Gid) != os.Getgid() || info.Mode().Perm()&0o007 != 0 {
			p.t.Errorf("result: %s, uid %d gid %d", info.Mode(), st.Uid, st.Gid)
		}
	})
	c.row("identity", "a model that is 0600 is read", func(p *proof) {
		info, err := os.Stat(filepath.Join(c.model, "model.bin"))
		if err != nil {
			p.t.Fatal(err)
		}
		got := c.do(p, "read", "/models/model.bin")
		p.saw("model.bin is %s; inside it reads %q", info.Mode(), got.text)
		if info.Mode().Perm() != 0o600 || got.code != 0 || got.text != "weights" {
			p.t.Errorf("ended with %d: %s", got.code, got.text)
		}
	})
}

// A model that the workload could not read is refused before anything is made.
func TestUnreadableModel(t *testing.T) {
	w := newWorld(t)
	p := shows(t, "identity", "a model that cannot be read is refused before anything is created")
	model := filepath.Join(w.dir, "m")
	makeModel(t, model)
	if err := os.Chmod(filepath.Join(model, "model.bin"), 0); err != nil {
		t.Fatal(err)
	}
	before := w.settled()
	plain := w.podman("run", "--rm", "--network", "none", "--userns", "keep-id:uid=1000,gid=1000", "-v", model+":/models:ro,z", image, "read", "/models/model.bin")
	p.saw("podman run starts it, and it ends with %d: %s", plain.code, strings.TrimSpace(plain.stderr))
	if !strings.Contains(plain.stderr, "EACCES") {
		t.Errorf("control: podman run ended with %d: %s", plain.code, plain.stderr)
	}
	got := w.zlaunch(run("job", "--models", model, "--", "read", "/models/model.bin")...)
	p.saw("zlaunch, exit %d: %s", got.code, strings.TrimSpace(got.stderr))
	if got.code != 125 || !strings.Contains(got.stderr, "model.bin") || !strings.Contains(got.stderr, "hint:") || strings.Contains(got.stderr, "created") {
		t.Errorf("ended with %d: %s", got.code, got.stderr)
	}
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
	p := shows(t, "identity", "what must not be bound as a model is refused with the reason and a hint, before anything is created")
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
		said, _, _ := strings.Cut(got.stderr, "\n")
		p.saw("--models %s, exit %d: %.160s", c.name, got.code, said)
		if got.code != 125 || !strings.Contains(got.stderr, c.says) || !strings.Contains(got.stderr, "hint:") {
			t.Errorf("%s: ended with %d: %s", c.name, got.code, got.stderr)
		}
	}
	w.unchanged(before)
}

// groupModel is what test/setup makes as root: root's file, 0640, of a group the
// test user is in.
const groupModel = "/var/lib/zlaunch-test/group-model"

// inAGroup makes such a model by sudo where test/setup was not run, and a zlaunch
// whose caller is in the file's group.
func inAGroup(w *world, p *proof) (dir string, zlaunch func(...string) result) {
	w.t.Helper()
	const group = "100" // users, in Debian and Fedora
	p.needRoot("making a model of a group's")
	dir = fmt.Sprintf("/var/lib/zlaunch-e2e-%d", os.Getpid())
	w.t.Cleanup(func() { sudo("rm", "-rf", dir).Run() })
	p.must(sudo("install", "-d", "-m", "0755", dir))
	p.must(sudo("install", "-m", "0640", "-g", group, "/etc/hostname", dir+"/model.bin"))
	return dir, func(args ...string) result {
		who := []string{"-n", "setpriv", "--reuid", strconv.Itoa(os.Getuid()), "--regid", strconv.Itoa(os.Getgid()),
			"--groups", strconv.Itoa(os.Getgid()) + "," + group, "--inh-caps=-all", "env", "-i"}
		return w.do(w.command("sudo", slices.Concat(who, w.env, []string{lab.zlaunch}, args)...))
	}
}

// A model the caller reads through a supplementary group only is not the
// workload's to read: under keep-id it has the caller's uid and gid, no groups.
func TestSupplementaryGroup(t *testing.T) {
	p := shows(t, "identity", "a model readable through a supplementary group only is refused")
	w := newWorld(t)
	dir, zlaunch := groupModel, w.zlaunch
	if _, err := os.ReadFile(groupModel + "/model.bin"); err != nil {
		dir, zlaunch = inAGroup(w, p)
	}
	before := w.settled()
	got := zlaunch(run("job", "--models", dir, "--", "read", "/models/model.bin")...)
	p.saw("zlaunch, exit %d: %s", got.code, got.stderr)
	if got.code != 125 || !strings.Contains(got.stderr, "supplementary") || !strings.Contains(got.stderr, "hint:") {
		t.Errorf("ended with %d: %s", got.code, got.stderr)
	}
	w.unchanged(before)
}
