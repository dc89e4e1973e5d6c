package e2e

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ledger is what a fault must not change: what the engine keeps, the files,
// sockets and locks of zlaunch, and processes, one line each.
type ledger []string

// places are where zlaunch and what it starts keep files while they run.
func (w *world) places() []string {
	run := os.Getenv("XDG_RUNTIME_DIR")
	return []string{run + "/zlaunch-*", run + "/zlaunch-*/*", run + "/zlaunch/*", w.config + "/zlaunch/.*-*",
		w.variable("XDG_STATE_HOME") + "/zlaunch/.*", w.variable("XDG_STATE_HOME") + "/zlaunch/launches/.*"}
}

// variable is a variable of the world's environment.
func (w *world) variable(name string) string {
	for _, v := range slices.Backward(w.env) {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

// direct is the world without a proxy before its podman.
func (w *world) direct() *world {
	out := *w
	out.env = slices.DeleteFunc(slices.Clone(w.env), func(v string) bool { return strings.HasPrefix(v, "CONTAINER_HOST=") })
	return &out
}

func (w *world) ledger() ledger {
	w.t.Helper()
	w = w.direct()
	var out ledger
	add := func(kind, text string) {
		for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
			if line != "" {
				out = append(out, kind+" "+line)
			}
		}
	}
	add("container", w.podman("ps", "-a", "--external", "--format", "{{.ID}} {{.Names}}").stdout)
	networks := w.podman("network", "ls", "--format", "{{.Name}}")
	add("network", networks.stdout)
	add("broken-network", networks.stderr) // podman complains of a half-written one
	add("volume", w.podman("volume", "ls", "-q").stdout)
	for _, pattern := range w.places() {
		found, _ := filepath.Glob(pattern)
		add("file", strings.Join(slices.DeleteFunc(found, unanswered), "\n"))
	}
	add("process", strings.Join(processes(), "\n"))
	slices.Sort(out)
	return out
}

// unanswered tells that a file is a claim on what the engine never answered for.
// It stays for a while, since the engine may still be at work on it.
func unanswered(file string) bool {
	kind, _, _ := strings.Cut(filepath.Base(file), "-")
	data, err := os.ReadFile(file)
	return slices.Contains([]string{"claim", "network", "reader"}, kind) && err == nil && !strings.Contains(string(data), `"id":`)
}

// processes are this user's processes that a launch brings about, by name: a
// private service is "service". Dead ones nobody waited for are left out.
func processes() (out []string) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		info, err := os.Stat(file)
		data, rerr := os.ReadFile(file)
		if err != nil || rerr != nil || info.Sys().(*syscall.Stat_t).Uid != uint32(os.Getuid()) {
			continue
		}
		_, rest, _ := strings.Cut(string(data), "(")
		name, state, _ := strings.Cut(rest, ") ")
		if strings.HasPrefix(state, "Z") {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		if strings.Contains(string(line), "service\x00") && strings.Contains(string(line), "/zlaunch-") {
			name = "service"
		}
		if slices.Contains([]string{"conmon", "rootlessport", "workload", "zlaunch", "service"}, name) {
			out = append(out, name)
		}
	}
	return out
}

// short counts what the ledger holds, with a digest of all of it.
func (l ledger) short() string {
	count := map[string]int{}
	for _, line := range l {
		kind, _, _ := strings.Cut(line, " ")
		count[kind]++
	}
	sum := sha256.Sum256([]byte(strings.Join(l, "\n")))
	return fmt.Sprintf("%d containers, %d networks, %d volumes, %d files, %d processes, sha256 %.4x",
		count["container"], count["network"], count["volume"], count["file"], count["process"], sum)
}

// scene is a world around whose faults the ledger is compared.
type scene struct {
	*world
	before ledger
}

// newScene waits until what earlier tests left has ended.
func newScene(t *testing.T) *scene {
	t.Helper()
	w := newWorld(t)
	w.write("zlaunch/profiles.toml", profiles+faulty)
	// The image's user is read once and remembered: what is struck later is the
	// launch itself.
	if got := w.zlaunch(run("job", "--", "exit", "0")...); got.code != 0 {
		t.Fatalf("undisturbed: %s", got.stderr)
	}
	return &scene{w, w.quiet()}
}

// quiet is the ledger once it stays the same.
func (w *world) quiet() ledger {
	w.t.Helper()
	last := w.ledger()
	for range 20 {
		time.Sleep(300 * time.Millisecond)
		now := w.ledger()
		if slices.Equal(now, last) {
			break
		}
		last = now
	}
	return last
}

// row is one line of the table: what is done to zlaunch in do, and that nothing
// of it is left.
func (s *scene) row(name, what string, do func(w *world, p *proof)) {
	s.t.Helper()
	s.t.Run(name, func(t *testing.T) {
		p := shows(t, "faults", what)
		w := *s.world
		w.t = t
		do(&w, p)
		s.compare(&w, p)
	})
}

// compare gives processes a moment to end. After a difference the rows that
// follow start from what was found.
func (s *scene) compare(w *world, p *proof) {
	w.t.Helper()
	var now ledger
	for deadline := time.Now().Add(patience(8 * time.Second)); ; time.Sleep(100 * time.Millisecond) {
		if now = w.ledger(); slices.Equal(now, s.before) {
			p.saw("before and after: %s", now.short())
			return
		}
		if time.Now().After(deadline) {
			break
		}
	}
	w.t.Errorf("left behind:\n before %q\n after  %q", s.before, now)
	w.sweep()
	s.before = w.quiet()
}

// sweep removes what zlaunch made, after a test that failed.
func (w *world) sweep() {
	for _, id := range strings.Fields(w.podman("ps", "-aq", "--filter", "label=io.zlaunch.launch").stdout) {
		w.podman("rm", "-f", "-t", "0", id)
	}
	w.zlaunch("stop", "--all")
}

// refused checks an end that zlaunch explains, and shows the explanation.
func refused(p *proof, got result, words ...string) {
	p.t.Helper()
	p.saw("exit %d: %s", got.code, explained(got.stderr))
	if got.code != 125 {
		p.t.Errorf("zlaunch ended with %d, want 125: %s", got.code, got.stderr)
	}
	for _, word := range append(words, "hint:") {
		if !strings.Contains(got.stderr, word) {
			p.t.Errorf("zlaunch does not say %q:\n%s", word, got.stderr)
		}
	}
}

// explained is the error of a standard error with its hint, on one line.
func explained(text string) string {
	at := strings.Index(text, "zlaunch: error:")
	if at < 0 {
		at = 0
	}
	return fmt.Sprintf("%.420s", strings.Join(strings.Fields(text[at:]), " "))
}

// faulty are profiles that go wrong in the ways of the fault tests.
const faulty = `
[profile.idle]
extends = "web"
about = "a server that never serves"
[profile.idle.container]
args = ["sleep", "1h"]

[profile.early]
extends = "web"
about = "a server that ends at once"
[profile.early.container]
args = ["write", "/etc/canary"]

[profile.far]
extends = "job"
about = "a job whose image is elsewhere"
[profile.far.container]
image = "127.0.0.1:1/zlaunch-e2e/absent:1"
pull = "missing"

[profile.scratch]
extends = "job"
about = "a job with a tmpfs of its own"
[profile.scratch.container]
tmpfs."/scratch" = { size = "1m", mode = "1777" }
`
