package launcher

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// Reap removes what killed launches left, as far as zlaunch's own state claims it:
// containers that no launch holds and that were never started, networks that
// nothing uses, readers of images, services without an owner, lock files. It
// touches nothing of a launch that is under way, nothing that another runtime
// directory claims, and nothing for what it is called or labelled.
func (l *Launcher) Reap(ctx context.Context) error {
	if err := l.Dirs.Trusted(); err != nil {
		return err
	}
	if l.Engine.Local() {
		l.Engine.ReapServices()
	}
	return errors.Join(l.reapContainers(ctx), l.Engine.ReapReaders(ctx), l.removeNetworks(ctx, ""), l.reapAttached(), l.reapLocks())
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
