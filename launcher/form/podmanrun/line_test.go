package podmanrun_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// pasted has sh run the line and returns the words it made of it.
func pasted(t *testing.T, line string) []string {
	t.Helper()
	out, err := exec.Command("sh", "-c", line).Output()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	words := strings.Split(string(out), "\x00")
	return words[:len(words)-1]
}

// FuzzLine pastes the line into sh, in both layouts.
func FuzzLine(f *testing.F) {
	f.Add("a", "--env=A=$(touch /tmp/x) `y` \\ \"z\" 'w'")
	f.Add("", "~user")
	f.Add("#x", "a\nb\t!c")
	f.Add("A=b", "-A=b")
	f.Add("*", "{a,b} %1 é")
	f.Fuzz(func(t *testing.T, a, b string) {
		argv := []string{"printf", `%s\0`, a, b}
		for _, write := range []func([]string) (string, error){podmanrun.Line, podmanrun.Pretty} {
			line, err := write(argv)
			if err != nil {
				return
			}
			if got := pasted(t, line); !slices.Equal(got, argv[2:]) {
				t.Fatalf("%q pasted gives %q", line, got)
			}
		}
	})
}

func TestLine(t *testing.T) {
	argv := []string{"podman", "run", "--env=A=b c", "--memory=5b", "it's", ""}
	if got, err := podmanrun.Line(argv); err != nil || got != `podman run '--env=A=b c' --memory=5b 'it'\''s' ''` {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := podmanrun.Pretty(argv[:3]); err != nil || got != "podman \\\n    run \\\n    '--env=A=b c'" {
		t.Errorf("%s, %v", got, err)
	}
	for _, bad := range []string{"\x00", "\x1b[2J", "\r", "\u202e", "\u009b", "\xff", "\x7f"} {
		if line, err := podmanrun.Line([]string{"podman", bad}); err == nil {
			t.Errorf("%q is written as %q", bad, line)
		}
	}
}
