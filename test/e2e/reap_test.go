package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// containers are the ids of all containers with their states.
func (w *world) containers() []string {
	w.t.Helper()
	var out []string
	for line := range strings.Lines(w.podman("ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.Status}}").stdout) {
		out = append(out, strings.Join(strings.Fields(line)[:2], " ")) // "… Up 2 seconds ago"
	}
	return sorted(out)
}

// made runs podman and gives the id it prints.
func (w *world) made(args ...string) string {
	w.t.Helper()
	got := w.podman(args...)
	if got.code != 0 {
		w.t.Fatalf("podman %q: %s", args, got.stderr)
	}
	lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
	return lines[len(lines)-1]
}

// labels are those of the container as options of podman.
func (w *world) labels(container string) (out []string) {
	w.t.Helper()
	for _, name := range []string{"profile", "plan", "launch", "version"} {
		out = append(out, "--label=io.zlaunch."+name+"="+w.made("inspect", "-f", `{{index .Config.Labels "io.zlaunch.`+name+`"}}`, container))
	}
	return out
}

// foreigners makes what looks like zlaunch's and is not, and tells what.
func (w *world) foreigners(ours string) map[string]string {
	w.t.Helper()
	labels := w.labels(ours)
	run := func(args ...string) string {
		return w.made(append(append([]string{"run", "-d"}, labels...), args...)...)
	}
	commit := "localhost/zlaunch-e2e-commit:1"
	w.made("commit", "-q", ours, commit)
	w.t.Cleanup(func() { w.podman("rmi", "-f", commit) })
	return map[string]string{
		"labels by hand":              run("--name=zl-labels", image, "sleep", "1h"),
		"labels by hand, not started": w.made(append(append([]string{"create"}, labels...), image, "sleep", "1h")...),
		"labels of no launch": w.made("run", "-d", "--label=io.zlaunch.profile=web",
			"--label=io.zlaunch.launch="+strings.Repeat("ab", 16), image, "sleep", "1h"),
		"a commit that runs":   w.made("run", "-d", "--entrypoint=/workload", commit, "sleep", "1h"),
		"a commit, created":    w.made("create", commit),
		"a reader's label":     w.made("create", "--label=io.zlaunch.reader=2-1", image, "x"),
		"labels, has ended":    run("--name=zl-ended", image, "exit", "0"),
		"a clone of the other": w.made("container", "clone", "zl-labels", "zl-clone"),
	}
}

// reading are command lines that read: none removes anything.
var reading = [][]string{
	{"ps"}, {"ps", "--json"}, {"list"}, {"show", "job"}, {"plan", "job"}, {"audit", "web"}, {"audit", "--container", "zl-labels"}, {"doctor"},
	{"diff", "job", "web"}, {"logs", "web"}, {"explain", "ZL-301"}, {"version"}, {"__complete", "--", "stop", ""}, {"exec", "web", "/workload", "exit", "0"},
}

// TestNothingForeign counts containers and networks before and after everything
// zlaunch does beside copies of its own.
func TestNothingForeign(t *testing.T) {
	p := shows(t, "ownership", "copies, commits, clones and labels by hand stay, in every state; a renamed run is still zlaunch's")
	w := newWorld(t)
	before := w.settled()
	if got := w.zlaunch(run("-d", "web")...); got.code != 0 {
		t.Fatalf("run: %s", got.stderr)
	}
	ours := w.made("inspect", "-f", "{{.Id}}", "zlaunch-web")
	foreign := w.foreigners(ours)
	w.made("network", "create", "--label=io.zlaunch.profile=web", "zl-foreign")
	t.Cleanup(func() {
		for _, id := range foreign {
			w.podman("rm", "-f", "-t", "0", id)
		}
		w.podman("network", "rm", "-f", "zl-foreign")
		w.zlaunch("stop", "--all")
	})
	w.podman("rename", "zlaunch-web", "zl-renamed")
	there := w.containers()
	p.saw("%d containers, of which zlaunch made one", len(there))
	w.foreignStay(there, reading...)
	if ps := w.zlaunch("ps"); strings.Count(ps.stdout, "web") < 1 || strings.Contains(ps.stdout, "zl-labels") || !strings.Contains(ps.stderr, "zl-labels") ||
		!strings.Contains(ps.stdout, "zl-renamed") {
		t.Errorf("ps: %s%s", ps.stdout, ps.stderr)
	}
	if got := w.zlaunch("stop", "zl-labels"); got.code == 0 || !strings.Contains(got.stderr, "podman stop zl-labels") {
		t.Errorf("stop of a foreign container: exit %d %s", got.code, got.stderr)
	}
	w.foreignStay(there, []string{"stop", "zl-labels"}, run("job", "--", "exit", "0"))
	w.elsewhere().foreignStay(there, append(reading, run("job", "--", "exit", "0"))...)
	if got := w.zlaunch("stop", "--all"); got.code != 0 || strings.TrimSpace(got.stdout) != "zl-renamed" {
		t.Errorf("stop --all: exit %d %s%s", got.code, got.stdout, got.stderr)
	}
	left := w.containers()
	if want := slices.DeleteFunc(slices.Clone(there), func(l string) bool { return strings.HasPrefix(l, ours) }); !slices.Equal(left, want) {
		t.Errorf("stop --all left %q, want %q", left, want)
	}
	if got := w.podman("network", "exists", "zl-foreign"); got.code != 0 {
		t.Error("a network with a label of zlaunch's was removed")
	}
	p.saw("after %d commands in two state directories, and stop --all: %d, the foreign ones", 2*len(reading)+4, len(left))
	for _, id := range foreign {
		w.podman("rm", "-f", "-t", "0", id)
	}
	w.podman("network", "rm", "-f", "zl-foreign")
	w.unchanged(before)
}

