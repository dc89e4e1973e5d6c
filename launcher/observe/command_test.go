package observe_test

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/observe"
)

// What a first process shows bears its configuration out, or does not; a script does,
// and one that is over says nothing.
func TestStarted(t *testing.T) {
	const config = `{"process":{"args":["entry.sh","serve","8000"],"env":["A=1","B=2"]}}`
	zero := func(s string) string { return strings.ReplaceAll(s, " ", "\x00") + "\x00" }
	for name, c := range map[string]struct {
		cmdline, environ string
		args, env        bool
	}{
		"as told":               {"entry.sh serve 8000", "A=1 B=2", true, true},
		"with a home":           {"entry.sh serve 8000", "A=1 B=2 HOME=/", true, true},
		"a script":              {"/bin/sh -e /usr/bin/entry.sh serve 8000", "A=1 B=2", true, true},
		"another script":        {"/bin/sh -e /usr/bin/other.sh serve 8000", "A=1 B=2", false, false},
		"another argument":      {"entry.sh serve 9000", "A=1 B=2", false, false},
		"an argument more":      {"entry.sh serve 8000 --evil", "A=1 B=2", false, false},
		"a variable more":       {"entry.sh serve 8000", "A=1 B=2 LD_PRELOAD=/x", true, false},
		"a variable less":       {"entry.sh serve 8000", "A=1", true, false},
		"another value":         {"entry.sh serve 8000", "A=1 B=3", true, false},
		"three words in front":  {"a b c entry.sh serve 8000", "A=1 B=2", false, false},
		"of nothing a variable": {"entry.sh serve 8000", "A=1 B=2 =x", true, false},
	} {
		args, env := observe.Started([]byte(config), zero(c.cmdline), zero(c.environ))
		if (args == "") != c.args || (env == "") != c.env {
			t.Errorf("%s: args %q, env %q", name, args, env)
		}
	}
	if args, env := observe.Started([]byte(config), "", ""); args+env != "" {
		t.Errorf("of a process that is over: %q, %q", args, env)
	}
}
