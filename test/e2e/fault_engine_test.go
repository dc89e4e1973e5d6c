package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The user's own podman service dies at a known moment of the launch: zlaunch
// says so, and what was made is removed by podman itself.
func TestEngineKilled(t *testing.T) {
	s := newScene(t)
	privateOnly(t, s.world)
	s.row("in create", "the user's own podman service killed while the runtime sets the container up", func(w *world, p *proof) {
		pids := filepath.Join(w.t.TempDir(), "pids")
		w.wrapRuntime(fmt.Sprintf("kill -9 $(cat %q)", pids))
		own := startOwn(w)
		if err := os.WriteFile(pids, []byte(strings.Join(own.pids(), " ")), 0o644); err != nil {
			w.t.Fatal(err)
		}
		refused(p, w.zlaunch(run(ownRuntime, "-d", "idle")...), "setting up the container of idle", "no Podman service")
		w.podman("system", "migrate") // mends what Podman 4.3 leaves of its network namespace
	})
	s.row("in the wait", "the user's own podman service killed while a started server is waited for", func(w *world, p *proof) {
		own := startOwn(w)
		over := make(chan struct{})
		go func() {
			defer close(over)
			for range 300 {
				if strings.Contains(w.podman("ps", "--format", "{{.Names}}").stdout, "zlaunch-idle") {
					own.kill()
					return
				}
				time.Sleep(100 * time.Millisecond)
			}
		}()
		got := w.zlaunch(run("-d", "idle")...)
		<-over
		refused(p, got, "no Podman service")
	})
}

// ownService is a podman service at the user's own socket, as podman.socket gives.
type ownService struct{ cmd *exec.Cmd }

func startOwn(w *world) *ownService {
	w.t.Helper()
	dir := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "podman")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		w.t.Fatal(err)
	}
	socket := filepath.Join(dir, "podman.sock")
	os.Remove(socket)
	own := &ownService{exec.Command("podman", "system", "service", "--time=0", "unix://"+socket)}
	own.cmd.Env = w.env
	if err := own.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { own.kill(); os.Remove(socket) })
	for range int(patience(500)) {
		if c, err := net.Dial("unix", socket); err == nil {
			c.Close()
			return own
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.t.Fatalf("podman's service does not listen on %s", socket)
	return nil
}

// pids are the service's processes, the serving one first.
func (o *ownService) pids() []string {
	var out []string
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", o.cmd.Process.Pid))
	for _, file := range tasks {
		more, _ := os.ReadFile(file)
		out = append(out, strings.Fields(string(more))...)
	}
	return append(out, strconv.Itoa(o.cmd.Process.Pid))
}

func (o *ownService) kill() {
	killServices(o.cmd.Process.Pid)
	o.cmd.Process.Kill()
	o.cmd.Wait()
}

// A zlaunch that is killed leaves its private service without an owner: it ends
// by itself, and the next call removes its directory.
func TestOrphanedService(t *testing.T) {
	s := newScene(t)
	privateOnly(t, s.world)
	s.row("orphaned service", "the private podman service of a killed zlaunch ends by itself; the next call removes its directory", func(w *world, p *proof) {
		address, reached := silence(w.t)
		w.struck(run("--image", address+"/zlaunch-e2e/absent:1", "--pull", "missing", "job"), syscall.SIGKILL,
			func(*watched) { await(w.t, reached, "a connection of the pull") })
		left, _ := filepath.Glob(os.Getenv("XDG_RUNTIME_DIR") + "/zlaunch-*")
		if len(left) == 0 {
			w.t.Error("the killed zlaunch left no directory: the test proves nothing")
		}
		next := w.zlaunch("stop", "--all")
		p.saw("left by the kill: %d directory with socket, lock and log; the next call ended with %d", len(left), next.code)
	})
}

// A second zlaunch does not wait for ever for one that is stopped while it holds
// a lock, and can be interrupted meanwhile.
func TestStoppedHolder(t *testing.T) {
	s := newScene(t)
	px := newProxy(s.world)
	s.env = append(s.env, "CONTAINER_HOST=unix://"+px.socket)
	s.row("stopped", "a zlaunch stopped while it holds a lock: another one says who it waits for and gives up", func(w *world, p *proof) {
		first := exec.Command(lab.zlaunch, run("-d", "web")...)
		first.Env, first.Dir = w.env, w.dir
		creating := make(chan struct{}, 1)
		px.armAt("/containers/create", false, func() {
			first.Process.Signal(syscall.SIGSTOP)
			creating <- struct{}{}
		})
		if err := first.Start(); err != nil {
			w.t.Fatal(err)
		}
		await(w.t, creating, "the create request")
		begun := time.Now()
		got := w.zlaunch(run("-d", "web")...)
		took := time.Since(begun)
		refused(p, got, "waiting for another zlaunch", "is stopped", "kill -CONT")
		p.saw("it gave up after %s", took.Round(time.Second))
		first.Process.Signal(syscall.SIGCONT)
		if err := first.Wait(); err != nil {
			w.t.Errorf("the first, continued, ended: %v", err)
		}
		w.zlaunch("stop", "web")
	})
	s.row("waiting", "Ctrl-C ends a zlaunch that waits for another one's lock", func(w *world, p *proof) {
		holder := holdLock(w.t, "create")
		defer holder()
		got := w.struck(run("-d", "web"), syscall.SIGINT, func(errs *watched) { errs.expectIn(w.t, "waiting for another zlaunch", patience(20*time.Second)) })
		p.ended(w, got, syscall.SIGINT)
		holder()
	})
}

// holdLock takes a lock of zlaunch's as another zlaunch would; what it returns
// lets go.
func holdLock(t *testing.T, name string) func() {
	t.Helper()
	path := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "zlaunch", name+".lock")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() { os.Remove(path); f.Close() }
}

// A launch record that cannot be read stands in nobody's way, and its container
// can be listed and stopped.
func TestCorruptRecord(t *testing.T) {
	s := newScene(t)
	s.row("record", "a corrupt launch record: the run is listed, stopped and removed all the same", func(w *world, p *proof) {
		if got := w.zlaunch(run("-d", "web")...); got.code != 0 {
			w.t.Fatalf("run: %s", got.stderr)
		}
		records, _ := filepath.Glob(w.variable("XDG_STATE_HOME") + "/zlaunch/launches/*.json")
		if len(records) != 1 {
			w.t.Fatalf("records: %v", records)
		}
		if err := os.WriteFile(records[0], []byte("{\"schema\": \x00 torn"), 0o600); err != nil {
			w.t.Fatal(err)
		}
		list := w.zlaunch("ps")
		judged := w.zlaunch("audit", "--container", "zlaunch-web")
		stop := w.zlaunch("stop", "web")
		p.saw("ps: exit %d; audit: exit %d: %s; stop: exit %d", list.code, judged.code, explained(judged.stderr), stop.code)
		if list.code != 0 || !strings.Contains(list.stdout, "zlaunch-web") || stop.code != 0 || judged.code == 2 || judged.code > 4 {
			w.t.Errorf("ps %d %s%s\nstop %d %s\naudit %d", list.code, list.stdout, list.stderr, stop.code, stop.stderr, judged.code)
		}
		w.removeNetworks(p)
	})
}

// removeNetworks is the one thing a lost record leaves to the next call.
func (w *world) removeNetworks(p *proof) {
	if got := w.zlaunch("stop", "--all"); got.code != 0 {
		p.t.Errorf("stop --all: %s", got.stderr)
	}
}
