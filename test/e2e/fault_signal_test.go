package e2e

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

var ending = []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL}

// silence is a registry that accepts connections and never says anything.
func silence(t *testing.T) (address string, reached chan struct{}) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	reached = make(chan struct{}, 16)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			select {
			case reached <- struct{}{}:
			default:
			}
		}
	}()
	return ln.Addr().String(), reached
}

// A signal while the image is pulled ends the pull, and soon.
func TestSignalInPull(t *testing.T) {
	s := newScene(t)
	for _, sig := range ending {
		s.row(sig.String(), fmt.Sprintf("signal %d (%s) during a pull from a registry that does not answer", sig, sig), func(w *world, p *proof) {
			address, reached := silence(w.t)
			got := w.struck(run("--image", address+"/zlaunch-e2e/absent:1", "--pull", "missing", "job", "--", "exit", "0"), sig, func(*watched) { await(w.t, reached, "a connection of the pull") })
			p.ended(w, got, sig)
		})
	}
}

// await waits for what must happen before the strike.
func await(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience(30 * time.Second)):
		t.Fatalf("waited in vain for %s", what)
	}
}

// struckAt is what a zlaunch that got a signal came to.
type struckAt struct {
	result
	took time.Duration // from the signal to the end
}

// struck runs zlaunch and signals it when ready returns, which gets its standard
// error.
func (w *world) struck(args []string, sig syscall.Signal, ready func(*watched)) struckAt {
	w.t.Helper()
	cmd := exec.Command(lab.zlaunch, args...)
	errs := newWatched()
	cmd.Env, cmd.Dir, cmd.Stderr = w.env, w.dir, errs
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { cmd.Process.Kill() })
	ready(errs)
	begun := time.Now()
	cmd.Process.Signal(sig)
	over := time.AfterFunc(patience(30*time.Second), func() { cmd.Process.Kill() })
	cmd.Wait()
	if !over.Stop() {
		w.t.Errorf("it did not end on %s:\n%s", sig, errs)
	}
	return struckAt{result{"", errs.String(), cmd.ProcessState.ExitCode()}, time.Since(begun)}
}

// ended checks how a struck zlaunch ended. After SIGKILL the next call cleans up,
// and says what it removed.
func (p *proof) ended(w *world, got struckAt, sig syscall.Signal) {
	p.t.Helper()
	if sig == syscall.SIGKILL {
		next := w.zlaunch("stop", "--all")
		p.saw("killed; the next zlaunch call: exit %d %s", next.code, strings.TrimSpace(next.stderr))
		if next.code != 0 {
			p.t.Errorf("the call that cleans up ended with %d", next.code)
		}
		return
	}
	p.saw("exit %d after %s: %s", got.code, got.took.Round(100*time.Millisecond), explained(got.stderr))
	if got.code != 128+int(sig) {
		p.t.Errorf("ended with %d, want %d: %s", got.code, 128+int(sig), got.stderr)
	}
	if !strings.Contains(got.stderr, "interrupted") {
		p.t.Errorf("it does not say that it was interrupted:\n%s", got.stderr)
	}
}

// A signal while a server that never serves is waited for.
func TestSignalInWait(t *testing.T) {
	s := newScene(t)
	px := newProxy(s.world)
	s.env = append(s.env, "CONTAINER_HOST=unix://"+px.socket)
	for _, sig := range ending {
		s.row(sig.String(), fmt.Sprintf("signal %d (%s) while a started server is waited for", sig, sig), func(w *world, p *proof) {
			waiting := make(chan struct{}, 1)
			px.armAt("/wait", false, func() { waiting <- struct{}{} })
			got := w.struck(run("-d", "idle"), sig, func(*watched) { await(w.t, waiting, "the wait for the server") })
			p.ended(w, got, sig)
		})
	}
}

// A signal to zlaunch that is attached to a workload reaches the workload, and
// what SIGKILL leaves running the next call removes.
func TestSignalAttached(t *testing.T) {
	s := newScene(t)
	for _, sig := range ending {
		s.row(sig.String(), fmt.Sprintf("signal %d (%s) to a zlaunch attached to its workload", sig, sig), func(w *world, p *proof) {
			got := w.struck(run("web"), sig, func(errs *watched) { errs.expectIn(w.t, "serves at", patience(30*time.Second)) })
			if sig == syscall.SIGKILL {
				p.ended(w, got, sig)
				return
			}
			p.saw("the workload ended, and zlaunch with %d after %s", got.code, got.took.Round(100*time.Millisecond))
			// The workload ends by itself on SIGINT and SIGTERM; Go ends it with 2 on SIGHUP.
			if want := map[syscall.Signal]int{syscall.SIGHUP: 2}[sig]; got.code != want {
				w.t.Errorf("ended with %d, want the workload's own %d: %s", got.code, want, got.stderr)
			}
		})
	}
}

// A workload without handlers, as sh -c is, hears no signal as the first process of its
// container: it is killed, at once, and nothing is left.
func TestSignalDeaf(t *testing.T) {
	s := newScene(t)
	deaf := run("job", "--", "deaf", "10m")
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		s.row(sig.String(), fmt.Sprintf("signal %d (%s) to a zlaunch attached to a workload that has no handler", sig, sig), func(w *world, p *proof) {
			got := w.struck(deaf, sig, func(errs *watched) { w.runs(p, "deaf") })
			p.saw("exit %d after %s: %s", got.code, got.took.Round(100*time.Millisecond), explained(got.stderr))
			if got.code != 128+int(sig) || !strings.Contains(got.stderr, "has no handler for") {
				w.t.Errorf("ended with %d: %s", got.code, got.stderr)
			}
		})
	}
	s.row("ctrl-c", "Ctrl-C on the terminal of a workload that has no handler", func(w *world, p *proof) {
		term, cmd := newTerminal(w.t, 24, 80), w.command(lab.zlaunch, deaf...)
		term.start(cmd)
		w.runs(p, "deaf")
		term.write("\x03")
		begun, err := time.Now(), cmd.Wait()
		p.saw("zlaunch ended after %s: %v", time.Since(begun).Round(100*time.Millisecond), err)
		if cmd.ProcessState.ExitCode() != 128+int(syscall.SIGINT) {
			w.t.Error(err, term.seen)
		}
	})
	s.row("terminal", "the terminal of a workload that has no handler is closed", func(w *world, p *proof) {
		term, cmd := newTerminal(w.t, 24, 80), w.command(lab.zlaunch, deaf...)
		term.start(cmd)
		w.runs(p, "deaf")
		term.master.Close()
		fmt.Fprintln(term.slave, "so that the last read of the master returns")
		term.slave.Close()
		begun, err := time.Now(), cmd.Wait()
		p.saw("zlaunch ended after %s: %v", time.Since(begun).Round(100*time.Millisecond), err)
		if cmd.ProcessState.ExitCode() != 128+int(syscall.SIGHUP) {
			w.t.Error(err)
		}
	})
}

// runs waits until the workload of the job runs an action.
func (w *world) runs(p *proof, action string) {
	p.t.Helper()
	for range patience(300) {
		if got := w.podman("logs", "zlaunch-job"); strings.Contains(got.stdout, action) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.t.Fatal("the workload does not come up")
}

// expectIn is expect with a time of the caller's own.
func (b *watched) expectIn(t *testing.T, text string, within time.Duration) {
	t.Helper()
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if strings.Contains(b.String(), text) {
			return
		}
	}
	t.Fatalf("no %q in\n%s", text, b.String())
}
