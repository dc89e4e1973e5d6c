package launch

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// Running is a container that zlaunch made, whatever its state.
type Running struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Profile string       `json:"profile"`
	State   string       `json:"state"`
	Image   string       `json:"image"`
	Plan    string       `json:"plan"`
	URLs    []record.URL `json:"urls,omitempty"`
	Stack   string       `json:"stack,omitempty"`  // that it is a member of
	Member  string       `json:"member,omitempty"` // its name in that
	Created string       `json:"created"`          // RFC 3339
	launch  string
	record  *record.Record // nil: none, of a launch that goes on
}

// Listing is what an engine has under zlaunch's labels.
type Listing struct {
	Runs    []Running // by name
	Foreign []string  // the names of what zlaunch's own state does not know
}

// Runs shows the containers that zlaunch made: those whose id its claims and
// records hold. What only bears its labels is foreign: a copy, a commit, another
// user's or host's, or one of a state directory that is not this one.
func (l *Runner) Runs(ctx context.Context) (Listing, error) {
	if err := l.Dirs.Trusted(); err != nil {
		return Listing{}, err
	}
	own := ownership(l.Dirs) // before the list: a launch may end in between
	list, err := l.Engine.Containers.List(ctx, map[string]string{plan.LabelProfile: ""})
	out := Listing{Runs: []Running{}}
	for _, c := range list {
		rec, ours := own.has(c)
		if !ours {
			out.Foreign = append(out.Foreign, c.Name())
			continue
		}
		r := Running{ID: c.ID, Name: c.Name(), Profile: c.Labels[plan.LabelProfile], State: c.State, Image: c.Image,
			Plan: c.Labels[plan.LabelPlan], Created: c.Created.Format("2006-01-02T15:04:05Z07:00"), launch: c.Labels[plan.LabelLaunch]}
		if rec != nil {
			r.URLs, r.Stack, r.Member, r.record = rec.URLs, rec.Stack, rec.Member, rec
		}
		out.Runs = append(out.Runs, r)
	}
	slices.SortFunc(out.Runs, func(a, b Running) int { return cmp.Compare(a.Name, b.Name) })
	return out, err
}

// Find returns the containers that name means: the one of that container name, else
// all of that profile, else the one whose id begins so. A name is somebody's word
// for it; an id is nobody's choice, and never outdoes one.
func (l *Runner) Find(ctx context.Context, name string) ([]Running, error) {
	all, err := l.Runs(ctx)
	if err != nil {
		return nil, err
	}
	if found := meant(all.Runs, name); len(found) > 0 {
		return found, unlessOne(found, name)
	}
	if slices.Contains(all.Foreign, name) {
		return nil, hint.Errorf("podman ps -a --filter name="+name+"; podman stop "+name,
			"finding %q: that container bears zlaunch's labels, but no claim and no record here knows it", name)
	}
	return nil, hint.Errorf("zlaunch ps", "finding %q: no run of that name or profile", name)
}

// meant is the first way of naming runs by which name means any.
func meant(runs []Running, name string) []Running {
	for _, by := range []func(Running) bool{
		func(r Running) bool { return r.Name == name },
		func(r Running) bool { return r.Profile == name && r.Stack == "" },
		func(r Running) bool { return r.Stack != "" && r.Stack == name },
		func(r Running) bool { return r.Profile == name },
		func(r Running) bool { return len(name) >= 4 && strings.HasPrefix(r.ID, name) },
	} {
		var found []Running
		for _, r := range runs {
			if by(r) {
				found = append(found, r)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// unlessOne refuses runs that nothing but the beginning of their ids makes one name.
func unlessOne(found []Running, name string) error {
	if r := found[0]; len(found) > 1 && r.Profile != name && r.Stack != name {
		return hint.Errorf("name one: "+r.Name, "finding %q: %d ids begin so", name, len(found))
	}
	return nil
}

// Serving finds a run that is p already and serves, whatever host ports it got; nil none.
func (l *Runner) Serving(ctx context.Context, p *plan.Plan) (*Running, error) {
	list, err := l.Runs(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range list.Runs {
		if r.Plan == p.Hash && r.State == "running" && len(r.URLs) > 0 && r.record.Hides(p.Effective) {
			return &r, nil
		}
	}
	return nil, nil
}

// One is Find for what takes a single run.
func (l *Runner) One(ctx context.Context, name string) (Running, error) {
	found, err := l.Find(ctx, name)
	if err != nil {
		return Running{}, err
	}
	if len(found) > 1 {
		var names []string
		for _, r := range found {
			names = append(names, r.Name)
		}
		if found[0].Stack == name {
			return Running{}, hint.Errorf("name one; all of them: zlaunch down "+name, "finding %q: it is a stack, of %s", name, strings.Join(names, ", "))
		}
		return Running{}, hint.Errorf("name one, or each: "+strings.Join(names, " "), "finding %q: %d runs of that profile, %s", name, len(found), strings.Join(names, ", "))
	}
	return found[0], nil
}

// Stop ends a run, removes its container and the network nothing else uses.
func (l *Runner) Stop(ctx context.Context, r Running) error {
	if err := l.Engine.Containers.Stop(ctx, r.ID, stopTime); err != nil && !errors.Is(err, podman.ErrNoContainer) {
		return err
	}
	if err := l.Engine.Containers.Remove(ctx, r.ID, podman.RemoveOptions{Force: true, Volumes: true}); err != nil && !errors.Is(err, podman.ErrNoContainer) {
		return err
	}
	errs := []error{l.Dirs.Claims().Drop(claim.Container, r.launch), l.Dirs.ForgetAttached(r.launch)}
	for _, c := range r.networks() {
		if c.Kind == claim.Network && c.ID != "" && c.On(l.Engine.Place()) {
			errs = append(errs, l.networks().removeOne(ctx, c))
		}
	}
	return errors.Join(append(errs, l.networks().remove(ctx, ""))...)
}

// networks are the claims of the run's record on its network.
func (r Running) networks() []claim.Claim {
	if r.record == nil {
		return nil
	}
	return r.record.Claims
}

// stopTime is how long a workload may take to end; podman-stop's own default.
const stopTime = 10 * time.Second
