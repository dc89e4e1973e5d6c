package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// attackHead is what the first lines of an attack file say, in this order.
var attackHead = []string{"# what: ", "# before: ", "# after: "}

// TestAttacks runs the attacks of test/attack; its README says how they are
// written.
func TestAttacks(t *testing.T) {
	dir := filepath.Join("..", "attack")
	if kit != "" {
		dir = filepath.Join(kit, "attack")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no attacks in %s", dir)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txtar"), func(t *testing.T) { attack(t, f) })
	}
}

func attack(t *testing.T, file string) {
	head := headOf(t, file)
	p := shows(t, "attack", head[0])
	w := newWorld(t)
	p.saw("before: %s; after: %s", head[1], head[2])
	a := &attacked{w: w}
	testscript.RunT(oneByOne{t}, testscript.Params{
		Files: []string{file}, Setup: a.setup, Condition: attackCondition, RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"zlaunch": a.zlaunch, "podman": a.podman, "exits": a.exits, "verdict": a.verdict, "launch": a.launch,
			"ledger": a.ledger, "unchanged": a.unchanged, "oci": a.oci, "layout": a.layout, "running": a.running,
		},
	})
}

// headOf reads what was done, and what came of it before and now.
func headOf(t *testing.T, file string) (out [3]string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for i, word := range attackHead {
		lines.Scan() // of a text that ends the next line is empty
		said, ok := strings.CutPrefix(lines.Text(), word)
		if !ok || said == "" {
			t.Fatalf("%s: line %d must begin with %q", file, i+1, word)
		}
		out[i] = said
	}
	return out
}

// oneByOne runs scripts in the test that began them: they share one user's Podman.
type oneByOne struct{ *testing.T }

func (t oneByOne) Parallel()                              { t.Helper() }
func (t oneByOne) Verbose() bool                          { return false }
func (t oneByOne) Run(_ string, run func(t testscript.T)) { run(t) }

// attacked is what the commands of one script work on.
type attacked struct {
	w      *world
	before []string
}

func (a *attacked) setup(env *testscript.Env) error {
	a.w.dir = env.Cd
	for _, v := range a.w.env {
		name, value, _ := strings.Cut(v, "=")
		if name != "TMPDIR" && name != "PWD" {
			env.Setenv(name, value)
		}
	}
	env.Setenv("PATH", filepath.Dir(lab.zlaunch)+":"+os.Getenv("PATH"))
	env.Setenv("IMAGE", image)
	env.Setenv("WAIVE", "ZL-104=a test host")
	env.Defer(a.clean)
	return nil
}

// clean removes the containers and networks that the script left.
func (a *attacked) clean() {
	for _, line := range a.w.state() {
		kind, name, _ := strings.Cut(line, " ")
		if slices.Contains(a.before, line) || a.before == nil {
			continue
		}
		switch kind {
		case "container":
			_ = exec.Command("podman", "rm", "-f", "-t", "0", name).Run()
		case "network":
			_ = exec.Command("podman", "network", "rm", "-f", name).Run()
		}
	}
}

// run executes a program of the script and returns its exit status.
func (a *attacked) run(ts *testscript.TestScript, name string, args ...string) int {
	err := ts.Exec(name, args...)
	var exit *exec.ExitError
	if err == nil {
		return 0
	}
	if !errors.As(err, &exit) {
		ts.Fatalf("%s: %v", name, err)
	}
	return exit.ExitCode()
}

func (a *attacked) either(ts *testscript.TestScript, neg bool, name string, args []string) {
	if code := a.run(ts, name, args...); (code == 0) == neg {
		ts.Fatalf("%s %q ended with %d", name, args, code)
	}
}

func (a *attacked) zlaunch(ts *testscript.TestScript, neg bool, args []string) {
	a.either(ts, neg, lab.zlaunch, args)
}

func (a *attacked) podman(ts *testscript.TestScript, neg bool, args []string) {
	a.either(ts, neg, "podman", args)
}

// launch is zlaunch run with what a test host cannot enforce waived.
func (a *attacked) launch(ts *testscript.TestScript, neg bool, args []string) {
	a.either(ts, neg, lab.zlaunch, run(args...))
}

