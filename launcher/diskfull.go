package launcher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// networkFailed gives an error of making the network its next step. Podman on a
// full disk leaves its own file of the network empty, and complains of it from
// then on (measured: 4.3, netavark): that file is taken away.
func (la *launch) networkFailed(ctx context.Context, name string, err error) error {
	err = fmt.Errorf("creating network %s: %w", name, err)
	if !strings.Contains(err.Error(), "no space left on device") {
		return err
	}
	info, ierr := la.Engine.Info(ctx)
	if ierr != nil || !la.Engine.Local() {
		return hint.Wrap(err, "podman system df; make room there, then the same command again")
	}
	file := filepath.Join(info.GraphRoot, "networks", name+".json")
	if st, serr := os.Lstat(file); serr == nil && st.Mode().IsRegular() && st.Size() == 0 {
		err = errors.Join(err, os.Remove(file))
	}
	return hint.Wrap(err, roomHint(info.GraphRoot))
}

// roomHint is what to do about the full file system of dir.
func roomHint(dir string) string {
	where := model.Quote(dir)
	return "df -h " + where + "; df -i " + where + "; make room there, then the same command again"
}

// writingTo gives an error of writing below dir its next step: a file system is
// full, or not the caller's to write.
func writingTo(dir string, err error) error {
	switch {
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return hint.Wrap(err, roomHint(dir))
	case errors.Is(err, fs.ErrPermission), errors.Is(err, unix.EROFS):
		return hint.Wrap(err, "ls -ld "+model.Quote(dir)+"; it must be yours to write")
	}
	return err
}
