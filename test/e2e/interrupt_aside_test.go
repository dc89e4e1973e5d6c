package e2e

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// aside is what an interrupted scan or build could leave: containers, those that podman builds
// in too, images with a name and without, what lies in a directory of temporary files, and
// the claims on that.
func (w *world) aside(room string) []string {
	w.t.Helper()
	var out []string
	add := func(kind, lines string) {
		for line := range strings.Lines(lines) {
			out = append(out, kind+" "+strings.TrimSpace(line))
		}
	}
	add("container", w.podman("ps", "-a", "--external", "--format", "{{.ID}} {{.Names}}").stdout)
	add("image", w.podman("images", "-a", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}").stdout)
	for _, dir := range []string{room, filepath.Join(w.variable("XDG_STATE_HOME"), "zlaunch/scratch")} {
		_ = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && path != dir {
				add("file", path)
			}
			return nil
		})
	}
	builds, _ := exec.Command("pgrep", "-u", strconv.Itoa(os.Getuid()), "-f", "podman build").Output()
	add("process", string(builds))
	slices.Sort(out)
	return out
}

// unmended removes what the builds that came to their end have named.
func (w *world) unmended() {
	names := w.podman("images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference="+mendedImage+"*")
	for _, name := range strings.Fields(names.stdout) {
		w.podman("rmi", name)
	}
}

// interruptedAnywhere interrupts a command ten times for each signal, each time at a random
// moment of its length, and finds what was there before: after SIGKILL once another call has run.
func (w *world) interruptedAnywhere(p *proof, room string, status int, args []string) {
	w.t.Helper()
	var length time.Duration
	for range 2 { // the second finds what the first left for it
		begun := time.Now()
		if got := w.zlaunch(args...); got.code != status {
			w.t.Fatalf("undisturbed, it ended with %d: %s", got.code, got.stderr)
		}
		length = time.Since(begun)
		w.unmended()
	}
	before := w.aside(room)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		struck := 0
		for range 10 {
			cmd := w.command(lab.zlaunch, args...)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			if err := cmd.Start(); err != nil {
				w.t.Fatal(err)
			}
			at := rand.N(length)
			time.Sleep(at)
			_ = syscall.Kill(-cmd.Process.Pid, sig) // its group, as the terminal does
			_ = cmd.Wait()                          // its status says it
			if cmd.ProcessState.ExitCode() != status {
				struck++
			}
			var next result
			if sig == syscall.SIGKILL {
				if next = w.zlaunch("stop", "--all"); next.code != 0 {
					w.t.Fatalf("the call that cleans up: %s", next.stderr)
				}
			}
			w.unmended()
			if now := w.aside(room); !slices.Equal(now, before) {
				w.t.Fatalf("%s after %s of %s left\n%q, there was\n%q\n%s", sig, at, length, now, before, next.stderr)
			}
		}
		p.saw("%s at 10 moments, %d before the end: nothing is left", sig, struck)
		if struck == 0 {
			w.t.Errorf("%s: no call was struck: the test proves nothing", sig)
		}
	}
}

// A scan that is interrupted, or killed before another call, leaves nothing of the image it
// wrote out, nor does the private service that wrote it.
func TestScanInterruptedAnywhere(t *testing.T) {
	p := shows(t, "scans", "SIGINT, SIGTERM, SIGKILL and another call, at random moments of a scan: containers, images and temporary files are as before")
	w := newWorld(t)
	privateOnly(t, w)
	l := w.scanners("honest")
	args := []string{"scan", image, "--scanner", "scan-honest", "--db", l.database, "--waive", "ZL-104=a test host"}
	l.interruptedAnywhere(p, l.room, 1, args) // it has no packages
}

// A build that is interrupted leaves no container that podman works in, no directory and no
// image without a name.
func TestDeriveInterruptedAnywhere(t *testing.T) {
	p := shows(t, "derive", "SIGINT, SIGTERM, SIGKILL and another call, at random moments of a build: containers, images and temporary files are as before")
	m := newMending(t)
	buildMendable(t, m.world, "rootfs/srv/archive/slow", "200ms")
	privateOnly(t, m.world)
	m.scanned(mendable)
	room := t.TempDir()
	m.env = append(m.env, "TMPDIR="+room)
	m.interruptedAnywhere(p, room, 4, []string{"derive", mendable, "--build", "--waive", "ZL-104=a test host"})
}