// elsewhere is the world with another state directory.
func (w *world) elsewhere() *world {
	out := *w
	out.env = append(slices.Clone(w.env), "XDG_STATE_HOME="+w.t.TempDir())
	return &out
}

// foreignStay runs command lines of zlaunch; the containers stay as they are.
func (w *world) foreignStay(there []string, lines ...[]string) {
	w.t.Helper()
	for _, line := range lines {
		got := w.zlaunch(line...)
		if now := w.containers(); !slices.Equal(now, there) {
			w.t.Fatalf("zlaunch %q (exit %d %s) changed\n%q to\n%q", line, got.code, got.stderr, there, now)
		}
	}
}

// TestReaped makes what launches that were killed leave, as claims have it.
func TestReaped(t *testing.T) {
	p := shows(t, "ownership", "a claimed container that never started goes with the next run or stop; a started one stays, and so do copies")
	w := newWorld(t)
	before := w.settled()
	claims := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "zlaunch")
	put := func(token, name, id string) {
		text := fmt.Sprintf(`{"schema":"zlaunch.dev/claim/v1","kind":"claim","token":%q,"engine":"","name":%q,"id":%q,"time":"2026-01-01T00:00:00Z"}`, token, name, id)
		if err := os.MkdirAll(claims, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(claims, "claim-"+token), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Remove(filepath.Join(claims, "claim-"+token)) })
	}
	create := func(name, token string) string {
		id := w.made("create", "--name="+name, "--label=io.zlaunch.profile=job", "--label=io.zlaunch.launch="+token, image, "sleep", "1h")
		t.Cleanup(func() { w.podman("rm", "-f", "-t", "0", id) })
		return id
	}
	token := func(c string) string { return strings.Repeat(c, 32) }
	waiting, unanswered := create("zl-waiting", token("a")), create("zl-unanswered", token("b"))
	initialised, started := create("zl-initialised", token("c")), create("zl-started", token("d"))
	ended := create("zl-ended", token("e"))
	twin, taken := create("zl-twin", token("a")), create("zl-taken", token("9"))
	w.made("init", initialised)
	w.made("start", started)
	w.made("start", ended)
	w.podman("stop", "-t", "0", ended)
	put(token("a"), "zl-waiting", waiting)
	put(token("b"), "zl-unanswered", "")
	put(token("c"), "zl-initialised", initialised)
	put(token("d"), "zl-started", started)
	put(token("e"), "zl-ended", ended)
	put(token("f"), "zl-taken", "") // asked for, but somebody else's has the name
	there := w.containers()
	w.foreignStay(there, reading...)
	got := w.zlaunch(run("job", "--", "exit", "0")...)
	for id, want := range map[string]bool{waiting: false, unanswered: false, initialised: false, started: true, ended: true, twin: true, taken: true} {
		if exists := w.podman("container", "exists", id).code == 0; exists != want {
			t.Errorf("%s: there %t, want %t", id, exists, want)
		}
	}
	p.saw("%s", strings.Join(strings.Fields(got.stderr), " "))
	stop := w.zlaunch("stop", "--all")
	if stop.code != 0 || !strings.Contains(stop.stdout, "zl-started") || !strings.Contains(stop.stdout, "zl-ended") || strings.Contains(stop.stdout, "zl-twin") {
		t.Errorf("stop --all: %d %s%s", stop.code, stop.stdout, stop.stderr)
	}
	for _, id := range []string{twin, taken} {
		w.podman("rm", "-f", "-t", "0", id)
	}
	w.unchanged(before)
}
