package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// A value that an option does not take is told with the option, the value, what is taken,
// and where that is no list an example.
func TestWrongValues(t *testing.T) {
	for _, c := range commands {
		fs, _ := c.flags()
		fs.VisitAll(func(f *pflag.Flag) {
			fresh, _ := c.flags()
			if fresh.Set(f.Name, "@@") == nil { // what it takes is asked for later
				return
			}
			w := newWorld(t)
			w.run(c.name(), "--"+f.Name+"=@@")
			for _, want := range []string{fmt.Sprintf(`option --%s does not take "@@"`, f.Name), "hint: --" + f.Name + " is "} {
				if !strings.Contains(w.stderr.String(), want) {
					t.Errorf("%s --%s: lacks %q:\n%s", c.name(), f.Name, want, w.stderr.String())
				}
			}
		})
	}
	for line, want := range map[string]string{
		"run x --ready-timeout 5":   "--ready-timeout is a time from 1s to 24h with its unit, as 90s, 5m or 1h",
		"run x --ready-timeout 2ms": "as 90s, 5m or 1h",
		"run x --ready-timeout 25h": "as 90s, 5m or 1h",
		"run x --ready-timeout=-1s": "as 90s, 5m or 1h",
		"run x --cpus NaN":          "--cpus is a number of processors above 0, and at most 4096, as 1.5",
		"run x --cpus 0":            "as 1.5",
		"run x --cpus=-1":           "as 1.5",
		"run x --cpus 1e9":          "as 1.5",
		"logs --tail=-1 x":          "--tail is a number of lines, as 50",
		"logs --tail 1.5 x":         "as 50",
		"run x --detach=maybe":      "--detach is true or false",
		"validate --layer @@ x":     "--layer is one of system, user, project",
		"run x --fail-on @@":        "--fail-on is one of low, medium, high, critical",
		"audit --severity @@ x":     "--severity is one of",
		"audit --standard @@ x":     "--standard is one of ibm-z",
		"audit --only @@ x":         "as ZL-203, cap-drop-all or ZL-2",
		"list --arch @@":            "--arch is one of amd64",
	} {
		w := newWorld(t)
		if status := w.run(strings.Fields(line)...); status != exitUsage && status != exitOwn {
			t.Errorf("%s: status %d", line, status)
		}
		if !strings.Contains(w.stderr.String(), want) {
			t.Errorf("%s: lacks %q:\n%s", line, want, w.stderr.String())
		}
	}
}
