package signature

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/google/renameio/v2"
	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// SystemFile is the list of the host's administrator.
const SystemFile = "/etc/zlaunch/allowed_signers"

// UserFile is the name of the user's list in the directory of the user's configuration.
const UserFile = "allowed_signers"

// Files are where lists of allowed signers are. An empty name is no file.
type Files struct {
	System string // [SystemFile]: root's, for nobody else to write, no symbolic link on the way
	User   string // below $XDG_CONFIG_HOME/zlaunch, for the user and root alone to write
}

// Read gives the keys of both. A file that is not there allows nobody; one that others can
// write, or that is not understood, is an error.
func (f Files) Read() (AllowedSigners, error) {
	system, err := readList(f.System, systemTrust)
	if err != nil {
		return AllowedSigners{}, hint.Wrap(err, "as root: "+cmp.Or(hint.Of(err), "$EDITOR "+printable(f.System)))
	}
	user, err := readList(f.User, trust.Caller().Path)
	if err != nil {
		return AllowedSigners{}, err
	}
	return system.Join(user), nil
}

// systemTrust wants a file that nobody but root can change or put another in the place of.
func systemTrust(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("reading %s: it is a symbolic link", printable(path))
	}
	if why := trust.Program(path); why != "" {
		return hint.Errorf("ls -ld "+printable(path), "reading %s: %s", printable(path), why)
	}
	return nil
}

func readList(path string, trusted func(string) error) (AllowedSigners, error) {
	if path == "" {
		return AllowedSigners{}, nil
	}
	if err := trusted(path); err != nil {
		return AllowedSigners{}, err
	}
	text, err := content(path, maxList)
	if errors.Is(err, fs.ErrNotExist) {
		return AllowedSigners{}, nil
	}
	if err != nil {
		return AllowedSigners{}, fmt.Errorf("reading %s: %w", printable(path), err)
	}
	return ParseAllowed(path, text, nil)
}

// content reads a regular file of most bytes at the most; a device or a FIFO is refused,
// and never waited for.
func content(path string, most int64) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, cause(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case info.Size() > most:
		return nil, fmt.Errorf("larger than %d KiB", most>>10)
	}
	return io.ReadAll(io.LimitReader(f, most))
}

// cause leaves out the path of an error of the os package: ours is shown safely.
func cause(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Allow adds a line to the user's list: principal's key, for one namespace. It makes the
// file if there is none, and changes nothing where the same is allowed already. The file
// is the old one or the new one, also after a crash, and two at once both get their line.
//
// It asks nobody: whoever calls it has shown the fingerprint and has been told yes. key is
// that of [Error].
func (f Files) Allow(principal, namespace, key string) error {
	line := fmt.Sprintf("%s namespaces=\"%s\" %s\n", principal, namespace, key)
	added, err := oneSigner(line, principal, namespace)
	if err != nil {
		return fmt.Errorf("allowing a signer: %w", err)
	}
	if f.User == "" {
		return errors.New("allowing a signer: there is no list of the user's")
	}
	if err := os.MkdirAll(filepath.Dir(f.User), 0o700); err != nil {
		return fmt.Errorf("allowing a signer: %w", err)
	}
	unlock, err := lock(filepath.Dir(f.User))
	if err != nil {
		return fmt.Errorf("allowing a signer: %w", err)
	}
	defer unlock()
	have, err := readList(f.User, trust.Caller().Path)
	if err != nil || slices.ContainsFunc(have.lines, added.same) {
		return err
	}
	if err := f.add(line); err != nil {
		return fmt.Errorf("allowing a signer: writing %s: %w", printable(f.User), err)
	}
	return nil
}

// oneSigner reads a line that was put together, which must say what it was put together of.
func oneSigner(line, principal, namespace string) (allowed, error) {
	list, err := ParseAllowed("the line", []byte(line), nil)
	if err != nil {
		return allowed{}, err
	}
	if len(list.lines) != 1 {
		return allowed{}, fmt.Errorf("%.80q is not the name of a signer", principal)
	}
	a := list.lines[0]
	if !slices.Equal(a.principals, patterns{principal}) || !slices.Equal(a.namespaces, patterns{namespace}) {
		return allowed{}, fmt.Errorf("%.80q is not the name of a signer", principal)
	}
	if bytes.ContainsAny([]byte(principal+namespace), "*?!") {
		return allowed{}, fmt.Errorf("%.80q is a pattern, and not the name of one signer", principal)
	}
	return a, nil
}

// same tells whether a line allows the same as another, for ever.
func (a allowed) same(b allowed) bool {
	return slices.Equal(a.principals, b.principals) && slices.Equal(a.namespaces, b.namespaces) &&
		a.after.Equal(b.after) && a.before.Equal(b.before) && bytes.Equal(a.key.Marshal(), b.key.Marshal())
}

// add puts a line behind the others; a link stays one, and what it leads to is replaced.
func (f Files) add(line string) error {
	target, err := filepath.EvalSymlinks(f.User)
	if errors.Is(err, fs.ErrNotExist) {
		return renameio.WriteFile(f.User, []byte(line), 0o600)
	}
	if err != nil {
		return err
	}
	text, err := content(target, maxList-int64(len(line))-1)
	if err != nil {
		return err
	}
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(text, '\n')
	}
	return renameio.WriteFile(target, append(text, line...), 0o600)
}

// lock holds a directory against others who do the same, until it is given back or the
// process ends.
func lock(dir string) (unlock func(), err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for err = unix.EINTR; errors.Is(err, unix.EINTR); {
		err = unix.Flock(int(d.Fd()), unix.LOCK_EX)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", printable(dir), err), d.Close())
	}
	return func() { d.Close() }, nil
}
