package launch

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/internal/podmantest"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// The output directory of a job is made with the launch, and goes with one that fails
// unless something was written to it.
func TestOutput(t *testing.T) {
	for written, want := range map[bool]bool{false: false, true: true} {
		g := newRig(t)
		out := filepath.Join(filepath.Dir(g.models), "out")
		p := g.plan(t, plan.Options{Profile: "job", Output: out})
		g.engine.Fault = func(r *http.Request) http.HandlerFunc {
			if !strings.HasSuffix(r.URL.Path, "/init") {
				return nil
			}
			if written {
				write(t, filepath.Join(out, "result"), "x")
			}
			return podmantest.Fail(500, "crun: it is not to be")
		}
		if _, err := g.Launch(t.Context(), p); err == nil {
			t.Fatal("launched")
		}
		if _, err := os.Stat(out); (err == nil) != want {
			t.Errorf("written to %t: the directory is there %t", written, err == nil)
		}
	}
}

// What the engine says when it cannot go on is told with what to do.
func TestHints(t *testing.T) {
	for at, c := range map[string]struct{ says, hint string }{
		"/init":           {"rootless netns: cannot join", "podman system migrate"},
		"/init ":          {"workdir \"/x\" does not exist on container", "--podman-arg=--workdir"},
		"/init  ":         {"lsetxattr /m: operation not permitted", "chcon"},
		"networks/create": {"write network.json: no space left on device", "make room there"},
	} {
		g := newRig(t)
		p := g.plan(t, web())
		g.engine.Fault = func(r *http.Request) http.HandlerFunc {
			if strings.HasSuffix(r.URL.Path, strings.TrimSpace(at)) {
				return podmantest.Fail(500, c.says)
			}
			return nil
		}
		if _, err := g.Launch(t.Context(), p); err == nil || !strings.Contains(hint.Of(err), c.hint) {
			t.Errorf("%s: %v, hint %q", c.says, err, hint.Of(err))
		}
		g.nothing(t)
	}
}

// A port that is lost between the check and the bind is given up for another one,
// unless it was typed.
func TestPortLost(t *testing.T) {
	for _, typed := range []bool{false, true} {
		g := newRig(t)
		g.serve(t, 200)
		o := web()
		if typed {
			o.Publish = []string{itoa(freePort(t)) + ":http"}
		}
		p, lost := g.plan(t, o), false
		g.engine.Fault = func(r *http.Request) http.HandlerFunc {
			if lost && !typed || !strings.HasSuffix(r.URL.Path, "/init") {
				return nil
			}
			lost = true
			return podmantest.Fail(500, "rootlessport listen tcp: bind: address already in use")
		}
		run, err := g.Launch(t.Context(), p)
		if (err == nil) == typed {
			t.Errorf("typed %t: %v", typed, err)
		}
		if err == nil && run.ID != g.engine.Last().ID {
			t.Error("it is not the container that was made last")
		}
		if typed {
			g.nothing(t)
		}
	}
}

// A port that somebody else has is moved on from, and told; a typed one is refused.
func TestPortTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port
	g := newRig(t)
	o := web()
	o.Publish = []string{itoa(taken) + ":http"}
	if _, err := g.Launch(t.Context(), g.plan(t, o)); err == nil || hint.Of(err) == "" || !strings.Contains(err.Error(), "is taken") {
		t.Errorf("%v", err)
	}
	g.nothing(t)
}

// What a program that is not root's may have exchanged of the command is not proved
// where the process does not bear it out.
func TestPrograms(t *testing.T) {
	g := newRig(t)
	g.connect(t, true)
	g.serve(t, 200)
	g.Host.Programs = []host.Program{{Key: "engine.runtimes", Path: "/home/u/runc"}}
	o := web()
	o.Waive = []string{"ZL-108=built here"}
	var p *plan.Plan
	g.look = func(context.Context, *podman.Container, bool) (*observe.Proof, error) { return proofOf(p, nil), nil }
	p = g.plan(t, o)
	if _, err := g.Launch(t.Context(), p); !errors.Is(err, podman.ErrNoEvidence) { // the fake has no configuration to hold it against
		t.Errorf("%v", err)
	}
	g.nothing(t)
}

// An image that brings labels to be relabelled is told of.
func TestAnnounced(t *testing.T) {
	g := newRig(t)
	g.Host.SELinux = host.SELinux{Enabled: true}
	o := web()
	o.Models = g.models
	g.serve(t, 200)
	if _, err := g.Launch(t.Context(), g.plan(t, o)); err != nil {
		t.Fatal(err)
	}
	if told := strings.Join(g.told, "\n"); !strings.Contains(told, "labelling 2 files") {
		t.Errorf("told %q", g.told)
	}
}

// Errors say what happened to whom.
func TestErrors(t *testing.T) {
	at := container.Path{Key: "read_only"}
	for want, err := range map[string]error{
		"ended with status 3 before it served; its last lines:\n  a\n  b": &ExitedError{"web", 3, "a\nb\n"},
		"evidence kernel of process 9":                                    &MismatchError{Profile: "web", Differences: []container.Difference{{Path: at, Planned: true, Got: nil, Evidence: container.Kernel, By: "process 9"}}},
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
