package command_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// lists are the options of the engines as their sources have them: podman 4.3.1 to
// 5.8.2 (cmd/podman: common/create.go, common/netflags.go, containers/run.go,
// root.go) and docker 28.5.2 (cli/command/container/opts.go, run.go).
var lists = map[string]func() []command.Answer{
	"podman-run":    func() []command.Answer { return command.Answers(false, false) },
	"podman-global": func() []command.Answer { return command.Answers(false, true) },
	"docker-run":    func() []command.Answer { return command.Answers(true, false) },
	"docker-global": func() []command.Answer { return command.Answers(true, true) },
}

// Each option of podman and docker is in a table, and nothing else is.
func TestEveryOptionIsInATable(t *testing.T) {
	for list, answers := range lists {
		text, err := os.ReadFile("testdata/" + list + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		names := strings.Fields(string(text))
		if list == "podman-run" { // the persistent ones stand behind the verb too
			more, _ := os.ReadFile("testdata/podman-global.txt")
			names = append(names, strings.Fields(string(more))...)
		}
		var have []string
		for _, a := range answers() {
			have = append(have, a.Name)
		}
		for _, n := range names {
			if other := command.Aliases()[n]; !slices.Contains(have, n) && !slices.Contains(have, other) && !(list == "podman-run" && frontAlone(n)) {
				t.Errorf("%s: %s has no answer", list, n)
			}
		}
		for _, n := range have {
			if !slices.Contains(names, n) {
				t.Errorf("%s: %s is no option of the engine", list, n)
			}
		}
		t.Logf("%s: %d options have their answer", list, len(have))
	}
}

// frontAlone tells whether an option of podman stands in front of the verb alone.
func frontAlone(name string) bool {
	return !slices.ContainsFunc(command.Answers(false, false), func(a command.Answer) bool { return a.Name == name }) &&
		slices.ContainsFunc(command.Answers(false, true), func(a command.Answer) bool { return a.Name == name })
}

// helped matches an option in a help text.
var helped = regexp.MustCompile(`(?m)^\s+(?:-\w, )?--([a-z0-9-]+)`)

// What the engines of this host offer has an answer.
func TestEveryOptionOfThisHost(t *testing.T) {
	for _, engine := range []string{"podman", "docker"} {
		t.Run(engine, func(t *testing.T) {
			if _, err := exec.LookPath(engine); err != nil {
				t.Skipf("LOUD: there is no %s here", engine)
			}
			for list, args := range map[string][]string{"run": {"run", "--help"}, "global": {"--help"}} {
				out, err := exec.Command(engine, args...).Output()
				if err != nil {
					t.Skipf("LOUD: %s %q: %v", engine, args, err)
				}
				answers := lists[engine+"-"+list]()
				found := helped.FindAllStringSubmatch(string(out), -1)
				for _, m := range found {
					if !slices.ContainsFunc(answers, func(a command.Answer) bool { return a.Name == m[1] }) {
						t.Errorf("%s %s: --%s has no answer", engine, list, m[1])
					}
				}
				t.Logf("%s %s: %d options", engine, list, len(found))
			}
		})
	}
}

// An answer is one: settings that controls read, or a reason why none has to. What
// opens a setting names one that a control reads.
func TestEveryOptionHasOneAnswer(t *testing.T) {
	unread := []string{container.Other.Key(), container.EngineOpts.Key()}
	for list, answers := range lists {
		for _, a := range answers() {
			var rows []string
			for _, r := range append([]container.Row{a.Row}, a.Also...) {
				if r != nil && len(audit.Of(r.Key())) > 0 && (!slices.Contains(unread, r.Key()) || a.Harmless == "" && a.Opens == "") {
					rows = append(rows, r.Key())
				}
			}
			switch {
			case a.Harmless != "" && a.Opens != "":
				t.Errorf("%s: --%s is harmless, and opens", list, a.Name)
			case a.Harmless != "":
			case len(rows) == 0:
				t.Errorf("%s: --%s: no control reads its row, and nothing says why none has to", list, a.Name)
			case a.Opens != "" && len(a.Also) == 0:
				t.Errorf("%s: --%s opens nothing", list, a.Name)
			}
		}
	}
	for _, v := range command.Variables() {
		switch {
		case (v.Harmless == "") == (v.Row == nil):
			t.Errorf("%s: one answer is wanted", v.Names)
		case v.Row != nil && len(audit.Of(v.Row.Key())) == 0:
			t.Errorf("%s: no control reads %s", v.Names, v.Row.Key())
		}
	}
}
