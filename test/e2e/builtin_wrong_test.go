package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// wrong are profiles that extend the built-in triton by one mistake each, and
// what the server says of it.
var wrong = []struct{ name, mistake, says string }{
	{"e2e-path", `args = ["tritonserver", "--model-repository=/model", "--model-control-mode=none", "--exit-on-error=true"]`,
		`--model-repository is "/model", and must be "/models"`},
	{"e2e-missing", `args = ["tritonserver", "--model-repository=/models", "--exit-on-error=true"]`,
		`the option --model-control-mode is missing`},
	{"e2e-port", `args = ["tritonserver", "--model-repository=/models", "--model-control-mode=none", "--exit-on-error=true", "--http-port=8005"]`,
		`--http-port is "8005", and its port is 8000`},
	{"e2e-noexec", `tmpfs."/tmp" = { size = "1g", exec = false }`,
		`it cannot run a program in /tmp`},
	{"e2e-shm", `shm_size = "64m"`,
		`/dev/shm holds 67108864 bytes, and it needs 1073741824`},
}

// A profile that is wrong in one word does not launch, and what the server said
// of it stands in zlaunch's message: the stand-ins are no yes-men.
func TestBuiltinWrong(t *testing.T) {
	w := newWorld(t)
	s, ok := standinOf("triton")
	var list struct{ Profiles []listed }
	w.decode(&list, "list", "--json")
	for _, l := range list.Profiles {
		if l.Name == "triton" && !l.Available || !ok {
			shows(t, "built-in profiles", "a wrong profile does not launch").lacks("triton has images for %s only", strings.Join(l.Archs, " "))
		}
	}
	s.build(t, "triton")
	text := profiles
	for _, c := range wrong {
		text += "\n[profile." + c.name + "]\nextends = \"triton\"\n[profile." + c.name + ".container]\n" + c.mistake + "\n"
	}
	w.write("zlaunch/profiles.toml", text)
	model := modelOf(t, "triton", filepath.Join(t.TempDir(), "models"))
	before := w.settled()
	t.Cleanup(w.removeStandins)
	for _, c := range wrong {
		t.Run(c.name, func(t *testing.T) {
			p := shows(t, "built-in profiles", "triton with "+c.mistake+" does not launch")
			got := w.zlaunch(run("-d", "--models", model, "--image", standinImage("triton"), "--pull", "never", c.name)...)
			if got.code == 0 {
				t.Errorf("it launched: %s", got.stdout)
				w.zlaunch("stop", "zlaunch-"+c.name)
			}
			line := "standin tritonserver: refused: " + c.says
			if !strings.Contains(got.stderr, line) || !strings.Contains(got.stderr, "ended with status 64") {
				t.Errorf("its message lacks %q: %s", line, got.stderr)
			}
			p.saw("exit status %d: %s", got.code, line)
		})
	}
	p := shows(t, "built-in profiles", "a launch that its server refuses leaves nothing behind")
	w.unchanged(before)
	p.saw("before and after: %q", before)
}
