package launch

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

// held holds what is mounted in the waiting container against what was judged, by
// inode, and a tree with a digest file by file: a path can be given to another
// directory at any time.
func (pr *prover) held(ctx context.Context, pid int) error {
	if !pr.r.Engine.Local() {
		return nil
	}
	root := fmt.Sprintf("/proc/%d/root", pid)
	for _, at := range container.VolumeAt.Keys(pr.plan.Stated) {
		want, known := pr.plan.Sources[path.Clean("/"+at)]
		if !known {
			continue
		}
		got, err := model.Mounted(root, at)
		hidden := errors.Is(err, fs.ErrPermission)
		if hidden {
			got.Dev, got.Ino, err = pr.r.Engine.Evidence.Mounted(ctx, pid, at)
		}
		if err != nil {
			name := pr.plan.Profile.Name
			return fmt.Errorf("proving %s: looking at what is mounted at %s: %w: %w", name, at, podman.ErrNoEvidence, err)
		}
		if got != want {
			return pr.exchanged(at, fmt.Sprintf("inode %d of device %d is mounted, inode %d of device %d was judged",
				got.Ino, got.Dev, want.Ino, want.Dev))
		}
		if pr.plan.Print == nil || at != pr.plan.Profile.Models.At {
			continue
		}
		where, name := root, at
		if hidden { // the same inode by its own path
			v, _, _ := container.VolumeAt.Get(pr.plan.Stated, at)
			where, name = filepath.Split(v.Source)
		}
		if err := pr.plan.Print.Holds(ctx, where, name); err != nil {
			return pr.exchanged(at, err.Error())
		}
	}
	return nil
}

func (pr *prover) exchanged(at, why string) error {
	p := container.Path{Key: container.VolumeAt.Key(), Elem: at}
	note := fmt.Sprintf("%s: it was exchanged or changed after it was checked: %s", p, why)
	err := &MismatchError{Profile: pr.plan.Profile.Name, Notes: []string{note}}
	return hint.Wrap(err, "see who may write to the directories above it, and run it again")
}
