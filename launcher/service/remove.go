package service

import (
	"context"
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
	c := &change{st, s}
	if err := c.unedited("uninstalling", "zlaunch uninstall --force "+name+" removes them too"); err != nil && !force {
		return nil, nil, err
	}
	s.Leaving = true
	if err := st.save(s); err != nil {
		return nil, nil, err
	}
	beside = st.Units.Beside(s)
	return s, beside, c.clear(ctx)
}
