package command

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// allTables are the tables of both engines, by what stands in testdata/answers.txt.
func allTables() map[string]*table {
	return map[string]*table{
		"podman-run": podmanTables().run, "podman": podmanTables().front, "podman-pod-create": podTable(),
		"docker-run": dockerTables().run, "docker": dockerTables().front,
	}
}

// answers are the options of podman 4.3 to 5.8 and of docker 28, one a line, each
// with the answer somebody gave it: "podman-run pidfile host file".
func answers(t *testing.T) map[string]map[string]answered {
	t.Helper()
	text, err := os.ReadFile("testdata/answers.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]answered{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		f := strings.SplitN(line, " ", 3)
		if len(f) != 3 {
			t.Fatalf("%q is not COMMAND OPTION ANSWER", line)
		}
		if out[f[0]] == nil {
			out[f[0]] = map[string]answered{}
		}
		out[f[0]][f[1]] = answered(f[2])
	}
	return out
}

func TestEveryOptionHasItsAnswer(t *testing.T) {
	list := answers(t)
	for command, tab := range allTables() {
		for name, want := range list[command] {
			if o := tab.long[name]; o == nil {
				t.Errorf("%s --%s is not in the table", command, name)
			} else if got := o.answer(); got != want {
				t.Errorf("%s --%s is answered by %q, the list says %q", command, name, got, want)
			}
		}
		for _, name := range tab.names {
			if tab.long[name].answer() == unanswered {
				t.Errorf("%s --%s has no answer: let a control read it, or say why it is harmless, or open what it reaches", command, name)
			}
			if _, ok := list[command][name]; !ok {
				t.Errorf("%s --%s stands in no line of testdata/answers.txt", command, name)
			}
		}
	}
}

// Every row that an option of podman-run states is read from a line.
func TestEveryRowIsRead(t *testing.T) {
	read := map[string]bool{"image": true, "args": true} // words, no options
	for _, word := range []string{"no-new-privileges", "seccomp=/x", "apparmor=x", "label=type:x_t", "mask=/x", "unmask=/x"} {
		got, err := Read([]string{"podman", "run", "--security-opt=" + word, "x:1"})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range container.Rows {
			read[r.Key()] = read[r.Key()] || len(r.Settings(got.Spec)) > 0
		}
	}
	for _, o := range podmanTables().run.long {
		if o.row != nil {
			read[o.row.Key()] = true
		}
	}
	for _, r := range container.Rows {
		if !r.Derived() && !read[r.Key()] {
			t.Errorf("%s: no option of the table reads it", r.Key())
		}
	}
}

// helpOption is an option in an engine's help: "  -a, --attach strings".
var helpOption = regexp.MustCompile(`(?m)^ +(?:-[a-zA-Z], )?--([a-z0-9-]+)`)

// The engines that are here know no option that the tables lack.
func TestInstalledEngines(t *testing.T) {
	for command, args := range map[string][]string{
		"podman": {"podman", "--help"}, "podman-run": {"podman", "run", "--help"}, "podman-pod-create": {"podman", "pod", "create", "--help"},
		"docker": {"docker", "--help"}, "docker-run": {"docker", "run", "--help"},
	} {
		t.Run(command, func(t *testing.T) {
			if _, err := exec.LookPath(args[0]); err != nil {
				t.Skip(args[0] + " is not installed")
			}
			help, err := exec.CommandContext(t.Context(), args[0], args[1:]...).Output()
			found := helpOption.FindAllStringSubmatch(string(help), -1)
			if err != nil || len(found) == 0 {
				t.Skipf("%v tells no options: %v", args, err)
			}
			for _, m := range found {
				if allTables()[command].long[m[1]] == nil {
					t.Errorf("%v knows --%s, and the table does not", args, m[1])
				}
			}
		})
	}
}
