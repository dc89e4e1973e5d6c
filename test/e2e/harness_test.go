// Package e2e runs the built zlaunch against real rootless Podman, as the
// ordinary user the tests run as. Every test compares what is there before with
// what is there after: containers, networks, volumes, sockets, locks, processes.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test image: test/workload as its only program, ibm-user as uid 1000.
const image = "localhost/zlaunch-e2e:latest"

// lab is what TestMain prepared; why is the reason the tests cannot run.
var lab struct{ zlaunch, home, why string }

func TestMain(m *testing.M) {
	// A signal that is ignored here, as under nohup, would be in every program
	// under test; one that is caught has its default back after exec(2).
	for _, sig := range []os.Signal{syscall.SIGHUP, syscall.SIGINT} {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
	dir, err := os.MkdirTemp("", "zlaunch-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if lab.why = prepare(dir); lab.why != "" {
		fmt.Fprintln(os.Stderr, "e2e: SKIPPED:", lab.why)
	}
	code := m.Run()
	printTable()
	if err := writeTable(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: writing the table of cases:", err)
		code = 1
	}
	exec.Command("podman", "unshare", "rm", "-rf", dir).Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// prepare builds zlaunch and the image, or says why it cannot. A build that
// fails is a failure, not a reason to skip.
func prepare(dir string) string {
	if os.Getuid() == 0 {
		return "these tests run as an ordinary user: make test makes one"
	}
	if _, err := exec.LookPath("podman"); err != nil {
		return "podman is not installed"
	}
	lab.home = dir
	lab.zlaunch = filepath.Join(dir, "zlaunch")
	must(program(lab.zlaunch, "../../cmd/zlaunch"))
	must(buildImage(dir, image, 1000))
	must(os.MkdirAll(filepath.Join(dir, "config"), 0o700))
	// A run that was killed here before left the place of its service, which the first
	// run or stop takes away: before the tests count what is there.
	_ = exec.Command(lab.zlaunch, "stop", "zlaunch-e2e-none").Run() // there is no such run
	return ""
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e: preparing:", err)
		os.RemoveAll(lab.home)
		os.Exit(1)
	}
}

func build(out, pkg string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, text)
	}
	return nil
}

// buildImage imports a root tree with the workload in it. It is FROM scratch:
// there is no shell and no id in it.
func buildImage(dir, name string, uid int) error {
	root := filepath.Join(dir, fmt.Sprintf("root-%d", uid))
	for _, d := range []string{"etc", "tmp", "run", "var/tmp", "proc", "sys", "dev", "models", "output", "canary"} {
		if err := os.MkdirAll(filepath.Join(root, d), 0o755); err != nil {
			return err
		}
	}
	if err := os.Chmod(root, 0o755); err != nil {
		return err
	}
	passwd := fmt.Sprintf("root:x:0:0:root:/:/bin/false\nibm-user:x:%d:%d::/tmp:/bin/false\n", uid, uid)
	if err := os.WriteFile(filepath.Join(root, "etc/passwd"), []byte(passwd), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, "etc/group"), fmt.Appendf(nil, "root:x:0:\nibm-user:x:%d:\n", uid), 0o644); err != nil {
		return err
	}
	for _, name := range []string{"workload", "probe"} {
		if err := program(filepath.Join(root, name), "../"+name); err != nil {
			return err
		}
	}
	script := `tar -C "$1" --numeric-owner --owner=0 --group=0 -cf "$1.tar" . &&
		podman import -q -c "USER ibm-user" -c 'ENTRYPOINT ["/workload"]' "$1.tar" "$2" >/dev/null`
	out, err := exec.Command("sh", "-c", script, "sh", root, name).CombinedOutput()
	if err != nil {
		return fmt.Errorf("importing %s: %w\n%s", name, err, out)
	}
	return nil
}

// need skips the test where the machine cannot run it, loudly.
func need(t *testing.T) {
	t.Helper()
	if lab.why != "" {
		t.Skip("e2e needs rootless podman: " + lab.why)
	}
}

// profiles are the test profiles; %s is the waiver-free container table's rest.
const profiles = `schema = 1
[profile.job]
extends = "base"
about = "a job of the tests"
kind = "job"
models = { at = "/models", layout = "any" }
output = { at = "/output" }
[profile.job.container]
image = "localhost/zlaunch-e2e:latest"
pull = "never"

[profile.web]
extends = "base"
about = "a server of the tests"
kind = "server"
models = { at = "/models", layout = "any" }
ports = { http = 8000 }
publish = ["http"]
ready = { port = "http", path = "/", within = "30s" }
[profile.web.container]
image = "localhost/zlaunch-e2e:latest"
pull = "never"
args = ["serve", "8000"]
`

// world is one user's configuration: an XDG_CONFIG_HOME of its own with the
// test profiles and a copy of the real containers configuration.
type world struct {
	t      *testing.T
	config string
	env    []string
	dir    string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	need(t)
	config := t.TempDir()
	home, err := os.UserConfigDir()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(home, "containers")); err == nil {
		if out, err := exec.Command("cp", "-rL", filepath.Join(home, "containers"), config).CombinedOutput(); err != nil {
			t.Fatalf("copying containers configuration: %s", out)
		}
	}
	w := &world{t: t, config: config, dir: t.TempDir()}
	w.write("zlaunch/profiles.toml", profiles)
	w.env = append(os.Environ(), "XDG_CONFIG_HOME="+config, "XDG_STATE_HOME="+t.TempDir())
	return w
}

