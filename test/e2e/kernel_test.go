package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The kernel's own record of a running container, read from outside.
func TestKernelRecord(t *testing.T) {
	p := shows(t, "kernel record", "capabilities, no_new_privs, seccomp, mounts and limits of a running server, read from outside")
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
	w.limits(pid)
	w.label(pid)
	uidMap, _ := os.ReadFile("/proc/" + pid + "/uid_map")
	p.saw("pid %s, uid_map %s; %s", pid, uidMap, grep(string(status), "Cap", "NoNewPrivs", "Seccomp", "Uid"))
}

// limits reads the cgroup's own files, where this host enforces limits.
func (w *world) limits(pid string) {
	w.t.Helper()
	if !limited() {
		w.t.Log("limits: this host enforces none for an ordinary user")
		return
	}
	own, err := os.ReadFile("/proc/" + pid + "/cgroup")
	if err != nil {
		w.t.Fatal(err)
	}
	dir := "/sys/fs/cgroup" + strings.TrimSpace(strings.TrimPrefix(string(own), "0::"))
	for file, want := range map[string]string{"memory.max": "4294967296", "memory.swap.max": "0", "pids.max": "2048"} {
		got, err := os.ReadFile(filepath.Join(dir, file))
		for up := dir; err == nil && strings.TrimSpace(string(got)) == "max" && strings.Contains(up, "libpod"); {
			up = filepath.Dir(up)
			got, err = os.ReadFile(filepath.Join(up, file))
		}
		w.t.Logf("%s: %s", file, strings.TrimSpace(string(got)))
		if err != nil || strings.TrimSpace(string(got)) != want {
			w.t.Errorf("%s is %q, want %s (%v)", file, got, want, err)
		}
	}
}

// label reads the process's SELinux label, where SELinux is on.
func (w *world) label(pid string) {
	w.t.Helper()
	if _, err := os.Stat("/sys/fs/selinux/enforce"); err != nil {
		w.t.Log("SELinux: this host has none")
		return
	}
	got, err := os.ReadFile("/proc/" + pid + "/attr/current")
	w.t.Logf("label: %s", strings.TrimRight(string(got), "\x00\n"))
	if err != nil || !strings.Contains(string(got), ":container_t:s0:c") {
		w.t.Errorf("the label is %q (%v)", got, err)
	}
}

// Under the inference filter no nested user namespace and no mount can be made,
// in any of the ways to ask for one. The default filter lets the first through:
// the probe would see it.
func TestInferenceFilter(t *testing.T) {
	p := shows(t, "seccomp", "under the inference filter there is no nested user namespace and no mount, in any of the ways to ask")
	w := newWorld(t)
	probe := func(filter string) map[string]string {
		got := w.zlaunch(run("job", "--podman-arg=--entrypoint=/probe", "--podman-arg=--security-opt=seccomp="+filter)...)
		out := map[string]string{}
		for _, line := range strings.Split(got.stdout, "\n") {
			if name, errno, ok := strings.Cut(line, ": "); ok {
				out[name] = errno
			}
		}
		t.Logf("%s: %q", filter, out)
		return out
	}
	strict := probe("inference")
	p.saw("inference: clone(NEWUSER) %s, clone3(NEWUSER) %s, unshare(NEWUSER) %s, mount %s",
		strict["clone(NEWUSER)"], strict["clone3(NEWUSER)"], strict["unshare(NEWUSER)"], strict["mount"])
	for name, want := range map[string]string{"clone(NEWUSER)": "EPERM", "clone3(NEWUSER)": "ENOSYS", "unshare(NEWUSER)": "EPERM", "mount": "EPERM"} {
		if strict[name] != want {
			t.Errorf("inference: %s gives %q, want %s", name, strict[name], want)
		}
	}
	loose := probe("default")
	p.saw("default: clone(NEWUSER) %s, clone3(NEWUSER) %s", loose["clone(NEWUSER)"], loose["clone3(NEWUSER)"])
	if loose["clone(NEWUSER)"] == strict["clone(NEWUSER)"] && loose["clone3(NEWUSER)"] == strict["clone3(NEWUSER)"] {
		t.Errorf("positive control: the default filter gives the same: %q", loose)
	}
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
	p := shows(t, "one plan", "the lines of plan --podman, pasted into sh, give the container zlaunch gives")
	w := newWorld(t)
	byHand, byZlaunch := w.twice(func() string { return w.observed("zlaunch-web") })
	p.saw("inspect, status and mounts: %d bytes by hand, %d by zlaunch, the same: %t", len(byHand), len(byZlaunch), byHand == byZlaunch)
	if byHand != byZlaunch {
		t.Errorf("pasted:\n%s\nzlaunch:\n%s", byHand, byZlaunch)
	}
}

// twice looks at the server made of the pasted lines and at the one zlaunch makes
// of the same plan.
func (w *world) twice(look func() string) (byHand, byZlaunch string) {
	w.t.Helper()
	model := w.dir + "/m"
	makeModel(w.t, model)
	before := w.settled()
	plan := w.zlaunch("plan", "web", "--podman", "-d", "--models", model, "--waive", "ZL-104=a test host")
	if plan.code != 0 {
		w.t.Fatalf("plan: %s", plan.stderr)
	}
	sh := w.command("sh", "-e")
	sh.Stdin = strings.NewReader(plan.stdout)
	if got := w.do(sh); got.code != 0 {
		w.t.Fatalf("pasting:\n%s\nended with %d: %s", plan.stdout, got.code, got.stderr)
	}
	byHand = look()
	w.podman("rm", "-f", "-t", "0", "zlaunch-web")
	if got := w.zlaunch(run("-d", "--models", model, "web")...); got.code != 0 {
		w.t.Fatalf("run: %s", got.stderr)
	}
	byZlaunch = look()
	w.zlaunch("stop", "web")
	w.podman("network", "rm", "zlaunch-web")
	w.unchanged(before)
	return byHand, byZlaunch
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
	// Lists and maps come in any order.
	words := strings.Fields(strings.NewReplacer("[", " ", "]", " ", "{", " ", "}", " ").Replace(inspected))
	return strings.Join(sorted(words), " ") + "\n" +
		grep(string(status), "Cap", "NoNewPrivs", "Seccomp:", "Uid", "Gid", "Groups") + "\n" + strings.Join(sorted(lines), "\n")
}
