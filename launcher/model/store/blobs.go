package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// blob is where the content of a file is, or is to be.
func (d place) blob(f model.File) string {
	dir := plainDir
	if f.Exec {
		dir = execDir
	}
	return d.at(dir, hex.EncodeToString(f.SHA256[:]))
}

func modeOf(f model.File) fs.FileMode {
	if f.Exec {
		return 0o555
	}
	return 0o444
}

// Has tells whether the store has the content of a file. It is read and held against its digest;
// one that is not what it was is taken away.
func (s *Session) Has(ctx context.Context, f model.File) (bool, error) {
	at := place(s.Store).blob(f)
	in, err := openRegular(at)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading a blob of the store: %w", err)
	}
	defer in.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, bounded.Until(ctx, in))
	if err != nil {
		return false, fmt.Errorf("reading a blob of the store: %w", err)
	}
	if n == f.Size && [sha256.Size]byte(sum.Sum(nil)) == f.SHA256 {
		return true, nil
	}
	return false, os.Remove(at)
}

// Keeps tells whether the store seems to have the content of a file, which is not read.
func (s Store) Keeps(f model.File) bool {
	info, err := os.Lstat(place(s).blob(f))
	return err == nil && info.Mode().IsRegular() && info.Size() == f.Size
}

// Add reads the content of a file, keeps it as a blob, and gives its digest and size.
func (s *Session) Add(ctx context.Context, r io.Reader, exec bool) (f model.File, err error) {
	f.Exec = exec
	out, err := s.unnamed()
	if err != nil {
		return f, fmt.Errorf("keeping a file of the model: %w", err)
	}
	defer out.Close()
	sum := sha256.New()
	f.Size, err = io.Copy(io.MultiWriter(out, sum), bounded.Until(ctx, r))
	if err != nil {
		return f, err
	}
	sum.Sum(f.SHA256[:0])
	if there, err := s.Has(ctx, f); err != nil || there {
		return f, err // one name for one content: what has no other goes away with its tree
	}
	return f, s.keep(out, f)
}

// unnamed is an empty file for the next content; what somebody left of one who was killed goes.
func (s *Session) unnamed() (*os.File, error) {
	name := place(s.Store).at(makingDir, ".file-"+hexOf(s.manifest))
	if err := absentIsFine(os.Remove(name)); err != nil {
		return nil, err
	}
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// keep makes the blob of a file of what is open, whole and verified. The name that it had goes.
func (s *Session) keep(from *os.File, f model.File) error {
	err := errors.Join(from.Chmod(modeOf(f)), from.Sync())
	if err == nil {
		err = os.Rename(from.Name(), place(s.Store).blob(f))
	}
	if err != nil {
		return fmt.Errorf("keeping a file of the model: %w", err)
	}
	return nil
}

func openRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, fmt.Errorf("%s is no regular file", filepath.Base(path))
	}
	return f, nil
}

func copyFile(from, to string, mode fs.FileMode) error {
	in, err := openRegular(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = errors.Join(out.Chmod(mode), out.Sync())
	}
	return errors.Join(err, out.Close())
}
