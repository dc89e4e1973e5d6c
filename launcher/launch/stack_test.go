package launch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/internal/podmantest"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// member plans a job, or a server that publishes, as a member of the stack s, in its network n.
func (g *rig) member(t *testing.T, profile, name string, after ...string) *plan.Plan {
	t.Helper()
	in := &plan.InStack{Stack: "s", Member: name, File: "s.toml", Container: "zlaunch-s-" + name, After: after,
		Networks: []plan.Network{{Name: "zlaunch-s-n"}}}
	o := plan.Options{Profile: profile, Detach: true, InStack: in}
	if profile == "web" {
		o.Publish, o.ReadyTimeout = []string{itoa(freePort(t)) + ":http"}, time.Hour
	}
	return g.plan(t, o)
}

// at has do called before each request that ends so, with how many came before.
func (g *rig) at(end string, do func(n int) http.HandlerFunc) {
	var mu sync.Mutex
	seen := 0
	g.engine.Fault = func(r *http.Request) http.HandlerFunc {
		if !strings.HasSuffix(r.URL.Path, end) {
			return nil
		}
		mu.Lock()
		n := seen
		seen++
		mu.Unlock()
		return do(n)
	}
}

// Members of which none waits for another start at once, and one that waits after those;
// what is told and recorded has the order of the plans all the same.
func TestMembersAtOnce(t *testing.T) {
	g := newRig(t)
	var both sync.WaitGroup
	both.Add(2)
	g.at("/start", func(n int) http.HandlerFunc {
		if n < 2 { // one of them alone would wait for ever
			both.Done()
			both.Wait()
		}
		return nil
	})
	runs, err := g.Stacks().Up(t.Context(), g.member(t, "job", "a"), g.member(t, "job", "b"), g.member(t, "job", "c", "a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range runs {
		names = append(names, r.Member)
	}
	told := slices.DeleteFunc(slices.Clone(g.told), func(l string) bool { return !strings.HasSuffix(l, "serves") })
	s, err := g.Stacks().find("s")
	if err != nil || fmt.Sprint(names) != "[a b c]" || fmt.Sprint(told) != "[a of s serves b of s serves c of s serves]" || len(s.Members) != 3 || s.Members[2].Name != "c" {
		t.Errorf("%v, %q, %+v, %v", names, g.told, s, err)
	}
	if again, err := g.Stacks().Up(t.Context(), g.member(t, "job", "a")); err == nil {
		t.Errorf("it is up twice: %d", len(again))
	}
	ended, err := g.Stacks().Down(t.Context(), "s")
	if err != nil || fmt.Sprint(ended) != "[zlaunch-s-c zlaunch-s-b zlaunch-s-a]" {
		t.Errorf("%v, %v", ended, err)
	}
	for _, r := range runs {
		if err := g.Dirs.Forget(r.Launch); err != nil { // history, which stays
			t.Fatal(err)
		}
	}
	g.nothing(t)
}

// What is told keeps its turn.
func TestTurns(t *testing.T) {
	var told []string
	turns := newTurns(&Runner{Tell: func(l string) { told = append(told, l) }, Passing: func(l string) { told = append(told, "("+l+")") }}, 3)
	a, b, c := turns.runner(0), turns.runner(1), turns.runner(2)
	c.tell("c is readied")
	turns.begin()
	c.tell("c")
	b.tell("b")
	b.passing("b passes")
	a.tell("a")
	turns.end(1)
	a.passing("a passes")
	turns.end(0)
	c.tell("c again")
	turns.end(2)
	if got := strings.Join(told, ", "); got != "c is readied, a, (a passes), b, c, c again" {
		t.Error(got)
	}
}

// Whichever member fails, and wherever, the others are stopped, be it that they would wait
// for an hour, and nothing is left.
func TestMemberFails(t *testing.T) {
	for _, at := range []string{"networks/create", "containers/create", "/init", "/start"} {
		for nth := range 3 {
			if at == "networks/create" && nth > 0 {
				continue // there is one
			}
			g := newRig(t)
			plans := []*plan.Plan{g.member(t, "job", "a"), g.member(t, "job", "b"), g.member(t, "job", "c"), g.member(t, "job", "d", "a")}
			failed := false
			g.at(at, func(n int) http.HandlerFunc {
				if n != nth {
					return nil
				}
				failed = true
				return podmantest.Fail(500, "it is not to be")
			})
			runs, err := g.Stacks().Up(t.Context(), plans...)
			if err == nil || !failed || !strings.Contains(err.Error(), "starting member") || !strings.Contains(err.Error(), "not to be") {
				t.Errorf("%d of %s: launched %d, %v", nth, at, len(runs), err)
			}
			g.nothing(t)
		}
	}
}

// A member that waits to serve is stopped by another's failure, and by the end of the context.
func TestMembersStopped(t *testing.T) {
	for _, cancelled := range []bool{false, true} {
		g := newRig(t)
		ctx, cancel := context.WithCancel(t.Context())
		started := make(chan bool)
		g.engine.Start = func(c *podmantest.Container) {
			if c.Request.Name == "zlaunch-s-web" {
				close(started) // it never serves
			}
		}
		g.at("/zlaunch-s-job/exists", func(int) http.HandlerFunc {
			<-started
			if cancelled {
				cancel()
				return nil
			}
			return podmantest.Fail(500, "it is not to be")
		})
		_, err := g.Stacks().Up(ctx, g.member(t, "web", "web"), g.member(t, "job", "job"), g.member(t, "job", "later", "web"))
		if err == nil || errors.Is(err, context.Canceled) != cancelled || !cancelled && !strings.Contains(err.Error(), "member job of s") {
			t.Errorf("cancelled %t: %v", cancelled, err)
		}
		cancel()
		g.nothing(t)
	}
}

// What another has under the name of a network or a container of the stack is an error, and stays.
func TestStackTaken(t *testing.T) {
	g := newRig(t)
	if _, err := g.Engine.Networks.Ensure(t.Context(), podman.Network{Name: "zlaunch-s-n"}); err != nil {
		t.Fatal(err)
	}
	_, err := g.Stacks().Up(t.Context(), g.member(t, "job", "a"))
	if _, n := g.engine.Left(); err == nil || !strings.Contains(err.Error(), "shares none") || n != 1 {
		t.Errorf("%d networks, %v", n, err)
	}
	g = newRig(t)
	p := g.member(t, "job", "a")
	id, _, err := g.Engine.Containers.Create(t.Context(), p.Stated, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.Stacks().Up(t.Context(), g.member(t, "job", "b"), p)
	if err == nil || !strings.Contains(err.Error(), "the name is taken") {
		t.Error(err)
	}
	if c, _ := g.engine.Left(); c != 1 { // which is in the network
		t.Errorf("%d containers", c)
	}
	if there, err := g.Engine.Containers.Exists(t.Context(), id); !there || err != nil {
		t.Errorf("another's container is gone: %v", err)
	}
}

// Plans that are no stack start nothing.
func TestNoStack(t *testing.T) {
	g := newRig(t)
	other := g.member(t, "job", "b")
	other.Options.InStack.Stack = "t"
	attached := g.member(t, "job", "b")
	attached.Options.Detach = false
	for what, plans := range map[string][]*plan.Plan{
		"none": nil, "a single run": {g.plan(t, web())}, "two stacks": {g.member(t, "job", "a"), other},
		"attached": {attached}, "order": {g.member(t, "job", "a", "b"), g.member(t, "job", "b")},
	} {
		if _, err := g.Stacks().Up(t.Context(), plans...); err == nil {
			t.Errorf("%s: it starts", what)
		}
	}
	g.nothing(t)
}
