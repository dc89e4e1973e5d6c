package service

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/systemd"
)

// Install writes the units of a service, whose only version is Next, and starts it. Where it
// does not come up, nothing is left.
func (st *Store) Install(ctx context.Context, s *Service) error {
	k, err := st.lock(ctx, s.Name)
	if err != nil {
		return err
	}
	defer k.Release()
	if _, err := st.repaired(ctx, s.Name); !errors.Is(err, ErrNone) {
		if err == nil {
			err = hint.Errorf("a newer image: zlaunch upgrade "+s.Name+"\nanother beside it: --name NAME\nanew: zlaunch uninstall "+s.Name, "installing %s: it is installed", s.Name)
		}
		return err
	}
	if err := st.Units.free(s.Next); err != nil {
		return err
	}
	if state, err := st.Manager.State(ctx, s.Unit()); err != nil || state.Load != "not-found" {
		if err == nil {
			err = hint.Errorf("systemctl --user cat "+s.Unit()+"; another name: --name NAME", "installing %s: there is a unit of that name, and zlaunch did not write it", s.Name)
		}
		return err
	}
	if err := st.begin(s); err != nil {
		return err
	}
	if err := st.up(ctx, s, s.Next); err != nil {
		return errors.Join(err, st.clear(context.WithoutCancel(ctx), s))
	}
	return st.done(ctx, s)
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
	if edited := st.Units.Edited(s); len(edited) > 0 {
		return hint.Errorf("what you want of your own stands in a drop-in: "+s.Name+".container.d/50-own.conf\nzlaunch uninstall --force "+s.Name+", and install it anew",
			"changing %s: somebody changed %s", name, strings.Join(edited, ", "))
	}
	if s.Next, err = next(s); err != nil || s.Next == nil {
		return err
	}
	if err := st.begin(s); err != nil {
		return err
	}
	if err := st.up(ctx, s, s.Next); err != nil {
		return &BackError{s.Name, err, st.back(context.WithoutCancel(ctx), s)}
	}
	return st.done(ctx, s)
}

// begin writes down what is about to be done, and what its containers are held against.
func (st *Store) begin(s *Service) error {
	if err := st.save(s); err != nil || s.Next.record == nil {
		return err
	}
	return st.Dirs.Save(s.Next.record)
}

// BackError is a change that was taken back.
type BackError struct {
	Name string
	Why  error
	Back error // why the version of before does not run either; nil: it does
}

func (e *BackError) Error() string {
	if e.Back != nil {
		return fmt.Sprintf("changing %s: %v; what ran before is back, and does not come up either: %v", e.Name, e.Why, e.Back)
	}
	return fmt.Sprintf("changing %s: %v; what ran before runs again", e.Name, e.Why)
}

func (e *BackError) Unwrap() []error { return []error{e.Why, e.Back} }

// up writes a version and has it run: that returns once the gate has passed it.
func (st *Store) up(ctx context.Context, s *Service, v *Version) error {
	if err := st.Keeper.Keep(ctx, v.ImageID, v.Keep); err != nil {
		return err
	}
	if err := errors.Join(st.Fault(s.Name, ""), st.Units.put(s, v)); err != nil {
		return err
	}
	if err := st.Manager.Reload(ctx); err != nil {
		return err
	}
	state, err := st.Manager.State(ctx, s.Unit())
	if err == nil && state.Load != "loaded" {
		err = hint.Errorf("/usr/lib/systemd/system-generators/podman-system-generator --user --dryrun", "reading the unit of %s: Podman's generator made no service of it: %s", s.Name, state.Load)
	}
	if err != nil {
		return err
	}
	st.Manager.Forgive(ctx, s.Unit()) // starts of another version count for nothing
	return st.started(s, st.Manager.Restart(ctx, s.Unit()))
}

// started gives the error of a start its cause, where the gate told one.
func (st *Store) started(s *Service, err error) error {
	why := st.LastFault(s.Name)
	switch {
	case err == nil:
		return nil
	case why != "":
		return fmt.Errorf("starting %s: %s", s.Unit(), why)
	}
	return hint.Wrap(err, strings.Join(systemd.User{}.Journal(context.Background(), s.Unit()).Args, " ")+", with sudo where the journal is root's")
}

// done ends a change: from here on its version is the one that counts.
func (st *Store) done(ctx context.Context, s *Service) error {
	gone := s.Before
	s.Now, s.Before, s.Next = s.Next, s.Now, nil
	if err := st.save(s); err != nil {
		return err
	}
	return st.forget(ctx, s, gone)
}

// back puts the version of now back.
func (st *Store) back(ctx context.Context, s *Service) error {
	err := st.up(ctx, s, s.Now)
	gone := s.Next
	s.Next = nil
	return errors.Join(err, st.save(s), st.forget(ctx, s, gone))
}

// forget lets go of a version that the service does not have any more.
func (st *Store) forget(ctx context.Context, s *Service, v *Version) error {
	if v == nil {
		return nil
	}
	for _, kept := range s.versions() {
		if kept.Launch == v.Launch {
			return nil
		}
	}
	return errors.Join(st.Keeper.LetGo(ctx, v.Keep), st.Dirs.Forget(v.Launch))
}

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
	switch {
	case err != nil:
		return nil, err
	case s.Leaving, s.Now == nil:
		st.tell("removing service " + name + ", which a killed command left half done")
		if err := st.clear(ctx, s); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("finding service %s: %w", name, ErrNone)
	case s.Next != nil:
		st.tell("putting service " + name + " back as it was before an upgrade that was killed")
		return s, st.back(ctx, s)
	}
	return s, nil
}
