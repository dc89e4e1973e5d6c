package launch

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/claim"
	"github.com/zlaunch/zlaunch/launcher/hint"
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
	Created string       `json:"created"` // RFC 3339
	launch  string
	claims  []claim.Claim // of its record: on its network
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
	own := l.ownership() // before the list: a launch may end in between
	list, err := l.Engine.List(ctx, map[string]string{plan.LabelProfile: ""})
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
			r.URLs, r.claims = rec.URLs, rec.Claims
		}
		out.Runs = append(out.Runs, r)
	}
	slices.SortFunc(out.Runs, func(a, b Running) int { return cmp.Compare(a.Name, b.Name) })
	return out, err
}

// Find returns the containers that name means: one by that container name or id
// prefix, else all of that profile.
func (l *Runner) Find(ctx context.Context, name string) ([]Running, error) {
	all, err := l.Runs(ctx)
	if err != nil {
		return nil, err
	}
	var byProfile []Running
	for _, r := range all.Runs {
		if r.Name == name || (len(name) >= 4 && len(r.ID) >= len(name) && r.ID[:len(name)] == name) {
			return []Running{r}, nil
		}
		if r.Profile == name {
			byProfile = append(byProfile, r)
		}
	}
	if len(byProfile) == 0 && slices.Contains(all.Foreign, name) {
		return nil, hint.Errorf("podman ps -a --filter name="+name+"; podman stop "+name,
			"finding %q: that container bears zlaunch's labels, but no claim and no record here knows it", name)
	}
	if len(byProfile) == 0 {
		return nil, hint.Errorf("zlaunch ps", "finding %q: no run of that name or profile", name)
	}
	return byProfile, nil
}

// One is Find for what takes a single run.
func (l *Runner) One(ctx context.Context, name string) (Running, error) {
	found, err := l.Find(ctx, name)
	if err != nil {
		return Running{}, err
	}
	if len(found) > 1 {
		return Running{}, hint.Errorf("name one: "+found[0].Name, "finding %q: %d runs of that profile", name, len(found))
	}
	return found[0], nil
}

// Stop ends a run, removes its container and the network nothing else uses.
func (l *Runner) Stop(ctx context.Context, r Running) error {
	if err := l.Engine.Stop(ctx, r.ID, stopTime); err != nil && !errors.Is(err, podman.ErrNoContainer) {
		return err
	}
	if err := l.Engine.Remove(ctx, r.ID, podman.RemoveOptions{Force: true, Volumes: true}); err != nil && !errors.Is(err, podman.ErrNoContainer) {
		return err
	}
	errs := []error{l.Dirs.Claims().Drop(claim.Container, r.launch), l.Dirs.ForgetAttached(r.launch)}
	for _, c := range r.claims {
		if c.Kind == claim.Network && c.ID != "" && c.On(l.Engine.Place()) {
			errs = append(errs, l.removeNetwork(ctx, c))
		}
	}
	return errors.Join(append(errs, l.removeNetworks(ctx, ""))...)
}

// stopTime is how long a workload may take to end; podman-stop's own default.
const stopTime = 10 * time.Second
