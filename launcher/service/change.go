package service

import (
	"context"
	"errors"
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Install writes the units of a service, whose only version is Next, and starts it. Where it
// does not come up, nothing is left.
func (st *Store) Install(ctx context.Context, s *Service) error {
	k, err := st.lock(ctx, s.Name)
	if err != nil {
		return err
	}
	defer k.Release()
	if err := st.absent(ctx, s.Name); err != nil {
		return err
	}
	if err := st.Units.free(s.Next); err != nil {
		return err
	}
	if err := st.unknown(ctx, s); err != nil {
		return err
	}
	c := &change{st, s}
	if err = c.begin(); err == nil {
		err = c.up(ctx, s.Next)
	}
	if err != nil {
		return errors.Join(err, c.clear(context.WithoutCancel(ctx)))
	}
	return c.done(ctx)
}

// Absent wants no service of a name, and takes away what a killed command left of one: its
// container and its ports are in the way of whatever is planned.
func (st *Store) Absent(ctx context.Context, name string) error {
	k, err := st.lock(ctx, name)
	if err != nil {
		return err
	}
	defer k.Release()
	return st.absent(ctx, name)
}

func (st *Store) absent(ctx context.Context, name string) error {
	switch _, err := st.repaired(ctx, name); {
	case errors.Is(err, ErrNone):
		return nil
	case err != nil:
		return err
	}
	return hint.Errorf("a newer image: zlaunch upgrade "+name+"\nanother beside it: --name NAME\nanew: zlaunch uninstall "+name, "installing %s: it is installed", name)
}

// unknown wants no unit that is called as one of the service's, be it that systemd has read
// it or is yet to.
func (st *Store) unknown(ctx context.Context, s *Service) error {
	if err := st.Manager.Reload(ctx); err != nil {
		return err
	}
	for _, u := range s.units() {
		state, err := st.Manager.State(ctx, u)
		if err != nil {
			return err
		}
		if state.Load != "not-found" {
			return hint.Errorf("systemctl --user cat "+u+"; another name: --name NAME", "installing %s: there is a unit %s, and zlaunch did not write it", s.Name, u)
		}
	}
	return nil
}

// Change makes next the version that runs; where it does not come up, the one of now runs
// again, and the error is a *[BackError].
func (st *Store) Change(ctx context.Context, name string, next func(*Service) (*Version, error)) error {
	k, err := st.lock(ctx, name)
	if err != nil {
		return err
	}
	defer k.Release()
	s, err := st.repaired(ctx, name)
	if err != nil {
		return err
	}
	c := &change{st, s}
	if err := c.unedited("changing", ownDropin(name)); err != nil {
		return err
	}
	if s.Next, err = next(s); err != nil || s.Next == nil {
		return err
	}
	if err := c.begin(); err != nil {
		gone := s.Next
		s.Next = nil
		return errors.Join(err, st.save(s), c.forget(ctx, gone))
	}
	if err := c.up(ctx, s.Next); err != nil {
		return &BackError{s.Name, err, c.back(context.WithoutCancel(ctx))}
	}
	return c.done(ctx)
}

func ownDropin(name string) string {
	return "what you want of your own stands in a drop-in: " + dropin(name, "50-own.conf") + "\nzlaunch uninstall --force " + name + ", and install it anew"
}

// BackError is a change that was taken back.
type BackError struct {
	Name string
	Why  error
	Back error // why the version of before does not run; nil: it does
}

func (e *BackError) Error() string {
	if e.Back != nil {
		return fmt.Sprintf("changing %s: %v; what ran before does not come up either: %v", e.Name, e.Why, e.Back)
	}
	return fmt.Sprintf("changing %s: %v; what ran before runs again", e.Name, e.Why)
}

func (e *BackError) Unwrap() []error { return []error{e.Why, e.Back} }

// Repair ends what a command that was killed had begun, and tells of it. [ErrNone] says that
// there is no service of that name, or none any more.
func (st *Store) Repair(ctx context.Context, name string) (*Service, error) {
	k, err := st.lock(ctx, name)
	if err != nil {
		return nil, err
	}
	defer k.Release()
	return st.repaired(ctx, name)
}

func (st *Store) repaired(ctx context.Context, name string) (*Service, error) {
	s, err := st.Load(name)
	if err != nil {
		return nil, err
	}
	c := &change{st, s}
	if half := s.Leaving || s.Now == nil || s.Next != nil; half {
		if err := c.unedited("going on with what was killed of", "zlaunch uninstall --force "+name+" removes them too"); err != nil {
			return nil, err
		}
	}
	switch {
	case s.Leaving, s.Now == nil:
		st.tell("removing service " + name + ", which a killed command left half done")
		if err := c.clear(ctx); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("finding service %s: %w", name, ErrNone)
	case s.Next != nil:
		st.tell("putting service " + name + " back as it was before an upgrade that was killed")
		return s, c.back(ctx)
	}
	return s, nil
}
