package launcher

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/podman"
)

// Reap removes what killed launches left: containers that no launch holds and no
// record claims, networks of zlaunch that nothing uses, lock files without an
// owner. It touches nothing of a launch that is under way.
//
// Locks tell of launches on this host only: what another host's zlaunch does on a
// remote engine cannot be seen from here, and nothing is removed there.
func (l *Launcher) Reap(ctx context.Context) error {
	if !l.Engine.Local() {
		return nil
	}
	list, err := l.Engine.List(ctx, map[string]string{LabelLaunch: ""})
	if err != nil {
		return err
	}
	var errs []error
	alive := map[string]bool{}
	for _, c := range list {
		launch := c.Labels[LabelLaunch]
		if !launchName(launch) {
			continue
		}
		alive[launch] = true
		gone, err := l.reapContainer(ctx, launch, c.ID)
		errs = append(errs, err)
		if gone {
			l.tell("removed container " + nameOf(c) + ", left by a launch that was killed")
		}
	}
	errs = append(errs, l.Engine.ReapReaders(ctx), l.reapNetworks(ctx), l.reapLocks(), l.reapClaims(alive))
	return errors.Join(errs...)
}

func (l *Launcher) reapContainer(ctx context.Context, launch, id string) (bool, error) {
	if l.recorded(launch) {
		return false, nil
	}
	k, err := l.tryLock("launch-" + launch)
	if errors.Is(err, errHeld) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer k.release()
	if l.recorded(launch) { // it may have finished in between
		return false, nil
	}
	defer l.Engine.EndOrphans(id)
	return true, l.Engine.Remove(ctx, id, podman.RemoveOptions{Force: true, Volumes: true})
}

func (l *Launcher) reapNetworks(ctx context.Context) error {
	names, err := l.Engine.Networks(ctx, LabelProfile)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		errs = append(errs, l.removeNetwork(ctx, name))
	}
	return errors.Join(errs...)
}

// reapLocks removes the lock files nobody holds.
func (l *Launcher) reapLocks() error {
	files, err := filepath.Glob(filepath.Join(l.Dirs.Runtime, "*.lock"))
	if err != nil {
		return err
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".lock")
		k, err := l.tryLock(name)
		if err == nil {
			k.release()
		} else if !errors.Is(err, errHeld) && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
