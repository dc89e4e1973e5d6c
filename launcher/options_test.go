package launcher_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// harmlessLine is a run of which as much as a line can show passes.
const harmlessLine = `run --pull=never --read-only --cap-drop=all --security-opt=no-new-privileges --user=1000:1000 --network=none --memory=512m ` +
	`--memory-swap=512m --cpus=1 --pids-limit=100 --ulimit=nofile=1024:1024 --ulimit=core=0:0 --ulimit=nproc=100:100 --ipc=private ` +
	`--tmpfs=/tmp:rw,size=16m,noexec,nosuid,nodev,mode=1777 --shm-size=64m --stop-timeout=10 --init --name=x --rm`

const harmlessImage = " registry.example.com/x/y@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// worst are values with which an option must not pass; of the others "/tmp/e" is.
var worst = map[string]string{
	"add-host": "registry.example.com:127.0.0.1", "annotation": "run.oci.handler=krun",
}

func weak(t *testing.T, line string) []string {
	t.Helper()
	r, err := command.Line(line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	var out []string
	for _, f := range launcher.AuditReading(r, nil).Findings {
		if f.Verdict == audit.Fail || f.Verdict == audit.Open || f.Verdict == audit.Review {
			out = append(out, f.Control.ID+" "+f.Verdict.String()+" "+f.At.String()+" "+f.Message)
		}
	}
	return out
}

// Every option that is said to be judged, to name a file or to open something has
// a value by which a run weakens, and every harmless one has none.
func TestAnswersAreTrue(t *testing.T) {
	text, err := os.ReadFile("form/command/testdata/answers.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, l := range lines[1:] {
		f := strings.SplitN(l, " ", 3)
		engine, front, run := strings.Cut(f[0], "-")
		if front == "pod-create" {
			continue
		}
		value, ok := worst[f[1]]
		if !ok {
			value = "/tmp/e"
		}
		o := " --" + f[1] + "=" + value + " "
		bare, with := engine+" "+harmlessLine+harmlessImage, engine+" "+harmlessLine+o+harmlessImage
		if !run {
			with = engine + o + harmlessLine + harmlessImage
		}
		before := weak(t, bare)
		more := slices.DeleteFunc(weak(t, with), func(s string) bool { return slices.Contains(before, s) })
		if f[2] == "harmless" != (len(more) == 0) {
			t.Errorf("%s is %s, and %s brings %q", l, f[2], o, more)
		}
	}
}
