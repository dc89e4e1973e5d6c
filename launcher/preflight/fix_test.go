package preflight_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/preflight"
)

var allFixes = []preflight.Fix{preflight.FixHelpers, preflight.FixUserns, preflight.FixSubIDs, preflight.FixLinger, preflight.FixCgroup2, preflight.FixDelegate}

func problems(fixes ...preflight.Fix) []audit.Problem {
	var out []audit.Problem
	for _, f := range fixes {
		out = append(out, audit.Problem{Fix: f})
	}
	return out
}

// The script is valid sh and has the parts asked for, and only those.
func TestFixScript(t *testing.T) {
	f := &host.Facts{UID: 1001, Username: "ann", SubUIDs: host.SubIDs{All: []host.Range{{Owner: "bob", Start: 524288, Count: 65536}}}}
	script := preflight.FixScript(problems(allFixes...), f)
	for _, want := range []string{"user=ann uid=1001", "--add-subuids 589824-655359", "--add-subgids 524288-589823", "enable-linger", "Delegate=", "unified_cgroup_hierarchy", "uidmap", "sysctl -p"} {
		if !strings.Contains(script, want) {
			t.Errorf("no %q in\n%s", want, script)
		}
	}
	syntax(t, script)
	one := preflight.FixScript(problems(preflight.FixLinger), f)
	if strings.Contains(one, "subuid") || !strings.Contains(one, "enable-linger") {
		t.Errorf("got\n%s", one)
	}
	if got := preflight.FixScript(problems(""), f); got != "" {
		t.Errorf("nothing to mend, got\n%s", got)
	}
}

// A name cannot leave its quotes, and one that no account has gives no script.
func TestFixScriptNames(t *testing.T) {
	for _, name := range []string{`a'b`, `$(id)`, "a;b", `DOM\ann`, "ann.b"} {
		script := preflight.FixScript(problems(allFixes...), &host.Facts{Username: name})
		syntax(t, script)
		out, err := exec.Command("sh", "-c", userLine(script)+"\nprintf %s \"$user\"").Output()
		if err != nil || string(out) != name {
			t.Errorf("%q becomes %q, %v", name, out, err)
		}
	}
	for _, name := range []string{"", "-rf", "a\nb", "a:b", "a b", "#a"} {
		if got := preflight.FixScript(problems(allFixes...), &host.Facts{Username: name}); got != "" {
			t.Errorf("%q gives a script", name)
		}
	}
}

func userLine(script string) string {
	for line := range strings.Lines(script) {
		if strings.HasPrefix(line, "user=") {
			return line
		}
	}
	return "exit 1"
}

func syntax(t *testing.T, script string) {
	t.Helper()
	if script == "" {
		return
	}
	cmd := exec.Command("sh", "-n")
	cmd.Stdin = strings.NewReader(script)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s\n%s", err, out, script)
	}
}

// A full file of sub-ids is said, not guessed around.
func TestFixScriptFull(t *testing.T) {
	full := host.SubIDs{All: []host.Range{{Start: 0, Count: 4294967295}}}
	script := preflight.FixScript(problems(preflight.FixSubIDs), &host.Facts{Username: "ann", SubUIDs: full})
	if !strings.Contains(script, "no free range") || strings.Contains(script, "--add-subuids") {
		t.Errorf("got\n%s", script)
	}
	syntax(t, script)
}
