package e2e

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The kernel's own record of a running container, read from outside.
func TestKernelRecord(t *testing.T) {
	w := newWorld(t)
	model := w.dir + "/m"
	makeModel(t, model)
	got := w.zlaunch(run("-d", "--name", "zlaunch-kernel", "--models", model, "web")...)
	if got.code != 0 {
		t.Fatalf("run: %s", got.stderr)
	}
	defer w.zlaunch("stop", "zlaunch-kernel")
	pid := strings.TrimSpace(w.podman("inspect", "--format", "{{.State.Pid}}", "zlaunch-kernel").stdout)
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000",
		"CapBnd:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"} {
		if !strings.Contains(string(status), want+"\n") {
			t.Errorf("status lacks %q", want)
		}
	}
	mounts, err := os.ReadFile("/proc/" + pid + "/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string][]string{"/": {"ro"}, "/models": {"ro", "nosuid", "nodev"}, "/tmp": {"nosuid", "nodev", "noexec"}} {
		options := mountOptions(string(mounts), target)
		for _, o := range want {
			if !strings.Contains(","+options+",", ","+o+",") {
				t.Errorf("%s is mounted %q, not %s", target, options, o)
			}
		}
	}
	uidMap, _ := os.ReadFile("/proc/" + pid + "/uid_map")
	t.Logf("uid_map of pid %s:\n%s%s", pid, uidMap, grep(string(status), "Cap", "NoNewPrivs", "Seccomp", "Uid"))
}

func mountOptions(mountinfo, target string) string {
	for _, line := range strings.Split(mountinfo, "\n") {
		if f := strings.Fields(line); len(f) > 5 && f[4] == target {
			return f[5]
		}
	}
	return ""
}

func grep(text string, words ...string) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		for _, w := range words {
			if strings.HasPrefix(line, w) {
				out = append(out, line)
			}
		}
	}
	return strings.Join(out, "\n")
}

// The lines of plan --podman, pasted into sh, give the container zlaunch gives.
func TestPastedLines(t *testing.T) {
	w := newWorld(t)
	model := w.dir + "/m"
	makeModel(t, model)
	before := w.state()
	plan := w.zlaunch("plan", "web", "--podman", "-d", "--models", model, "--waive", "ZL-104=a test host")
	if plan.code != 0 {
		t.Fatalf("plan: %s", plan.stderr)
	}
	sh := w.command("sh", "-e")
	sh.Stdin = strings.NewReader(plan.stdout)
	if got := w.do(sh); got.code != 0 {
		t.Fatalf("pasting:\n%s\nended with %d: %s", plan.stdout, got.code, got.stderr)
	}
	byHand := w.observed("zlaunch-web")
	w.podman("rm", "-f", "-t", "0", "zlaunch-web")
	if got := w.zlaunch(run("-d", "--models", model, "web")...); got.code != 0 {
		t.Fatalf("run: %s", got.stderr)
	}
	byZlaunch := w.observed("zlaunch-web")
	w.zlaunch("stop", "web")
	if byHand != byZlaunch {
		t.Errorf("pasted:\n%s\nzlaunch:\n%s", byHand, byZlaunch)
	}
	w.podman("network", "rm", "zlaunch-web")
	w.unchanged(before)
}

// observed is what inspect and the kernel say of a running container, without
// what is different in any two.
func (w *world) observed(name string) string {
	w.t.Helper()
	pid := strings.TrimSpace(w.podman("inspect", "--format", "{{.State.Pid}}", name).stdout)
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		w.t.Fatal(err)
	}
	mounts, _ := os.ReadFile("/proc/" + pid + "/mountinfo")
	var lines []string
	for _, line := range strings.Split(string(mounts), "\n") {
		if f := strings.Fields(line); len(f) > 5 {
			lines = append(lines, f[4]+" "+f[5])
		}
	}
	format := `{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.SecurityOpt}} {{.HostConfig.PortBindings}} {{.HostConfig.Tmpfs}} {{.HostConfig.ShmSize}} {{.HostConfig.LogConfig.Type}} {{.Config.Umask}} {{.HostConfig.Ulimits}} {{.Config.Env}}`
	inspected := w.podman("inspect", "--format", format, name).stdout
	// Podman's own client adds the caller's process limit; a host name is an id.
	inspected = regexp.MustCompile(` ?\{RLIMIT_NPROC \d+ \d+\}`).ReplaceAllString(inspected, "")
	inspected = regexp.MustCompile(`HOSTNAME=[0-9a-f]{12}`).ReplaceAllString(inspected, "HOSTNAME=ID")
	return inspected +
		grep(string(status), "Cap", "NoNewPrivs", "Seccomp:", "Uid", "Gid", "Groups") + "\n" + strings.Join(sorted(lines), "\n")
}
