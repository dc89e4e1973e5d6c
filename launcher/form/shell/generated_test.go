package shell

import (
	commandline "flag"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

var (
	seed = commandline.Uint64("seed", 1, "of the scripts that are drawn")
	live = commandline.Int("live", 60, "how many of the drawn scripts are run by bash, with engines that only note their call")
)

const drawn = 1000

func newHider() *hider { return &hider{Rand: rand.New(rand.NewPCG(*seed, 1))} }

// No script that hides a privileged run is silent: it is read, or it is open.
func TestHiddenRunsAreReadOrOpen(t *testing.T) {
	h := newHider()
	read, open, silent := 0, 0, 0
	for i := range drawn {
		text := h.script()
		runs, opens, err := Script("", []byte(text))
		switch {
		case err != nil:
			t.Fatalf("script %d: %v\n%s", i, err, text)
		case judgedPrivileged(runs):
			read++
		case len(opens) > 0 || openRuns(runs):
			open++
		default:
			if silent++; silent <= 5 {
				t.Errorf("script %d is silent (%s):\n%s", i, strings.Join(h.ways, ", "), text)
			}
		}
	}
	t.Logf("of %d scripts %d were read and %d are open, %d silent", drawn, read, open, silent)
	if silent > 0 || read < drawn/4 {
		t.Errorf("%d silent, %d read", silent, read)
	}
}

func judgedPrivileged(runs []*form.Reading) bool {
	for _, r := range runs {
		if on, _, known := container.Privileged.Get(r.Spec); known && on {
			return true
		}
	}
	return false
}

// openRuns tells whether a run may have any option.
func openRuns(runs []*form.Reading) bool {
	for _, r := range runs {
		for _, o := range r.Open {
			if o.At == (container.Path{}) {
				return true
			}
		}
	}
	return false
}

// The drawn scripts are no dead text: bash runs their engines. What stands for sudo,
// ssh and their like runs the command or the text that it is given.
func TestDrawnScriptsRun(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash here to run the drawn scripts")
	}
	bin := t.TempDir()
	standIns(t, bin)
	h, dead := newHider(), 0
	for range *live {
		text := h.script()
		dir := t.TempDir()
		log := filepath.Join(dir, "calls")
		cmd := exec.Command(bash, "-c", text)
		cmd.Dir, cmd.Env = dir, []string{"PATH=" + bin + ":/usr/bin:/bin", "CALLS=" + log, "HOME=" + dir, "SHELL=" + bash}
		out, _ := cmd.CombinedOutput() // its own status says nothing
		if calls, err := os.ReadFile(log); err != nil || !strings.ContainsAny(string(calls), "\n") {
			dead++
			t.Logf("nothing was called (%s):\n%s\n%s", strings.Join(h.ways, ", "), text, command.Clip(string(out)))
		}
	}
	t.Logf("%d of %d scripts called an engine", *live-dead, *live)
	if dead > *live/10 {
		t.Errorf("%d of %d scripts call no engine", dead, *live)
	}
}

func standIns(t *testing.T, bin string) {
	t.Helper()
	scripts := map[string]string{
		"frobnicate": `shift; exec bash -c "$1"`, "ssh": `shift; exec bash -c "$*"`, "watch": `shift 2; exec bash -c "$*"`, "parallel": `shift; exec bash -c "$1"`, "at": "exec bash",
		"script": `exec bash -c "$2"`,
	}
	for _, e := range []string{"podman", "docker", "docker.io", "nerdctl", "podman-remote", "nvidia-docker"} {
		scripts[e] = `echo "$0 $*" >> "$CALLS"`
	}
	for _, s := range []string{"sudo", "doas", "su", "runuser", "sg", "systemd-run", "nsenter", "chroot", "unshare", "setpriv", "ionice", "strace", "machinectl", "faketime", "busybox", "flock"} {
		scripts[s] = `while [ $# -gt 0 ]; do
case $1 in
*c) case $1 in -*) exec bash -c "$2" ;; esac ;;
esac
case $1 in
podman*|docker*|nerdctl|nvidia-docker|bash) exec "$@" ;;
esac
shift
done`
	}
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/bash\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
