package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// subMount is a model tree with a mount of root's below it.
type subMount struct {
	w            *world
	model, below string
}

func (s *subMount) root(line ...string) result {
	return s.w.do(s.w.command("sudo", append([]string{"-n"}, line...)...))
}

// A mount below the model tree stays what it is when the tree is bound. Rootless
// Podman has a mount namespace of its own, into which mounts come but remounts
// do not: what is read-only here may be writable there.
func TestSubMount(t *testing.T) {
	w := newWorld(t)
	s := &subMount{w: w, model: w.home("m")}
	s.below = filepath.Join(s.model, "shards")
	can := s.mounted(t)
	c := &cell{w: w}
	for _, r := range []struct {
		what string
		show func(p *proof)
	}{
		{"a writable mount below the model is refused before anything is made", s.refused},
		{"one made read-only for this host but not for Podman's namespace is found out by the proof", s.foundOut},
		{"a read-only one is bound with the model, and writing gives EROFS", s.readOnly},
	} {
		c.row("read-only", r.what, func(p *proof) {
			if !can {
				p.lacks("mounting takes root, and this user has no sudo without a password")
			}
			r.show(p)
		})
	}
}

// mounted makes the mount, labelled for containers, where this user may.
func (s *subMount) mounted(t *testing.T) bool {
	t.Helper()
	if _, err := os.Stat("/usr/bin/sudo"); err != nil || s.root("true").code != 0 {
		return false
	}
	if err := os.Mkdir(s.below, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := s.root("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=1m,mode=0755,uid=%d,gid=%d", os.Getuid(), os.Getgid()), "zlaunch-e2e", s.below); got.code != 0 {
		t.Fatalf("mounting: %s", got.stderr)
	}
	t.Cleanup(func() { s.root("umount", s.below) })
	if err := os.WriteFile(filepath.Join(s.below, "part"), []byte("shard"), 0o644); err != nil {
		t.Fatal(err)
	}
	if enforcing() { // what is read-only cannot be labelled later
		s.root("chcon", "-R", "-t", "container_file_t", "-l", "s0", s.model)
	}
	return true
}

func (s *subMount) refused(p *proof) {
	before := s.w.settled()
	got := s.w.zlaunch(run("job", "--models", s.model, "--", "write", "/models/shards/part")...)
	p.saw("exit %d: %s", got.code, strings.TrimSpace(got.stderr))
	if got.code != 125 || !strings.Contains(got.stderr, "ZL-516") || !strings.Contains(got.stderr, "remount,bind,ro,nosuid,nodev") {
		p.t.Errorf("ended with %d: %s", got.code, got.stderr)
	}
	s.w.unchanged(before)
}

func (s *subMount) foundOut(p *proof) {
	before := s.w.settled()
	if got := s.root("mount", "-o", "remount,bind,ro,nosuid,nodev", s.below); got.code != 0 {
		p.t.Fatalf("remounting: %s", got.stderr)
	}
	plain := s.w.podman("run", "--rm", "--network", "none", "--userns", "keep-id:uid=1000,gid=1000", "-v", s.model+":/models:ro", image, "each", "read /proc/self/mountinfo", "write /models/shards/part")
	out := answers(plain.stdout)
	own, _ := os.ReadFile("/proc/self/mountinfo")
	p.saw("mounted %s on this host; under podman run -v MODEL:/models:ro %s, and writing ends with %d", mountOptions(string(own), s.below),
		mountOptions(out["read /proc/self/mountinfo"].text, "/models/shards"), out["write /models/shards/part"].code)
	if out["write /models/shards/part"].code != 0 {
		p.lacks("here Podman's namespace has the mount read-only, too: %s", out["write /models/shards/part"].text)
	}
	got := s.w.zlaunch(run("job", "--models", s.model, "--", "write", "/models/shards/part")...)
	p.saw("zlaunch, exit %d: %s", got.code, strings.TrimSpace(got.stderr))
	if got.code != 125 || !strings.Contains(got.stderr, "volume[/models/shards]: planned nothing") || !strings.Contains(got.stderr, "evidence kernel") {
		p.t.Errorf("ended with %d: %s", got.code, got.stderr)
	}
	s.w.unchanged(before)
}

func (s *subMount) readOnly(p *proof) {
	if got := s.w.podman("system", "migrate"); got.code != 0 { // a new namespace, with the mounts as they are now
		p.t.Fatalf("podman system migrate: %s", got.stderr)
	}
	out, got := s.w.job([]string{"--models", s.model}, "read /models/shards/part", "chmod /models/shards/part", "write /models/shards/new", "read /proc/self/mountinfo")
	p.saw("inside it is mounted %s and reads %.5q", mountOptions(out["read /proc/self/mountinfo"].text, "/models/shards"), out["read /models/shards/part"].text)
	p.saw("writing: %s", out["write /models/shards/new"].text)
	for _, a := range []string{"chmod /models/shards/part", "write /models/shards/new"} {
		if !strings.Contains(out[a].text, "EROFS") {
			p.t.Errorf("%s: %s", a, out[a].text)
		}
	}
	if got.code != 0 || !strings.HasPrefix(out["read /models/shards/part"].text, "shard") { // podman run may have written behind it
		p.t.Errorf("ended with %d: %s%s", got.code, got.stdout, got.stderr)
	}
}
