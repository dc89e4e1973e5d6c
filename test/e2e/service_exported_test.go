package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	demo "github.com/zlaunch/zlaunch/cmd/zlaunch-demo/server"
)

// What is exported into a directory runs when all of it is copied to where Podman reads units,
// with the seccomp profile that lies beside it.
func TestServiceExported(t *testing.T) {
	p := shows(t, "services", "an exported directory copied to ~/.config/containers/systemd runs, with the seccomp profile beside the unit")
	w := serviceWorld(t, p)
	if got := w.zlaunch("demo"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	models, dir := filepath.Join(w.dir, "models"), filepath.Join(w.dir, "units")
	repository, err := demo.Repository()
	if err == nil {
		err = os.CopyFS(models, repository)
	}
	if err != nil {
		t.Fatal(err)
	}
	port := fmt.Sprint(freePort(t))
	line := []string{"export", "demo", "--models", models, "-p", port + ":http", "--to", "quadlet", "-o", dir}
	if !limited() {
		line = append(line, "--waive", "ZL-104=a test host")
	}
	if got := w.zlaunch(line...); got.code != 0 {
		t.Fatalf("export: status %d\n%s", got.code, got.stderr)
	}
	s := &svc{w: w, p: p, name: "demo", url: "http://127.0.0.1:" + port}
	units := filepath.Join(w.config, "containers/systemd")
	files, _ := filepath.Glob(dir + "/*")
	t.Cleanup(func() {
		s.systemctl("stop", "demo", "zlaunch-demo-network")
		for _, f := range files {
			os.Remove(filepath.Join(units, filepath.Base(f)))
		}
		s.systemctl("daemon-reload")
		w.podman("network", "rm", "zlaunch-demo")
	})
	if err := os.CopyFS(units, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	s.systemctl("daemon-reload")
	if why := s.systemctl("start", "demo"); why != "" {
		t.Fatalf("start: %s\n%s", why, s.journal())
	}
	s.becomes("active running")
	got := w.podman("inspect", "--format", "{{.HostConfig.SecurityOpt}} {{.State.Pid}}", "zlaunch-demo")
	if got.code != 0 {
		t.Fatal(got.stderr)
	}
	words := strings.Fields(strings.TrimSpace(got.stdout))
	status, _ := os.ReadFile("/proc/" + words[len(words)-1] + "/status")
	p.saw("%s; %s; %s", strings.TrimSpace(got.stdout), s.state(), grep(string(status), "Seccomp:"))
	if !strings.Contains(got.stdout, "seccomp="+units+"/inference-") || !strings.Contains(grep(string(status), "Seccomp:"), "2") {
		t.Errorf("%s\n%s", got.stdout, status)
	}
	judged := w.zlaunch("audit", "zlaunch-demo", "--all")
	p.saw("audit: %s", having(judged.stdout, "ZL-209", "ZL-210"))
}
