package launcher

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/claim"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// claims is where this user's claims on this host are.
func (l *Launcher) claims() claim.Dir { return claim.Dir(l.Dirs.Runtime) }

// claimContainer claims the container that the launch is about to ask for, or, once
// the engine has named it, that one and no other.
func (la *launch) claimContainer(name, id string) error {
	if la.claim.Token == "" {
		la.claim = claim.Claim{Kind: claim.Container, Token: la.run.Launch, Engine: la.Engine.Place()}
		la.undos = append(la.undos, la.remove)
	}
	if id == "" {
		la.claim.Time = time.Now() // for [claim.Claim.Over], which asks the same clock
	}
	la.claim.Name, la.claim.ID = name, id
	if err := la.claims().Put(la.claim); err != nil {
		return writingTo(la.Dirs.Runtime, err)
	}
	return nil
}

// owner tells of the containers of an engine which are zlaunch's.
type owner struct {
	l       *Launcher
	claimed map[string]bool // by id
}

// ownership reads what is claimed. A claim that cannot be read claims nothing.
func (l *Launcher) ownership() owner {
	o := owner{l, map[string]bool{}}
	list, _ := l.claims().All(claim.Container) // Reap tells of what cannot be read
	for _, c := range list {
		if c.ID != "" {
			o.claimed[c.ID] = true
		}
	}
	return o
}

// has tells whether a container is zlaunch's: its id stands in a claim or in a
// launch record, which it has here if it has one. Its label says which record to
// look into, and proves nothing.
func (o owner) has(c podman.Listed) (*Record, bool) {
	rec, err := o.l.LoadRecord(c.Labels[LabelLaunch])
	if err != nil || rec.ID != c.ID {
		return nil, o.claimed[c.ID]
	}
	return rec, true
}

// reapContainers removes the containers that killed launches left waiting: claimed
// here, never started, of a launch that holds its lock no more. It takes back the
// claims on containers that are gone.
func (l *Launcher) reapContainers(ctx context.Context) error {
	claims, err := l.claims().All(claim.Container) // before the list: a launch may end in between
	if len(claims) == 0 {
		return err
	}
	list, lerr := l.Engine.List(ctx, map[string]string{LabelLaunch: ""})
	errs := []error{err, lerr}
	for _, c := range claims {
		there := lerr != nil || slices.ContainsFunc(list, func(p podman.Listed) bool { return p.ID == c.ID })
		switch {
		case !c.On(l.Engine.Place()):
		case !c.Kept:
			errs = append(errs, l.reapContainer(ctx, c.Token))
		case !there:
			errs = append(errs, l.claims().Drop(c.Kind, c.Token))
		}
	}
	return errors.Join(errs...)
}

func (l *Launcher) reapContainer(ctx context.Context, launch string) error {
	k, err := l.tryLock("launch-" + launch)
	if errors.Is(err, errHeld) {
		return nil
	}
	if err != nil {
		return err
	}
	defer k.release()
	c, err := l.claims().Load(claim.Container, launch) // again: it may be done in between
	if err != nil || c.Kept {
		return ignoreAbsent(err)
	}
	found, err := l.Engine.Claimed(ctx, c)
	if err != nil && !errors.Is(err, podman.ErrNoContainer) {
		return err
	}
	gone, err := l.Engine.RemoveUnstarted(ctx, c)
	switch {
	case err != nil:
		return err
	case !gone:
		l.tell("container " + found.Name + " was started by a launch that was killed, and stays: zlaunch stop " + found.Name)
		return nil
	case found != nil:
		l.tell("removed container " + found.Name + ", left by a launch that was killed")
	case !c.Over(time.Now()):
		return nil
	}
	return l.claims().Drop(c.Kind, c.Token)
}

// networkClaims are the claims on networks that were made under a name; "" is any.
func (l *Launcher) networkClaims(name string) ([]claim.Claim, error) {
	list, err := l.claims().All(claim.Network)
	var out []claim.Claim
	for _, c := range list {
		if (name == "" || c.Name == name) && c.On(l.Engine.Place()) {
			out = append(out, c)
		}
	}
	return out, err
}

// removeNetworks removes the claimed networks, of one name or all, that nothing
// uses.
func (l *Launcher) removeNetworks(ctx context.Context, name string) error {
	list, err := l.networkClaims(name)
	errs := []error{err}
	for _, c := range list {
		errs = append(errs, l.removeNetwork(ctx, c))
	}
	return errors.Join(errs...)
}

func (l *Launcher) removeNetwork(ctx context.Context, c claim.Claim) error {
	return l.unlessUsed(c.Name, func() error {
		gone, err := l.Engine.RemoveNetworkIfUnused(ctx, c)
		if err != nil || !gone || !c.Over(time.Now()) {
			return err
		}
		return l.claims().Drop(c.Kind, c.Token)
	})
}
