package e2e

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// slow tells that launches take seconds here: fewer of them are struck.
var slow = os.Getenv("ZLAUNCH_E2E_SLOW") != ""

// SIGINT, SIGTERM, SIGHUP and SIGKILL before and after every request of a
// launch: what is there afterwards, for SIGKILL after one more zlaunch call, is
// what was there before.
func TestInterrupted(t *testing.T) {
	s := newScene(t)
	px := newProxy(s.world)
	s.env = append(s.env, "CONTAINER_HOST=unix://"+px.socket)
	px.arm(0, false, nil)
	if got := s.zlaunch(run("-d", "web")...); got.code != 0 {
		t.Fatalf("undisturbed, the launch ended with %d: %s", got.code, got.stderr)
	}
	requests := px.count.Load()
	s.zlaunch("stop", "web")
	s.before = s.quiet()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL} {
		s.row(sig.String(), fmt.Sprintf("signal %d (%s) at the requests of a launch leaves nothing", sig, sig), func(w *world, p *proof) {
			s.interrupted(w, p, &strikes{px, sig, requests, map[string]int{}})
		})
	}
}

// strikes are the launches of one signal; histogram counts the moments struck.
type strikes struct {
	*proxy
	sig       syscall.Signal
	requests  int64
	histogram map[string]int
}

