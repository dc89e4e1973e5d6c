package launch

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/claim"
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
	return errors.Join(l.reapContainers(ctx), l.Engine.Reap(ctx), l.removeNetworks(ctx, ""), l.Dirs.ReapAttached(), l.Dirs.Locks().Reap())
}

// reapContainers removes the containers that killed launches left waiting: claimed
// here, never started, of a launch that holds its lock no more. It takes back the
// claims on containers that are gone.
func (l *Runner) reapContainers(ctx context.Context) error {
	claims, err := l.Dirs.Claims().All(claim.Container) // before the list: a launch may end in between
	if len(claims) == 0 {
		return err
	}
	list, lerr := l.Engine.Containers.List(ctx, map[string]string{plan.LabelLaunch: ""})
	errs := []error{err, lerr}
	for _, c := range claims {
		there := lerr != nil || slices.ContainsFunc(list, func(p podman.Listed) bool { return p.ID == c.ID })
		switch {
		case !c.On(l.Engine.Place()):
		case !c.Kept:
			errs = append(errs, l.reapContainer(ctx, c.Token))
		case !there:
			errs = append(errs, l.Dirs.Claims().Drop(c.Kind, c.Token))
		}
	}
	return errors.Join(errs...)
}

func (l *Runner) reapContainer(ctx context.Context, launch string) error {
	k, err := l.Dirs.Locks().Try("launch-" + launch)
	if errors.Is(err, record.ErrHeld) {
		return nil
	}
	if err != nil {
		return err
	}
	defer k.Release()
	c, err := l.Dirs.Claims().Load(claim.Container, launch) // again: it may be done in between
	if err != nil || c.Kept {
		return record.IgnoreAbsent(err)
	}
	found, err := l.Engine.Containers.Claimed(ctx, c)
	if err != nil && !errors.Is(err, podman.ErrNoContainer) {
		return err
	}
	gone, err := l.Engine.Containers.RemoveUnstarted(ctx, c)
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
	return l.Dirs.Claims().Drop(c.Kind, c.Token)
}
