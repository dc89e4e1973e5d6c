package launch

import (
	"context"
	"errors"
	"time"

	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// networks are those that zlaunch has claimed on an engine.
type networks struct {
	engine *podman.Engine
	dirs   record.Dirs
}

func (l *Runner) networks() networks { return networks{l.Engine, l.Dirs} }

// unlessUsed does what no other launch that wants the network may see half done,
// or nothing where there is one.
func (ns networks) unlessUsed(network string, do func() error) error {
	k, err := ns.dirs.Locks().Try("net-" + network)
	if errors.Is(err, record.ErrHeld) {
		return nil
	}
	if err != nil {
		return err
	}
	defer k.Release()
	return do()
}

// claims are those on networks that were made under a name; "" is any.
func (ns networks) claims(name string) ([]claim.Claim, error) {
	list, err := ns.dirs.Claims().All(claim.Network)
	var out []claim.Claim
	for _, c := range list {
		if (name == "" || c.Name == name) && c.On(ns.engine.Place()) {
			out = append(out, c)
		}
	}
	return out, err
}

// remove removes the claimed networks, of one name or all, that nothing uses.
func (ns networks) remove(ctx context.Context, name string) error {
	list, err := ns.claims(name)
	errs := []error{err}
	for _, c := range list {
		errs = append(errs, ns.removeOne(ctx, c))
	}
	return errors.Join(errs...)
}

func (ns networks) removeOne(ctx context.Context, c claim.Claim) error {
	return ns.unlessUsed(c.Name, func() error {
		gone, err := ns.engine.Networks.RemoveIfUnused(ctx, c)
		if err != nil || !gone || !c.Over(time.Now()) {
			return err
		}
		return ns.dirs.Claims().Drop(c.Kind, c.Token)
	})
}
