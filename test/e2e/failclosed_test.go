package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A tampering is a way a host can make a container other than it was asked for.
type tampering struct {
	name   string
	set    func(w *world, dir string)
	canary []string // the workload's arguments that show the effect and write the canary
	says   []string // what zlaunch's refusal must hold
	waived bool     // the programs of containers.conf are permitted
}

// Each tampering visibly takes effect under podman run, where the workload
// writes its canary. Under zlaunch the workload's first instruction never runs,
// the message names setting, planned, effective and evidence, and nothing is
// left.
func TestFailClosed(t *testing.T) {
	for _, c := range []tampering{
		{"volumes in containers.conf", addVolume, []string{"write", "/canary/ran"}, []string{"volume[/canary]", "planned", "nothing"}, false},
		{"seccomp_profile in containers.conf", allowAll, []string{"allowed", "userfaultfd", "/models/ran"}, []string{"seccomp_filter", "planned", "oci"}, false},
		{"runtime that strips seccomp and no-new-privs", strippingRuntime, []string{"unconfined", "/models/ran"}, []string{"ZL-108", "engine.runtime", "wrapper"}, false},
		{"runtime that strips them under a waiver", strippingRuntime, []string{"unconfined", "/models/ran"}, []string{"no_new_privileges", "planned true", "kernel"}, true},
		{"hook that adds a mount", hook, []string{"exit", "0"}, []string{"hook", "ZL-108"}, false},
	} {
		t.Run(c.name, func(t *testing.T) { failClosed(t, c) })
	}
}

func failClosed(t *testing.T, c tampering) {
	p := shows(t, "fail closed", c.name+": effective under podman run; zlaunch runs no instruction of the workload's")
	w := newWorld(t)
	dir := t.TempDir() // bound where the workload writes its canary
	plain := append([]string{"run", "--rm", "--network", "none", "--security-opt", "no-new-privileges",
		"--userns", "keep-id:uid=1000,gid=1000", "-v", dir + ":/models:z", image}, c.canary...)
	if w.podman(plain...); len(files(t, dir)) > 0 {
		t.Fatalf("negative control: without the tampering there is a canary too: %v", files(t, dir))
	}
	c.set(w, dir)
	before := w.settled()
	if got := w.podman(plain...); got.code != 0 {
		t.Fatalf("positive control: podman run ended with %d: %s%s", got.code, got.stdout, got.stderr)
	}
	if len(files(t, dir)) == 0 {
		t.Fatal("positive control: under podman run the workload wrote no canary")
	}
	p.saw("podman run: the workload or the hook left %v", files(t, dir))
	for _, f := range files(t, dir) {
		os.Remove(filepath.Join(dir, f))
	}
	args := run("job", "--output", dir)
	if c.waived {
		args = append(args, ownRuntime)
	}
	args = append(args, "--")
	args = append(args, strings.Split(strings.ReplaceAll(strings.Join(c.canary, "\x00"), "/models/", "/output/"), "\x00")...)
	got := w.zlaunch(args...)
	p.saw("zlaunch, exit %d, left %v: %s", got.code, files(t, dir), got.stderr)
	if got.code != 125 {
		t.Errorf("zlaunch ended with %d, want 125: %s", got.code, got.stderr)
	}
	for _, s := range c.says {
		if !strings.Contains(got.stderr, s) {
			t.Errorf("the refusal does not say %q:\n%s", s, got.stderr)
		}
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("the workload ran: it wrote %v", left)
	}
	w.unchanged(before)
}

