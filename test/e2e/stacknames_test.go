package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// oneMember is a stack of one member in one network.
func oneMember(member, network string) string {
	return fmt.Sprintf("schema = 1\n[network.%s]\n[member.%s]\nprofile = \"web\"\nmodels = \"m\"\nnetworks = [\"%[1]s\"]\n", network, member)
}

// Names that somebody has are nobody else's: a container or a network made by hand, and those
// of a stack whose names come to the same.
func TestStackNames(t *testing.T) {
	p := shows(t, "stack", "names that are taken are errors, and who has them is left alone")
	w := stackWorld(t)
	before := w.settled()
	refused := func(what, name, says string) {
		t.Helper()
		got := w.zlaunch("up", "--waive", waived, name+".toml", "--name", name)
		p.saw("%s: %d, %.140s", what, got.code, line(got.stderr, "zlaunch: error"))
		if got.code != 3 || !strings.Contains(got.stderr, says) {
			t.Errorf("%s: ended with %d: %s", what, got.code, got.stderr)
		}
	}

	w.stack("a.toml", oneMember("b-c", "net"))
	w.podman("create", "--name", "zlaunch-a-b-c", "--network", "none", "localhost/zlaunch-e2e:latest", "sleep")
	refused("a container made by hand", "a", "the name is taken")
	if w.podman("container", "exists", "zlaunch-a-b-c").code != 0 {
		t.Error("the container made by hand is gone")
	}
	w.podman("rm", "-f", "zlaunch-a-b-c")

	w.podman("network", "create", "zlaunch-a-net")
	refused("a network made by hand", "a", "the stack shares none")
	if w.podman("network", "exists", "zlaunch-a-net").code != 0 {
		t.Error("the network made by hand is gone")
	}
	w.podman("network", "rm", "zlaunch-a-net")

	w.stack("a-b.toml", oneMember("c", "n"))
	if got := w.zlaunch("up", "--waive", waived, "a-b.toml", "--name", "a-b"); got.code != 0 {
		t.Fatalf("up ended with %d: %s", got.code, got.stderr)
	}
	t.Cleanup(func() { w.zlaunch("down", "a-b") })
	refused("member b-c of a beside member c of a-b", "a", "the name is taken")
	w.stack("a.toml", oneMember("x", "b-n"))
	refused("network b-n of a beside network n of a-b", "a", "the stack shares none")
	if got := w.zlaunch("down", "a"); got.code == 0 {
		t.Errorf("a stack that is not up goes down: %s", got.stdout)
	}
	if ps := w.zlaunch("ps", "--format", "{{.Stack}} {{.Member}} {{.Name}} {{.State}}").stdout; ps != "a-b c zlaunch-a-b-c running\n" {
		t.Errorf("ps: %q", ps)
	}
	if got := w.zlaunch("down", "a-b"); got.code != 0 {
		t.Errorf("down ended with %d: %s", got.code, got.stderr)
	}
	w.unchanged(before)
}

// TestStacksPage reads docs/stacks.md and does what it says, command by command.
func TestStacksPage(t *testing.T) {
	p := shows(t, "stack", "docs/stacks.md tells what happens")
	w := newWorld(t)
	w.namesAnew()
	w.env = append(w.env, "PATH="+onPath(t)+":"+os.Getenv("PATH"))
	s := &story{world: w, registry: "127.0.0.1:5000", teams: map[string]*world{"you": w}}
	s.demoImage()
	before := w.settled()
	text := strings.ReplaceAll(page(t, "stacks.md"), "8080", "18433") // which somebody else may have
	_, file, _ := strings.Cut(text, "```toml\n")
	file, _, _ = strings.Cut(file, "```")
	w.stack("shop.toml", file)
	t.Cleanup(func() { w.zlaunch("down", "shop") })
	seen := 0
	for _, block := range blocks(t, text, 3) {
		for _, step := range block.steps {
			s.does(block.team, step)
			seen++
		}
	}
	p.saw("%d commands say what the page says", seen)
	w.unchanged(before)
}

// number is what a variable says, or some without it.
func number(variable string, some int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return n
	}
	return some
}

// Stacks of one file with names of their own are in nobody's way. ZLAUNCH_E2E_STACKS is how
// many; 4 without it.
func TestStacksAtOnce(t *testing.T) {
	many := number("ZLAUNCH_E2E_STACKS", 4)
	p := shows(t, "stack", fmt.Sprintf("%d stacks of one file come up at once and go down", many))
	w := stackWorld(t)
	w.stack("stack.toml", strings.Replace(stackFile, `publish  = ["18431:http"]`, "", 1))
	before := w.settled()
	each := func(args ...string) []result {
		out, done := make([]result, many), make(chan bool)
		for i := range many {
			go func() {
				cmd := exec.Command(lab.zlaunch, append(slices.Clone(args), fmt.Sprintf("s%d", i))...)
				cmd.Env, cmd.Dir = w.env, w.dir
				text, _ := cmd.CombinedOutput()
				out[i] = result{stderr: string(text), code: cmd.ProcessState.ExitCode()}
				done <- true
			}()
		}
		for range many {
			<-done
		}
		return out
	}
	for _, args := range [][]string{{"up", "--waive", waived, "--ready-timeout", "10m", "--name"}, {"down"}} {
		for i, got := range each(args...) {
			if got.code != 0 {
				t.Errorf("%s of s%d ended with %d: %s", args[0], i, got.code, got.stderr)
			}
		}
		p.saw("%s: %d containers run", args[0], len(strings.Fields(w.podman("ps", "-q").stdout)))
	}
	w.unchanged(before)
}
