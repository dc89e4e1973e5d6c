package trust

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Root is root alone: what nobody else may write decides for everybody.
func Root() Who { return Who{UID: 0} }

// Within is for tests, which cannot write where root alone does: the user counts as
// root, and what lies above dir is as it should be.
func Within(dir string) Who {
	return Who{UID: os.Getuid(), lstat: func(path string) (fs.FileInfo, error) {
		if strings.HasPrefix(path+"/", dir+"/") {
			return os.Lstat(path)
		}
		return os.Lstat("/")
	}}
}

// Fixed wants path and every directory on the way to it to belong to root or the user,
// to be writable by nobody else at all, also where it is sticky, and to be no symbolic
// link: whoever could exchange a part of the way would decide what is read. What is not
// there is no error.
func (w Who) Fixed(path string) error {
	if w.lstat == nil {
		w.lstat = os.Lstat
	}
	if !filepath.IsAbs(path) || filepath.Clean(path) != path {
		return fmt.Errorf("reading %s: not a clean absolute path", shown(path))
	}
	at := "/"
	for _, name := range append([]string{""}, split(path)...) {
		at = filepath.Join(at, name)
		info, err := w.lstat(at)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return fmt.Errorf("reading %s: %w", shown(at), err)
		}
		if err := w.fixed(at, info); err != nil {
			return err
		}
	}
	return nil
}

func (w Who) fixed(path string, info fs.FileInfo) error {
	if info.Mode()&fs.ModeSymlink != 0 {
		return hint.Errorf("put the file itself there: ls -ld "+quoted(path), "reading %s: it is a symbolic link", shown(path))
	}
	if err := w.owned(path, info); err != nil {
		return err
	}
	switch mode := info.Mode().Perm(); {
	case mode&0o002 != 0:
		return hint.Errorf("chmod o-w "+quoted(path), "reading %s: anybody can write to it", shown(path))
	case mode&0o020 != 0:
		return hint.Errorf("chmod g-w "+quoted(path), "reading %s: group %d can write to it", shown(path), group(info))
	case listed(path):
		return hint.Errorf("setfacl -b "+quoted(path), "reading %s: an access list may let others write to it", shown(path))
	}
	return nil
}