func (s *scene) interrupted(w *world, p *proof, k *strikes) {
	struck, step := 0, int64(1)
	switch {
	case slow:
		step = 5
	case k.sig == syscall.SIGTERM || k.sig == syscall.SIGHUP: // caught as SIGINT is
		step = 5
	}
	for round := 0; struck < 5 && round < 4 && (round == 0 || !slow); round++ {
		for at := int64(1); at <= k.requests; at += step {
			for _, after := range []bool{false, true} {
				struck += k.strikeAt(w, moment{at, after})
				if k.sig != syscall.SIGKILL {
					s.compareQuietly(w)
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(k.histogram)) {
		w.t.Logf("%-9s %-44s %d", k.sig, name, k.histogram[name])
	}
	if struck == 0 {
		w.t.Error("no launch was struck: the test proves nothing")
	}
	p.saw("struck %d times at %d moments of %d requests", struck, len(k.histogram), k.requests)
	if k.sig == syscall.SIGKILL {
		if got := w.zlaunch("stop", "--all"); got.code != 0 {
			w.t.Errorf("the call that cleans up: %s", got.stderr)
		}
	}
}

// compareQuietly is compare without its line in the table.
func (s *scene) compareQuietly(w *world) { s.compare(w, &proof{t: w.t}) }

type moment struct {
	at    int64
	after bool
}

// strikeAt runs one launch and signals it; it returns 1 when the moment came. A
// launch that was already done is stopped like any other.
func (k *strikes) strikeAt(w *world, m moment) int {
	cmd := exec.Command(lab.zlaunch, run("-d", "web")...)
	cmd.Env, cmd.Dir = w.env, w.dir
	started := make(chan struct{})
	struck := make(chan string, 1)
	k.arm(m.at, m.after, func(name string) {
		<-started
		cmd.Process.Signal(k.sig)
		struck <- name
	})
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	close(started)
	err := cmd.Wait()
	k.arm(0, false, nil)
	if err == nil {
		w.zlaunch("stop", "web")
	}
	select {
	case name := <-struck:
		k.histogram[name]++
		return 1
	default:
		return 0
	}
}

// The private service dies at every stage of a launch.
func TestServiceKilled(t *testing.T) {
	s := newScene(t)
	privateOnly(t, s.world)
	s.row("private service", "zlaunch's own podman service killed at moments of launches: each goes on or ends, and leaves nothing", func(w *world, p *proof) {
		launches, apart := 20, 10*time.Millisecond
		if slow {
			launches, apart = 4, time.Second
		}
		killed, served := 0, 0
		for i := range launches {
			cmd := exec.Command(lab.zlaunch, run("-d", "web")...)
			cmd.Env, cmd.Dir = w.env, w.dir
			err := cmd.Start()
			if err != nil {
				t.Fatal(err)
			}
			over := make(chan error, 1)
			go func() { over <- cmd.Wait() }()
			ended, there := false, false
			for !ended && !there {
				select {
				case err = <-over:
					ended = true
				case <-time.After(time.Millisecond):
					there = len(services(cmd.Process.Pid)) > 0
				}
			}
			if there { // the first one at once, the others later and later
				time.Sleep(time.Duration(i) * apart)
				killed += min(1, killServices(cmd.Process.Pid))
				err = <-over
			}
			if err == nil {
				served++
				w.zlaunch("stop", "web")
			}
		}
		p.saw("killed %d services in %d launches, of which %d served all the same", killed, launches, served)
		// Podman 4.3 leaves its own network namespace half made when its service is
		// killed while making it; this is its remedy.
		w.podman("system", "migrate")
		if killed == 0 {
			w.t.Error("no service was killed: the test proves nothing")
		}
		w.zlaunch("stop", "--all")
	})
}

// services are the podman services below a process.
func services(parent int) (pids []int) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	for _, file := range tasks {
		children, _ := os.ReadFile(file)
		for _, child := range strings.Fields(string(children)) {
			pid, _ := strconv.Atoi(child)
			line, _ := os.ReadFile("/proc/" + child + "/cmdline")
			if pid > 1 && strings.Contains(string(line), "service\x00") {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// killServices kills the podman services below a process, the lowest first, and
// tells how many it found.
func killServices(parent int) (killed int) {
	for _, pid := range services(parent) {
		killServices(pid)
		if syscall.Kill(pid, syscall.SIGKILL) == nil {
			killed++
		}
	}
	return killed
}

// privateOnly makes sure that no podman service answers this user by itself, so
// that zlaunch starts one: it stops podman.socket, until the test is over.
func privateOnly(t *testing.T, w *world) {
	t.Helper()
	socket := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "podman/podman.sock")
	if w.do(w.command("curl", "-sS", "--max-time", "30", "--unix-socket", socket, "http://d/_ping")).code != 0 {
		return
	}
	if out, err := exec.Command("systemctl", "--user", "stop", "podman.socket", "podman.service").CombinedOutput(); err != nil {
		t.Skipf("this user's own podman service answers and cannot be stopped: %s", out)
	}
	t.Cleanup(func() { exec.Command("systemctl", "--user", "start", "podman.socket").Run() })
}

// Launches at once all get a name, a port and an answer.
func TestFiftyAtOnce(t *testing.T) {
	s := newScene(t)
	px := newProxy(s.world)
	s.env = append(s.env, "CONTAINER_HOST=unix://"+px.socket)
	n := 50
	if slow {
		n = 4
	}
	s.row("at once", "launches at once all get a name, a port and an answer", func(w *world, p *proof) {
		urls := make([]string, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Add(1)
			go func() {
				defer wg.Done()
				cmd := exec.Command(lab.zlaunch, run("-d", "--ready-timeout", "5m", "-e", fmt.Sprint("LAUNCH=", i), "web")...)
				cmd.Env, cmd.Dir = w.env, w.dir
				out, err := cmd.Output()
				if err != nil {
					w.t.Errorf("launch %d: %v %s", i, err, err.(*exec.ExitError).Stderr)
				}
				urls[i] = strings.TrimSpace(string(out))
			}()
		}
		wg.Wait()
		distinct := slices.Compact(sorted(urls))
		if len(distinct) != n {
			w.t.Errorf("%d distinct URLs of %d: %q", len(distinct), n, urls)
		}
		p.saw("%d launches at once, %d URLs from %s to %s", n, len(distinct), distinct[0], distinct[len(distinct)-1])
		if got := w.zlaunch("stop", "--all"); got.code != 0 {
			w.t.Errorf("stop --all: %s", got.stderr)
		}
	})
}

// A record that cannot be written ends the launch with a message and nothing
// left, however far it has come.
func TestRecordCannotBeWritten(t *testing.T) {
	s := newScene(t)
	s.row("record", "a launch whose record cannot be written ends, and its container is gone", func(w *world, p *proof) {
		locked := filepath.Join(w.t.TempDir(), "locked")
		if err := os.Mkdir(locked, 0o500); err != nil {
			w.t.Fatal(err)
		}
		w.env = append(slices.Clone(w.env), "XDG_STATE_HOME="+locked)
		refused(p, w.zlaunch(run("-d", "web")...), "writing the launch record", "permission denied")
	})
}
