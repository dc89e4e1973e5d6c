// Package files keeps what belongs to gateways on the disk: a directory for each, which
// only the user can enter, with a lock against a second writer and files that are written
// whole or not at all.
package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"
	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// Mounted is the directory, in that of a gateway, which its container sees.
const Mounted = "files"

// Root is where the state of a user is, an absolute path: record.Dirs.State.
type Root string

// Authority is the directory of the authority that signs for all gateways of this user.
func (r Root) Authority() Dir { return Dir{path: filepath.Join(string(r), "authority")} }

// Gateway is the directory of one gateway, which need not be there yet.
func (r Root) Gateway(name string) (Dir, error) {
	if !bounded.Name(name) {
		return Dir{}, hint.Errorf("a name is lower-case letters, digits, - and _, at most 63", "%s is not a gateway's name", bounded.Shown(fmt.Sprintf("%q", name)))
	}
	return Dir{filepath.Join(string(r), "gateways", name), name}, nil
}

// Gateways lists the directories of all gateways, by name. What has no gateway's name is
// none of them.
func (r Root) Gateways() ([]Dir, error) {
	at := filepath.Join(string(r), "gateways")
	if err := trust.Caller().Path(at); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(at)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the gateways: %w", err)
	}
	var out []Dir
	for _, e := range entries {
		if d, err := r.Gateway(e.Name()); err == nil && e.IsDir() {
			out = append(out, d)
		}
	}
	return out, nil
}

// Dir is the directory of a gateway, or of the authority.
type Dir struct {
	path string
	name string
}

// Name is the gateway's; "" is the authority.
func (d Dir) Name() string { return d.name }

// Path is the path of a file in it; "" is the directory itself.
func (d Dir) Path(file string) string { return filepath.Join(d.path, file) }

// There tells whether the directory is there.
func (d Dir) There() bool {
	_, err := os.Lstat(d.path)
	return err == nil
}

// patience is how long somebody waits for another writer, none of which asks anybody or
// anything but the disk.
const patience = 30 * time.Second

// Locked makes the directory and calls do while no other zlaunch writes to it. The lock is
// the kernel's, on the directory itself: it ends with its holder, however that ends.
func (d Dir) Locked(ctx context.Context, do func() error) error {
	if err := trust.Caller().Path(d.path); err != nil {
		return err
	}
	at := d.Path(Mounted)
	if d.name == "" { // of the authority nothing is mounted
		at = d.path
	}
	if err := os.MkdirAll(at, 0o700); err != nil {
		return fmt.Errorf("making the directory of a gateway: %w", err)
	}
	f, err := os.OpenFile(d.path, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("locking the files of a gateway: %w", err)
	}
	defer f.Close()
	for until := time.Now().Add(patience); ; {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			d.clean()
			return do()
		case !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR):
			return fmt.Errorf("locking %s: %w", d.path, err)
		case time.Now().After(until):
			return hint.Errorf("try again; lsof "+d.path, "locking %s: another zlaunch holds it", d.path)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// leftover is how old an unfinished file is that belongs to nobody who still writes; whoever
// does not take the lock, as for the proxy's configuration, takes seconds.
const leftover = time.Hour

// clean removes the files that writers began and were killed over.
func (d Dir) clean() {
	for _, at := range []string{d.Path(""), d.Path(Mounted)} {
		begun, _ := filepath.Glob(filepath.Join(at, ".*[0-9]")) // as renameio names them
		for _, path := range begun {
			if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > leftover {
				_ = os.Remove(path) // the next writer tries again
			}
		}
	}
}

// Read reads a file of at most so many bytes, after nobody else was found to have a say in
// it. The error is [fs.ErrNotExist] where there is none.
func (d Dir) Read(file string, most int64) ([]byte, error) {
	path := d.Path(file)
	if err := trust.Caller().Path(path); err != nil {
		return nil, err
	}
	data, err := claim.ReadFile(path, most)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return data, nil
}

// Secret is Read for a file that nobody else may read either.
func (d Dir) Secret(file string, most int64) ([]byte, error) {
	if err := Private(d.Path(file)); err != nil {
		return nil, err
	}
	return d.Read(file, most)
}

// Private wants a file to be no one's but its owner's to read. What is not there is no error.
func Private(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return hint.Errorf("chmod 600 "+path, "reading %s: others can read it, its mode is %04o", path, mode)
	}
	return nil
}

// Write writes a file that only the user can read: whole or not at all, synced before it
// takes its name, by a rename in its directory, so that who has that mounted sees it.
func (d Dir) Write(file string, data []byte) error {
	path := d.Path(file)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := renameio.WriteFile(path, data, 0o600, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o600)); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
