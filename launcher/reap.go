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
// A launch id begins with its host: what another host's zlaunch makes on the same
// engine is not touched, since its locks cannot be seen from here.
func (l *Launcher) Reap(ctx context.Context) error {
	claims := l.claims() // before the list: a launch may end in between, and its container is in it
	list, err := l.Engine.List(ctx, map[string]string{LabelLaunch: ""})
	if err != nil {
		return err
	}
	var errs []error
	alive, failed := map[string]bool{}, map[string]bool{}
	for _, c := range list {
		launch := c.Labels[LabelLaunch]
		if !launchName(launch) {
			continue
		}
		gone, err := l.reapContainer(ctx, launch, c.ID)
		alive[launch] = alive[launch] || !gone // what is gone claims nothing any more
		errs = append(errs, err)
		failed["launch-"+launch] = err != nil
		if gone {
			l.tell("removed container " + nameOf(c) + ", left by a launch that was killed")
		}
	}
	errs = append(errs, l.Engine.ReapReaders(ctx), l.reapNetworks(ctx), l.reapLocks(failed), l.reapClaims(claims, alive))
	return errors.Join(errs...)
}

func (l *Launcher) reapContainer(ctx context.Context, launch, id string) (bool, error) {
	if l.recorded(launch) || !strings.HasPrefix(launch, l.hostPrefix()) {
		return false, nil
	}
	k, err := l.tryLock("launch-" + launch)
	if errors.Is(err, errHeld) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if l.recorded(launch) { // it may have finished in between
		k.release()
		return false, nil
	}
	defer l.Engine.EndOrphans(id)
	if err := l.Engine.Remove(ctx, id, podman.RemoveOptions{Force: true, Volumes: true}); err != nil {
		k.file.Close() // the file stays, for the next call
		return false, err
	}
	k.release()
	return true, nil
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

// reapLocks removes the lock files nobody holds and nothing is left to do for.
func (l *Launcher) reapLocks(failed map[string]bool) error {
	files, err := filepath.Glob(filepath.Join(l.Dirs.Runtime, "*.lock"))
	if err != nil {
		return err
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".lock")
		if failed[name] {
			continue
		}
		k, err := l.tryLock(name)
		if err == nil {
			k.release()
		} else if !errors.Is(err, errHeld) && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