// A hook that a permitted runtime adds by itself has run when it is found out: the
// workload has not.
func TestHookOfTheRuntime(t *testing.T) {
	p := shows(t, "fail closed", "a hook that a permitted runtime adds by itself is found in what the runtime kept, before the workload runs")
	w := newWorld(t)
	dir := t.TempDir()
	hookingRuntime(w, dir)
	before := w.settled()
	got := w.zlaunch(run(ownRuntime, "job", "--", "args", "ran")...)
	p.saw("exit %d, left %v: %s", got.code, files(t, dir), got.stderr)
	if got.code != 125 || !strings.Contains(got.stderr, "hook createRuntime") || got.stdout != "" {
		t.Errorf("ended with %d: %q\n%s", got.code, got.stdout, got.stderr)
	}
	w.unchanged(before)
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// A harmless entry of mounts.conf is predicted, and the run goes on.
func TestMountsConf(t *testing.T) {
	p := shows(t, "fail closed", "what mounts.conf adds was predicted, and the run goes on")
	w := newWorld(t)
	secrets := t.TempDir()
	if err := os.WriteFile(filepath.Join(secrets, "key"), []byte("subscription"), 0o644); err != nil {
		t.Fatal(err)
	}
	w.write("containers/mounts.conf", secrets+":/run/secrets\n")
	home := os.Getenv("HOME") // podman looks there, whatever XDG_CONFIG_HOME says
	real := filepath.Join(home, ".config/containers/mounts.conf")
	if _, err := os.Stat(real); err == nil {
		p.lacks("this user has a mounts.conf of its own: %s", real)
	}
	if err := os.MkdirAll(filepath.Dir(real), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(real, []byte(secrets+":/run/secrets\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(real)
	before := w.settled()
	got := w.zlaunch(run("job", "--", "read", "/run/secrets/key")...)
	p.saw("exit %d, /run/secrets/key holds %s", got.code, got.stdout)
	if got.code != 0 || !strings.Contains(got.stdout, "subscription") {
		t.Errorf("ended with %d: %s%s", got.code, got.stdout, got.stderr)
	}
	w.unchanged(before)
}

// Limits this host cannot enforce are refused, and run only under a waiver.
func TestLimitsThatDoNotApply(t *testing.T) {
	p := shows(t, "limits", "limits this host cannot enforce are refused, where podman run goes on without them")
	w := newWorld(t)
	if limited() {
		p.lacks("this host enforces limits; one that does not is needed")
	}
	before := w.settled()
	plain := w.podman("run", "--rm", "--network", "none", "--memory", "64m", "--pids-limit", "5", image, "exit", "0")
	if plain.code != 0 {
		t.Errorf("positive control: podman run goes on without its limits, but ended with %d: %s", plain.code, plain.stderr)
	}
	got := w.zlaunch("run", "job", "--", "exit", "0")
	p.saw("podman run, exit %d; zlaunch, exit %d: %s", plain.code, got.code, got.stderr)
	if got.code != 125 || !strings.Contains(got.stderr, "ZL-104") || !strings.Contains(got.stderr, "--waive ZL-104=") {
		t.Errorf("ended with %d: %s", got.code, got.stderr)
	}
	if got := w.zlaunch(run("job", "--", "exit", "0")...); got.code != 0 {
		t.Errorf("with the waiver it ended with %d: %s", got.code, got.stderr)
	}
	w.unchanged(before)
}

func addVolume(w *world, dir string) {
	w.conf("containers", fmt.Sprintf("volumes = [%q]", dir+":/canary:z"))
}

func allowAll(w *world, _ string) {
	path := w.write("allow-all.json", `{"defaultAction":"SCMP_ACT_ALLOW","architectures":[],"syscalls":[]}`)
	w.conf("containers", fmt.Sprintf("seccomp_profile = %q", path))
}

// strippingRuntime runs the real runtime on a copy of the bundle without seccomp
// and no-new-privs: the OCI configuration Podman wrote stays clean.
func strippingRuntime(w *world, _ string) {
	wrappedRuntime(w, `s/"noNewPrivileges":true/"noNewPrivileges":false/; s/"seccomp":{/"annotationsx":{/`)
}

// hookingRuntime has the real runtime run a program of the host's.
func hookingRuntime(w *world, dir string) {
	script := w.write("hook.sh", "#!/bin/sh\necho ran >"+filepath.Join(dir, "hook-ran")+"\n")
	if err := os.Chmod(script, 0o755); err != nil {
		w.t.Fatal(err)
	}
	wrappedRuntime(w, `s|^{|{"hooks":{"createRuntime":[{"path":"`+script+`"}]},|; s/,"hooks":{}//`)
}

// wrappedRuntime puts a program before the real runtime that edits a copy of its
// configuration.
func wrappedRuntime(w *world, edit string) {
	real := strings.TrimSpace(w.podman("info", "--format", "{{.Host.OCIRuntime.Path}}").stdout)
	path := w.write("wrapper", `#!/bin/sh
bundle= ; prev=
for a in "$@"; do [ "$prev" = --bundle ] && bundle=$a; prev=$a; done
case " $* " in
*" create "*)
	copy=$(mktemp -d); cp -a "$bundle/." "$copy"
	sed -i '`+edit+`' "$copy/config.json"
	n=$#; i=0; prev=
	while [ $i -lt $n ]; do
		a=$1; shift; i=$((i+1))
		[ "$prev" = --bundle ] && a=$copy
		prev=$a; [ "$a" = "$copy" ] && prev=
		set -- "$@" "$a"
	done;;
esac
exec `+real+` "$@"
`)
	if err := os.Chmod(path, 0o755); err != nil {
		w.t.Fatal(err)
	}
	w.conf("engine", fmt.Sprintf("runtime = %q", path))
	text, _ := os.ReadFile(filepath.Join(w.config, "containers/containers.conf"))
	kept := strings.Replace(string(text), `runtime="runc"`, "", 1)
	w.write("containers/containers.conf", strings.Replace(kept, `runtime = "runc"`, "", 1))
}

// hook runs code on the host while the container is set up.
func hook(w *world, dir string) {
	hooks := filepath.Join(w.config, "hooks.d")
	script := w.write("hook.sh", "#!/bin/sh\necho ran >"+filepath.Join(dir, "hook-ran")+"\n")
	if err := os.Chmod(script, 0o755); err != nil {
		w.t.Fatal(err)
	}
	w.write("hooks.d/add.json", fmt.Sprintf(`{"version":"1.0.0","hook":{"path":%q},"when":{"always":true},"stages":["createRuntime"]}`, script))
	w.conf("engine", fmt.Sprintf("hooks_dir = [%q]", hooks))
}
