package launch

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/podmantest"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// startAttached is set for a child of the tests that plays podman start --attach: the
// socket of the fake engine and the container.
const startAttached = "ZLAUNCH_TEST_START"

func TestMain(m *testing.M) {
	if what := os.Getenv(startAttached); what != "" {
		os.Exit(playStart(strings.Fields(what)))
	}
	os.Exit(m.Run())
}

// playStart starts a container of the engine at a socket, waits for its end unless the
// user detaches, and exits as it does.
func playStart(args []string) int {
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", args[0])
	}}}
	post := func(verb string) string {
		resp, err := client.Post("http://d/v5.0.0/libpod/containers/"+args[1]+"/"+verb, "", nil)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return "125"
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return strings.TrimSpace(string(text))
	}
	post("start")
	if len(args) > 2 { // the user detaches
		return 0
	}
	code, err := strconv.Atoi(post("wait"))
	if err != nil {
		return 125
	}
	return code
}

// attach launches a job and attaches to it; more is given to the one who plays podman.
func attach(t *testing.T, g *rig, o plan.Options, more string) (code int, served bool, run *Run, err error) {
	t.Helper()
	run, err = g.Launch(t.Context(), g.plan(t, o))
	if err != nil {
		t.Fatal(err)
	}
	g.cli = func(args ...string) *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s", startAttached, g.engine.Socket(), args[len(args)-1], more))
		return cmd
	}
	code, err = run.Attach(t.Context(), Stdio{Err: os.Stderr}, func(*Run) { served = true })
	return code, served, run, err
}

// An attached job ends with the workload's status, and nothing is left.
func TestAttach(t *testing.T) {
	for _, want := range []int{0, 7} {
		g := newRig(t)
		g.engine.Start = func(c *podmantest.Container) {
			time.AfterFunc(50*time.Millisecond, func() { g.engine.Exit(c, want, "") })
		}
		code, served, _, err := attach(t, g, plan.Options{Profile: "job"}, "")
		if code != want || err != nil || !served {
			t.Errorf("%d, %v, served %t; want %d", code, err, served, want)
		}
		g.nothing(t)
	}
}

// A server is told of when it serves, and an interactive one gets its input.
func TestAttachServer(t *testing.T) {
	g := newRig(t)
	g.serve(t, 200)
	serve := g.engine.Start
	g.engine.Start = func(c *podmantest.Container) {
		serve(c)
		time.AfterFunc(300*time.Millisecond, func() { g.engine.Exit(c, 0, "") })
	}
	o := plan.Options{Profile: "web", Interactive: true}
	code, served, run, err := attach(t, g, o, "")
	if code != 0 || err != nil || !served || !strings.Contains(strings.Join(run.attachArgs(), " "), "--interactive") {
		t.Errorf("%d, %v, served %t, %q", code, err, served, run.attachArgs())
	}
	g.nothing(t)
}

// Who detaches leaves a run that goes on and has a record.
func TestDetach(t *testing.T) {
	g := newRig(t)
	code, _, run, err := attach(t, g, plan.Options{Profile: "job"}, "detach")
	if code != 0 || err != nil {
		t.Fatal(code, err)
	}
	if rec, err := g.Dirs.Load(run.Launch); err != nil || rec.ID != run.ID {
		t.Errorf("%+v, %v", rec, err)
	}
	if c, _ := g.engine.Left(); c != 1 {
		t.Errorf("%d containers", c)
	}
}

// What runs and is not what was planned is killed.
func TestAttachMismatch(t *testing.T) {
	g := newRig(t)
	g.connect(t, true)
	var p *plan.Plan
	g.look = func(_ context.Context, _ *podman.Container, started bool) (*observe.Proof, error) {
		if !started {
			return proofOf(p, nil), nil
		}
		return proofOf(p, func(s *container.Spec) { container.ReadOnly.Set(s, false, container.Mark{Evidence: container.Kernel}) }), nil
	}
	// It ends by itself, so that a run that is not killed fails the test and does not hang it.
	g.engine.Start = func(c *podmantest.Container) { time.AfterFunc(3*time.Second, func() { g.engine.Exit(c, 0, "") }) }
	p = g.plan(t, plan.Options{Profile: "job"})
	run, err := g.Launch(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	g.cli = func(args ...string) *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s", startAttached, g.engine.Socket(), args[len(args)-1]))
		return cmd
	}
	code, err := run.Attach(t.Context(), Stdio{}, func(*Run) { t.Error("it is said to serve") })
	if code != 125 || err == nil || !strings.Contains(err.Error(), "what runs is not what was planned") {
		t.Errorf("%d, %v", code, err)
	}
	g.nothing(t)
}

// A job that has ended well is no error, also where the engine still calls it running
// and its process is a zombie that nothing can be read of.
func TestAttachEnded(t *testing.T) {
	g := newRig(t)
	zombie := exec.Command("true")
	if err := zombie.Start(); err != nil {
		t.Fatal(err)
	}
	defer zombie.Wait()
	for !podman.Ended(zombie.Process.Pid) {
		time.Sleep(time.Millisecond)
	}
	g.connect(t, true)
	p := g.plan(t, plan.Options{Profile: "job"})
	g.look = func(_ context.Context, _ *podman.Container, started bool) (*observe.Proof, error) {
		if started {
			return nil, podman.ErrNoEvidence
		}
		return proofOf(p, nil), nil
	}
	g.engine.Pid = zombie.Process.Pid
	g.engine.Start = func(c *podmantest.Container) {
		time.AfterFunc(300*time.Millisecond, func() { g.engine.Exit(c, 0, "") })
	}
	if code, _, _, err := attach(t, g, plan.Options{Profile: "job"}, ""); code != 0 || err != nil {
		t.Errorf("%d, %v", code, err)
	}
	g.nothing(t)
}

// A podman that cannot be started, and a caller who has gone, leave nothing.
func TestAttachFails(t *testing.T) {
	g := newRig(t)
	run, err := g.Launch(t.Context(), g.plan(t, plan.Options{Profile: "job"}))
	if err != nil {
		t.Fatal(err)
	}
	g.cli = func(...string) *exec.Cmd { return exec.Command("/nonexistent") }
	if code, err := run.Attach(t.Context(), Stdio{}, nil); code != 125 || err == nil {
		t.Errorf("%d, %v", code, err)
	}
	g.nothing(t)
	g = newRig(t)
	if run, err = g.Launch(t.Context(), g.plan(t, plan.Options{Profile: "job"})); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code, err := run.Attach(ctx, Stdio{}, nil); code != 125 || err == nil {
		t.Errorf("%d, %v", code, err)
	}
	g.nothing(t)
}
