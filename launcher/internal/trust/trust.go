// Package trust tells whether others can write what is about to be believed: a file,
// or any directory on the way to it from the root, as sshd's StrictModes does for
// the home directory.
package trust

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// maxLinks is how many symbolic links are followed in all, Linux's own limit
// (path_resolution(7)).
const maxLinks = 40

// Who is it whose files are believed: root's and those of this user.
type Who struct {
	UID int
	// Private tells whether nobody but this user and root is in a group.
	Private func(gid int) bool
	lstat   func(string) (fs.FileInfo, error) // nil: [os.Lstat]
}

// Caller is the user who runs this program.
func Caller() Who { return Who{UID: os.Getuid(), Private: privateGroup} }

// Path wants every directory on the way to path, every link and path itself to
// belong to root or the user and to be writable by nobody else. A directory that
// everybody may write to is passed where it is sticky, as /tmp is: there nobody can
// replace what is another's. What is not there is no error.
func (w Who) Path(path string) error {
	if w.lstat == nil {
		w.lstat = os.Lstat
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("reading %q: %w", path, err)
	}
	at, rest, links := "/", split(path), 0
	if err := w.check(at); err != nil {
		return err
	}
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		if name == ".." {
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, name)
		info, err := w.lstat(next)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", shown(next), err)
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			if err := w.judge(next, info); err != nil {
				return err
			}
			at = next
			continue
		}
		if err := w.owned(next, info); err != nil {
			return err
		}
		target, err := os.Readlink(next)
		if links++; err != nil || links > maxLinks {
			return fmt.Errorf("reading %s: more than %d links, or one that cannot be read", shown(path), maxLinks)
		}
		if filepath.IsAbs(target) {
			at = "/"
		}
		rest = append(split(target), rest...)
	}
	return nil
}

func split(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

func (w Who) check(path string) error {
	info, err := w.lstat(path)
	if err != nil {
		return fmt.Errorf("reading %s: %w", shown(path), err)
	}
	return w.judge(path, info)
}

func (w Who) judge(path string, info fs.FileInfo) error {
	if err := w.owned(path, info); err != nil {
		return err
	}
	mode := info.Mode()
	sticky := info.IsDir() && mode&fs.ModeSticky != 0
	switch {
	case mode.Perm()&0o002 != 0 && !sticky:
		return hint.Errorf("chmod o-w "+quoted(path), "reading %s: anybody can write to it", shown(path))
	case mode.Perm()&0o020 != 0 && !sticky && !w.private(path, info):
		return hint.Errorf("chmod g-w "+quoted(path), "reading %s: group %d can write to it", shown(path), group(info))
	}
	return nil
}

func (w Who) owned(path string, info fs.FileInfo) error {
	if uid := owner(info); uid != 0 && uid != int(root()) && uid != w.UID {
		return hint.Errorf("ls -ld "+quoted(path), "reading %s: it belongs to uid %d, neither root nor you", shown(path), uid)
	}
	return nil
}

// private tells whether a group that may write is the user's alone, as the one of
// the user's own name is where the umask is 0002; an access list may let others in
// under the same mode.
func (w Who) private(path string, info fs.FileInfo) bool {
	return w.Private != nil && w.Private(group(info)) && !listed(path)
}

// shown is a path with nothing in it that a terminal obeys.
func shown(path string) string {
	if q := strconv.Quote(path); q != `"`+path+`"` {
		return q
	}
	return path
}

// quoted is a path as one word of a shell.
func quoted(path string) string {
	if strings.Trim(path, "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+") == "" {
		return path
	}
	return "'" + strings.ReplaceAll(shown(path), "'", `'\''`) + "'"
}
