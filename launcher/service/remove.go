package service

import (
	"context"
	"errors"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Uninstall stops a service and removes the units that zlaunch wrote, those that somebody
// changed only with force. It returns the record of what it was, and which drop-ins of
// others stay.
func (st *Store) Uninstall(ctx context.Context, name string, force bool) (s *Service, beside []string, err error) {
	k, err := st.lock(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	defer k.Release()
	if s, err = st.Load(name); err != nil {
		return nil, nil, err
	}
	if edited := st.Units.Edited(s); len(edited) > 0 && !force {
		return nil, nil, hint.Errorf("zlaunch uninstall --force "+name+" removes them too", "uninstalling %s: somebody changed %s", name, strings.Join(edited, ", "))
	}
	s.Leaving = true
	if err := st.save(s); err != nil {
		return nil, nil, err
	}
	beside = st.Units.Beside(s)
	return s, beside, st.clear(ctx, s)
}

// clear stops what the service has and removes it all: the record last, so that what is
// killed in between goes on with the next command.
func (st *Store) clear(ctx context.Context, s *Service) error {
	if err := st.Manager.Stop(ctx, s.units()...); err != nil {
		return err
	}
	if err := st.Units.remove(s, func(File) bool { return true }); err != nil {
		return err
	}
	if err := st.Manager.Reload(ctx); err != nil {
		return err
	}
	var errs []error
	if s.Network != "" {
		errs = append(errs, st.Keeper.RemoveNetwork(ctx, s.Network))
	}
	for _, u := range s.units() {
		st.Manager.Forgive(ctx, u)
	}
	for _, v := range s.versions() {
		errs = append(errs, st.Keeper.LetGo(ctx, v.Keep), st.Dirs.Forget(v.Launch))
	}
	return errors.Join(append(errs, st.drop(s))...)
}