// running ARG... waits until a process of this user's with exactly these arguments runs:
// what is started beside a script takes its time, and another user of the machine may
// run the same script.
func (a *attacked) running(ts *testscript.TestScript, neg bool, args []string) {
	want := strings.Join(args, "\x00") + "\x00"
	for range patience(300) {
		files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, file := range files {
			if text, err := os.ReadFile(file); err == nil && string(text) == want && ours(filepath.Dir(file)) {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("no process %q runs", args)
}

// ours tells whether a process, by its directory in /proc, or one that began it, is
// this user's: what runs in a container may have another id, and its monitor has not.
func ours(dir string) bool {
	for range 8 { // deeper than any of these scripts nests
		info, err := os.Stat(dir)
		if err != nil {
			return false
		}
		if info.Sys().(*syscall.Stat_t).Uid == uint32(os.Getuid()) {
			return true
		}
		status, _ := os.ReadFile(filepath.Join(dir, "status"))
		_, after, _ := strings.Cut(string(status), "\nPPid:\t")
		parent, _, _ := strings.Cut(after, "\n")
		if parent == "" || parent == "0" || parent == "1" {
			return false
		}
		dir = filepath.Join("/proc", parent)
	}
	return false
}

// exits N COMMAND ARG... demands the status.
func (a *attacked) exits(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || neg {
		ts.Fatalf("usage: exits N COMMAND ARG...")
	}
	name := args[1]
	if name == "zlaunch" {
		name = lab.zlaunch
	}
	if code := a.run(ts, name, args[2:]...); fmt.Sprint(code) != args[0] {
		ts.Fatalf("%q ended with %d, want %s", args[1:], code, args[0])
	}
}

// verdict [!]VERDICT CONTROL ARG... audits, and demands that some subject has
// that verdict of the control; with ! that none has.
func (a *attacked) verdict(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 3 || neg {
		ts.Fatalf("usage: verdict [!]VERDICT CONTROL ARG...")
	}
	a.run(ts, lab.zlaunch, append([]string{"audit", "--json", "--all"}, args[2:]...)...)
	want, not := strings.CutPrefix(args[0], "!")
	got, messages := verdictsOf(ts, ts.ReadFile("stdout"), args[1])
	if len(got) == 0 {
		ts.Fatalf("there is no finding of %s:\n%s", args[1], ts.ReadFile("stderr"))
	}
	if slices.Contains(got, want) == not {
		ts.Fatalf("%s has the verdicts %q, want %s: %q", args[1], got, args[0], messages)
	}
}

// verdictsOf reads an audit for what it says of one control.
func verdictsOf(ts *testscript.TestScript, text, control string) (verdicts, messages []string) {
	var doc struct {
		Results []struct {
			Findings []struct{ Control, Verdict, Message string }
		}
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		ts.Fatalf("reading the audit: %v\n%s%s", err, text, ts.ReadFile("stderr"))
	}
	for _, r := range doc.Results {
		for _, f := range r.Findings {
			if f.Control == control {
				verdicts, messages = append(verdicts, f.Verdict), append(messages, f.Message)
			}
		}
	}
	return verdicts, messages
}

// ledger notes what the engine has and zlaunch keeps; unchanged compares with it.
func (a *attacked) ledger(*testscript.TestScript, bool, []string) {
	for range patience(20) { // a private service or a monitor of the script before may still be ending
		a.before = a.w.settled()
		if !orphaned(a.before) && !slices.ContainsFunc(a.before, func(l string) bool { return strings.HasPrefix(l, "service ") }) {
			return
		}
	}
}

func (a *attacked) unchanged(ts *testscript.TestScript, neg bool, _ []string) {
	if a.before == nil || neg {
		ts.Fatalf("ledger comes before unchanged")
	}
	a.w.unchanged(a.before)
}

// attackCondition tells what only some machines have.
func attackCondition(name string) (bool, error) {
	switch name {
	case "selinux":
		on, err := os.ReadFile("/sys/fs/selinux/enforce")
		return err == nil && string(on) == "1", nil
	case "crun", "runc":
		out, err := exec.Command("podman", "info", "--format", "{{.Host.OCIRuntime.Name}}").Output()
		return strings.TrimSpace(string(out)) == name, err
	case "podman4":
		out, err := exec.Command("podman", "--version").Output()
		return strings.Contains(string(out), " 4."), err
	case "limits":
		return limited(), nil
	case "engine":
		return true, nil
	}
	return false, fmt.Errorf("no condition %q", name)
}