// write makes a file below the configuration directory.
func (w *world) write(name, text string) string {
	w.t.Helper()
	path := filepath.Join(w.config, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// conf lays lines into a table of the world's containers.conf.
func (w *world) conf(table, lines string) {
	w.t.Helper()
	path := filepath.Join(w.config, "containers/containers.conf")
	old, _ := os.ReadFile(path)
	head, text := "["+table+"]", string(old)
	if strings.Contains(text, head) {
		text = strings.Replace(text, head, head+"\n"+lines, 1)
	} else {
		text += "\n" + head + "\n" + lines + "\n"
	}
	w.write("containers/containers.conf", text)
}

// result is what a command said and how it ended.
type result struct {
	stdout, stderr string
	code           int
}

func (w *world) command(name string, args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), patience(2*time.Minute))
	w.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env, cmd.Dir = w.env, w.dir
	return cmd
}

func (w *world) do(cmd *exec.Cmd) result {
	w.t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatalf("%s: %v", cmd, err)
	}
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

func (w *world) zlaunch(args ...string) result {
	w.t.Helper()
	return w.do(w.command(lab.zlaunch, args...))
}

func (w *world) podman(args ...string) result {
	w.t.Helper()
	return w.do(w.command("podman", args...))
}

// run is zlaunch run with what this host cannot enforce waived.
func run(args ...string) []string {
	return append([]string{"run", "--waive", "ZL-104=a test host"}, args...)
}

// limited tells whether this host enforces limits for an ordinary user.
func limited() bool {
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil || !strings.HasPrefix(string(own), "0::") {
		return false
	}
	path := strings.TrimSpace(strings.TrimPrefix(string(own), "0::"))
	list, _ := os.ReadFile(filepath.Join("/sys/fs/cgroup", path, "cgroup.controllers"))
	return strings.Contains(string(list), "memory")
}

// state is everything zlaunch could leave behind.
func (w *world) state() []string {
	w.t.Helper()
	var out []string
	add := func(kind string, lines string) {
		for _, l := range strings.Fields(lines) {
			out = append(out, kind+" "+l)
		}
	}
	add("container", w.podman("ps", "-a", "--format", "{{.Names}}").stdout)
	add("network", w.podman("network", "ls", "--format", "{{.Name}}").stdout)
	add("volume", w.podman("volume", "ls", "-q").stdout)
	run := os.Getenv("XDG_RUNTIME_DIR")
	for _, pattern := range []string{run + "/zlaunch-*", run + "/zlaunch/*", w.config + "/zlaunch/.*-*"} {
		found, _ := filepath.Glob(pattern)
		add("file", strings.Join(slices.DeleteFunc(found, unanswered), "\n"))
	}
	add("service", w.services())
	out = append(out, fmt.Sprint("monitors ", monitors()))
	slices.Sort(out)
	return out
}

// services lists this user's podman services, which a private one of zlaunch's
// would be among.
func (w *world) services() string {
	out, _ := exec.Command("pgrep", "-u", fmt.Sprint(os.Getuid()), "-f", "podman system service").Output()
	return string(out)
}

// monitors counts this user's conmon processes, the dead ones that a parent has
// not looked at yet left out.
func monitors() (n int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		data, err := os.ReadFile(file)
		info, serr := os.Stat(file)
		if err != nil || serr != nil || info.Sys().(*syscall.Stat_t).Uid != uint32(os.Getuid()) {
			continue
		}
		if strings.Contains(string(data), "(conmon) ") && !strings.Contains(string(data), "(conmon) Z") {
			n++
		}
	}
	return n
}

// settled is the state once the processes of what came before have ended.
func (w *world) settled() []string {
	w.t.Helper()
	last := w.state()
	for range 20 {
		time.Sleep(300 * time.Millisecond)
		now := w.state()
		if slices.Equal(now, last) && !orphaned(now) {
			return now
		}
		last = now
	}
	return last
}

// orphaned tells that there are more monitors than containers: one of what came
// before is still ending.
func orphaned(state []string) bool {
	containers, monitors := 0, 0
	for _, line := range state {
		if strings.HasPrefix(line, "container ") {
			containers++
		}
		if n, ok := strings.CutPrefix(line, "monitors "); ok {
			monitors, _ = strconv.Atoi(n) // state wrote it
		}
	}
	return monitors > containers
}

// unchanged fails the test when the state is not what it was, given a moment
// for processes to end.
func (w *world) unchanged(before []string) {
	w.t.Helper()
	var now []string
	for range patience(50) {
		if now = w.state(); slices.Equal(now, before) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	w.t.Fatalf("left behind:\n before %q\n after  %q", before, now)
}

func sorted(in []string) []string {
	out := slices.Clone(in)
	slices.Sort(out)
	return out
}

func sortByJSON(list []any) {
	slices.SortFunc(list, func(a, b any) int {
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		return bytes.Compare(x, y)
	})
}
