package service

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/systemd"
)

// change is a service in the hands of a command that holds its lock.
type change struct {
	*Store
	s *Service
}

// unedited refuses to write over files that somebody changed, or to remove them.
func (c *change) unedited(doing, next string) error {
	edited := c.Units.Edited(c.s)
	if len(edited) == 0 {
		return nil
	}
	return hint.Errorf(next, "%s %s: somebody changed %s", doing, c.s.Name, strings.Join(edited, ", "))
}

// begin writes down what is about to be done, and what its containers are held against.
func (c *change) begin() error {
	if err := c.save(c.s); err != nil || c.s.Next.record == nil {
		return err
	}
	return c.Dirs.Save(c.s.Next.record)
}

// up writes a version and has it run: that returns once the gate has passed it.
func (c *change) up(ctx context.Context, v *Version) error {
	if err := c.lay(ctx, v); err != nil {
		return err
	}
	return c.start(ctx, v)
}

// lay makes the files of a version those that systemd runs.
func (c *change) lay(ctx context.Context, v *Version) error {
	if err := c.Keeper.Keep(ctx, v.ImageID, v.Keep); err != nil {
		return err
	}
	if err := errors.Join(c.Fault(c.s.Name, ""), c.Units.put(c.s, v)); err != nil {
		return err
	}
	if err := c.Manager.Reload(ctx); err != nil {
		return err
	}
	state, err := c.Manager.State(ctx, c.s.Unit())
	switch {
	case err != nil:
		return err
	case state.Load == "masked":
		return hint.Errorf("systemctl --user unmask "+c.s.Unit(), "reading the unit of %s: somebody masked it", c.s.Name)
	case state.Load != "loaded":
		return hint.Errorf("/usr/lib/systemd/system-generators/podman-system-generator --user --dryrun", "reading the unit of %s: Podman's generator made no service of it: %s", c.s.Name, state.Load)
	case !c.Units.made(c.s, state.Source):
		return hint.Errorf("systemctl --user cat "+c.s.Unit()+" names its file", "reading the unit of %s: systemd has another of that name, which zlaunch did not write", c.s.Name)
	}
	return nil
}

// start starts the version that is laid. One that runs and that no gate has passed is none.
func (c *change) start(ctx context.Context, v *Version) error {
	before := c.held(v)
	c.Manager.Forgive(ctx, c.s.Unit()) // starts of another version count for nothing
	if err := c.started(c.Manager.Restart(ctx, c.s.Unit())); err != nil {
		return err
	}
	if now := c.held(v); now == "" || now == before {
		return hint.Errorf("systemctl --user cat "+c.s.Unit()+" names the drop-in that takes ExecStartPost= away", "starting %s: nothing held it against its plan", c.s.Unit())
	}
	return nil
}

// held is the container that the gate looked at last for a version; "" none yet.
func (c *change) held(v *Version) string {
	r, err := c.Dirs.Load(v.Launch)
	if err != nil {
		return ""
	}
	return r.ID
}

// started gives the error of a start its cause, where the gate told one.
func (c *change) started(err error) error {
	why := c.LastFault(c.s.Name)
	switch {
	case err == nil:
		return nil
	case why != "":
		return fmt.Errorf("starting %s: %s", c.s.Unit(), why)
	}
	return hint.Wrap(err, strings.Join(systemd.User{}.Journal(context.Background(), c.s.Unit()).Args, " ")+", with sudo where the journal is root's")
}

// done ends a change: from here on its version is the one that counts.
func (c *change) done(ctx context.Context) error {
	gone := c.s.Before
	c.s.Now, c.s.Before, c.s.Next = c.s.Next, c.s.Now, nil
	if err := c.save(c.s); err != nil {
		return err
	}
	return c.forget(ctx, gone)
}

// back puts the version of now back. Until systemd has its files the record goes on to tell
// of the change, and the next command tries again.
func (c *change) back(ctx context.Context) error {
	if err := c.lay(ctx, c.s.Now); err != nil {
		return err
	}
	err := c.start(ctx, c.s.Now)
	gone := c.s.Next
	c.s.Next = nil
	return errors.Join(err, c.save(c.s), c.forget(ctx, gone))
}

// forget lets go of a version that the service does not have any more.
func (c *change) forget(ctx context.Context, v *Version) error {
	if v == nil {
		return nil
	}
	for _, kept := range c.s.versions() {
		if kept.Launch == v.Launch {
			return nil
		}
	}
	return errors.Join(c.Keeper.LetGo(ctx, v.Keep), c.Dirs.Forget(v.Launch))
}

// clear stops what the service has and removes it all: the record last, so that what is
// killed in between goes on with the next command.
func (c *change) clear(ctx context.Context) error {
	if err := c.Manager.Stop(ctx, c.s.units()...); err != nil {
		return err
	}
	if err := c.Units.remove(c.s, func(File) bool { return true }); err != nil {
		return err
	}
	if err := c.Manager.Reload(ctx); err != nil {
		return err
	}
	var errs []error
	if c.s.Network != "" {
		errs = append(errs, c.Keeper.RemoveNetwork(ctx, c.s.Network))
	}
	for _, u := range c.s.units() {
		c.Manager.Forgive(ctx, u)
	}
	for _, v := range c.s.versions() {
		errs = append(errs, c.Keeper.LetGo(ctx, v.Keep), c.Dirs.Forget(v.Launch))
	}
	return errors.Join(append(errs, c.drop(c.s))...)
}
