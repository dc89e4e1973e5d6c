package record

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// RoomHint is what to do about the full file system of dir.
func RoomHint(dir string) string {
	where := model.Quote(dir)
	return "df -h " + where + "; df -i " + where + "; make room there, then the same command again"
}

// WritingTo gives an error of writing below dir its next step: a file system is
// full, or not the caller's to write.
func WritingTo(dir string, err error) error {
	switch {
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return hint.Wrap(err, RoomHint(dir))
	case errors.Is(err, fs.ErrPermission), errors.Is(err, unix.EROFS):
		return hint.Wrap(err, "ls -ld "+model.Quote(dir)+"; it must be yours to write")
	}
	return err
}
