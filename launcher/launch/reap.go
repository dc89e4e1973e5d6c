package launch

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// Reap removes what killed launches left, as far as zlaunch's own state claims it:
// containers that no launch holds and that were never started, networks that
// nothing uses, readers of images, services without an owner, lock files. It
// touches nothing of a launch that is under way, nothing that another runtime
// directory claims, and nothing for what it is called or labelled.
func (l *Runner) Reap(ctx context.Context) error {
	if err := l.Dirs.Trusted(); err != nil {
		return err
	}
	left := leftovers{l.Engine, l.Dirs, l.tell}
	return errors.Join(left.remove(ctx), l.Engine.Reap(ctx), l.networks().remove(ctx, ""), l.Dirs.ReapAttached(), record.ReapParts(l.Dirs), l.Dirs.Locks().Reap())
}

// leftovers are the containers of launches that were killed.
type leftovers struct {
	engine *podman.Engine
	dirs   record.Dirs
	tell   func(string)
}

// remove removes the containers that killed launches left waiting: claimed
// here, never started, of a launch that holds its lock no more. It takes back the
// claims on containers that are gone.
func (l leftovers) remove(ctx context.Context) error {
	claims, err := l.dirs.Claims().All(claim.Container) // before the list: a launch may end in between
	if len(claims) == 0 {
		return err
	}
	list, lerr := l.engine.Containers.List(ctx, map[string]string{plan.LabelLaunch: ""})
	errs := []error{err, lerr}
	for _, c := range claims {
		there := lerr != nil || slices.ContainsFunc(list, func(p podman.Listed) bool { return p.ID == c.ID })
		switch {
		case !c.On(l.engine.Place()):
		case !l.kept(c):
			errs = append(errs, l.removeOne(ctx, c.Token))
		case !there:
			errs = append(errs, l.dirs.Claims().Drop(c.Kind, c.Token))
		}
	}
	return errors.Join(errs...)
}

// kept tells whether what a claim is on stays: its launch is done, and the stack that it
// is of came up and was not told to go down.
func (l leftovers) kept(c claim.Claim) bool {
	return c.Kept && (c.Stack == "" || l.dirs.Stacks().Has(c.Stack))
}

// gone removes a leftover and tells whether it is none any more. What a single launch
// started before it was killed stays, for somebody may use it; half a stack does not.
func (l leftovers) gone(ctx context.Context, c claim.Claim) (bool, error) {
	return l.engine.Containers.RemoveClaimed(ctx, c, c.Stack != "")
}

func (l leftovers) removeOne(ctx context.Context, launch string) error {
	k, err := l.dirs.Locks().Try("launch-" + launch)
	if errors.Is(err, record.ErrHeld) {
		return nil
	}
	if err != nil {
		return err
	}
	defer k.Release()
	c, err := l.dirs.Claims().Load(claim.Container, launch) // again: it may be done in between
	if err != nil || l.kept(c) {
		return record.IgnoreAbsent(err)
	}
	found, err := l.engine.Containers.Claimed(ctx, c)
	if err != nil && !errors.Is(err, podman.ErrNoContainer) {
		return err
	}
	gone, err := l.gone(ctx, c)
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
	return l.dirs.Claims().Drop(c.Kind, c.Token)
}
