package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A workload that does not come to serve is explained and removed.
func TestWorkloadThatDoesNotServe(t *testing.T) {
	s := newScene(t)
	s.row("at once", "a server that ends at once: its last line, the likely cause and what relaxes it are shown", func(w *world, p *proof) {
		refused(p, w.zlaunch(run("-d", "early")...), "ended with status", "workload write: open /etc/canary: read-only file system",
			"likely cause", "ZL-501", `tmpfs."/etc"`)
	})
	s.row("never ready", "a server that never serves: the wait is bounded, the container removed", func(w *world, p *proof) {
		refused(p, w.zlaunch(run("-d", "--ready-timeout", "2s", "idle")...), "not ready within 2s", "--ready-timeout 4s")
	})
	s.row("status", "a job that fails: its status and its words come through, nothing else is said to be wrong", func(w *world, p *proof) {
		got := w.zlaunch(run("job", "--", "exit", "7")...)
		p.saw("exit %d", got.code)
		if got.code != 7 || strings.Contains(got.stderr, "zlaunch: error") {
			w.t.Errorf("ended with %d: %s", got.code, got.stderr)
		}
	})
}

// What is bound changes between preflight and create: the proof or the engine
// stops the run, and nothing is left of it.
func TestModelsThatChange(t *testing.T) {
	s := newScene(t)
	s.row("vanish", "a model directory that vanishes between preflight and create", func(w *world, p *proof) {
		dir := filepath.Join(w.dir, "vanish")
		makeModel(w.t, dir)
		px := newProxy(w)
		w.env = append(slices.Clone(w.env), "CONTAINER_HOST=unix://"+px.socket)
		px.armAt("/containers/create", false, func() { os.RemoveAll(dir) })
		got := w.zlaunch(run("--models", dir, "job", "--", "read", "/models/model.bin")...)
		p.saw("exit %d: %s", got.code, explained(got.stderr))
		if got.code != 125 || !strings.Contains(got.stderr, "no such file") {
			w.t.Errorf("ended with %d: %s%s", got.code, got.stdout, got.stderr)
		}
	})
	s.row("symlink", "a model directory that becomes a symlink to one never checked, as the runtime mounts it: the workload does not run", func(w *world, p *proof) {
		dir := filepath.Join(w.dir, "moved")
		makeModel(w.t, dir)
		secret := filepath.Join(w.dir, "secret")
		makeModel(w.t, secret)
		w.wrapRuntime(fmt.Sprintf("mv %q %q && ln -s %q %q", dir, dir+"-old", secret, dir))
		got := w.zlaunch(run(ownRuntime, "--models", dir, "job", "--", "read", "/models/model.bin")...)
		p.saw("exit %d: %s", got.code, explained(got.stderr))
		if info, err := os.Lstat(dir); err != nil || info.Mode()&os.ModeSymlink == 0 {
			w.t.Fatalf("%s is no symlink: the test proves nothing (%v)", dir, err)
		}
		if got.code != 125 || got.stdout != "" || !strings.Contains(got.stderr, "volume[/models]") {
			w.t.Errorf("ended with %d: %s%s", got.code, got.stdout, got.stderr)
		}
	})
}

// ownRuntime permits the runtime that [world.wrapRuntime] puts in the place of root's.
const ownRuntime = "--waive=ZL-108=a runtime of the test's own"

// wrapRuntime has the world's podman run a script each time before the OCI
// runtime creates a container.
func (w *world) wrapRuntime(script string) {
	w.t.Helper()
	real := strings.TrimSpace(w.podman("info", "--format", "{{.Host.OCIRuntime.Path}}").stdout)
	path := w.write("runtime-"+filepath.Base(real), "#!/bin/sh\ncase \" $* \" in *\" create \"*) "+script+";; esac\nexec "+real+" \"$@\"\n")
	if err := os.Chmod(path, 0o755); err != nil {
		w.t.Fatal(err)
	}
	privateOnly(w.t, w) // a service that runs already has another configuration
	conf := filepath.Join(w.config, "containers/containers.conf")
	old, _ := os.ReadFile(conf)
	var kept []string
	for _, line := range strings.Split(string(old), "\n") {
		if key, _, _ := strings.Cut(line, "="); strings.TrimSpace(key) != "runtime" {
			kept = append(kept, line)
		}
	}
	w.write("containers/containers.conf", strings.Join(kept, "\n"))
	w.t.Cleanup(func() { w.write("containers/containers.conf", string(old)) })
	w.conf("engine", fmt.Sprintf("runtime = %q", path))
}
