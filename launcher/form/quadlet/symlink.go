package quadlet

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// links is what a file system can have that knows where its symlinks lead, as
// os.DirFS does since Go 1.25.
type links interface {
	ReadLink(name string) (string, error)
}

var (
	errMasked  = errors.New("a link to /dev/null masks it")
	errOutside = errors.New("it is a symlink that leads out of the directories of units")
	errLink    = errors.New("it is a symlink, and where it leads cannot be told")
	errLoop    = errors.New("its symlinks lead in a circle, or there are too many")
)

// regular tells why a file of the directories is not opened.
func (t *tree) regular(name string) error {
	_, mode, err := t.resolve(name)
	if err == nil && !mode.IsRegular() {
		err = fmt.Errorf("it is %s and no regular file", kindOf(mode))
	}
	return err
}

// resolve follows the symlinks behind a name as far as they stay in the
// directories of units.
func (t *tree) resolve(name string) (string, fs.FileMode, error) {
	for range maxLinks {
		mode, err := t.mode(name)
		if err != nil || mode&fs.ModeSymlink == 0 {
			return name, mode, err
		}
		if name, err = t.follow(name); err != nil {
			return "", 0, err
		}
	}
	return "", 0, errLoop
}

// mode is the type of a name itself; every directory above it is one in truth.
func (t *tree) mode(name string) (fs.FileMode, error) {
	entries, err := t.list(path.Dir(name))
	if err != nil {
		return 0, err
	}
	mode, ok := entries[path.Base(name)]
	if !ok {
		return 0, fs.ErrNotExist
	}
	return mode, nil
}

// follow returns where one symlink leads.
func (t *tree) follow(name string) (string, error) {
	l, ok := t.fsys.(links)
	if !ok {
		return "", errLink
	}
	to, err := l.ReadLink(name)
	switch {
	case err != nil:
		return "", cause(err)
	case to == "/dev/null":
		return "", errMasked
	case !path.IsAbs(to):
		to = path.Join("/", path.Dir(name), to)
	}
	to = clean(to)
	if dir := path.Dir(to); !t.has(dir) && !t.below(dir) {
		return "", errOutside
	}
	return to, nil
}

// has tells one of the tree's directories.
func (t *tree) has(dir string) bool {
	_, has := t.ranks[dir]
	return has
}

// below tells that a directory lies in one of the tree's, and that no symlink
// stands between.
func (t *tree) below(dir string) bool {
	for d := dir; d != "." && d != "/"; d = path.Dir(d) {
		if mode, err := t.mode(d); err != nil || !mode.IsDir() {
			return false
		}
		if t.has(path.Dir(d)) {
			return true
		}
	}
	return false
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "a special file"
}
