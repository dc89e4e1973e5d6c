package launcher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// hold notes what was judged for the target at: what is mounted there must be that,
// and not what its path names later. What cannot be looked at is not judged either.
func (p *Plan) hold(at string, inode model.Inode, err error) {
	if err != nil {
		return
	}
	if p.sources == nil {
		p.sources = map[string]model.Inode{}
	}
	p.sources[path.Clean("/"+at)] = inode
}

// held holds what is mounted in the waiting container against what was judged, by
// inode, and a tree with a digest file by file: a path can be given to another
// directory at any time.
func (la *launch) held(ctx context.Context, pid int) error {
	if !la.Engine.Local() {
		return nil
	}
	root := fmt.Sprintf("/proc/%d/root", pid)
	for _, at := range container.VolumeAt.Keys(la.plan.Stated) {
		want, known := la.plan.sources[path.Clean("/"+at)]
		if !known {
			continue
		}
		got, err := model.Mounted(root, at)
		hidden := errors.Is(err, fs.ErrPermission)
		if hidden {
			got.Dev, got.Ino, err = la.Engine.Mounted(ctx, pid, at)
		}
		if err != nil {
			name := la.plan.Profile.Name
			return fmt.Errorf("proving %s: looking at what is mounted at %s: %w: %w", name, at, podman.ErrNoEvidence, err)
		}
		if got != want {
			return la.exchanged(at, fmt.Sprintf("inode %d of device %d is mounted, inode %d of device %d was judged",
				got.Ino, got.Dev, want.Ino, want.Dev))
		}
		if la.plan.print == nil || at != la.plan.Profile.Models.At {
			continue
		}
		where, name := root, at
		if hidden { // the same inode by its own path
			v, _, _ := container.VolumeAt.Get(la.plan.Stated, at)
			where, name = filepath.Split(v.Source)
		}
		if err := la.plan.print.Holds(ctx, where, name); err != nil {
			return la.exchanged(at, err.Error())
		}
	}
	return nil
}

func (la *launch) exchanged(at, why string) error {
	p := container.Path{Key: container.VolumeAt.Key(), Elem: at}
	note := fmt.Sprintf("%s: it was exchanged or changed after it was checked: %s", p, why)
	err := &MismatchError{Profile: la.plan.Profile.Name, Notes: []string{note}}
	return hint.Wrap(err, "see who may write to the directories above it, and run it again")
}
