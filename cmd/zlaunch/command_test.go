package main

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/pflag"
)

// Every command is documented, and the same way.
func TestCommands(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range commands {
		if seen[c.name()] {
			t.Errorf("%s: there are two", c.name())
		}
		seen[c.name()] = true
		if !phrase(c.short) {
			t.Errorf("%s: short %q is no verb phrase in lower case of at most 80 letters without a full stop", c.name(), c.short)
		}
		if !strings.HasSuffix(c.long, ".") || strings.Contains(strings.ReplaceAll(c.long, "\n\n", ""), "\n") {
			t.Errorf("%s: long is not made of paragraphs of one line each, ended by full stops", c.name())
		}
		if !c.hidden && len(c.example) == 0 {
			t.Errorf("%s: no example", c.name())
		}
	}
}

// Only what launches or stops removes what killed launches left. Every command is
// named here: a new one says which it is.
func TestWhoReaps(t *testing.T) {
	may := map[string]bool{
		"run": true, "stop": true, "demo": true, "trial": true, "derive": true, "up": true, "down": true, "scan": true,
		"plan": false, "audit": false, "explain": false, "diff": false, "exposure": false, "list": false, "show": false, "inspect": false, "ps": false, "logs": false,
		"exec": false, "pull": false, "export": false, "install": false, "upgrade": false, "rollback": false, "uninstall": false, "prove": false, "add": false, "update": false, "remove": false, "bundles": false, "pin": false, "outdated": false, "verify": false, "push": false, "doctor": false, "new": false, "validate": false, "approve": false, "policy": false, "gateway": false, "token": false, "model": false, "version": false, "completion": false, "help": false,
		"__complete": false, "__try": false,
	}
	for _, c := range commands {
		if want, known := may[c.name()]; !known || c.reaps != want {
			t.Errorf("%s: reaps %t, want %t, known %t", c.name(), c.reaps, want, known)
		}
		delete(may, c.name())
	}
	for name := range may {
		t.Errorf("there is no command %s", name)
	}
}

func phrase(s string) bool {
	return s != "" && unicode.IsLower(rune(s[0])) && !strings.HasSuffix(s, ".") && len(s) <= 80
}

// Every option says what it does; a value it takes has a name.
func TestOptionsAreDocumented(t *testing.T) {
	check := func(t *testing.T, fs *pflag.FlagSet) {
		fs.VisitAll(func(f *pflag.Flag) {
			value, usage := pflag.UnquoteUsage(f)
			if usage == "" || !unicode.IsLower(rune(usage[0])) || strings.HasSuffix(usage, ".") {
				t.Errorf("--%s: usage %q is no verb phrase in lower case without a full stop", f.Name, usage)
			}
			if f.Value.Type() != "bool" && !strings.Contains(f.Usage, "`") {
				t.Errorf("--%s: its value %q has no name of its own", f.Name, value)
			}
		})
	}
	check(t, globalOptions())
	for _, c := range commands {
		fs, _ := c.flags()
		t.Run(c.name(), func(t *testing.T) { check(t, fs) })
	}
}

// The examples are command lines of zlaunch that parse.
func TestExamplesParse(t *testing.T) {
	own := regexp.MustCompile(`zlaunch ([a-z_]+)((?: [^|;>)]+)?)`)
	for _, c := range commands {
		for _, line := range c.example {
			for _, m := range own.FindAllStringSubmatch(line, -1) {
				used := find(m[1])
				if used == nil {
					t.Errorf("%s: %q: there is no command %q", c.name(), line, m[1])
					continue
				}
				fs, _ := used.flags()
				if err := parse(fs, strings.Fields(m[2]), used.opaque); err != nil {
					t.Errorf("%s: %q: %v", c.name(), line, err)
				}
			}
		}
	}
}

// The synopsis tells whether there are options.
func TestSynopsis(t *testing.T) {
	for _, c := range commands {
		if fs, _ := c.flags(); fs.HasAvailableFlags() != strings.Contains(c.usage, "[OPTION]...") && c != cmdCompletion {
			t.Errorf("%q: has options: %v", c.usage, fs.HasAvailableFlags())
		}
	}
}

func TestRoles(t *testing.T) {
	fs, _ := cmdRun.flags()
	for _, tt := range []struct {
		args   string
		opaque bool
		want   string // a letter each: argument, option, value, workload
	}{
		{"triton", false, "a"},
		{"--models m triton", false, "ova"},
		{"triton --models=m -d", false, "aoo"},
		{"-de A=B -p 1:http", false, "ovov"},
		{"-eA=B x", false, "oa"},
		{"-d -- -x --models", false, "owww"},
		{"--podman-arg --privileged x", false, "ova"},
		{"-it x -l --models y", true, "oaaaa"},
		{"--unknown x -", false, "oaa"},
		{"-\xff x", false, "oa"},
	} {
		args := strings.Fields(tt.args)
		var got strings.Builder
		for _, r := range roles(fs, args, tt.opaque) {
			got.WriteByte("aovw"[r])
		}
		if got.String() != tt.want {
			t.Errorf("%q: got %s, want %s", tt.args, got.String(), tt.want)
		}
	}
}

// roles and pflag agree on what is left as arguments, whatever the line.
func FuzzRoles(f *testing.F) {
	f.Add("triton --models m -- -x")
	f.Add("-dit --env A -p=1:a - -- ")
	f.Add("--=x -= --- -e")
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Split(line, " ")
		fs, _ := cmdRun.flags()
		kinds := roles(fs, args, false)
		if parse(fs, args, false) != nil {
			return
		}
		var want []string
		for i, k := range kinds {
			if k == roleArgument || k == roleWorkload && i > 0 && kinds[i-1] == roleWorkload {
				want = append(want, args[i])
			}
		}
		if got := fs.Args(); strings.Join(got, " ") != strings.Join(want, " ") || len(got) != len(want) {
			t.Errorf("%q: pflag leaves %q, roles say %q", args, got, want)
		}
	})
}
