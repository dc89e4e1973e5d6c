package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A service whose start finds Podman's storage full is failed and says why; with room again it
// comes back, as it was installed.
func TestServiceFullStorage(t *testing.T) {
	p := shows(t, "services", "podman's storage is full: the service is failed, and why is in its log; with room again it comes back as it was installed")
	w := serviceWorld(t, p)
	dir := w.ownStorage(p)
	if got := w.podman("import", "-q", "-c", "USER ibm-user", "-c", `ENTRYPOINT ["/workload"]`, filepath.Join(lab.home, "root-1000.tar"), image); got.code != 0 {
		t.Fatalf("importing into the small storage: %s", got.stderr)
	}
	s := w.install(p, "e2e-full", "e2e-svc")
	first := s.becomes("active running")
	fill(p, dir)
	w.podman("kill", "--signal", "KILL", s.name)
	now := s.becomes("failed failed")
	p.saw("its workload died while the storage was full: %s; %s", now, having(s.journal(), "no space left", "disk is full"))
	if s.answers() || having(s.journal(), "no space left", "disk is full") == "" {
		t.Errorf("the log does not say why:\n%s", s.journal())
	}
	for _, words := range [][]string{{"ps"}, {"diff", s.name}, {"prove", s.name}} {
		got := w.zlaunch(words...)
		p.saw("%s: status %d, %s", words[0], got.code, having(got.stdout+got.stderr, s.name))
		if words[0] == "ps" && !strings.Contains(got.stdout, "failed") || got.code == 0 {
			t.Errorf("%s: status %d\n%s%s", words[0], got.code, got.stdout, got.stderr)
		}
	}
	if err := os.Remove(filepath.Join(dir, "ballast")); err != nil {
		t.Fatal(err)
	}
	why := s.systemctl("start", s.name)
	p.saw("systemctl --user start at once: %q", why)
	s.systemctl("reset-failed", s.name)
	if why := s.systemctl("start", s.name); why != "" || s.state() != first || !s.answers() {
		t.Errorf("with room again: %s, was %s: %s\n%s", s.state(), first, why, s.journal())
	}
	p.saw("reset-failed and start: %s, proved %d times", s.state(), s.proved())
	if s.proved() != 2 {
		t.Errorf("the start after it was not held:\n%s", s.journal())
	}
}

// ownStorage gives this user's podman, here and in units, a storage of its own on a disk of
// 256 MB, until the test ends.
func (w *world) ownStorage(p *proof) (dir string) {
	w.t.Helper()
	driver := strings.TrimSpace(w.podman("info", "--format", "{{.Store.GraphDriverName}}").stdout)
	dir, run := w.t.TempDir(), filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "e2e-full")
	smallDisk(p, dir, "size=256m")
	p.visible(w, dir)
	conf := w.t.TempDir()
	for name, text := range map[string]string{
		"CONTAINERS_STORAGE_CONF":  fmt.Sprintf("[storage]\ndriver = %q\nrootless_storage_path = %q\n", driver, dir+"/graph"),
		"CONTAINERS_CONF_OVERRIDE": fmt.Sprintf("[engine]\ntmp_dir = %q\n", run+"/tmp"),
	} {
		path := filepath.Join(conf, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			w.t.Fatal(err)
		}
		w.env = append(w.env, name+"="+path)
		if out, err := exec.Command("systemctl", "--user", "set-environment", name+"="+path).CombinedOutput(); err != nil {
			w.t.Fatalf("%v: %s", err, out)
		}
		w.t.Cleanup(func() { exec.Command("systemctl", "--user", "unset-environment", name).Run() })
	}
	privateOnly(w.t, w) // a service that runs already has another storage
	w.t.Cleanup(func() {
		w.podman("rm", "-fa", "-t", "0")
		w.podman("unshare", "sh", "-c", "rm -rf "+dir+"/* "+run)
		exec.Command("podman", "system", "migrate").Run() // ends the process that keeps this storage's namespace
	})
	return dir
}
